// SPDX-License-Identifier: GPL-2.0-only
/*
 * Locks of killed programs: see robust.h.
 */
#include "robust.h"

#include <linux/atomic.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <uapi/linux/futex.h>

#include "abi/layout.h"
#include "proxy.h"

static int ask_to_halt(struct proxy *proxy)
{
	struct msg_thread *body;
	struct request request;
	int err;

	err = request_init(&request, proxy->peer);
	if (err)
		return err;
	body = request_begin(&request, IKC_MSG_HALT_THREADS, IKC_MSG_HALT_THREADS_DONE);
	body->pid = proxy->pid;
	err = request_call(&request, proxy_chan(proxy), REQUEST_ALWAYS);
	request_exit(&request);
	/* What the LWK does not know does not run there. */
	return err == -ESRCH ? 0 : err;
}

/* Have the LWK keep all threads of the program out of user mode for good. */
static int halt_threads(struct proxy *proxy)
{
	int was;
	int err;

	/*
	 * One asks for all. The others wait as if idle: while the LWK is frozen that may take long,
	 * and Linux would report tasks that hang.
	 */
	wait_event_idle(proxy->halt_wait,
			(was = atomic_cmpxchg(&proxy->halt, HALT_NO, HALT_ASKED)) != HALT_ASKED);
	if (was == HALT_DONE)
		return 0;
	err = ask_to_halt(proxy);
	atomic_set(&proxy->halt, err ? HALT_NO : HALT_DONE);
	wake_up_all(&proxy->halt_wait);
	return err;
}

static void tell(u64 list)
{
	if (list > LWK_USER_END - sizeof(struct robust_list_head))
		list = 0;
	current->robust_list = u64_to_user_ptr(list);
}

void robust_leave(struct proxy *proxy, bool runs)
{
	/* Set before anything can be shared, so before a lock there can be taken. */
	if (!READ_ONCE(proxy->space->shared))
		return;
	if (runs && fatal_signal_pending(current) && halt_threads(proxy))
		tell(0);
	else
		tell(twin_robust_list(proxy));
}

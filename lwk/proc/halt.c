// SPDX-License-Identifier: GPL-2.0-only
/*
 * HALT_THREADS: a twin that is being killed asks for it before Linux marks the locks of its
 * thread, which others may enter then. The threads are told not to return to user mode; when a
 * worker thread has run on each CPU, they have all left it. Where they wait in the kernel they may
 * go on waiting: that takes until the process is cleaned up, which this must not wait for.
 */
#include "abi/errno.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sched/work.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"

/* Goes from CPU to CPU, and comes last to that of the channel, which answers. */
struct halt {
	struct work work;
	struct ikc_channel *chan;
	u64 cookie;
	u32 cpu;
};

static struct ikc_packet answer_of(u64 cookie, int err)
{
	return (struct ikc_packet){
		.msg = IKC_MSG_HALT_THREADS_DONE,
		.err = err,
		.cookie = cookie,
	};
}

static void pass(struct work *work)
{
	struct halt *halt = container_of(work, struct halt, work);
	struct ikc_packet answer;

	if (halt->cpu != halt->chan->cpu) {
		halt->cpu = (halt->cpu + 1) % percpu_count();
		work_queue(work, halt->cpu);
		return;
	}
	answer = answer_of(halt->cookie, 0);
	ikc_answer(halt->chan, &answer);
	ikc_release(halt->chan);
	kfree(halt);
}

static int halt_begin(struct ikc_channel *chan, u64 cookie)
{
	struct halt *halt = kzalloc(sizeof(*halt));

	if (!halt)
		return -ENOMEM;
	ikc_hold(chan);
	halt->work.fn = pass;
	halt->chan = chan;
	halt->cookie = cookie;
	halt->cpu = (chan->cpu + 1) % percpu_count();
	work_queue(&halt->work, halt->cpu);
	return 0;
}

static void end_threads(struct process *process, void *ctx)
{
	bool *found = ctx;

	(void)process_end_others(process);
	*found = true;
}

int process_on_halt_threads(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet answer;
	struct msg_thread msg;
	bool found = false;
	int err;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	process_with(msg.pid, end_threads, &found);
	err = found ? halt_begin(chan, packet->cookie) : -ESRCH;
	if (err) {
		answer = answer_of(packet->cookie, err);
		ikc_reply(chan, &answer);
	}
	return 0;
}

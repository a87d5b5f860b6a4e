// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals of Linux that concern the thread on the LWK.
 */
#include "check.h"
#include "proxy.h"
#include "robust.h"

#include <linux/sched/signal.h>
#include <linux/uaccess.h>

/*
 * May it come again without end? A timer's may. Of the standard ones Linux keeps one each; the
 * others that are queued are to come all, before the call that unblocks them has ended.
 */
static bool comes_again(const struct mcctrl_signal *signal)
{
	const s32 *info = (const void *)signal->info;

	return info[0] < SIGRTMIN || info[2] == SI_TIMER;
}

long signal_send(struct proxy *proxy, const struct mcctrl_signal __user *arg)
{
	struct request request;
	struct msg_signal *body;
	struct mcctrl_signal req;
	u32 tid = twin_tid(proxy);
	int err;

	if (!tid || READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.shared > SIGNAL_TO_EITHER || req.fatal > 1)
		return -EINVAL;
	/* A CPU that answers still does not end the program while another one hangs. */
	if (req.fatal && ihk_os_is_hung(proxy->peer->ihk))
		return -EHOSTDOWN;
	err = request_init(&request, proxy->peer);
	if (err)
		return err;
	body = request_begin(&request, IKC_MSG_SEND_SIGNAL, IKC_MSG_SEND_SIGNAL_ACKED);
	body->pid = proxy->pid;
	body->tid = tid;
	memcpy(body->info, req.info, sizeof(body->info));
	body->shared = req.shared;
	err = request_call(&request, proxy_chan(proxy),
			   req.fatal ? REQUEST_UNLESS_HUNG : REQUEST_KILLABLE);
	request_exit(&request);
	/* Killed meanwhile, it does not come back for a request. */
	if (fatal_signal_pending(current))
		robust_leave(proxy, true);
	if (err == -EBUSY || (!err && req.shared == SIGNAL_TO_EITHER))
		twin_note_blocked(proxy, *(const s32 *)(const void *)req.info);
	return err ? err : twin_count_signal(proxy, comes_again(&req));
}

/* SIGCHLD for a tracer. By thread: Linux has nothing for modules that sends it with all of this. */
int mcctrl_on_child_signal(struct peer_chan *from, const struct ikc_packet *packet)
{
	const struct msg_child *body = (const void *)packet->u.bytes;
	struct kernel_siginfo info = {
		.si_signo = SIGCHLD,
		.si_code = body->code,
		.si_pid = body->child,
		.si_status = body->status,
	};
	struct task_struct *task;
	int err;

	err = check_child(body);
	if (err)
		return err;
	info.si_uid = body->uid;
	rcu_read_lock();
	task = twin_task(from->peer, body->pid, body->tid);
	if (task)
		send_sig_info(SIGCHLD, &info, task);
	rcu_read_unlock();
	return 0;
}

/* Is a signal pending for the calling thread that stops it? */
static bool stops(const struct sighand_struct *sighand, int sig)
{
	if (sigismember(&current->blocked, sig) ||
	    (!sigismember(&current->pending.signal, sig) &&
	     !sigismember(&current->signal->shared_pending.signal, sig)))
		return false;
	return sig == SIGSTOP || sighand->action[sig - 1].sa.sa_handler == SIG_DFL;
}

bool signal_stop_pending(void)
{
	/* A thread's own stays while it runs. */
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	bool stop;

	spin_lock_irq(&sighand->siglock);
	/* The first thread to take the signal sees it pending, the others see its jobctl. */
	stop = current->jobctl & JOBCTL_STOP_PENDING || stops(sighand, SIGSTOP) ||
	       stops(sighand, SIGTSTP) || stops(sighand, SIGTTIN) || stops(sighand, SIGTTOU);
	spin_unlock_irq(&sighand->siglock);
	return stop;
}

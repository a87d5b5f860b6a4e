// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls on signals, and those that wait with a signal mask of their own.
 */
#include "abi/errno.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/include/user_entry.h"
#include "lwk/lib/string.h"

#define MASK_LEN sizeof(u64)

s64 sys_rt_sigaction(const u64 args[6])
{
	struct signal_action new, old;
	u32 sig = (u32)args[0];
	int err;

	if (args[3] != MASK_LEN)
		return -EINVAL;
	if (args[1] && copy_from_user(&new, args[1], sizeof(new)))
		return -EFAULT;
	err = signal_action(sig, args[1] ? &new : NULL, &old);
	if (!err && args[2])
		err = copy_to_user(args[2], &old, sizeof(old));
	return err;
}

static int change_mask(u64 how, u64 mask)
{
	u64 blocked = task_current()->blocked;

	switch ((s32)how) {
	case SIG_BLOCK:
		return signal_change_blocked(blocked | mask);
	case SIG_UNBLOCK:
		return signal_change_blocked(blocked & ~mask);
	case SIG_SETMASK:
		return signal_change_blocked(mask);
	default:
		return -EINVAL;
	}
}

s64 sys_rt_sigprocmask(const u64 args[6])
{
	u64 old = task_current()->blocked;
	u64 mask;
	int err;

	if (args[3] != MASK_LEN)
		return -EINVAL;
	if (args[1]) {
		if (copy_from_user(&mask, args[1], sizeof(mask)))
			return -EFAULT;
		err = change_mask(args[0], mask);
		if (err)
			return err;
	}
	return args[2] ? copy_to_user(args[2], &old, sizeof(old)) : 0;
}

s64 sys_rt_sigreturn(const u64 args[6])
{
	const struct signal_info segv = { .signo = SIGSEGV, .code = SI_KERNEL };
	struct arch_regs *regs = arch_user_regs(thread_current());
	struct signal_altstack altstack;
	struct user_trap_info trap;
	u64 mask;
	int err;

	(void)args;
	err = arch_signal_return(regs, &mask, &altstack);
	if (err != -EFAULT)
		signal_set_blocked(mask);
	if (err) {
		signal_force(&segv);
		return 0;
	}
	/* As Linux: a stack that makes no sense is left out. */
	(void)!signal_altstack(&altstack, NULL, arch_user_sp(regs));
	/* The exception comes on the way out, after signals that this lets through, as on Linux. */
	if (arch_signal_trap(regs, &trap))
		thread_notify(thread_current());
	return 0;
}

/* SIGSTOP never reaches the proxy of a traced program. The rest of the check is Linux's. */
static s64 send_signal(u64 nr, const u64 args[6], u32 sig_arg, s32 code)
{
	u64 probe[6] = { args[0], args[1], args[2] };
	u32 vtid = (u32)args[sig_arg - 1];
	s64 ret;

	if ((u32)args[sig_arg] != SIGSTOP || (s32)vtid <= 0)
		return syscall_offload(nr, args);
	probe[sig_arg] = 0;
	ret = syscall_offload(nr, probe);
	if (ret)
		return ret;
	return trace_stop_signal(vtid, code) ? 0 : syscall_offload(nr, args);
}

s64 sys_kill(const u64 args[6])
{
	const struct process *process = task_current()->process;

	/* Of several threads Linux chooses the first one, if that does not block it. */
	if ((u32)args[0] == process->vpid &&
	    (READ_ONCE(process->nlive) == 1 || task_current()->vtid == process->vpid) &&
	    signal_raise(args[1], SI_USER))
		return 0;
	return send_signal(SYSCALL_kill, args, 1, SI_USER);
}

/* Return: whether the LWK could send it alone, to the caller or another thread of its process. */
static bool send_to_thread(u32 vtid, u64 sig)
{
	struct signal_info info;

	if (vtid == task_current()->vtid)
		return signal_raise(sig, SI_TKILL);
	signal_info_of_sender(&info, (s32)sig, SI_TKILL);
	return signal_post(vtid, &info);
}

s64 sys_tkill(const u64 args[6])
{
	if (send_to_thread((u32)args[0], args[1]))
		return 0;
	return send_signal(SYSCALL_tkill, args, 1, SI_TKILL);
}

s64 sys_tgkill(const u64 args[6])
{
	if ((u32)args[0] == task_current()->process->vpid &&
	    send_to_thread((u32)args[1], args[2]))
		return 0;
	return send_signal(SYSCALL_tgkill, args, 2, SI_TKILL);
}

/* sigqueue(3) to a thread. What else a program may say of a signal, and to whom, Linux knows. */
s64 sys_rt_tgsigqueueinfo(const u64 args[6])
{
	struct signal_info info = { 0 };

	if ((u32)args[0] == task_current()->process->vpid && (u32)args[2] < SIGRTMIN &&
	    !copy_from_user(&info, args[3], SIGNAL_INFO_KEPT) && info.code == SI_QUEUE) {
		info.signo = (s32)args[2];
		if (signal_post((u32)args[1], &info))
			return 0;
	}
	return syscall_offload(SYSCALL_rt_tgsigqueueinfo, args);
}

s64 sys_sigaltstack(const u64 args[6])
{
	u64 sp = arch_user_sp(arch_user_regs(thread_current()));
	struct signal_altstack new, old;
	int err;

	if (args[0] && copy_from_user(&new, args[0], sizeof(new)))
		return -EFAULT;
	err = signal_altstack(args[0] ? &new : NULL, &old, sp);
	if (!err && args[1])
		err = copy_to_user(args[1], &old, sizeof(old));
	return err;
}

/* Linux's half comes first, into the program's memory. */
s64 sys_rt_sigpending(const u64 args[6])
{
	const struct task *task = task_current();
	u64 set = 0;
	s64 ret;

	if (args[1] > MASK_LEN)
		return -EINVAL;
	ret = syscall_offload(SYSCALL_rt_sigpending, args);
	if (ret)
		return ret;
	if (copy_from_user(&set, args[0], args[1]))
		return -EFAULT;
	/* The twin may hold back more than is blocked. */
	set = (set | READ_ONCE(task->pending.set)) & task->blocked;
	return copy_to_user(args[0], &set, args[1]);
}

s64 sys_rt_sigtimedwait(const u64 args[6])
{
	struct signal_info info;
	u64 set;
	u32 sig;
	s64 ret;

	if (args[3] != MASK_LEN)
		return -EINVAL;
	if (copy_from_user(&set, args[0], sizeof(set)))
		return -EFAULT;
	sig = signal_wait_take(set & ~SIGNAL_UNBLOCKABLE, &info);
	if (!sig) {
		ret = syscall_offload(SYSCALL_rt_sigtimedwait, args);
		signal_wait_end();
		return ret;
	}
	if (args[1] && copy_to_user(args[1], &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

/*
 * A call that blocks other signals while it waits. Linux waits with that mask, which it finds in
 * the arguments; here it decides which signals end the call, and are taken before the old mask
 * counts again.
 */
static s64 wait_masked(u64 nr, const u64 args[6], vaddr_t mask_at, u64 mask_len)
{
	u64 mask;
	s64 ret;

	if (!mask_at)
		return syscall_offload(nr, args);
	if (mask_len != MASK_LEN)
		return -EINVAL;
	if (copy_from_user(&mask, mask_at, sizeof(mask)))
		return -EFAULT;
	signal_swap_blocked(mask);
	do {
		/* -ERESTARTNOINTR: not begun, because of a signal that may be blocked here. */
		ret = syscall_offload(nr, args);
	} while (ret == -ERESTARTNOINTR && !signal_deliverable() &&
		 !process_is_gone(task_current()->process));
	if (ret == -EINTR || ret == -ERESTARTNOINTR) {
		thread_notify(&task_current()->thread);
		return ret == -EINTR ? -EINTR : -ERESTARTNOHAND;
	}
	signal_unswap_blocked();
	return ret;
}

/*
 * The same of a call that Linux starts again if no handler ran, for example after it was stopped.
 * epoll_pwait(2) and io_uring_enter(2) are EINTR then.
 */
static s64 wait_masked_restart(u64 nr, const u64 args[6], vaddr_t mask_at, u64 mask_len)
{
	s64 ret = wait_masked(nr, args, mask_at, mask_len);

	return ret == -EINTR && mask_at ? -ERESTARTNOHAND : ret;
}

s64 sys_rt_sigsuspend(const u64 args[6])
{
	if (args[1] != MASK_LEN)
		return -EINVAL;
	if (!args[0])
		return -EFAULT;
	return wait_masked_restart(SYSCALL_rt_sigsuspend, args, args[0], args[1]);
}

s64 sys_ppoll(const u64 args[6])
{
	return wait_masked_restart(SYSCALL_ppoll, args, args[3], args[4]);
}

/* The sixth argument says where the mask is, and how long. */
static s64 wait_masked_by_pair(u64 nr, const u64 args[6])
{
	struct {
		u64 mask_at;
		u64 mask_len;
	} mask = { 0 };

	if (args[5] && copy_from_user(&mask, args[5], sizeof(mask)))
		return -EFAULT;
	return wait_masked_restart(nr, args, mask.mask_at, mask.mask_len);
}

s64 sys_pselect6(const u64 args[6])
{
	return wait_masked_by_pair(SYSCALL_pselect6, args);
}

s64 sys_epoll_pwait(const u64 args[6])
{
	return wait_masked(SYSCALL_epoll_pwait, args, args[4], args[5]);
}

s64 sys_epoll_pwait2(const u64 args[6])
{
	return wait_masked(SYSCALL_epoll_pwait2, args, args[4], args[5]);
}

s64 sys_io_pgetevents(const u64 args[6])
{
	return wait_masked_by_pair(SYSCALL_io_pgetevents, args);
}

#define IORING_ENTER_GETEVENTS 1U
#define IORING_ENTER_EXT_ARG 8U

s64 sys_io_uring_enter(const u64 args[6])
{
	struct {
		u64 mask_at;
		u32 mask_len;
		u32 pad;
		u64 timeout_at;
	} arg = { args[4], (u32)args[5], 0, 0 };

	if (!(args[3] & IORING_ENTER_GETEVENTS))
		return syscall_offload(SYSCALL_io_uring_enter, args);
	/* What is no such structure is Linux's to refuse. */
	if ((args[3] & IORING_ENTER_EXT_ARG) &&
	    (args[5] != sizeof(arg) || copy_from_user(&arg, args[4], sizeof(arg))))
		return syscall_offload(SYSCALL_io_uring_enter, args);
	return wait_masked(SYSCALL_io_uring_enter, args, arg.mask_at, arg.mask_len);
}

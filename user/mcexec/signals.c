// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals. All by raw system calls: the C library keeps two of the signals to itself, and
 * its sigaction() and sigprocmask() will not touch them, but they may be the program's.
 */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/thread.h"
#include "user/mcexec/twin.h"

#define NSIGNALS 64
#define ALL_SIGNALS (~0ULL)
#define KERNEL_SA_RESTORER 0x04000000

#define BIT(sig) (1ULL << ((sig) - 1))

/*
 * Those whose default is to dump core: the LWK hears of them first, whose threads are to stand
 * still for that.
 */
#define CORE_SIGNALS                                                                        \
	(BIT(SIGQUIT) | BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGABRT) | BIT(SIGBUS) | BIT(SIGFPE) | \
	 BIT(SIGSEGV) | BIT(SIGXCPU) | BIT(SIGXFSZ) | BIT(SIGSYS))

/* Those that do something by being sent, and once. */
#define SIGNALS_OF_JOBS (BIT(SIGCONT) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

/* What of the program's flags Linux itself acts on. */
#define FLAGS_KEPT (SA_RESTART | SA_NOCLDSTOP | SA_NOCLDWAIT)

/* Linux's struct sigaction, which is not the C library's. */
struct kernel_sigaction {
	void (*handler)(int sig, siginfo_t *info, void *context);
	unsigned long flags;
	void (*restorer)(void);
	u64 mask;
};

static int proxy_fd;

void signals_set_proxy(int fd)
{
	proxy_fd = fd;
}

static s64 set_action(int sig, const struct kernel_sigaction *action)
{
	return twin_raw_syscall(SYS_rt_sigaction, sig, (long)action, 0, sizeof(action->mask));
}

_Static_assert(sizeof(struct kernel_sigaction) == SIGNALS_ACTION_WORDS * sizeof(u64), "words");

void signals_save_action(int sig, u64 *action)
{
	twin_raw_syscall(SYS_rt_sigaction, sig, 0, (long)action, sizeof(u64));
}

void signals_restore_action(int sig, const u64 *action)
{
	twin_raw_syscall(SYS_rt_sigaction, sig, (long)action, 0, sizeof(u64));
}

void signals_set_mask(u64 mask)
{
	twin_raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, sizeof(mask));
}

u64 signals_block_all(void)
{
	const u64 all = ALL_SIGNALS;
	u64 before = 0;

	twin_raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&before, sizeof(all));
	return before;
}

void signals_deliver(u64 mask)
{
	u64 pending = 0;

	twin_raw_syscall(SYS_rt_sigpending, (long)&pending, sizeof(pending), 0, 0);
	pending &= ~mask;
	if (pending)
		signals_set_mask(~pending);
}

/* Was the signal made by an instruction of ours? Then it is not the program's. */
static bool is_own_fault(int sig, const siginfo_t *info)
{
	return info->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL ||
				     sig == SIGFPE || sig == SIGTRAP);
}

/* What is blocked when the handler returns; Linux's mask has fewer bits than the C library's. */
static void block_on_return(ucontext_t *context, u64 mask)
{
	u64 before;

	memcpy(&before, &context->uc_sigmask, sizeof(before));
	mask |= before;
	memcpy(&context->uc_sigmask, &mask, sizeof(mask));
}

/*
 * Was the signal sent to the process, for certain, and may it be so again? What carries a value
 * may be for one thread; those of job control do something by being sent.
 */
static bool is_shared(int sig, const siginfo_t *info)
{
	if (SIGNALS_OF_JOBS & BIT(sig))
		return false;
	switch (sig) {
	case SIGCHLD:
		return info->si_code > 0 || info->si_code == SI_USER;
	case SIGIO:
	case SIGURG:
		/* The kernel's may be for one thread: F_SETOWN_EX. */
		return info->si_code == SI_USER;
	default:
		return info->si_code == SI_USER || info->si_code == SI_KERNEL;
	}
}

/*
 * What carries a value may be for the process: then another thread is to have the next one while
 * this one is in the handler.
 */
static u32 sent_to(int sig, const siginfo_t *info)
{
	if (is_shared(sig, info))
		return SIGNAL_TO_PROCESS;
	if (!thread_has_others() || twin_passes_mask_on() || info->si_code == SI_TKILL ||
	    (SIGNALS_OF_JOBS & BIT(sig)))
		return SIGNAL_TO_THREAD;
	return SIGNAL_TO_EITHER;
}

/*
 * The thread is in a handler that blocks the signal: it is for the first who does not. The process
 * is named by this thread: only to itself a thread may send what the kernel sends. Return: whether
 * it is Linux's again.
 */
static bool give_back(int sig, siginfo_t *info, ucontext_t *context)
{
	const u64 bit = 1ULL << (sig - 1);
	s64 tid = twin_raw_syscall(SYS_gettid, 0, 0, 0, 0);

	if (twin_raw_syscall(SYS_rt_sigqueueinfo, tid, sig, (long)info, 0))
		return false;
	twin_block(bit);
	block_on_return(context, bit);
	return true;
}

/* Without a core file: the program's memory is where nobody answers. */
static _Noreturn void die_alone(int sig)
{
	const u64 args[6] = { (u64)sig };

	twin_raw_syscall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0);
	signals_die(args);
}

/*
 * The signal is the program's: tell the LWK. If a call of the program was about to be made, or
 * is about to be made anew, its handler comes first.
 */
static void pass_on(int sig, siginfo_t *info, void *context, bool fatal)
{
	static const struct kernel_sigaction die = { .handler = (void *)SIG_DFL };
	greg_t *rip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	struct mcctrl_signal signal = { .shared = sent_to(sig, info), .fatal = fatal };
	s64 ret;

	if (is_own_fault(sig, info)) {
		set_action(sig, &die);
		return;
	}
	_Static_assert(sizeof(*info) >= MSG_SIGINFO_LEN, "siginfo");
	memcpy(signal.info, info, sizeof(signal.info));
	ret = twin_raw_syscall(SYS_ioctl, proxy_fd, MCCTRL_IOC_SEND_SIGNAL, (long)&signal, 0);
	if (ret == -EBUSY) {
		if (give_back(sig, info, context))
			return;
		signal.shared = SIGNAL_TO_THREAD;
		ret = twin_raw_syscall(SYS_ioctl, proxy_fd, MCCTRL_IOC_SEND_SIGNAL, (long)&signal,
				       0);
	}
	if (ret == -EHOSTDOWN)
		die_alone(sig);
	if (ret >= 0 && signal.shared == SIGNAL_TO_EITHER) {
		twin_block(BIT(sig));
		block_on_return(context, BIT(sig));
	}
	block_on_return(context, twin_hold(info, ret == 1));
	*rip = (greg_t)twin_interrupt((u64)*rip);
}

/* One that the program has a handler for. */
static void relay(int sig, siginfo_t *info, void *context)
{
	pass_on(sig, info, context, false);
}

/* One that it dies of. */
static void relay_fatal(int sig, siginfo_t *info, void *context)
{
	pass_on(sig, info, context, true);
}

/*
 * Has the LWK to hear of a signal of which the program dies? Linux does not send the first process
 * of a pid namespace what that has no handler for.
 */
static bool is_for_core(u64 sig)
{
	return CORE_SIGNALS & BIT(sig) && twin_raw_syscall(SYS_getpid, 0, 0, 0, 0) != 1;
}

s64 signals_set_action(u64 sig, u64 action, u64 flags)
{
	struct kernel_sigaction set = {
		.flags = (flags & FLAGS_KEPT) | KERNEL_SA_RESTORER,
		.restorer = twin_sigreturn,
		.mask = ALL_SIGNALS,
	};
	bool fatal = false;

	if (sig < 1 || sig > NSIGNALS)
		return -EINVAL;
	if (action == OFFLOAD_SIG_DEFAULT && is_for_core(sig)) {
		fatal = true;
		action = OFFLOAD_SIG_RELAY;
	}
	switch (action) {
	case OFFLOAD_SIG_DEFAULT:
		set.handler = (void *)SIG_DFL;
		break;
	case OFFLOAD_SIG_IGNORE:
		set.handler = (void *)SIG_IGN;
		break;
	case OFFLOAD_SIG_RELAY:
		set.handler = fatal ? relay_fatal : relay;
		set.flags |= SA_SIGINFO;
		break;
	default:
		return -EINVAL;
	}
	return set_action((int)sig, &set);
}

void signals_start(void)
{
	struct kernel_sigaction now = { 0 };

	for (int sig = 1; sig <= NSIGNALS; sig++) {
		if (!(CORE_SIGNALS & BIT(sig)))
			continue;
		twin_raw_syscall(SYS_rt_sigaction, sig, 0, (long)&now, sizeof(now.mask));
		if (now.handler == (void *)SIG_DFL)
			signals_set_action((u64)sig, OFFLOAD_SIG_DEFAULT, 0);
	}
}

s64 signals_set_all(const u64 *args)
{
	for (int sig = 1; sig <= NSIGNALS; sig++) {
		u64 bit = 1ULL << (sig - 1);
		u64 flags = args[2] & bit ? SA_RESTART : 0;
		u64 action = OFFLOAD_SIG_DEFAULT;

		if (sig == SIGKILL || sig == SIGSTOP)
			continue;
		if (sig == SIGCHLD)
			flags |= args[3];
		if (args[0] & bit)
			action = OFFLOAD_SIG_RELAY;
		else if (args[1] & bit)
			action = OFFLOAD_SIG_IGNORE;
		signals_set_action(sig, action, flags);
	}
	return 0;
}

static bool is_pending(int sig)
{
	u64 set = 0;

	twin_raw_syscall(SYS_rt_sigpending, (long)&set, sizeof(set), 0, 0);
	return set & 1ULL << (sig - 1);
}

s64 signals_send(const u64 *args)
{
	siginfo_t info = { .si_signo = (int)args[0], .si_code = (int)args[1] };

	if (args[0] < 1 || args[0] > NSIGNALS)
		return -EINVAL;
	if (info.si_code == SI_USER)
		return is_pending(info.si_signo);
	if (info.si_code == SI_TIMER) {
		if (is_pending(info.si_signo))
			return 1;
		info.si_timerid = (int)args[3];
		info.si_overrun = (int)args[5];
		info.si_ptr = (void *)args[4];
	}
	if (args[2])
		return twin_raw_syscall(SYS_rt_tgsigqueueinfo, getpid(), (long)args[2],
					info.si_signo, (long)&info);
	/* What the kernel sends a thread may send only to itself; its id names the process. */
	return twin_raw_syscall(SYS_rt_sigqueueinfo, gettid(), info.si_signo, (long)&info, 0);
}

s64 signals_make_timer(void)
{
	const struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int id = 0;
	s64 ret = twin_raw_syscall(SYS_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&id, 0);

	return ret ? ret : id;
}

_Noreturn void signals_die(const u64 *args)
{
	static const struct kernel_sigaction die = { .handler = (void *)SIG_DFL };
	u64 sig = args[0];
	/* As siginfo_t begins; a core file has it. */
	struct {
		s32 signo, err, code, reserved;
		u64 fields[14];
	} info = { (s32)sig, (s32)(args[2] >> 32), (s32)args[2], 0, { args[3], args[4], args[5] } };

	if (sig >= 1 && sig <= NSIGNALS) {
		set_action((int)sig, &die);
		signals_set_mask(ALL_SIGNALS & ~BIT(sig));
		/* Of several threads this one takes it, and nothing happens in between. */
		if (args[1])
			twin_raw_syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), (long)sig,
					 (long)&info);
		else
			twin_raw_syscall(SYS_tgkill, getpid(), gettid(), (long)sig, 0);
	}
	/* The first process of a pid namespace is spared its own signals: end as a shell would. */
	_exit(128 + (int)(sig & 127));
}

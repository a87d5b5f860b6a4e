/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals of LWK threads.
 *
 * Linux has the signals: those that the program ignores or leaves to their default act on
 * the proxy and are never seen here. For one that has a handler the twin sends SEND_SIGNAL;
 * it is pending for the task then, and delivered at its next return to user mode. What a
 * program's own exceptions raise never leaves the LWK unless it is fatal.
 */
#ifndef LWK_PROC_SIGNAL_H
#define LWK_PROC_SIGNAL_H

#include "abi/offload.h"
#include "lwk/lib/list.h"

struct arch_regs;
struct process;
struct task;

#define SIGNAL_COUNT 64

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGSYS 31
#define SIGRTMIN 32

#define SIG_DFL 0
#define SIG_IGN 1

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x1ULL
#define SA_NOCLDWAIT 0x2ULL
#define SA_SIGINFO 0x4ULL
#define SA_UNSUPPORTED 0x400ULL
#define SA_EXPOSE_TAGBITS 0x800ULL
#define SA_RESTORER 0x04000000ULL
#define SA_ONSTACK 0x08000000ULL
#define SA_RESTART 0x10000000ULL
#define SA_NODEFER 0x40000000ULL
#define SA_RESETHAND 0x80000000ULL

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM (1U << 31)

#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_TKILL (-6)

/** SIGNAL_MASK() - the bit of a signal. */
#define SIGNAL_MASK(sig) (1ULL << ((sig) - 1))

/** SIGNAL_UNBLOCKABLE - those that no mask holds. */
#define SIGNAL_UNBLOCKABLE (SIGNAL_MASK(SIGKILL) | SIGNAL_MASK(SIGSTOP))

/** SIGNAL_BLOCKABLE - all others, which C libraries block in the midst of something. */
#define SIGNAL_BLOCKABLE (~SIGNAL_UNBLOCKABLE)

/**
 * struct signal_action - as rt_sigaction(2) has it
 * @handler:	address, SIG_DFL or SIG_IGN
 * @flags:	SA_*
 * @restorer:	what handlers return to
 * @mask:	blocked while the handler runs
 */
struct signal_action {
	u64 handler;
	u64 flags;
	u64 restorer;
	u64 mask;
};

/**
 * struct signal_altstack - as sigaltstack(2) has it
 * @sp:		lowest address
 * @flags:	SS_*
 * @reserved:	padding
 * @len:	bytes
 */
struct signal_altstack {
	u64 sp;
	u32 flags;
	u32 reserved;
	u64 len;
};

/**
 * struct signal_info - siginfo_t
 * @signo:	signal
 * @err:	si_errno
 * @code:	si_code
 * @reserved:	padding
 * @fields:	the rest, by @code
 */
struct signal_info {
	s32 signo;
	s32 err;
	s32 code;
	s32 reserved;
	u64 fields[14];
};

ABI_ASSERT_SIZE(struct signal_info, 128);

/** SIGNAL_INFO_KEPT - bytes of it that Linux keeps of what a program says; the others are zero. */
#define SIGNAL_INFO_KEPT 48

/**
 * struct signal_pending - signals that wait for a task
 * @set:	which
 * @queue:	of struct signal_entry, oldest first
 */
struct signal_pending {
	u64 set;
	struct list_node queue;
};

/**
 * struct signal_entry - one signal that waits
 * @link:	in a queue
 * @info:	what it says
 * @shared:	SIGNAL_TO_*, what is known of whom it is for
 */
struct signal_entry {
	struct list_node link;
	struct signal_info info;
	u32 shared;
};

/**
 * signal_pending_init() - nothing is pending.
 * @pending: its memory
 *
 * Context: any.
 */
void signal_pending_init(struct signal_pending *pending);

/**
 * signal_pending_drain() - forget what is pending.
 * @pending: nobody else uses it
 *
 * Context: any but NMI, no lock held.
 */
void signal_pending_drain(struct signal_pending *pending);

/**
 * signal_send() - SEND_SIGNAL: the twin took a signal that has a handler.
 * @msg: unchecked
 *
 * Context: any but NMI.
 * Return: 0; -EINVAL; -ESRCH; -EAGAIN without memory; -EBUSY if it is Linux's again.
 */
int signal_send(const struct msg_signal *msg) __must_check;

/**
 * signal_force() - raise a signal that the calling task cannot evade.
 * @info: what it says
 *
 * If it is blocked or ignored the default action is taken.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_force(const struct signal_info *info);

/**
 * signal_is_pending() - has the calling task a signal to take, or a stop to make?
 *
 * Context: the task.
 * Return: true if so.
 */
bool signal_is_pending(void);

/**
 * signal_deliverable() - that, or is it to look at its tracees?
 *
 * Context: the task.
 * Return: true if so.
 */
bool signal_deliverable(void);

/**
 * signal_sleep() - wait until something is true, but not past a signal to take.
 * @over: is it true? Called with the thread about to wait: it must not sleep. Who makes it true
 *	wakes the thread
 * @ctx: passed to it
 * @deadline_ns: time_ns() at which to go on all the same, or THREAD_NO_DEADLINE
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0: it is, or the time has come; -EINTR: a signal, or the process is gone.
 */
int signal_sleep(bool (*over)(void *ctx), void *ctx, u64 deadline_ns);

/**
 * signal_set_blocked() - change what the calling task blocks.
 * @mask: new mask
 *
 * Has the twin told, if it holds back signals that are not blocked any more.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_set_blocked(u64 mask);

/**
 * signal_change_blocked() - block these signals from now on, and no others, as sigprocmask(2).
 * @mask: bit n - 1 for signal n
 *
 * If other threads may want what the calling one blocks, or Linux would act on it without asking
 * the program, its twin blocks it before this returns; but not if the calling one blocks all, which
 * it soon takes back.
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: 0; -ERESTARTNOINTR: a signal came before.
 */
int signal_change_blocked(u64 mask) __must_check;

/**
 * signal_block_all() - have the calling task block all signals, as it is about to end.
 *
 * Of several threads its twin blocks them, too, before this returns.
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: as signal_change_blocked().
 */
int signal_block_all(void) __must_check;

/**
 * signal_swap_blocked() - block something else until the call is over.
 * @mask: meanwhile
 *
 * Context: the task.
 */
void signal_swap_blocked(u64 mask);

/**
 * signal_unswap_blocked() - end of signal_swap_blocked(), if no handler has ended it.
 *
 * Context: the task, interrupts enabled, no lock held.
 */
void signal_unswap_blocked(void);

/**
 * signal_action() - change and look at what a signal does.
 * @sig: 1 .. SIGNAL_COUNT
 * @new: new action, or NULL
 * @old: result, or NULL
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0; -EINVAL; -EINTR if the task is to end.
 */
int signal_action(u32 sig, const struct signal_action *new, struct signal_action *old) __must_check;

/**
 * signal_altstack() - change and look at the stack of handlers.
 * @new: new stack, or NULL
 * @old: result, or NULL
 * @sp: the program's stack pointer
 *
 * Context: the task.
 * Return: 0; -EINVAL; -ENOMEM; -EPERM while it is in use.
 */
int signal_altstack(const struct signal_altstack *new, struct signal_altstack *old,
		    u64 sp) __must_check;

/**
 * signal_info_of_sender() - what a signal says that the calling task sends.
 * @info: result
 * @sig: the signal
 * @code: SI_USER or SI_TKILL
 *
 * Context: a task whose ids are those of its process.
 */
void signal_info_of_sender(struct signal_info *info, s32 sig, s32 code);

/**
 * signal_post() - send a signal to another thread of the calling process.
 * @vtid: as gettid() says
 * @info: what it says; @info->signo may be any number
 *
 * Only what Linux would hand on at once, or could not hold back: the rest is Linux's.
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: true: it is pending.
 */
bool signal_post(u32 vtid, const struct signal_info *info);

/**
 * signal_raise() - send the calling task a signal that it would take at once.
 * @sig: any number
 * @code: SI_USER or SI_TKILL
 *
 * Only what has a handler and is not blocked, by a sender whose ids are known: the rest is Linux's.
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: true: it is pending.
 */
bool signal_raise(u64 sig, s32 code);

/**
 * signal_resume() - what is due before the calling task returns to user mode.
 * @regs: its registers
 *
 * Stops, takes signals, restarts system calls. Context: the task, interrupts enabled, no lock held.
 */
void signal_resume(struct arch_regs *regs);

/**
 * signal_wait_take() - take a pending signal out of a set: sigtimedwait(2).
 * @set: which may be taken; if there is none, Linux has those that come until signal_wait_end()
 * @info: result
 *
 * Context: the task.
 * Return: the signal, 0 if none is pending.
 */
u32 signal_wait_take(u64 set, struct signal_info *info);

/** signal_wait_end() - the calling task does not wait on Linux any more. Context: the task. */
void signal_wait_end(void);

/**
 * signal_stop() - STOP_THREAD, CONT_THREAD.
 * @msg: unchecked
 * @stop: which of them
 *
 * Context: any but NMI.
 */
void signal_stop(const struct msg_thread *msg, bool stop);

#endif

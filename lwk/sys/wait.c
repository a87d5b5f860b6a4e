// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that wait for children, and for threads that the caller traces.
 *
 * Children are Linux's, stops of tracees the LWK's. So the tracees are looked at first, then the
 * call is made on Linux; what a tracee has to report interrupts it, and it is looked again.
 */
#include "abi/errno.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/reach.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_DUMPED 3
#define CLD_TRAPPED 4

#define RUSAGE_LEN 144

/* WNOHANG, WUNTRACED, WCONTINUED, __WNOTHREAD, __WALL, __WCLONE; of waitid(2), WEXITED, WNOWAIT */
#define WAIT4_OPTIONS 0xe000000bU
#define WAITID_OPTIONS 0xe100000fU
#define WAITID_WHAT 0xeU /* WSTOPPED, WEXITED, WCONTINUED */

static bool was_poked(void *ctx)
{
	(void)ctx;
	return READ_ONCE(task_current()->poked);
}

/* Has the call on Linux ended without a result? */
static bool was_interrupted(s64 ret)
{
	return ret == -EINTR || ret == -ERESTARTSYS || ret == -ERESTARTNOINTR;
}

/* A signal came, or the call is to be made again, or (0) there is a tracee to be looked for. */
static s64 after_interrupt(s64 ret)
{
	bool poked = READ_ONCE(task_current()->poked);
	bool signal = signal_is_pending() || process_is_gone(task_current()->process);

	if (!signal && (poked || ret != -EINTR))
		return 0;
	return ret == -EINTR && signal ? -EINTR : -ERESTARTSYS;
}

/* Linux has no child like this, but there are tracees. */
static s64 wait_here(const struct trace_wait *wait)
{
	if (wait->options & TRACE_WNOHANG)
		return 1;
	return signal_sleep(was_poked, NULL, THREAD_NO_DEADLINE) ? -ERESTARTSYS : 0;
}

/*
 * Return: 0: @wait has the answer; 1: nobody has anything to report (WNOHANG); 2: @ret is Linux's
 * answer; -errno.
 */
static s64 wait_any(u64 nr, const u64 args[6], struct trace_wait *wait, s64 *ret)
{
	bool any;
	s64 err = 0;

	for (;;) {
		if (trace_wait_look(wait, &any))
			return 0;
		/* Only now, when there was nothing. */
		if (err)
			return err;
		*ret = syscall_offload(nr, args);
		if (was_interrupted(*ret))
			err = after_interrupt(*ret);
		else if (*ret == -ECHILD && any)
			err = wait_here(wait);
		else
			return 2;
	}
}

static s64 wait_for(u64 nr, const u64 args[6], struct trace_wait *wait, s64 *ret)
{
	struct trace_waiter waiter;
	s64 err;

	trace_wait_begin(&waiter);
	err = wait_any(nr, args, wait, ret);
	trace_wait_end(&waiter);
	return err;
}

static bool has_ended(u32 status)
{
	return (status & 0x7f) != 0x7f && status != 0xffff;
}

/* Linux has reported a child: has it ended, so that nobody traces it any more? */
static void note_child(const u64 args[6], s64 pid)
{
	u32 status = 0;

	if (pid <= 0)
		return;
	/* One that may only have ended has no need to say so, but others have. */
	if (!args[1] && (args[2] & (TRACE_WUNTRACED | TRACE_WCONTINUED)))
		return;
	if (args[1] && copy_from_user(&status, args[1], sizeof(status)))
		return;
	if (has_ended(status))
		trace_reaped((u32)pid);
}

/*
 * Linux has reported a child, or that there is none any more (ECHILD): one that has ended is here a
 * little longer than there. Return: @ret.
 */
static s64 waited(s64 ret)
{
	process_new_standing(task_current()->process);
	return ret;
}

s64 sys_wait4(const u64 args[6])
{
	const s32 pid = (s32)args[0];
	struct trace_wait wait = { .vpid = (u32)pid, .options = (u32)args[2] | TRACE_WEXITED };
	s64 ret = 0;
	s64 how;

	/* Linux says what is wrong. */
	if ((u32)args[2] & ~WAIT4_OPTIONS)
		return syscall_offload(SYSCALL_wait4, args);
	wait.type = pid == -1 ? TRACE_P_ALL : TRACE_P_PID;
	how = wait_for(SYSCALL_wait4, args, &wait, &ret);
	if (how == 2) {
		note_child(args, ret);
		/* A tracer asks after each stop whether there is another; mostly there is none. */
		return ret ? waited(ret) : 0;
	}
	if (how)
		return how == 1 ? 0 : how;
	if (args[1] && copy_to_user(args[1], &wait.status, sizeof(wait.status)))
		return -EFAULT;
	if (args[3] && clear_user(args[3], RUSAGE_LEN))
		return -EFAULT;
	return wait.vtid;
}

static s64 put_info(vaddr_t to, const struct trace_wait *wait)
{
	struct {
		s32 signo, err, code, pad;
		u32 pid, uid;
		s32 status;
	} info = { .signo = SIGCHLD, .pid = wait->vtid, .uid = wait->uid };

	if (!wait->dead) {
		info.code = CLD_TRAPPED;
		info.status = (s32)(wait->status >> 8);
	} else if (wait->status & 0x7f) {
		info.code = wait->status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		info.status = (s32)(wait->status & 0x7f);
	} else {
		info.code = CLD_EXITED;
		info.status = (s32)(wait->status >> 8 & 0xff);
	}
	return copy_to_user(to, &info, sizeof(info));
}

s64 sys_waitid(const u64 args[6])
{
	struct trace_wait wait = {
		.type = (u32)args[0],
		.vpid = (u32)args[1],
		.options = (u32)args[3],
	};
	s64 ret = 0;
	s32 code = 0, pid = 0;
	s64 how;

	if ((wait.options & ~WAITID_OPTIONS) || !(wait.options & WAITID_WHAT))
		return syscall_offload(SYSCALL_waitid, args);
	how = wait_for(SYSCALL_waitid, args, &wait, &ret);
	if (how == 2) {
		/* What it says of the child is in the program's memory. */
		if (!ret && args[2] && !(args[3] & TRACE_WNOWAIT) && (args[3] & TRACE_WEXITED) &&
		    !copy_from_user(&code, args[2] + 8, sizeof(code)) &&
		    !copy_from_user(&pid, args[2] + 16, sizeof(pid)) && pid > 0 &&
		    code <= CLD_DUMPED)
			trace_reaped((u32)pid);
		return waited(ret);
	}
	if (how < 0)
		return how;
	if (args[4] && clear_user(args[4], RUSAGE_LEN))
		return -EFAULT;
	if (!args[2])
		return 0;
	return how ? clear_user(args[2], 28) : put_info(args[2], &wait);
}

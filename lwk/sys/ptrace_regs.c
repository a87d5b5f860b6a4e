// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace(2): registers of a stopped thread.
 *
 * What an interrupted system call is to do next is told, as by Linux, by number and result of the
 * call: a tracer that has the thread run elsewhere meanwhile puts them back afterwards.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/sys/iovec.h"
#include "lwk/sys/ptrace.h"

#define NT_PRSTATUS 1
#define NT_PRFPREG 2
#define NT_X86_XSTATE 0x202

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004
#define WORD_FS_BASE 21
#define WORD_GS_BASE 22

/* Linux's struct user. */
#define USER_LEN 928
#define USER_DEBUG 848
#define USER_DEBUG_END (USER_DEBUG + ARCH_DEBUG_REGS * sizeof(u64))

#define REGS_LEN (ARCH_USER_WORDS * sizeof(u64))

static const struct {
	enum task_restart restart;
	s64 ret;
} restarts[] = {
	{ RESTART_BY_ACTION, -ERESTARTSYS },
	{ RESTART_ALWAYS, -ERESTARTNOINTR },
	{ RESTART_UNLESS_HANDLER, -ERESTARTNOHAND },
	{ RESTART_BLOCK, -ERESTART_RESTARTBLOCK },
};

s64 ptrace_ret(const struct trace *trace)
{
	for (u32 i = 0; i < ARRAY_SIZE(restarts); i++) {
		if (trace->task->restart == restarts[i].restart)
			return restarts[i].ret;
	}
	return arch_syscall_get_ret(arch_user_regs(&trace->task->thread));
}

static void get_locked(const struct trace *trace, u64 words[ARCH_USER_WORDS])
{
	arch_trace_get_regs(&trace->task->thread, &trace->arch, words);
	words[ARCH_USER_RET] = (u64)ptrace_ret(trace);
}

static int set_locked(struct trace *trace, const u64 words[ARCH_USER_WORDS])
{
	struct task *task = trace->task;
	int err = arch_trace_set_regs(&task->thread, &trace->arch, words);

	if (err)
		return err;
	task->restart = RESTART_NONE;
	for (u32 i = 0; i < ARRAY_SIZE(restarts); i++) {
		if ((s64)words[ARCH_USER_NR] < 0 ||
		    (s64)words[ARCH_USER_RET] != restarts[i].ret)
			continue;
		task->restart = restarts[i].restart;
		arch_syscall_set_ret(arch_user_regs(&task->thread), -EINTR);
		thread_notify(&task->thread);
	}
	return 0;
}

static s64 get_words(u32 vtid, u64 words[ARCH_USER_WORDS])
{
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(vtid);

	if (trace)
		get_locked(trace, words);
	trace_unlock(irq);
	return trace ? 0 : -ESRCH;
}

static s64 set_words(u32 vtid, const u64 words[ARCH_USER_WORDS])
{
	u64 irq = trace_lock();
	struct trace *trace = ptrace_stopped(vtid);
	s64 err = trace ? set_locked(trace, words) : -ESRCH;

	trace_unlock(irq);
	return err;
}

/* General registers, the first @len bytes of them. */
static s64 copy_regs_out(u32 vtid, vaddr_t to, u64 len)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(vtid, words);

	return err ? err : copy_to_user(to, words, len);
}

static s64 copy_regs_in(u32 vtid, vaddr_t from, u64 len)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(vtid, words);

	if (!err)
		err = copy_from_user(words, from, len);
	return err ? err : set_words(vtid, words);
}

/* Vector and floating-point registers, likewise. */
static s64 copy_xstate_out(u32 vtid, u32 set, vaddr_t to, u64 len)
{
	void *area = kmalloc(arch_trace_xstate_len());
	const struct trace *trace;
	s64 err = 0;
	u64 irq;

	if (!area)
		return -ENOMEM;
	irq = trace_lock();
	trace = ptrace_stopped(vtid);
	if (!trace)
		err = -ESRCH;
	else if (set == NT_PRFPREG)
		arch_trace_get_fpregs(&trace->arch, area);
	else
		arch_trace_get_xstate(&trace->arch, area);
	trace_unlock(irq);
	if (!err)
		err = copy_to_user(to, area, len);
	kfree(area);
	return err;
}

static s64 copy_xstate_in(u32 vtid, vaddr_t from, u32 len)
{
	void *area = kmalloc(len);
	struct trace *trace;
	s64 err;
	u64 irq;

	if (!area)
		return -ENOMEM;
	err = copy_from_user(area, from, len);
	irq = trace_lock();
	trace = ptrace_stopped(vtid);
	if (!trace)
		err = -ESRCH;
	else if (!err)
		err = arch_trace_set_xstate(&trace->arch, area, len);
	trace_unlock(irq);
	kfree(area);
	return err;
}

s64 ptrace_getregs(const struct ptrace_call *call)
{
	return copy_regs_out(call->vtid, call->data, REGS_LEN);
}

s64 ptrace_setregs(const struct ptrace_call *call)
{
	return copy_regs_in(call->vtid, call->data, REGS_LEN);
}

s64 ptrace_getfpregs(const struct ptrace_call *call)
{
	return copy_xstate_out(call->vtid, NT_PRFPREG, call->data, arch_trace_fpregs_len());
}

s64 ptrace_setfpregs(const struct ptrace_call *call)
{
	return copy_xstate_in(call->vtid, call->data, arch_trace_fpregs_len());
}

/* The length of a set, 0: there is none. */
static u64 set_len(u64 type)
{
	switch ((u32)type) {
	case NT_PRSTATUS:
		return REGS_LEN;
	case NT_PRFPREG:
		return arch_trace_fpregs_len();
	case NT_X86_XSTATE:
		return arch_trace_xstate_len();
	default:
		return 0;
	}
}

static s64 get_iovec(const struct ptrace_call *call, struct iovec *iov)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(call->vtid, words);

	if (err)
		return err;
	if (copy_from_user(iov, call->data, sizeof(*iov)))
		return -EFAULT;
	if (!set_len(call->addr) || iov->len % sizeof(u64))
		return -EINVAL;
	iov->len = MIN(iov->len, set_len(call->addr));
	return 0;
}

static s64 put_len(const struct ptrace_call *call, const struct iovec *iov)
{
	return copy_to_user(call->data + offsetof(struct iovec, len), &iov->len,
			    sizeof(iov->len));
}

s64 ptrace_getregset(const struct ptrace_call *call)
{
	struct iovec iov;
	s64 err = get_iovec(call, &iov);

	if (err)
		return err;
	if ((u32)call->addr == NT_PRSTATUS)
		err = copy_regs_out(call->vtid, iov.base, iov.len);
	else
		err = copy_xstate_out(call->vtid, (u32)call->addr, iov.base, iov.len);
	return err ? err : put_len(call, &iov);
}

s64 ptrace_setregset(const struct ptrace_call *call)
{
	struct iovec iov;
	s64 err = get_iovec(call, &iov);

	if (err)
		return err;
	if ((u32)call->addr == NT_PRSTATUS)
		err = copy_regs_in(call->vtid, iov.base, iov.len);
	else if (iov.len != set_len(call->addr))
		err = (u32)call->addr == NT_PRFPREG ? -EINVAL : -EFAULT;
	else
		err = copy_xstate_in(call->vtid, iov.base, (u32)iov.len);
	return err ? err : put_len(call, &iov);
}

static s64 debug_access(const struct ptrace_call *call, u64 *value, bool set)
{
	u32 n = (u32)(call->addr - USER_DEBUG) / sizeof(u64);
	u64 irq = trace_lock();
	struct trace *trace = ptrace_stopped(call->vtid);
	s64 err = trace ? 0 : -ESRCH;

	if (trace && set)
		err = arch_debug_set(&trace->task->thread, n, *value);
	else if (trace)
		*value = arch_debug_get(&trace->task->thread, n);
	trace_unlock(irq);
	return err;
}

static bool is_debug(u64 addr)
{
	return addr >= USER_DEBUG && addr < USER_DEBUG_END;
}

s64 ptrace_peekuser(const struct ptrace_call *call)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(call->vtid, words);
	u64 value = 0;

	if (err)
		return err;
	if (call->addr % sizeof(u64) || call->addr >= USER_LEN)
		return -EIO;
	if (call->addr < REGS_LEN)
		value = words[call->addr / sizeof(u64)];
	else if (is_debug(call->addr))
		err = debug_access(call, &value, false);
	return err ? err : copy_to_user(call->data, &value, sizeof(value));
}

s64 ptrace_pokeuser(const struct ptrace_call *call)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(call->vtid, words);
	u64 value = call->data;

	if (err)
		return err;
	if (call->addr % sizeof(u64) || call->addr >= USER_LEN)
		return -EIO;
	if (is_debug(call->addr))
		return debug_access(call, &value, true);
	if (call->addr >= REGS_LEN)
		return -EIO;
	words[call->addr / sizeof(u64)] = value;
	return set_words(call->vtid, words);
}

s64 ptrace_arch_prctl(const struct ptrace_call *call)
{
	u64 words[ARCH_USER_WORDS];
	s64 err = get_words(call->vtid, words);

	if (err)
		return err;
	switch (call->data) {
	case ARCH_GET_FS:
		return copy_to_user(call->addr, &words[WORD_FS_BASE], sizeof(u64));
	case ARCH_GET_GS:
		return copy_to_user(call->addr, &words[WORD_GS_BASE], sizeof(u64));
	case ARCH_SET_FS:
		words[WORD_FS_BASE] = call->addr;
		break;
	case ARCH_SET_GS:
		words[WORD_GS_BASE] = call->addr;
		break;
	default:
		return -EINVAL;
	}
	return call->addr >= LWK_TASK_END ? -EPERM : set_words(call->vtid, words);
}

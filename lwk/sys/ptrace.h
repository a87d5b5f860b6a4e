/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ptrace(2), between its files: requests about what a stopped thread has.
 */
#ifndef LWK_SYS_PTRACE_H
#define LWK_SYS_PTRACE_H

#include "lwk/include/proc/ptrace.h"

/**
 * struct ptrace_call - the arguments
 * @vtid:	thread
 * @addr:	third argument
 * @data:	fourth argument
 */
struct ptrace_call {
	u32 vtid;
	u64 addr;
	u64 data;
};

/**
 * ptrace_stopped() - the thread of a call, if it may be looked at.
 * @vtid: thread
 *
 * Context: the lock of traces held.
 * Return: its trace; NULL: -ESRCH.
 */
struct trace *ptrace_stopped(u32 vtid);

/**
 * ptrace_ret() - result of a system call, as a tracer sees it.
 * @trace: stopped
 *
 * Context: the lock of traces held.
 * Return: what the program gets; if the call may start again, Linux's number for that.
 */
s64 ptrace_ret(const struct trace *trace);

/*
 * Requests. @call: the arguments. Context of all: a task, no lock held. Return: result or -errno.
 */

/** ptrace_getregs() - PTRACE_GETREGS. Context: a task. Return: result or -errno. */
s64 ptrace_getregs(const struct ptrace_call *call);

/** ptrace_setregs() - PTRACE_SETREGS. Context: a task. Return: result or -errno. */
s64 ptrace_setregs(const struct ptrace_call *call);

/** ptrace_getfpregs() - PTRACE_GETFPREGS. Context: a task. Return: result or -errno. */
s64 ptrace_getfpregs(const struct ptrace_call *call);

/** ptrace_setfpregs() - PTRACE_SETFPREGS. Context: a task. Return: result or -errno. */
s64 ptrace_setfpregs(const struct ptrace_call *call);

/** ptrace_getregset() - PTRACE_GETREGSET. Context: a task. Return: result or -errno. */
s64 ptrace_getregset(const struct ptrace_call *call);

/** ptrace_setregset() - PTRACE_SETREGSET. Context: a task. Return: result or -errno. */
s64 ptrace_setregset(const struct ptrace_call *call);

/** ptrace_peekuser() - PTRACE_PEEKUSER. Context: a task. Return: result or -errno. */
s64 ptrace_peekuser(const struct ptrace_call *call);

/** ptrace_pokeuser() - PTRACE_POKEUSER. Context: a task. Return: result or -errno. */
s64 ptrace_pokeuser(const struct ptrace_call *call);

/** ptrace_arch_prctl() - PTRACE_ARCH_PRCTL. Context: a task. Return: result or -errno. */
s64 ptrace_arch_prctl(const struct ptrace_call *call);

/** ptrace_getsiginfo() - PTRACE_GETSIGINFO. Context: a task. Return: result or -errno. */
s64 ptrace_getsiginfo(const struct ptrace_call *call);

/** ptrace_setsiginfo() - PTRACE_SETSIGINFO. Context: a task. Return: result or -errno. */
s64 ptrace_setsiginfo(const struct ptrace_call *call);

/** ptrace_peeksiginfo() - PTRACE_PEEKSIGINFO. Context: a task. Return: result or -errno. */
s64 ptrace_peeksiginfo(const struct ptrace_call *call);

/** ptrace_getsigmask() - PTRACE_GETSIGMASK. Context: a task. Return: result or -errno. */
s64 ptrace_getsigmask(const struct ptrace_call *call);

/** ptrace_setsigmask() - PTRACE_SETSIGMASK. Context: a task. Return: result or -errno. */
s64 ptrace_setsigmask(const struct ptrace_call *call);

/** ptrace_geteventmsg() - PTRACE_GETEVENTMSG. Context: a task. Return: result or -errno. */
s64 ptrace_geteventmsg(const struct ptrace_call *call);

/** ptrace_get_syscall_info() - as named. Context: a task. Return: result or -errno. */
s64 ptrace_get_syscall_info(const struct ptrace_call *call);

/** ptrace_get_rseq() - PTRACE_GET_RSEQ_CONFIGURATION. Context: a task. Return: result or -errno. */
s64 ptrace_get_rseq(const struct ptrace_call *call);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace(2): the table of requests, and those that say how a thread goes on.
 */
#include "lwk/sys/ptrace.h"

#include "abi/errno.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/sys/syscall.h"

struct trace *ptrace_stopped(u32 vtid)
{
	struct trace *trace = trace_of(vtid);

	return trace && trace->state == TRACE_STOPPED && !trace->listening ? trace : NULL;
}

static s64 traceme(const struct ptrace_call *call)
{
	(void)call;
	return trace_me();
}

static s64 attach(const struct ptrace_call *call)
{
	return trace_attach(call->vtid, false, 0);
}

static s64 seize(const struct ptrace_call *call)
{
	if (call->addr || (call->data & ~(u64)TRACE_O_KNOWN))
		return -EIO;
	return trace_attach(call->vtid, true, (u32)call->data);
}

static s64 interrupt(const struct ptrace_call *call)
{
	return trace_interrupt(call->vtid);
}

static s64 listen(const struct ptrace_call *call)
{
	return trace_listen(call->vtid);
}

/* The stopped thread of a call that has to be sound, or @err. The lock held. */
static s64 find_stopped(const struct ptrace_call *call, bool sound, s64 err, struct trace **out)
{
	*out = ptrace_stopped(call->vtid);
	if (!*out)
		return -ESRCH;
	return sound ? 0 : err;
}

static s64 resume(const struct ptrace_call *call, enum trace_mode mode)
{
	struct trace *trace;
	u64 irq = trace_lock();
	s64 err = find_stopped(call, call->data <= SIGNAL_COUNT, -EIO, &trace);

	if (!err)
		trace_resume(trace, mode, (u32)call->data);
	trace_unlock(irq);
	return err;
}

static s64 cont(const struct ptrace_call *call)
{
	return resume(call, TRACE_CONT);
}

static s64 to_syscall(const struct ptrace_call *call)
{
	return resume(call, TRACE_SYSCALL);
}

static s64 singlestep(const struct ptrace_call *call)
{
	return resume(call, TRACE_STEP);
}

static s64 sysemu(const struct ptrace_call *call)
{
	return resume(call, TRACE_SYSEMU);
}

static s64 sysemu_singlestep(const struct ptrace_call *call)
{
	return resume(call, TRACE_SYSEMU_STEP);
}

static s64 detach(const struct ptrace_call *call)
{
	struct trace *trace;
	u64 irq = trace_lock();
	s64 err = find_stopped(call, call->data <= SIGNAL_COUNT, -EIO, &trace);

	if (!err)
		trace_detach(trace, (u32)call->data);
	trace_unlock(irq);
	return err;
}

static s64 kill_tracee(const struct ptrace_call *call)
{
	return trace_kill(call->vtid);
}

static s64 setoptions(const struct ptrace_call *call)
{
	struct trace *trace;
	u64 irq = trace_lock();
	s64 err = find_stopped(call, !(call->data & ~(u64)TRACE_O_KNOWN), -EINVAL, &trace);

	if (!err)
		trace->options = (u32)call->data;
	trace_unlock(irq);
	return err;
}

/* The thread stays stopped while the caller's twin is at its memory, or it is killed. */
static s64 check_stopped(u32 vtid)
{
	u64 irq = trace_lock();
	bool stopped = ptrace_stopped(vtid);

	trace_unlock(irq);
	return stopped ? 0 : -ESRCH;
}

static s64 memory(const struct ptrace_call *call, u64 what)
{
	const u64 args[6] = { what, call->vtid, call->addr, call->data };
	s64 err = check_stopped(call->vtid);

	return err ? err : offload_insist(OFFLOAD_NR_TRACE, args);
}

static s64 peek(const struct ptrace_call *call)
{
	return memory(call, OFFLOAD_TRACE_PEEK);
}

static s64 poke(const struct ptrace_call *call)
{
	return memory(call, OFFLOAD_TRACE_POKE);
}

static const struct {
	u32 request;
	s64 (*serve)(const struct ptrace_call *call);
} requests[] = {
	{ 0, traceme },
	{ 1, peek },
	{ 2, peek },
	{ 3, ptrace_peekuser },
	{ 4, poke },
	{ 5, poke },
	{ 6, ptrace_pokeuser },
	{ 7, cont },
	{ 8, kill_tracee },
	{ 9, singlestep },
	{ 12, ptrace_getregs },
	{ 13, ptrace_setregs },
	{ 14, ptrace_getfpregs },
	{ 15, ptrace_setfpregs },
	{ 16, attach },
	{ 17, detach },
	{ 24, to_syscall },
	{ 30, ptrace_arch_prctl },
	{ 31, sysemu },
	{ 32, sysemu_singlestep },
	{ 0x4200, setoptions },
	{ 0x4201, ptrace_geteventmsg },
	{ 0x4202, ptrace_getsiginfo },
	{ 0x4203, ptrace_setsiginfo },
	{ 0x4204, ptrace_getregset },
	{ 0x4205, ptrace_setregset },
	{ 0x4206, seize },
	{ 0x4207, interrupt },
	{ 0x4208, listen },
	{ 0x4209, ptrace_peeksiginfo },
	{ 0x420a, ptrace_getsigmask },
	{ 0x420b, ptrace_setsigmask },
	{ 0x420e, ptrace_get_syscall_info },
	{ 0x420f, ptrace_get_rseq },
};

s64 sys_ptrace(const u64 args[6])
{
	const struct ptrace_call call = {
		.vtid = (u32)args[1],
		.addr = args[2],
		.data = args[3],
	};
	s64 err;

	for (u32 i = 0; i < ARRAY_SIZE(requests); i++) {
		if (requests[i].request == args[0])
			return requests[i].serve(&call);
	}
	/* As Linux, of a thread that it may ask about. */
	err = check_stopped(call.vtid);
	return err ? err : -EIO;
}

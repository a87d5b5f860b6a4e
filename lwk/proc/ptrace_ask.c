// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking Linux who may trace whom.
 *
 * Linux judges a process of its own, and answers with an id. An id is not used for another process
 * of the LWK before the one that had it has ended here. So who was here before Linux was asked, and
 * still is when the answer is used, is whom Linux has judged.
 */
#include "abi/errno.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/proc/ptrace_internal.h"

static s64 ask(u32 what, u32 vtid)
{
	const u64 args[6] = { what, vtid };

	return offload_insist(OFFLOAD_NR_TRACE_MAY, args);
}

static int get_pid(struct task *task, void *ctx)
{
	*(u32 *)ctx = task->process->pid;
	return 0;
}

int trace_ask(u32 what, u32 vtid, struct trace_party *party)
{
	s64 tid = ask(what, vtid);
	s64 again;
	u32 pid;

	if (tid < 0)
		return (int)tid;
	party->tid = (u32)tid;
	party->capable = tid & OFFLOAD_MAY_CAPABLE;
	/* It is a thread of the LWK's, but perhaps not in the first pid namespace. */
	if (task_with_tid(party->tid, get_pid, &pid) || (vtid && vtid != party->tid))
		return -EPERM;
	party->process = process_find(pid);
	if (!party->process)
		return -EPERM;
	again = ask(what, vtid);
	if (again == tid)
		return 0;
	process_put(party->process);
	return again < 0 ? (int)again : -EPERM;
}

/* What is to be done with the task that has the id, if it is of the process. */
struct of_process {
	const struct process *process;
	task_fn fn;
	void *ctx;
};

static int if_of_process(struct task *task, void *ctx)
{
	const struct of_process *call = ctx;

	return task->process == call->process ? call->fn(task, call->ctx) : -ESRCH;
}

int trace_party_with(const struct trace_party *party, task_fn fn, void *ctx)
{
	struct of_process call = { .process = party->process, .fn = fn, .ctx = ctx };

	return task_with_tid(party->tid, if_of_process, &call);
}

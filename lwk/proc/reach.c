// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose memory a thread may reach: see reach.h.
 *
 * The answers are a thread's own, since credentials are, so there are no locks. They are remembered
 * with the standing that the memory of both had before Linux was asked; since no two ever have the
 * same, an answer is found for no memory but that which it was about.
 */
#include "lwk/include/proc/reach.h"

#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/proc/ptrace_internal.h"

/* Answers that a thread remembers; a power of two. */
#define PERMITS 64U

/* Linux's yes to the thread that has it. */
struct reach_permit {
	u64 mine;
	u64 theirs;
	u32 vtid;
};

/* Who is to be reached. */
struct other {
	struct vm *vm;
	u64 standing;
};

void process_new_standing(struct process *process)
{
	static u64 last;

	/* Release: partner of the acquire in standing_of(). */
	__atomic_store_n(&process->space->standing, __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED),
			 __ATOMIC_RELEASE);
}

static u64 standing_of(const struct process *process)
{
	/* Acquire: before Linux is asked. */
	return __atomic_load_n(&process->space->standing, __ATOMIC_ACQUIRE);
}

/*
 * Whose program ends or executes another, Linux alone knows. One that has not begun may have in its
 * memory what others left there.
 */
static int get_other(struct task *task, void *ctx)
{
	const struct process *process = task->process;
	struct other *other = ctx;

	/* In this order: an execve(2) that was done is not over before its process is gone. */
	if (__atomic_load_n(&process->nexecuting, __ATOMIC_SEQ_CST) || process_is_ending(process) ||
	    READ_ONCE(task->leaving) || READ_ONCE(process->start))
		return -ESRCH;
	other->vm = process->vm;
	other->standing = standing_of(process);
	vm_get(other->vm);
	return 0;
}

static int ask(u32 vtid, const struct other *other)
{
	struct trace_party party;
	int err = trace_ask(OFFLOAD_MAY_ATTACH, vtid, &party);

	if (err)
		return err;
	/* It may have ended, and another have its id, since it was found. */
	if (standing_of(party.process) != other->standing)
		err = -EAGAIN;
	process_put(party.process);
	return err;
}

static int permit(u32 vtid, const struct other *other)
{
	struct task *self = task_current();
	struct reach_permit permit = {
		.mine = standing_of(self->process),
		.theirs = other->standing,
		.vtid = vtid,
	};
	struct reach_permit *known;
	int err;

	/* As Linux, which asks nobody who has the same memory. */
	if (other->vm == self->process->vm)
		return 0;
	if (!self->permits)
		self->permits = kcalloc(PERMITS, sizeof(permit));
	known = self->permits ? &self->permits[vtid % PERMITS] : &permit;
	if (known != &permit && known->mine == permit.mine && known->theirs == permit.theirs &&
	    known->vtid == vtid)
		return 0;
	err = ask(vtid, other);
	if (!err)
		*known = permit;
	return err;
}

int process_reach(u32 vtid, struct vm **vm)
{
	struct other other;
	int err;

	if (!vtid)
		return -ESRCH;
	err = task_with_vtid_here(vtid, get_other, &other);
	if (err)
		return err;
	err = permit(vtid, &other);
	if (err)
		vm_put(other.vm);
	else
		*vm = other.vm;
	return err;
}

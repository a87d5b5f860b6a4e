// SPDX-License-Identifier: GPL-2.0-only
/*
 * Robust futexes: set_robust_list(2). The program keeps a list of the locks that a thread holds;
 * when the thread ends, each is marked, and one of those who wait for it is woken. The list is in
 * the program's memory, so it is walked for a bounded length, and a bad address ends the walk.
 *
 * A thread that ends by itself does all of that with its twin's help. Of one whose twin is killed
 * Linux walks the list, too: it alone can mark what is in shared memory of its own and wake who
 * waits there. What it marks in the LWK's memory meanwhile, who waits has to hear of here.
 */
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/futex_internal.h"
#include "lwk/proc/internal.h"

#define LIST_MAX 2048 /* ROBUST_LIST_LIMIT */

#define ENTRY_PI 1ULL

/* Linux's struct robust_list_head. */
struct head {
	u64 next;
	s64 futex_offset;
	u64 pending;
};

/**
 * struct walk - of a task's list
 * @task:	the calling one
 * @list:	its head
 * @head:	what is there
 * @helped:	Linux walks the list, too
 */
struct walk {
	const struct task *task;
	vaddr_t list;
	struct head head;
	bool helped;
};

/* Return: what a robust futex becomes. */
static u32 dead_value(u32 word)
{
	return (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
}

static int is_linux_shared(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	return range->ops == &linux_range_ops && (range->flags & VM_SHARED);
}

/* Is that for Linux to mark? */
static bool is_linux_work(const struct walk *walk, vaddr_t addr)
{
	return walk->helped &&
	       vm_for_each_in(walk->task->process->vm, addr, addr + 1, is_linux_shared, NULL);
}

/* Linux has marked it, and woken who waits on its side. */
static bool is_marked(const struct walk *walk, u32 word)
{
	return walk->helped && (word & ~FUTEX_WAITERS) == FUTEX_OWNER_DIED;
}

/* Return: -EFAULT if the word cannot be reached, which ends the walk. */
static int mark(const struct walk *walk, vaddr_t addr, bool pi, bool pending)
{
	u32 word, expected;
	int err;

	if (!IS_ALIGNED(addr, sizeof(word)))
		return -EFAULT;
	if (is_linux_work(walk, addr))
		return 0;
	err = copy_from_user(&word, addr, sizeof(word));
	if (err)
		return err;
	/* It died between unlocking and waking, or before it said that it waits. */
	if (pending && !pi && !(word & FUTEX_TID_MASK)) {
		futex_wake_shared(addr, 1);
		return 0;
	}
	do {
		if ((word & FUTEX_TID_MASK) != walk->task->vtid) {
			if (!pi && is_marked(walk, word))
				futex_wake_shared(addr, 1);
			return 0;
		}
		expected = word;
		err = user_cmpxchg_u32(addr, &word, dead_value(expected));
	} while (!err && word != expected);
	/* Of a PI futex the kernel knows who waits, and hands it over itself. */
	if (!err && !pi && (word & FUTEX_WAITERS))
		futex_wake_shared(addr, 1);
	return err;
}

static int mark_entry(const struct walk *walk, u64 entry, bool pending)
{
	return mark(walk, (entry & ~ENTRY_PI) + (u64)walk->head.futex_offset, entry & ENTRY_PI,
		    pending);
}

/* Return: whether the end was reached. */
static bool walk_list(const struct walk *walk)
{
	u64 pending = walk->head.pending & ~ENTRY_PI;
	u64 entry = walk->head.next;
	bool more = true;

	for (u32 n = 0; n < LIST_MAX && more && (entry & ~ENTRY_PI) != walk->list; n++) {
		u64 next;

		/* Read first: whoever gets the lock may reuse it. */
		more = !copy_from_user(&next, entry & ~ENTRY_PI, sizeof(next));
		if ((entry & ~ENTRY_PI) != pending && mark_entry(walk, entry, false))
			return false;
		if (more)
			entry = next;
	}
	if (pending)
		more = !mark_entry(walk, walk->head.pending, true) && more;
	return more;
}

static bool walk_task(struct task *task, bool helped)
{
	struct walk walk = { .task = task, .list = task->robust_list, .helped = helped };
	bool reached = true;

	task->robust_list = 0;
	if (walk.list)
		reached = !copy_from_user(&walk.head, walk.list, sizeof(walk.head)) &&
			  walk_list(&walk);
	pi_exit(task);
	return reached;
}

void robust_list_set(vaddr_t list)
{
	struct task *task = task_current();

	task->robust_list = list;
	WRITE_ONCE(task->slot->robust_list, list);
}

void robust_list_exit(void)
{
	struct task *task = task_current();

	(void)walk_task(task, false);
	/* Until now Linux would have done the rest, had the twin been killed. */
	WRITE_ONCE(task->slot->robust_list, 0);
}

bool robust_list_end(void)
{
	return walk_task(task_current(), true);
}

static int wake_object(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	if (memory_is_own_shared(range) && range->object)
		futex_wake_object(range->object);
	return 0;
}

void robust_list_wake(void)
{
	(void)vm_for_each(task_current()->process->vm, wake_object, NULL);
}

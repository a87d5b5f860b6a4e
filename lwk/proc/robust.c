// SPDX-License-Identifier: GPL-2.0-only
/*
 * Robust futexes: set_robust_list(2). The program keeps a list of the locks that a thread holds;
 * when the thread ends, each is marked, and one of those who wait for it is woken. The list is in
 * the program's memory, so it is walked for a bounded length, and a bad address ends the walk.
 */
#include "lwk/include/proc/futex.h"
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

/* Return: what a robust futex becomes. */
static u32 dead_value(u32 word)
{
	return (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
}

/* Return: -EFAULT if the word cannot be reached, which ends the walk. */
static int mark(const struct task *task, vaddr_t addr, bool pi, bool pending)
{
	u32 word, expected;
	int err;

	if (!IS_ALIGNED(addr, sizeof(word)))
		return -EFAULT;
	err = copy_from_user(&word, addr, sizeof(word));
	if (err)
		return err;
	/* It died between unlocking and waking, or before it said that it waits. */
	if (pending && !pi && !(word & FUTEX_TID_MASK)) {
		futex_wake_shared(addr, 1);
		return 0;
	}
	do {
		if ((word & FUTEX_TID_MASK) != task->vtid)
			return 0;
		expected = word;
		err = user_cmpxchg_u32(addr, &word, dead_value(expected));
	} while (!err && word != expected);
	/* Of a PI futex the kernel knows who waits, and hands it over itself. */
	if (!err && !pi && (word & FUTEX_WAITERS))
		futex_wake_shared(addr, 1);
	return err;
}

static int mark_entry(const struct task *task, const struct head *head, u64 entry, bool pending)
{
	return mark(task, (entry & ~ENTRY_PI) + (u64)head->futex_offset, entry & ENTRY_PI,
		    pending);
}

static void walk(const struct task *task, vaddr_t list, const struct head *head)
{
	u64 pending = head->pending & ~ENTRY_PI;
	u64 entry = head->next;

	for (u32 n = 0; n < LIST_MAX && (entry & ~ENTRY_PI) != list; n++) {
		u64 next;
		/* Read first: whoever gets the lock may reuse it. */
		bool more = !copy_from_user(&next, entry & ~ENTRY_PI, sizeof(next));

		if ((entry & ~ENTRY_PI) != pending && mark_entry(task, head, entry, false))
			return;
		if (!more)
			break;
		entry = next;
	}
	if (pending)
		(void)!mark_entry(task, head, head->pending, true);
}

void robust_list_exit(void)
{
	struct task *task = task_current();
	vaddr_t list = task->robust_list;
	struct head head;

	task->robust_list = 0;
	if (list && !copy_from_user(&head, list, sizeof(head)))
		walk(task, list, &head);
	pi_exit(task);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for several futexes at once: a waiter for each, of one thread. Which of them have been
 * woken is seen when all are taken back.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/futex_internal.h"

struct vector {
	struct futex_waiter *waiters;
	u32 n;
};

static bool is_any_woken(void *ctx)
{
	const struct vector *vector = ctx;

	for (u32 i = 0; i < vector->n; i++) {
		if (!READ_ONCE(vector->waiters[i].queued))
			return true;
	}
	return false;
}

/* Return: the last one that was woken, as on Linux, or -1. */
static s64 dequeue_all(const struct vector *vector)
{
	s64 woken = -1;

	for (u32 i = 0; i < vector->n; i++) {
		if (!futex_dequeue(&vector->waiters[i]))
			woken = i;
	}
	return woken;
}

static s64 wait(const struct futex_wait_one *wanted, u32 n, struct vector *vector, u64 deadline)
{
	int err = 0;
	s64 woken;

	for (; vector->n < n; vector->n++) {
		struct futex_waiter *waiter = &vector->waiters[vector->n];

		waiter->key = wanted[vector->n].key;
		waiter->thread = thread_current();
		waiter->bits = FUTEX_ANY;
		err = futex_enqueue(waiter, wanted[vector->n].value);
		if (err)
			break;
	}
	if (!err)
		err = signal_sleep(is_any_woken, vector, deadline);
	woken = dequeue_all(vector);
	if (woken >= 0)
		return woken;
	if (err == -EINTR)
		return -ERESTARTSYS;
	return err ? err : -ETIMEDOUT;
}

s64 futex_waitv(const struct futex_wait_one *wanted, u32 n, u64 deadline)
{
	struct vector vector = { .waiters = kcalloc(n, sizeof(*vector.waiters)) };
	s64 ret;

	if (!vector.waiters)
		return -ENOMEM;
	ret = wait(wanted, n, &vector, deadline);
	kfree(vector.waiters);
	return ret;
}

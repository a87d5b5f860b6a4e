// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many threads calls of futex(2) wake that ask for none, or for fewer: Linux wakes one before
 * it counts, but not when it moves those who wait.
 */
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

/* Threads begin to wait here; who has been moved elsewhere is known to wait. */
static uint32_t entry;
static uint32_t first, second;

static long futex(uint32_t *word, int op, int count, long more, uint32_t *to, uint32_t value)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, count, more, to, value);
}

/* It is woken once for all. */
static void *wait_once(void *arg)
{
	(void)arg;
	MUST(!futex(&entry, FUTEX_WAIT, 0, 0, NULL, 0));
	return NULL;
}

static pthread_t start_at(uint32_t *word)
{
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, wait_once, NULL));
	while (futex(&entry, FUTEX_CMP_REQUEUE, 0, 1, word, 0) != 1)
		sched_yield();
	return thread;
}

#define COUNT(call)                     \
	do {                            \
		pthread_t threads[3];   \
		start(threads);         \
		show(#call, call);      \
		finish(threads);        \
	} while (0)

static void start(pthread_t threads[3])
{
	threads[0] = start_at(&first);
	threads[1] = start_at(&first);
	threads[2] = start_at(&second);
}

/* Tells how many still wait. */
static void finish(const pthread_t threads[3])
{
	printf("left: %ld and ", futex(&first, FUTEX_WAKE, 9, 0, NULL, 0));
	printf("%ld\n", futex(&second, FUTEX_WAKE, 9, 0, NULL, 0));
	for (int i = 0; i < 3; i++)
		MUST(!pthread_join(threads[i], NULL));
}

int main(void)
{
	const uint32_t op = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0);
	const uint32_t op_else = FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_NE, 0);

	COUNT(futex(&first, FUTEX_WAKE, 0, 0, NULL, 0));
	COUNT(futex(&first, FUTEX_WAKE, -1, 0, NULL, 0));
	COUNT(futex(&first, FUTEX_WAKE, INT32_MIN, 0, NULL, 0));
	COUNT(futex(&first, FUTEX_WAKE_BITSET, 0, 0, NULL, ~0U));
	COUNT(futex(&first, FUTEX_WAKE_OP, 0, 0, &second, op));
	COUNT(futex(&first, FUTEX_WAKE_OP, 0, 0, &second, op_else));
	COUNT(futex(&first, FUTEX_WAKE_OP, -5, -5, &second, op));
	COUNT(futex(&first, FUTEX_CMP_REQUEUE, 0, 0, &second, 0));
	COUNT(futex(&first, FUTEX_CMP_REQUEUE, 0, 1, &second, 0));
	COUNT(futex(&first, FUTEX_CMP_REQUEUE, -1, 1, &second, 0));
	COUNT(futex(&first, FUTEX_CMP_REQUEUE, 1, -1, &second, 0));
	return 0;
}

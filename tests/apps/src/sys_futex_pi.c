// SPDX-License-Identifier: GPL-2.0-only
/*
 * PI futexes by futex(2) itself, with several threads: words, errors, moves from plain futexes.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
#define LOCK_PI2_PRIVATE (FUTEX_LOCK_PI2 | FUTEX_PRIVATE_FLAG)

static uint32_t lock, second, word;
static uint32_t stage, waiters[4];

static long futex(uint32_t *at, int op, uint32_t value, const void *timeout, uint32_t *to,
		  uint32_t value3)
{
	return syscall(SYS_futex, at, op, value, timeout, to, value3);
}

#define FUTEX(at, op, ...) show("futex(" #at ", " #op ", " #__VA_ARGS__ ")", \
				futex(at, op, __VA_ARGS__))

/* The word, with the ids of threads replaced by what is known of them. */
static void show_word(const char *what, uint32_t value, uint32_t owner)
{
	uint32_t tid = value & FUTEX_TID_MASK;

	printf("%s: %s%s%s\n", what, !tid ? "nobody" : tid == owner ? "the owner" : "another",
	       value & FUTEX_WAITERS ? ", waiters" : "",
	       value & FUTEX_OWNER_DIED ? ", owner died" : "");
}

/* Until somebody is queued: that is what a plain wake complains about. */
static void wait_for_waiter(uint32_t *at)
{
	while (!futex(at, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0))
		sched_yield();
}

static void reach(uint32_t value)
{
	__atomic_store_n(&stage, value, __ATOMIC_RELEASE);
}

static void wait_for_stage(uint32_t value)
{
	while (__atomic_load_n(&stage, __ATOMIC_ACQUIRE) < value)
		sched_yield();
}

static pthread_t start(void *(*fn)(void *arg), void *arg)
{
	pthread_t thread;

	MUST(!pthread_create(&thread, NULL, fn, arg));
	return thread;
}

static void *take_and_give(void *arg)
{
	long err = futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);

	(void)arg;
	show_word("got", lock, (uint32_t)gettid());
	if (!err)
		FUTEX(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

static void *fail(void *arg)
{
	const struct timespec past = { .tv_sec = 1 };
	const struct timespec bad = { .tv_nsec = 1000000000 };
	struct timespec soon;

	(void)arg;
	FUTEX(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&lock, FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, &past, NULL, 0);
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, &bad, NULL, 0);
	FUTEX(&lock, LOCK_PI2_PRIVATE, 0, &past, NULL, 0);
	FUTEX(&lock, LOCK_PI2_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &past, NULL, 0);
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &past, NULL, 0);
	clock_gettime(CLOCK_MONOTONIC, &soon);
	soon.tv_sec += soon.tv_nsec >= 990000000;
	soon.tv_nsec = (soon.tv_nsec + 10000000) % 1000000000;
	FUTEX(&lock, LOCK_PI2_PRIVATE, 0, &soon, NULL, 0);
	return NULL;
}

static void show_lock(void)
{
	pthread_t thread;

	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	show_word("own", lock, (uint32_t)gettid());
	MUST(!pthread_join(start(fail, NULL), NULL));
	show_word("after the others", lock, (uint32_t)gettid());
	thread = start(take_and_give, NULL);
	wait_for_waiter(&lock);
	FUTEX(&lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	FUTEX(&lock, FUTEX_REQUEUE_PRIVATE, 0, (void *)1, &second, 0);
	MUST(!futex(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	MUST(!pthread_join(thread, NULL));
	show_word("in the end", lock, 0);
}

static void *wait_plainly(void *arg)
{
	(void)arg;
	return (void *)futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

/* One who waits on a word as for no PI futex. */
static void show_mixed(void)
{
	pthread_t thread;

	word = 0;
	thread = start(wait_plainly, NULL);
	while (futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1, &second, 0) != 1)
		sched_yield();
	second = (uint32_t)gettid();
	FUTEX(&second, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	second = 0;
	FUTEX(&second, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&second, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	MUST(!pthread_join(thread, NULL));
}

/* Each has one, and wants the other's. */
static void *cross(void *arg)
{
	(void)arg;
	MUST(!futex(&second, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	reach(1);
	MUST(!futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	futex(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	futex(&second, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	return NULL;
}

static void show_deadlock(void)
{
	pthread_t thread;

	lock = second = stage = 0;
	MUST(!futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	thread = start(cross, NULL);
	wait_for_stage(1);
	wait_for_waiter(&lock);
	FUTEX(&second, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	MUST(!pthread_join(thread, NULL));
	FUTEX(&second, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&second, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

/* It ends with the lock, of which no list tells. */
static void *end_with_lock(void *arg)
{
	(void)arg;
	MUST(!futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	wait_for_waiter(&lock);
	return NULL;
}

static void show_dead(void)
{
	pthread_t thread;

	lock = 0;
	thread = start(end_with_lock, NULL);
	while (!__atomic_load_n(&lock, __ATOMIC_RELAXED))
		sched_yield();
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	show_word("of one that ended", lock, (uint32_t)gettid());
	FUTEX(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	MUST(!pthread_join(thread, NULL));
	lock = FUTEX_OWNER_DIED;
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	show_word("of nobody any more", lock, (uint32_t)gettid());
	lock = 0x3fffffff;
	FUTEX(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	show_word("of nobody ever", lock, 0x3fffffff);
}

/* Moves */

static void *wait_for_move(void *arg)
{
	uint32_t *result = arg;
	long err = futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &lock, 0);

	*result = err ? (uint32_t)errno : 0;
	if (!err && (lock & FUTEX_TID_MASK) != (uint32_t)gettid())
		*result = 1000;
	if (!err)
		MUST(!futex(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	return NULL;
}

static void show_move(bool owned)
{
	pthread_t threads[3];
	long n = 0;

	lock = word = 0;
	if (owned)
		MUST(!futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++) {
		waiters[i] = 2000;
		threads[i] = start(wait_for_move, &waiters[i]);
	}
	while (n < 3) {
		long more = futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)INT32_MAX,
				  &lock, 0);

		MUST(more >= 0);
		n += more;
		sched_yield();
	}
	if (owned)
		FUTEX(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	for (int i = 0; i < 3; i++) {
		MUST(!pthread_join(threads[i], NULL));
		printf("moved: %u\n", waiters[i]);
	}
	show_word("in the end", lock, 0);
}

static void show_bad_moves(void)
{
	const struct timespec past = { .tv_sec = 1 };
	pthread_t thread;

	lock = word = second = 0;
	FUTEX(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, &lock, 0);
	FUTEX(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &past, &lock, 0);
	FUTEX(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &word, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &word, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 2, (void *)1, &lock, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &lock, 1);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &lock, 0);
	thread = start(wait_for_move, &waiters[0]);
	/* Somebody waits, not to be woken plainly, nor moved elsewhere. */
	wait_for_waiter(&word);
	FUTEX(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1, &lock, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &second, 0);
	FUTEX(&word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)0, &lock, 0);
	MUST(!pthread_join(thread, NULL));
	printf("moved: %u\n", waiters[0]);
}

/* Signals */

static uint32_t handled;

static void handler(int sig)
{
	(void)sig;
	__atomic_store_n(&handled, 1, __ATOMIC_RELEASE);
}

static void show_signal(void)
{
	const struct sigaction action = { .sa_handler = handler };
	pthread_t thread;

	MUST(!sigaction(SIGUSR1, &action, NULL));
	lock = word = 0;
	MUST(!futex(&lock, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	thread = start(take_and_give, NULL);
	wait_for_waiter(&lock);
	MUST(!pthread_kill(thread, SIGUSR1));
	while (!__atomic_load_n(&handled, __ATOMIC_ACQUIRE))
		sched_yield();
	/* It waits again, though SA_RESTART was not set. */
	wait_for_waiter(&lock);
	MUST(!futex(&lock, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	MUST(!pthread_join(thread, NULL));
}

static void show_memory(void)
{
	uint32_t *constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t *fresh = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

	MUST(constant != MAP_FAILED && fresh != MAP_FAILED);
	FUTEX(constant, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(constant, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	FUTEX((uint32_t *)16, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX((uint32_t *)((char *)fresh + 1), FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	FUTEX(fresh, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	show_word("fresh", *fresh, (uint32_t)gettid());
	FUTEX(fresh, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
	FUTEX(fresh, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
	FUTEX(fresh, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

int main(void)
{
	show_lock();
	show_mixed();
	show_deadlock();
	show_dead();
	show_move(false);
	show_move(true);
	show_bad_moves();
	show_signal();
	show_memory();
	return 0;
}

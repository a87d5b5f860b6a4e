// SPDX-License-Identifier: GPL-2.0-only
/*
 * Robust mutexes whose owners end: by pthread_exit(), by _exit(), killed; in memory of one
 * process, and in memory that processes share.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork.h"

struct shared {
	pthread_mutex_t mutexes[3];
	pthread_barrier_t barrier;
	int stage;
};

static struct shared *shared;

static void init_mutexes(struct shared *in, int pshared)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setpshared(&attr, pshared);
	for (int i = 0; i < 3; i++)
		MUST(!pthread_mutex_init(&in->mutexes[i], &attr));
}

static void *lock_and_end(void *arg)
{
	struct shared *in = arg;

	for (int i = 0; i < 3; i++)
		MUST(!pthread_mutex_lock(&in->mutexes[i]));
	return NULL;
}

static void show_lock(const char *who, pthread_mutex_t *mutex)
{
	int err = pthread_mutex_lock(mutex);

	printf("%s: %s\n", who, err ? error_name(err) : "locked");
	if (err == EOWNERDEAD)
		printf("%s consistent: %d\n", who, pthread_mutex_consistent(mutex));
	pthread_mutex_unlock(mutex);
	printf("%s again: %d\n", who, pthread_mutex_lock(mutex));
	pthread_mutex_unlock(mutex);
}

/* It waits for the lock when its owner ends. */
static void *wait_for_lock(void *arg)
{
	struct shared *in = arg;
	int err = pthread_mutex_lock(&in->mutexes[0]);

	printf("the one who waited: %s\n", err ? error_name(err) : "locked");
	pthread_mutex_consistent(&in->mutexes[0]);
	pthread_mutex_unlock(&in->mutexes[0]);
	return NULL;
}

static void *hold_until_awaited(void *arg)
{
	struct shared *in = arg;
	pthread_t waiter;

	MUST(!pthread_mutex_lock(&in->mutexes[0]));
	MUST(!pthread_create(&waiter, NULL, wait_for_lock, in));
	/* FUTEX_WAITERS says that somebody does. */
	while (!(__atomic_load_n(&in->mutexes[0].__data.__lock, __ATOMIC_RELAXED) & 0x80000000))
		sched_yield();
	return (void *)waiter;
}

static void show_threads(void)
{
	static struct shared own;
	pthread_t thread;
	void *waiter;

	init_mutexes(&own, PTHREAD_PROCESS_PRIVATE);
	MUST(!pthread_create(&thread, NULL, lock_and_end, &own));
	MUST(!pthread_join(thread, NULL));
	for (int i = 0; i < 2; i++)
		show_lock("after a thread", &own.mutexes[i]);
	/* Unlocked without being made consistent, it is of no use. */
	SHOW_TRUE(pthread_mutex_lock(&own.mutexes[2]) == EOWNERDEAD);
	pthread_mutex_unlock(&own.mutexes[2]);
	SHOW_TRUE(pthread_mutex_lock(&own.mutexes[2]) == ENOTRECOVERABLE);
	MUST(!pthread_create(&thread, NULL, hold_until_awaited, &own));
	MUST(!pthread_join(thread, &waiter));
	MUST(!pthread_join((pthread_t)waiter, NULL));
}

static void show_process(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		lock_and_end(shared);
		_exit(3);
	}
	reap(pid, "owner");
	for (int i = 0; i < 3; i++)
		show_lock("after a process", &shared->mutexes[i]);
}

/* In memory of a file, which the LWK reaches only while the process is there. */
static void show_fault(void)
{
	int fd = memfd_create("locks", 0);
	struct shared *file;
	pid_t pid;

	MUST(!ftruncate(fd, sizeof(*file)));
	file = mmap(NULL, sizeof(*file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(file != MAP_FAILED);
	init_mutexes(file, PTHREAD_PROCESS_SHARED);
	pid = fork_must();
	if (!pid) {
		lock_and_end(file);
		munmap(shared, sizeof(*shared));
		shared->stage = 1;
	}
	reap(pid, "owner that faults");
	for (int i = 0; i < 3; i++)
		show_lock("after a fault", &file->mutexes[i]);
	munmap(file, sizeof(*file));
	close(fd);
}

/* A process waits in another one's memory. */
static void show_waiting_process(void)
{
	pid_t owner = fork_must(), waiter;
	int err;

	if (!owner) {
		lock_and_end(shared);
		__atomic_store_n(&shared->stage, 1, __ATOMIC_RELEASE);
		while (!(__atomic_load_n(&shared->mutexes[1].__data.__lock, __ATOMIC_RELAXED) &
			 0x80000000))
			sched_yield();
		_exit(4);
	}
	while (!__atomic_load_n(&shared->stage, __ATOMIC_ACQUIRE))
		sched_yield();
	waiter = fork_must();
	if (!waiter) {
		err = pthread_mutex_lock(&shared->mutexes[1]);
		_exit(err == EOWNERDEAD ? 5 : 6);
	}
	reap(owner, "owner");
	reap(waiter, "who waited");
}

/* A list that makes no sense, or has no end, only ends itself. */
static void *end_with_bad_list(void *arg)
{
	static struct {
		void *next;
		long offset;
		void *pending;
	} head, loop[2];

	if (arg == (void *)1) {
		head.next = &loop[0];
		loop[0].next = &loop[1];
		loop[1].next = &loop[0];
	} else if (arg == (void *)2) {
		head.next = (void *)0x123451;
	} else {
		head.next = (void *)-8;
		head.pending = (void *)0x123;
	}
	head.offset = 8;
	MUST(!syscall(SYS_set_robust_list, &head, sizeof(head)));
	return NULL;
}

int main(void)
{
	pthread_t thread;

	show_threads();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	MUST(shared != MAP_FAILED);
	init_mutexes(shared, PTHREAD_PROCESS_SHARED);
	show_process();
	show_fault();
	show_waiting_process();
	for (long i = 1; i <= 3; i++) {
		MUST(!pthread_create(&thread, NULL, end_with_bad_list, (void *)i));
		MUST(!pthread_join(thread, NULL));
	}
	SHOW(syscall(SYS_set_robust_list, NULL, 8));
	return 0;
}

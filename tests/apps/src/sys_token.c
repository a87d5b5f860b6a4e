// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processes that hand each other a token, by what they share: a file in memory, named
 * semaphores. Whether both are on one kernel, or each on one, makes no difference.
 *
 *   sys_token FILE create	make FILE and the semaphore, as nobody's
 *   sys_token FILE a|b		either side; b prints nothing
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork.h"

#define ROUNDS 100
#define SEMAPHORE "/mckernel-token"

struct shared {
	uint32_t turn;
	uint32_t stage;
	uint32_t tid;
	sem_t sems[2];
	pthread_mutex_t mutex, robust[2], pi;
	pthread_cond_t cond;
	int turns, count;
};

static struct shared *shared;
static bool is_a;

static void tell(const char *what, long value)
{
	if (is_a)
		printf("%s: %ld\n", what, value);
}

static long futex(uint32_t *at, int op, uint32_t value)
{
	return syscall(SYS_futex, at, op, value, NULL, NULL, 0);
}

/* Wait until a word has a value, then give it another one. */
static void pass(uint32_t *at, uint32_t mine)
{
	uint32_t now;

	while ((now = __atomic_load_n(at, __ATOMIC_ACQUIRE)) != mine)
		(void)futex(at, FUTEX_WAIT, now);
	__atomic_store_n(at, !mine, __ATOMIC_RELEASE);
	(void)futex(at, FUTEX_WAKE, 1);
}

static void reach(uint32_t stage)
{
	__atomic_store_n(&shared->stage, stage, __ATOMIC_RELEASE);
	(void)futex(&shared->stage, FUTEX_WAKE, INT32_MAX);
}

static void wait_for(uint32_t stage)
{
	uint32_t now;

	while ((now = __atomic_load_n(&shared->stage, __ATOMIC_ACQUIRE)) < stage)
		(void)futex(&shared->stage, FUTEX_WAIT, now);
}

static void by_semaphores(void)
{
	sem_t *named = sem_open(SEMAPHORE, 0);
	sem_t *mine = is_a ? named : &shared->sems[1];
	sem_t *theirs = is_a ? &shared->sems[1] : named;

	MUST(named != SEM_FAILED);
	for (int i = 0; i < ROUNDS; i++) {
		if (is_a)
			MUST(!sem_post(theirs));
		MUST(!sem_wait(mine));
		if (!is_a)
			MUST(!sem_post(theirs));
	}
	tell("semaphores", ROUNDS);
}

static void by_condition(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		MUST(!pthread_mutex_lock(&shared->mutex));
		while (shared->turns % 2 != !is_a)
			MUST(!pthread_cond_wait(&shared->cond, &shared->mutex));
		shared->turns++;
		MUST(!pthread_cond_broadcast(&shared->cond));
		MUST(!pthread_mutex_unlock(&shared->mutex));
	}
	tell("condition", ROUNDS);
}

static void by_pi(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		MUST(!pthread_mutex_lock(&shared->pi));
		shared->count++;
		if (i % 8 == 0)
			sched_yield();
		MUST(!pthread_mutex_unlock(&shared->pi));
	}
	tell("priority inheritance", ROUNDS);
}

static void *hold_and_end(void *arg)
{
	MUST(!pthread_mutex_lock(arg));
	reach(shared->stage + 1);
	while (!(__atomic_load_n(&((pthread_mutex_t *)arg)->__data.__lock, __ATOMIC_RELAXED) &
		 0x80000000))
		sched_yield();
	return NULL;
}

/* One side's thread ends with a lock, for which the other side waits. */
static void by_end(pthread_mutex_t *mutex, bool holder, uint32_t stage)
{
	pthread_t thread;
	int err;

	if (holder) {
		MUST(!pthread_create(&thread, NULL, hold_and_end, mutex));
		MUST(!pthread_join(thread, NULL));
		wait_for(stage + 2);
		return;
	}
	wait_for(stage + 1);
	err = pthread_mutex_lock(mutex);
	MUST(err == EOWNERDEAD);
	MUST(!pthread_mutex_consistent(mutex) && !pthread_mutex_unlock(mutex));
	reach(stage + 2);
}

static void handler(int sig)
{
	(void)sig;
}

/* Signals interrupt a wait. One that comes before it has begun is followed by others. */
static void by_signal(void)
{
	const struct sigaction action = { .sa_handler = handler };

	if (is_a) {
		MUST(!sigaction(SIGUSR1, &action, NULL));
		shared->tid = (uint32_t)getpid();
		reach(5);
		MUST(futex(&shared->turn, FUTEX_WAIT, shared->turn) == -1 && errno == EINTR);
		reach(6);
	} else {
		wait_for(5);
		while (__atomic_load_n(&shared->stage, __ATOMIC_ACQUIRE) < 6) {
			(void)kill((pid_t)shared->tid, SIGUSR1);
			sched_yield();
		}
	}
	tell("signal", 1);
}

static void init(void)
{
	pthread_mutexattr_t attr;
	pthread_condattr_t condattr;
	sem_t *named;

	(void)sem_unlink(SEMAPHORE);
	named = sem_open(SEMAPHORE, O_CREAT | O_EXCL, 0666, 0);
	MUST(named != SEM_FAILED);
	MUST(!sem_init(&shared->sems[1], 1, 0));
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	MUST(!pthread_mutex_init(&shared->mutex, &attr));
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	MUST(!pthread_mutex_init(&shared->pi, &attr));
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_NONE);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < 2; i++)
		MUST(!pthread_mutex_init(&shared->robust[i], &attr));
	pthread_condattr_init(&condattr);
	pthread_condattr_setpshared(&condattr, PTHREAD_PROCESS_SHARED);
	MUST(!pthread_cond_init(&shared->cond, &condattr));
}

int main(int argc, char **argv)
{
	int fd;

	MUST(argc == 3);
	fd = open(argv[1], O_RDWR | O_CREAT, 0666);
	is_a = !strcmp(argv[2], "a");
	MUST(fd >= 0 && !ftruncate(fd, 4096));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(shared != MAP_FAILED);
	if (!strcmp(argv[2], "create")) {
		init();
		return 0;
	}
	for (int i = 0; i < ROUNDS; i++)
		pass(&shared->turn, !is_a);
	tell("futex", ROUNDS);
	by_semaphores();
	by_condition();
	by_pi();
	by_end(&shared->robust[0], is_a, 0);
	by_end(&shared->robust[1], !is_a, 2);
	tell("ends", 2);
	by_signal();
	return 0;
}

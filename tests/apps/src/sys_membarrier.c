// SPDX-License-Identifier: GPL-2.0-only
/*
 * membarrier(): what there is, who may use it; and that it orders the memory of other CPUs: two
 * threads, of which one has no barrier of its own but the compiler's.
 */
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork.h"

#define QUERY 0
#define GLOBAL 1
#define GLOBAL_EXPEDITED 2
#define REGISTER_GLOBAL_EXPEDITED 4
#define PRIVATE_EXPEDITED 8
#define REGISTER_PRIVATE_EXPEDITED 16
#define PRIVATE_EXPEDITED_SYNC_CORE 32
#define REGISTER_PRIVATE_EXPEDITED_SYNC_CORE 64
#define GET_REGISTRATIONS 512
#define ROUNDS 2000

#define BARRIER(...) show("membarrier(" #__VA_ARGS__ ")", syscall(SYS_membarrier, __VA_ARGS__))

static void show_calls(void)
{
	pid_t pid;

	BARRIER(QUERY, 0, 0);
	BARRIER(QUERY, 1, 0);
	BARRIER(GLOBAL, 0, 0);
	BARRIER(GLOBAL, 1, 0);
	BARRIER(GLOBAL_EXPEDITED, 0, 0);
	BARRIER(REGISTER_GLOBAL_EXPEDITED, 0, 0);
	BARRIER(PRIVATE_EXPEDITED, 0, 0);
	BARRIER(PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	BARRIER(REGISTER_PRIVATE_EXPEDITED, 1, 0);
	BARRIER(REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	BARRIER(PRIVATE_EXPEDITED_SYNC_CORE, 0, 0);
	BARRIER(PRIVATE_EXPEDITED, 0, 0);
	BARRIER(GET_REGISTRATIONS, 0, 0);
	BARRIER(REGISTER_PRIVATE_EXPEDITED, 0, 0);
	BARRIER(PRIVATE_EXPEDITED, 0, 0);
	BARRIER(PRIVATE_EXPEDITED, 1, 0);
	BARRIER(GET_REGISTRATIONS, 0, 0);
	BARRIER(3, 0, 0);
	BARRIER(1 << 20, 0, 0);
	pid = fork_must();
	if (!pid) {
		BARRIER(PRIVATE_EXPEDITED, 0, 0);
		_exit(0);
	}
	reap(pid, "child");
}

/* Dekker's question: may both miss what the other one has stored? */
static int x, y, seen_x, seen_y;
static pthread_barrier_t begin, end;

static void *fast(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&begin);
		__atomic_store_n(&x, 1, __ATOMIC_RELAXED);
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		seen_y = __atomic_load_n(&y, __ATOMIC_RELAXED);
		pthread_barrier_wait(&end);
	}
	return NULL;
}

static void show_order(int cmd)
{
	pthread_t thread;
	long missed = 0;

	MUST(!pthread_barrier_init(&begin, NULL, 2) && !pthread_barrier_init(&end, NULL, 2));
	MUST(!pthread_create(&thread, NULL, fast, NULL));
	for (int i = 0; i < ROUNDS; i++) {
		x = 0;
		y = 0;
		pthread_barrier_wait(&begin);
		__atomic_store_n(&y, 1, __ATOMIC_RELAXED);
		MUST(!syscall(SYS_membarrier, cmd, 0, 0));
		seen_x = __atomic_load_n(&x, __ATOMIC_RELAXED);
		pthread_barrier_wait(&end);
		missed += !seen_x && !seen_y;
	}
	MUST(!pthread_join(thread, NULL));
	printf("command %d: missed %ld\n", cmd, missed);
}

int main(void)
{
	show_calls();
	show_order(PRIVATE_EXPEDITED);
	show_order(PRIVATE_EXPEDITED_SYNC_CORE);
	return 0;
}

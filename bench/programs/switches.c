// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time of a context switch on Linux, the yardstick for a system call that runs on the other
 * kernel: two threads on one CPU hand a turn to each other, by futex or by pipes.
 *
 *   taskset -c CPU switches ROUNDS one [NAME]
 *   taskset -c CPU,CPU switches ROUNDS two [NAME]
 *
 * With "two" each thread has a CPU of its own, which is idle between its turns. NAME: of what is
 * measured, only this.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "samples.h"

#define TURNS 1000	/* of each thread in a sample */

static atomic_uint turn;
static int pipes[2][2];
static bool apart;
static cpu_set_t allowed;

/* Apart, the second thread goes to the last CPU that the program may use, the first to another. */
static void take_cpu(unsigned int me)
{
	cpu_set_t set = allowed;
	int cpu = CPU_SETSIZE;

	if (!apart)
		return;
	while (!CPU_ISSET(--cpu, &set))
		;
	if (me) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
	} else {
		CPU_CLR(cpu, &set);
	}
	check(!sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

static long futex(int op, unsigned int value)
{
	return syscall(SYS_futex, &turn, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* Each turn wakes the other thread and waits for it: one switch. */
static void take_futex_turns(unsigned int me)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		while (atomic_load(&turn) != me)
			futex(FUTEX_WAIT, !me);
		atomic_store(&turn, !me);
		futex(FUTEX_WAKE, 1);
	}
}

static void take_pipe_turns(unsigned int me)
{
	char byte = 0;
	int i;

	for (i = 0; i < TURNS; i++) {
		if (me || i)
			check(read(pipes[me][0], &byte, 1) == 1, "read from a pipe");
		check(write(pipes[!me][1], &byte, 1) == 1, "write to a pipe");
	}
}

static void *other_futex_thread(void *arg)
{
	take_cpu(1);
	take_futex_turns(1);
	return arg;
}

static void *other_pipe_thread(void *arg)
{
	take_cpu(1);
	take_pipe_turns(1);
	return arg;
}

static const char *only;

static void measure(const char *name, void *(*other)(void *), void (*take_turns)(unsigned int))
{
	pthread_t thread;
	uint64_t start;

	if (only && strcmp(only, name))
		return;
	check(!pthread_create(&thread, NULL, other, NULL), "pthread_create");
	start = now_ns();
	MARK_BEGIN();
	take_turns(0);
	check(!pthread_join(thread, NULL), "pthread_join");
	MARK_END();
	sample(name, now_ns() - start, 2 * TURNS);
}

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);

	if (argc < 3) {
		fprintf(stderr, "usage: switches ROUNDS one|two [NAME]\n");
		return 2;
	}
	apart = !strcmp(argv[2], "two");
	only = argc > 3 ? argv[3] : NULL;
	check(!sched_getaffinity(0, sizeof(allowed), &allowed), "sched_getaffinity");
	check(!apart || CPU_COUNT(&allowed) > 1, "two CPUs");
	take_cpu(0);
	while (rounds--) {
		check(!pipe(pipes[0]) && !pipe(pipes[1]), "pipe");
		atomic_store(&turn, 0);
		measure(apart ? "turn by futex, two CPUs" : "context switch, by futex",
			other_futex_thread, take_futex_turns);
		measure(apart ? "turn by pipe, two CPUs" : "context switch, by pipe",
			other_pipe_thread, take_pipe_turns);
		close(pipes[0][0]);
		close(pipes[0][1]);
		close(pipes[1][0]);
		close(pipes[1][1]);
	}
	return 0;
}

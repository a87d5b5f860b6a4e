// SPDX-License-Identifier: GPL-2.0-only
/*
 * sched_getcpu(), which the C library answers from a restartable sequence's area if it can, on each
 * CPU in turn, while threads move.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define THREADS 4
#define ROUNDS 20

static cpu_set_t all;

static void *move_about(void *arg)
{
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
			unsigned int now;
			cpu_set_t one;

			if (!CPU_ISSET(cpu, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			MUST(!sched_setaffinity(0, sizeof(one), &one));
			MUST(!syscall(SYS_getcpu, &now, NULL, NULL));
			wrong += sched_getcpu() != cpu || (int)now != cpu;
		}
	}
	return (void *)wrong;
}

int main(void)
{
	pthread_t threads[THREADS];
	void *wrong;

	MUST(!sched_getaffinity(0, sizeof(all), &all));
	SHOW_TRUE(CPU_ISSET(sched_getcpu(), &all));
	for (int i = 0; i < THREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, move_about, NULL));
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(threads[i], &wrong));
		printf("wrong: %ld\n", (long)wrong);
	}
	return 0;
}

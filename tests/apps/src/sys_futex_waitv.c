// SPDX-License-Identifier: GPL-2.0-only
/*
 * futex_waitv(): which of several futexes is woken, what is refused, times.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define N 128
#define PRIVATE_32 (2 | FUTEX_PRIVATE_FLAG)

struct waitv {
	uint64_t value;
	uint64_t addr;
	uint32_t flags;
	uint32_t reserved;
};

static uint32_t words[N + 1];
static struct waitv vector[N + 1];
static int wake_op;

static void init(unsigned int flags)
{
	for (int i = 0; i <= N; i++) {
		words[i] = (uint32_t)i;
		vector[i] = (struct waitv){
			.value = (uint64_t)i,
			.addr = (uintptr_t)&words[i],
			.flags = flags,
		};
	}
}

#define WAITV(...) show("futex_waitv(" #__VA_ARGS__ ")", syscall(SYS_futex_waitv, __VA_ARGS__))

static void show_refused(void)
{
	const struct timespec past = { .tv_sec = 1 };
	const struct timespec bad = { .tv_nsec = 1000000000 };

	init(PRIVATE_32);
	WAITV(vector, 0, 0, NULL, 0);
	WAITV(vector, N + 1, 0, NULL, 0);
	WAITV(vector, 1, 1, NULL, 0);
	WAITV(NULL, 1, 0, NULL, 0);
	WAITV((void *)16, 1, 0, NULL, 0);
	WAITV(vector, 1, 0, &past, CLOCK_PROCESS_CPUTIME_ID);
	WAITV(vector, 1, 0, &bad, CLOCK_MONOTONIC);
	WAITV(vector, 1, 0, (void *)16, CLOCK_MONOTONIC);
	WAITV(vector, N, 0, &past, CLOCK_MONOTONIC);
	WAITV(vector, N, 0, &past, CLOCK_REALTIME);
	words[N - 1]++;
	WAITV(vector, N, 0, NULL, 0);
	vector[3].addr++;
	WAITV(vector, N, 0, NULL, 0);
	vector[3].addr = 16;
	WAITV(vector, N, 0, NULL, 0);
	vector[3].addr = 0xffff800000000000;
	WAITV(vector, N, 0, NULL, 0);
	vector[2].flags = FUTEX_PRIVATE_FLAG;
	WAITV(vector, N, 0, NULL, 0);
	vector[2].flags = PRIVATE_32 | 0x100;
	WAITV(vector, N, 0, NULL, 0);
	vector[2].flags = PRIVATE_32;
	vector[2].reserved = 1;
	WAITV(vector, N, 0, NULL, 0);
}

static void *wake(void *arg)
{
	uint32_t *at = arg;

	/* Until the other thread is there to be woken. */
	while (!syscall(SYS_futex, at, wake_op, 1))
		sched_yield();
	return NULL;
}

static void show_woken(unsigned int flags, int which)
{
	pthread_t thread;

	init(flags);
	wake_op = FUTEX_WAKE | (int)(flags & FUTEX_PRIVATE_FLAG);
	MUST(!pthread_create(&thread, NULL, wake, &words[which]));
	WAITV(vector, N, 0, NULL, 0);
	MUST(!pthread_join(thread, NULL));
}

/* Two kernels may have these in common. */
static void show_file(void)
{
	const struct timespec past = { .tv_sec = 1 };
	int fd = memfd_create("futexes", 0);
	pthread_t thread;
	uint32_t *shared;

	MUST(fd >= 0 && !ftruncate(fd, 4096));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(shared != MAP_FAILED);
	init(2);
	wake_op = FUTEX_WAKE;
	vector[0].addr = (uintptr_t)&shared[5];
	vector[1].addr = (uintptr_t)&shared[7];
	vector[1].value = 0;
	WAITV(vector, 2, 0, &past, CLOCK_MONOTONIC);
	MUST(!pthread_create(&thread, NULL, wake, &shared[7]));
	WAITV(vector, 2, 0, NULL, 0);
	MUST(!pthread_join(thread, NULL));
	shared[7] = 1;
	WAITV(vector, 2, 0, NULL, 0);
}

static void handler(int sig)
{
	(void)sig;
	words[0]++;
}

static void show_signal(void)
{
	struct sigaction action = { .sa_handler = handler };
	const struct itimerspec often = { { .tv_nsec = 20000000 }, { .tv_nsec = 20000000 } };
	const struct itimerspec soon = { .it_value.tv_nsec = 20000000 };
	const struct itimerspec never = { 0 };
	timer_t timer;

	init(PRIVATE_32);
	MUST(!sigaction(SIGALRM, &action, NULL) && !timer_create(CLOCK_MONOTONIC, NULL, &timer));
	/* The first one may come before the call. */
	MUST(!timer_settime(timer, 0, &often, NULL));
	WAITV(&vector[1], 5, 0, NULL, 0);
	/* Anew, with another value. */
	action.sa_flags = SA_RESTART;
	MUST(!timer_settime(timer, 0, &never, NULL));
	init(PRIVATE_32);
	MUST(!sigaction(SIGALRM, &action, NULL) && !timer_settime(timer, 0, &soon, NULL));
	WAITV(vector, 5, 0, NULL, 0);
}

int main(void)
{
	show_refused();
	show_woken(PRIVATE_32, 0);
	show_woken(PRIVATE_32, 77);
	show_woken(2, N - 1);
	show_file();
	show_signal();
	return 0;
}

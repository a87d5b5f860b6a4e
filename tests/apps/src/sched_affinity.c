// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of CPUs: a program goes where it is told, by itself or by another, with its registers and
 * its memory; children inherit the set. With arguments: keep one CPU, then execute them.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define ROUNDS 20

/* What a child tells, over and over. */
struct report {
	volatile int cpu;
	volatile int wrong;
};

static cpu_set_t all;

static int nth_cpu(int n)
{
	int cpu = 0;

	for (n %= CPU_COUNT(&all);; cpu++)
		if (CPU_ISSET(cpu, &all) && !n--)
			return cpu;
}

static int pin(pid_t pid, int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(pid, sizeof(one), &one);
}

static void show_moves(void)
{
	volatile double sum = 0.5;
	int wrong = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		double in_register = sum + i;

		MUST(!pin(0, nth_cpu(i)));
		wrong += sched_getcpu() != nth_cpu(i);
		sum = in_register;
	}
	SHOW(wrong);
	SHOW_TRUE(sum == 0.5 + ROUNDS * (ROUNDS - 1) / 2);
	SHOW(sched_setaffinity(0, sizeof(all), &all));
}

/* In user mode only, once it is told to go. */
static void spin(struct report *report)
{
	double value = 1.0;

	for (;;) {
		unsigned int cpu;

		value = value * 3.0 / 3.0;
		__asm__ volatile("rdtscp" : "=c"(cpu) : : "eax", "edx");
		report->cpu = (int)(cpu & 0xfff);
		report->wrong += value != 1.0;
	}
}

static void show_others(void)
{
	struct report *report = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cpu_set_t got;
	pid_t pid;
	int i;

	MUST(report != MAP_FAILED);
	report->cpu = -1;
	pid = fork();
	MUST(pid >= 0);
	if (!pid)
		spin(report);
	for (i = 0; i < ROUNDS; i++) {
		MUST(!pin(pid, nth_cpu(i)));
		while (report->cpu != nth_cpu(i))
			sched_yield();
		MUST(!sched_getaffinity(pid, sizeof(got), &got));
		MUST(CPU_COUNT(&got) == 1 && CPU_ISSET(nth_cpu(i), &got));
	}
	SHOW(report->wrong);
	MUST(!kill(pid, SIGKILL) && waitpid(pid, NULL, 0) == pid);
	SHOW(sched_getaffinity(pid, sizeof(got), &got));
	SHOW(sched_setaffinity(pid, sizeof(all), &all));
}

static void show_inheritance(void)
{
	int status = -1;
	cpu_set_t got;
	pid_t pid;

	MUST(!pin(0, nth_cpu(1)));
	pid = fork();
	MUST(pid >= 0);
	if (!pid)
		_exit(!sched_getaffinity(0, sizeof(got), &got) && CPU_COUNT(&got) == 1 &&
		      CPU_ISSET(nth_cpu(1), &got) && sched_getcpu() == nth_cpu(1));
	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(WEXITSTATUS(status));
	MUST(!sched_setaffinity(0, sizeof(all), &all));
}

/* More CPUs than there are, fewer bytes than they take, addresses that are none. */
static void show_errors(void)
{
	static unsigned char set[65536 / 8];
	long len = syscall(SYS_sched_getaffinity, 0, sizeof(set), set);

	SHOW_TRUE(len > 0 && len % 8 == 0);
	SHOW_TRUE(syscall(SYS_sched_getaffinity, 0, len, set) == len);
	SHOW(syscall(SYS_sched_getaffinity, 0, len + 4, set));
	SHOW(syscall(SYS_sched_getaffinity, 0, len, 8));
	SHOW(syscall(SYS_sched_setaffinity, 0, len, 8));
	SHOW(syscall(SYS_sched_getaffinity, -1, len, set));
	SHOW(syscall(SYS_sched_setaffinity, -1, len, set));
	memset(set, 0xff, sizeof(set));
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(set), set));
	MUST(!sched_getaffinity(0, sizeof(all), &all) && CPU_COUNT(&all) > 1);
	memset(set, 0, sizeof(set));
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(set), set));
	SHOW(syscall(SYS_sched_setaffinity, 0, 0, set));
	/* Bytes behind the last whole word count, too. */
	memcpy(set, &all, sizeof(all));
	SHOW(syscall(SYS_sched_setaffinity, 0, 1, set));
}

int main(int argc, char **argv)
{
	MUST(!sched_getaffinity(0, sizeof(all), &all));
	if (argc > 1) {
		MUST(!pin(0, nth_cpu(1)));
		execvp(argv[1], argv + 1);
		return 127;
	}
	SHOW_TRUE(CPU_COUNT(&all) > 1);
	show_moves();
	show_others();
	show_inheritance();
	show_errors();
	return 0;
}

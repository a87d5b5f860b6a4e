// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling parameters, and the set of CPUs: which they are may differ, how they behave
 * may not.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include "app.h"

static void show_priorities(void)
{
	struct sched_param param = { .sched_priority = 50 };

	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(nice(3));
	SHOW(nice(100));
	SHOW(getpriority(PRIO_PROCESS, 0x3fffffff));
	SHOW(getpriority(77, 0));
	SHOW(sched_getscheduler(0));
	SHOW(sched_get_priority_max(SCHED_FIFO));
	SHOW(sched_get_priority_min(SCHED_RR));
	SHOW(sched_get_priority_max(SCHED_OTHER));
	SHOW(sched_get_priority_max(77));
	SHOW(sched_setscheduler(0, SCHED_OTHER, &param));
	SHOW(sched_setscheduler(0, 77, &param));
	SHOW(sched_setscheduler(0x3fffffff, SCHED_OTHER, &param));
	SHOW(sched_getparam(0, &param));
	SHOW(param.sched_priority);
	SHOW(sched_yield());
}

/* What tells a program where it runs: all must agree, once it can run on one CPU only. */
static void show_numbers(unsigned int expected)
{
	unsigned int cpu = 1000, node = 1000, vdso_cpu = 1001, vdso_node = 1001;
	unsigned int aux, limit, i;
	char stat[4096];
	FILE *file = fopen("/proc/self/stat", "r");
	char *field = NULL;

	MUST(!syscall(SYS_getcpu, &cpu, &node, NULL) && !getcpu(&vdso_cpu, &vdso_node));
	SHOW_TRUE(cpu == expected && vdso_cpu == expected && vdso_node == node);
	__rdtscp(&aux);
	SHOW_TRUE(aux == (node << 12 | cpu));
	__asm__("lsl %1, %0" : "=r"(limit) : "r"(0x7b) : "cc");
	SHOW_TRUE(limit == (node << 12 | cpu));
	MUST(file && fgets(stat, sizeof(stat), file) && (field = strrchr(stat, ')')) != NULL);
	fclose(file);
	/* The 39th field, of which the second ends here. */
	for (i = 2; i < 39; i++)
		MUST((field = strchr(field + 1, ' ')) != NULL);
	SHOW_TRUE(strtoul(field, NULL, 10) == cpu);
}

/* The line of /proc/self/status that lists the numbers, of one only. */
static void show_list(const char *format, unsigned int expected)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[4096];
	unsigned int first = 1000;
	char after = 0;

	MUST(file != NULL);
	while (fgets(line, sizeof(line), file) && sscanf(line, format, &first, &after) < 1)
		continue;
	fclose(file);
	SHOW_TRUE(first == expected && after == '\n');
}

static void show_cpus(void)
{
	unsigned int cpu = 1000;
	unsigned int node = 1000;
	cpu_set_t all;
	cpu_set_t one;
	int i;

	SHOW(sched_getaffinity(0, sizeof(all), &all));
	SHOW_TRUE(CPU_COUNT(&all) >= 1);
	SHOW(syscall(SYS_getcpu, &cpu, &node, NULL));
	SHOW_TRUE(cpu < CPU_SETSIZE && CPU_ISSET(cpu, &all));
	SHOW_TRUE(sched_getcpu() >= 0 && CPU_ISSET(sched_getcpu(), &all));
	SHOW_TRUE(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	for (i = CPU_SETSIZE - 1; !CPU_ISSET(i, &all); i--)
		;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	SHOW(sched_setaffinity(0, sizeof(one), &one));
	SHOW_TRUE(sched_getcpu() == i);
	show_numbers((unsigned int)i);
	show_list("Cpus_allowed_list: %u%c", (unsigned int)i);
	SHOW_TRUE(sched_getaffinity(0, sizeof(all), &all) == 0 && CPU_EQUAL(&all, &one));
	CPU_ZERO(&one);
	SHOW(sched_setaffinity(0, sizeof(one), &one));
	SHOW(sched_getaffinity(0x3fffffff, sizeof(all), &all));
	SHOW(syscall(SYS_sched_getaffinity, 0, 1, &all));
	SHOW(syscall(SYS_sched_getaffinity, 0, 7, &all));
}

int main(void)
{
	show_priorities();
	show_cpus();
	return 0;
}

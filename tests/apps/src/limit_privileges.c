// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits on memory of a program that gives its privileges up, and takes them again. To be run
 * as root.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app.h"

#define NOBODY 65534
#define KIB 1024UL

static void *memory;

static void limit_locked(unsigned long kib)
{
	const struct rlimit limit = { kib * KIB, kib * KIB };

	printf("%lu KiB: ", kib);
	SHOW(setrlimit(RLIMIT_MEMLOCK, &limit));
}

static void lock(unsigned long kib)
{
	printf("%lu KiB: ", kib);
	SHOW(mlock(memory, kib * KIB));
	SHOW(munlock(memory, kib * KIB));
}

/* What takes a privilege, one by one. */
static void show_all(const char *who)
{
	const struct sched_param none = { 0 };

	printf("%s:\n", who);
	limit_locked(2000);
	lock(4000);
	lock(500);
	SHOW(sched_setscheduler(0, SCHED_IDLE, &none));
	SHOW(sched_setscheduler(0, SCHED_OTHER, &none));
}

int main(void)
{
	memory = mmap(NULL, 4000 * KIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	MUST(memory != MAP_FAILED);
	limit_locked(1000);
	show_all("privileged");
	limit_locked(1000);
	MUST(seteuid(NOBODY) == 0);
	show_all("privileges given up");
	MUST(seteuid(0) == 0);
	show_all("privileges taken again");
	limit_locked(1000);
	MUST(setuid(NOBODY) == 0);
	show_all("another user");
	return 0;
}

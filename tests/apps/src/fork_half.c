// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process of NUMBER MiB, which is more than half of the LWK's memory, forks: children that read
 * all of it and write a little, one after the other and several at once, and one that runs another
 * program. What either side writes is its own.
 *
 *   fork_half NUMBER
 */
#include <sys/mman.h>

#include "fork.h"

#define PAGE 4096
#define CHILDREN 3
#define WRITES 5

static unsigned char *memory;
static size_t npages;

static unsigned char content(size_t page, int who)
{
	return (unsigned char)(page * 7 + page / 256 + (size_t)who);
}

/* Where this one writes. */
static size_t place(int who, int i)
{
	return npages / (WRITES + 1) * (size_t)(i + 1) + (size_t)who;
}

static void write_some(int who)
{
	for (int i = 0; i < WRITES; i++)
		memory[place(who, i) * PAGE] = content(place(who, i), who);
}

static size_t count_wrong(void)
{
	size_t wrong = 0;

	for (size_t i = 0; i < npages; i++)
		wrong += memory[i * PAGE] != content(i, 0);
	return wrong;
}

/* Sees all that was written before the fork, and then what it writes itself. */
static int child(int who)
{
	if (count_wrong())
		return 1;
	write_some(who);
	return count_wrong() == WRITES ? 0 : 2;
}

static pid_t start(int who)
{
	pid_t pid = fork_must();

	if (!pid)
		_exit(child(who));
	return pid;
}

static void run_another(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		execlp("echo", "echo", "another program", NULL);
		_exit(127);
	}
	reap(pid, "another");
}

int main(int argc, char **argv)
{
	pid_t pids[CHILDREN];

	MUST(argc == 2);
	npages = strtoul(argv[1], NULL, 0) * (1 << 20) / PAGE;
	memory = mmap(NULL, npages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	MUST(memory != MAP_FAILED);
	for (size_t i = 0; i < npages; i++)
		memory[i * PAGE] = content(i, 0);
	reap(start(1), "the first child");
	SHOW(count_wrong());
	for (int i = 0; i < CHILDREN; i++)
		pids[i] = start(i + 1);
	write_some(CHILDREN + 1);
	for (int i = 0; i < CHILDREN; i++)
		reap(pids[i], "a child");
	SHOW(count_wrong());
	run_another();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a handler does first, before anything else has told Linux that the signal was taken.
 *
 *   sig_first exit | default | memory | nested
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define LEN 16384

/* Shared with the child: the first handler runs; the second has run. */
static volatile int *entered;
static volatile sig_atomic_t nested;
static char *file_memory;

static void end(int number)
{
	_exit(number == SIGUSR1 ? 7 : 8);
}

static void end_by_default(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static void use_memory(int number)
{
	unsigned char resident[LEN / 4096];

	(void)number;
	SHOW(mprotect(file_memory, LEN, PROT_READ));
	SHOW(mincore(file_memory, LEN, resident));
	SHOW(madvise(file_memory, LEN, MADV_WILLNEED));
	SHOW(munmap(file_memory, LEN));
}

static void second(int number)
{
	(void)number;
	nested = 1;
}

/* Blocked is what the call blocked that the signal ended, and the signal: not the other one. */
static void first(int number)
{
	(void)number;
	*entered = 1;
	while (!nested)
		continue;
}

static void handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	MUST(sigaction(number, &action, NULL) == 0);
}

static void show_nested(void)
{
	pid_t parent = getpid();
	sigset_t both;
	sigset_t none;
	pid_t child;

	entered = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(entered != MAP_FAILED);
	sigemptyset(&none);
	sigemptyset(&both);
	sigaddset(&both, SIGUSR1);
	sigaddset(&both, SIGUSR2);
	handle(SIGUSR1, first);
	handle(SIGUSR2, second);
	MUST(sigprocmask(SIG_BLOCK, &both, NULL) == 0);
	child = fork();
	MUST(child >= 0);
	if (!child) {
		kill(parent, SIGUSR1);
		while (!*entered)
			sched_yield();
		_exit(kill(parent, SIGUSR2));
	}
	SHOW(sigsuspend(&none));
	SHOW_TRUE(nested);
	MUST(waitpid(child, NULL, 0) == child);
}

int main(int argc, char **argv)
{
	FILE *file = tmpfile();

	MUST(argc == 2 && file && ftruncate(fileno(file), LEN) == 0);
	file_memory = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
	MUST(file_memory != MAP_FAILED);
	memset(file_memory, 'x', LEN);
	if (!strcmp(argv[1], "nested")) {
		show_nested();
		return 0;
	}
	if (!strcmp(argv[1], "exit"))
		handle(SIGUSR1, end);
	else if (!strcmp(argv[1], "default"))
		handle(SIGUSR1, end_by_default);
	else
		handle(SIGUSR1, use_memory);
	SHOW(kill(getpid(), SIGUSR1));
	return 0;
}

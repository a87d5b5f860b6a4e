// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time of a whole program, from posix_spawn(3) to the end of waitpid(2).
 *
 *   spawn ROUNDS NAME COMMAND [ARG...]
 *
 * Its output is thrown away. It must end with 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>

#include "samples.h"

extern char **environ;

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	posix_spawn_file_actions_t actions;
	uint64_t start;
	pid_t pid;
	int status;

	if (argc < 4) {
		fprintf(stderr, "usage: spawn ROUNDS NAME COMMAND [ARG...]\n");
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	while (rounds--) {
		start = now_ns();
		MARK_BEGIN();
		errno = posix_spawnp(&pid, argv[3], &actions, NULL, argv + 3, environ);
		check(!errno, argv[3]);
		check(waitpid(pid, &status, 0) == pid, "waitpid");
		MARK_END();
		sample(argv[2], now_ns() - start, 1);
		check(WIFEXITED(status) && !WEXITSTATUS(status), argv[3]);
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts a program on Linux as mcexec does on the LWK: by its path, or found in $PATH, with
 * mcexec's exit statuses, and without handing what is no program to a shell as env and
 * execvp() do.
 *
 *   apps_exec PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_FAILED 125
#define EXIT_CANNOT 126
#define EXIT_ABSENT 127

/* Try each directory of $PATH. Returns why the last that has the program cannot run it. */
static int exec_search(char **argv)
{
	char path[4096];
	const char *dirs = getenv("PATH");
	int err = ENOENT;

	while (dirs && *dirs) {
		const int len = (int)strcspn(dirs, ":");

		snprintf(path, sizeof(path), "%.*s/%s", len, len ? dirs : ".", argv[0]);
		execve(path, argv, environ);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
		dirs += len + (dirs[len] == ':');
	}
	return err;
}

int main(int argc, char **argv)
{
	int err;

	if (argc < 2) {
		fprintf(stderr, "usage: apps_exec PROGRAM [ARGUMENT...]\n");
		return EXIT_FAILED;
	}
	if (strchr(argv[1], '/')) {
		execve(argv[1], argv + 1, environ);
		err = errno;
	} else {
		err = exec_search(argv + 1);
	}
	fprintf(stderr, "apps_exec: cannot run %s: %s\n", argv[1], strerror(err));
	return err == ENOENT ? EXIT_ABSENT : EXIT_CANNOT;
}

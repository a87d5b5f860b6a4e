// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts a program on Linux as mcexec does on the LWK: by its path, or found in $PATH, with
 * mcexec's exit statuses. What is text, or empty, goes to a shell, as with shells and
 * execvp(), which would do so with damaged programs, too.
 *
 *   apps_exec [-T N] PROGRAM [ARGUMENT...]
 *
 * The option is mcexec's, and no program may see that it was given.
 */
#include <errno.h>
#include <fcntl.h>
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

/* Is it what a shell would take for a script? */
static int is_text(const char *path)
{
	char head[256];
	const int fd = open(path, O_RDONLY);
	const ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	if (fd >= 0)
		close(fd);
	return n >= 0 && !memchr(head, 0, (size_t)n) && !(n >= 2 && !memcmp(head, "#!", 2)) &&
	       !(n >= 4 && !memcmp(head, "\177ELF", 4));
}

/* In place of mcexec's name and the program's: the shell's and the program's. */
static void exec_by_shell(char **argv)
{
	argv[0] = (char *)"/bin/sh";
	execve(argv[0], argv, environ);
}

int main(int argc, char **argv)
{
	int err;

	if (argc > 3 && !strcmp(argv[1], "-T")) {
		argv += 2;
		argc -= 2;
	}
	if (argc < 2) {
		fprintf(stderr, "usage: apps_exec [-T N] PROGRAM [ARGUMENT...]\n");
		return EXIT_FAILED;
	}
	if (strchr(argv[1], '/')) {
		execve(argv[1], argv + 1, environ);
		err = errno;
		if (err == ENOEXEC && is_text(argv[1]))
			exec_by_shell(argv);
	} else {
		err = exec_search(argv + 1);
	}
	fprintf(stderr, "apps_exec: cannot run %s: %s\n", argv[1], strerror(err));
	return err == ENOENT ? EXIT_ABSENT : EXIT_CANNOT;
}

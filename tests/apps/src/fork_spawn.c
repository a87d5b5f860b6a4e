// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other ways to start a program: vfork(), posix_spawn(), system(), popen().
 */
#include <fcntl.h>
#include <spawn.h>

#include "fork.h"

extern char **environ;

static void test_vfork(void)
{
	int ends[2], status;
	char c;
	pid_t pid;

	MUST(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	fflush(stdout);
	pid = vfork();
	if (!pid) {
		usleep(50000);
		if (write(ends[1], "x", 1) != 1)
			_exit(98);
		_exit(4);
	}
	/* The child came first. */
	SHOW(read(ends[0], &c, 1));
	reap(pid, "vfork and exit");
	pid = vfork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "exec sleep 1000", NULL);
		_exit(99);
	}
	/* It runs while the child does. */
	SHOW(waitpid(pid, &status, WNOHANG));
	kill(pid, 9);
	reap(pid, "vfork and exec");
}

static void test_spawn(void)
{
	char *argv[] = { "sh", "-c", "cat; exit 3", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid;
	FILE *in = fopen("in", "w");

	fputs("text of the file\n", in);
	fclose(in);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "in", O_RDONLY, 0);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	SHOW(posix_spawn(&pid, "/bin/sh", &actions, &attr, argv, environ));
	reap(pid, "spawned");
	SHOW(posix_spawnp(&pid, "true", NULL, NULL, argv, environ));
	reap(pid, "true");
}

static void test_shell(void)
{
	char line[80];
	FILE *p;

	fflush(stdout);
	printf("system: %d\n", WEXITSTATUS(system("echo from the shell; exit 9")));
	p = popen("echo one; echo two", "r");
	while (fgets(line, sizeof(line), p))
		printf("popen: %s", line);
	printf("pclose: %d\n", pclose(p));
}

int main(void)
{
	test_vfork();
	test_spawn();
	test_shell();
	return 0;
}

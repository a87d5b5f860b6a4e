// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes calls that are known by number, for those who count them:
 *
 *   known_calls		7 of getuid, 5 of getpid, 3 of uname, 4 of clock_gettime, one
 *				each of others that tell the time
 *   known_calls threads	two threads with 40 of sched_yield and 40 of getppid each
 *   known_calls fork		a child, which waits until its parent waits for it, and then becomes
 *				the first
 *
 * getpid, sched_yield and those that tell the time are the LWK's, the others Linux's.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void some_calls(void)
{
	struct utsname name;
	struct timespec ts;
	struct timeval tv;

	for (int i = 0; i < 7; i++)
		syscall(SYS_getuid);
	for (int i = 0; i < 5; i++)
		syscall(SYS_getpid);
	for (int i = 0; i < 3; i++)
		syscall(SYS_uname, &name);
	for (int i = 0; i < 4; i++)
		syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	syscall(SYS_clock_getres, CLOCK_MONOTONIC, &ts);
	syscall(SYS_gettimeofday, &tv, NULL);
	syscall(SYS_time, NULL);
}

static void *many_calls(void *arg)
{
	for (int i = 0; i < 40; i++) {
		syscall(SYS_sched_yield);
		syscall(SYS_getppid);
	}
	return arg;
}

static int run_threads(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, many_calls, NULL))
			return 1;
	for (int i = 0; i < 2; i++)
		if (pthread_join(threads[i], NULL))
			return 1;
	return 0;
}

/* Linux shows what the parent's proxy does. */
static int parent_waits(const char *path)
{
	char text[16] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		exit(2);
	close(fd);
	return atoi(text) == SYS_wait4;
}

static int run_child(char *self)
{
	char path[64];
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/%d/syscall", getpid());
	pid = fork();
	if (!pid) {
		while (!parent_waits(path))
			continue;
		execl(self, self, NULL);
		_exit(3);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "threads"))
		return run_threads();
	if (!strcmp(what, "fork"))
		return run_child(argv[0]);
	some_calls();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors after fork(): shared offsets, own tables, close-on-exec, locks, pipes that end.
 */
#include <fcntl.h>

#include "fork.h"

static void show_offset(int fd, const char *who)
{
	printf("%s: at %ld\n", who, (long)lseek(fd, 0, SEEK_CUR));
}

static void test_offset(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	pid_t pid;

	MUST(write(fd, "0123456789", 10) == 10 && lseek(fd, 2, SEEK_SET) == 2);
	pid = fork_must();
	if (!pid) {
		show_offset(fd, "child");
		lseek(fd, 3, SEEK_CUR);
		MUST(fcntl(fd, F_SETFL, O_APPEND) == 0);
		exit(0);
	}
	reap(pid, "moved");
	show_offset(fd, "parent");
	SHOW_TRUE(fcntl(fd, F_GETFL) & O_APPEND);
	pid = fork_must();
	if (!pid) {
		close(fd);
		exit(fcntl(fd, F_GETFD) == -1 ? 1 : 0);
	}
	reap(pid, "closed");
	SHOW(fcntl(fd, F_GETFD));
	close(fd);
}

static void test_pipe(void)
{
	char buf[64];
	int ends[2];
	pid_t pid;

	MUST(pipe(ends) == 0);
	pid = fork_must();
	if (!pid) {
		close(ends[0]);
		for (int i = 0; i < 10; i++)
			MUST(write(ends[1], "line\n", 5) == 5);
		exit(0);
	}
	close(ends[1]);
	for (ssize_t n, sum = 0; (n = read(ends[0], buf, sizeof(buf))) >= 0; sum += n) {
		if (n)
			continue;
		printf("%zd bytes, then the end\n", sum);
		break;
	}
	close(ends[0]);
	reap(pid, "writer");
}

static void test_exec(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		execl("/bin/sh", "sh", "-c", "echo $0 $1; exit 6", "one", "two", NULL);
		exit(99);
	}
	reap(pid, "sh");
	pid = fork_must();
	if (!pid) {
		SHOW(execl("/nonexistent", "x", NULL));
		exit(127);
	}
	reap(pid, "nothing");
}

static void test_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = open("lock", O_RDWR | O_CREAT, 0600);
	pid_t pid;

	SHOW(fcntl(fd, F_SETLK, &lock));
	pid = fork_must();
	if (!pid) {
		SHOW(fcntl(fd, F_SETLK, &lock));
		exit(0);
	}
	reap(pid, "locker");
}

int main(void)
{
	test_offset();
	test_pipe();
	test_exec();
	test_lock();
	return 0;
}

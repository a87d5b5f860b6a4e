// SPDX-License-Identifier: GPL-2.0-only
/*
 * File locks: flock(), those of the process, those of the open file.
 */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "app.h"

static int lock(int fd, int command, short type, off_t start, off_t len)
{
	struct flock want = { .l_type = type, .l_start = start, .l_len = len };
	const int ret = fcntl(fd, command, &want);

	if (ret == 0 && (command == F_GETLK || command == F_OFD_GETLK))
		printf("type %d, start %ld, len %ld, pid %s\n", want.l_type, want.l_start,
		       want.l_len, want.l_pid == getpid() ? "own" : want.l_pid == -1 ? "-1" : "none");
	return ret;
}

int main(void)
{
	int first = open("file", O_CREAT | O_RDWR, 0644);
	int second = open("file", O_RDWR);
	int reader = open("file", O_RDONLY);

	MUST(first >= 0 && second >= 0 && reader >= 0);
	SHOW(flock(first, LOCK_EX));
	SHOW(flock(second, LOCK_EX | LOCK_NB));
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	SHOW(flock(first, LOCK_SH));
	SHOW(flock(second, LOCK_SH | LOCK_NB));
	SHOW(flock(first, LOCK_UN));
	SHOW(flock(first, 77));
	SHOW(flock(999, LOCK_SH));

	SHOW(lock(first, F_SETLK, F_WRLCK, 0, 100));
	SHOW(lock(second, F_SETLK, F_WRLCK, 50, 10));
	SHOW(lock(second, F_GETLK, F_WRLCK, 0, 0));
	SHOW(lock(reader, F_SETLK, F_WRLCK, 0, 1));
	SHOW(lock(first, F_SETLK, 77, 0, 1));
	SHOW(lock(first, F_SETLK, F_UNLCK, 0, 0));

	SHOW(lock(first, F_OFD_SETLK, F_WRLCK, 0, 100));
	SHOW(lock(second, F_OFD_SETLK, F_RDLCK, 99, 1));
	SHOW(lock(second, F_OFD_GETLK, F_RDLCK, 50, 100));
	SHOW(lock(second, F_OFD_SETLK, F_RDLCK, 100, 1));
	SHOW(lock(second, F_SETLK, F_RDLCK, 10, 10));
	close(first);
	SHOW(lock(second, F_OFD_SETLK, F_WRLCK, 0, 100));
	SHOW(fcntl(second, F_SETLEASE, F_RDLCK));
	SHOW(fcntl(reader, F_GETLEASE));
	return 0;
}

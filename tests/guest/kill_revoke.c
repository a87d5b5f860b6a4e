// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills the proxy of a "victim revoke" while the LWK waits for it to let go of memory, and
 * frames are lent: what the end of the proxy needs from the LWK must not wait for what
 * the LWK wants from the proxy.
 *
 *   kill_revoke PID
 *
 * The proxy is stopped by tracing, of which the LWK hears nothing, while the program computes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/victim.h"

static void die(const char *what)
{
	fprintf(stderr, "kill_revoke: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The file that it has mapped. */
static int open_file(pid_t pid)
{
	char dir_path[64], path[512], target[256];
	const struct dirent *entry;
	int fd = -1;
	ssize_t len;
	DIR *dir;

	snprintf(dir_path, sizeof(dir_path), "/proc/%d/fd", pid);
	dir = opendir(dir_path);
	if (!dir)
		die(dir_path);
	while (fd < 0 && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", dir_path, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (strstr(target, "memfd:" VICTIM_FILE))
			fd = open(path, O_RDWR);
	}
	closedir(dir);
	return fd;
}

/* Returns whether the program got stuck in unmapping. */
static int stop_it(pid_t pid, const volatile enum revoke_phase *phase)
{
	int status;

	while (*phase != REVOKE_COMPUTES)
		continue;
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, &status, 0) != pid)
		die("interrupt");
	while (*phase == REVOKE_COMPUTES)
		continue;
	/* Or it is back in read() already: that waits for the proxy too. */
	return *phase == REVOKE_UNMAPS;
}

int main(int argc, char **argv)
{
	const volatile enum revoke_phase *phase;
	pid_t pid;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: kill_revoke PID\n");
		return 2;
	}
	pid = atoi(argv[1]);
	fd = open_file(pid);
	if (fd < 0)
		die("open");
	phase = mmap(NULL, sizeof(*phase), PROT_READ, MAP_SHARED, fd, 0);
	if (phase == MAP_FAILED)
		die("mmap");
	if (ptrace(PTRACE_SEIZE, pid, 0, 0))
		die("seize");
	while (!stop_it(pid, phase))
		if (ptrace(PTRACE_CONT, pid, 0, 0))
			die("continue");
	if (kill(pid, SIGKILL))
		die("kill");
	return 0;
}

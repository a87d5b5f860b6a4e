// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command in a fresh directory, with a time limit.
 *
 * This process is the reaper of its descendants: who loses its parent becomes our
 * child, whatever session it is in. So killing our children until there are none
 * ends every process of the command.
 */
#include "side.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATHS 8
#define KILL_S 10	/* for a killed process to be gone */

const char *side_path(const struct side *side, const char *what)
{
	static char paths[PATHS][128];
	static int next;
	char *path = paths[next++ % PATHS];

	snprintf(path, sizeof(paths[0]), APPS_DIR "/%s.%s", side->name, what);
	return path;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) ? -errno : 0;
}

static int remove_tree(const char *path)
{
	int err = nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);

	if (err == -1)
		return errno == ENOENT ? 0 : -errno;
	return err;
}

/* In the child. What it mounts goes away with it. */
static int own_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return 0;
}

/* In the child. */
static int become(unsigned int id)
{
	if (id == 0)
		return 0;
	if (chown(APPS_ROW_DIR, id, id) || setgroups(0, NULL) || setgid(id) || setuid(id))
		return -errno;
	return 0;
}

/* In the child. */
static int open_stdio(const struct side *side)
{
	const char *files[] = { "/dev/null", side_path(side, "out"), side_path(side, "err") };
	const int output = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND;
	int fd;
	int i;

	for (i = 0; i < 3; i++) {
		fd = open(files[i], i ? output : O_RDONLY, 0644);
		if (fd < 0 || dup2(fd, i) < 0)
			return -errno;
	}
	close_range(3, ~0U, 0);
	return 0;
}

/* In the child. The same words whatever environment the runner has. */
static int make_environment(void)
{
	char path[1024];

	snprintf(path, sizeof(path), APPS_BIN_DIR ":%s", getenv("PATH"));
	clearenv();
	if (setenv("PATH", path, 1) || setenv("HOME", APPS_ROW_DIR, 1) ||
	    setenv("LANG", "C.UTF-8", 1) || setenv("TZ", "UTC", 1) ||
	    setenv("PYTHONHASHSEED", "0", 1) || setenv("PYTHONDONTWRITEBYTECODE", "1", 1) ||
	    setenv("FILES", APPS_DIR "/files", 1))
		return -errno;
	return 0;
}

static void __attribute__((noreturn)) run_child(const struct side *side, const struct row *row)
{
	static char command[ROW_MAX + 64];
	const struct rlimit no_core = { 0, 0 };
	int err;

	setsid();
	setrlimit(RLIMIT_CORE, &no_core);
	err = own_mounts();
	if (!err)
		err = make_environment();
	if (!err)
		err = open_stdio(side);
	if (!err)
		err = become(row->uid);
	if (!err && chdir(APPS_ROW_DIR))
		err = -errno;
	if (!err) {
		/* Not in the environment, which is to be the same for both. */
		snprintf(command, sizeof(command), "RUN=%s\n%s", side->launcher, row->command);
		execl("/bin/sh", "sh", "-c", command, NULL);
		err = -errno;
	}
	dprintf(STDERR_FILENO, "apps: cannot start the row: %s\n", strerror(-err));
	_exit(127);
}

/* Send our children a signal, or 0. Returns how many there are, but for dead ones. */
static int signal_children(int number)
{
	int n = 0;
	int pid;
	FILE *list;

	list = fopen("/proc/thread-self/children", "re");
	if (!list)
		return 0;
	while (fscanf(list, "%d", &pid) == 1) {
		siginfo_t info = { 0 };

		if (!waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			continue;
		kill(pid, number);
		n++;
	}
	fclose(list);
	return n;
}

/* Returns how many the command did not wait for, but for those that end before @end. */
static int count_left(double end)
{
	int n;

	while ((n = signal_children(0)) > 0 && now() < end)
		poll(NULL, 0, 5);
	return n;
}

/* Until there are none, or they resist. */
static bool reap_children(void)
{
	const double end = now() + KILL_S;

	while (now() < end) {
		const pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid == 0) {
			signal_children(SIGKILL);
			poll(NULL, 0, 5);
		}
	}
	return false;
}

static int wait_child(struct side *side, pid_t pid, int seconds)
{
	const double end = now() + seconds;
	struct pollfd ended = { .events = POLLIN };

	ended.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (ended.fd < 0)
		return -errno;
	side->timed_out = poll(&ended, 1, seconds * 1000) == 0;
	close(ended.fd);
	if (!side->timed_out && waitpid(pid, &side->status, 0) != pid)
		return -errno;
	side->left = side->timed_out ? 0 : count_left(end);
	side->stuck = !reap_children();
	return 0;
}

int side_run(struct side *side, const struct row *row)
{
	double begin;
	pid_t pid;
	int err;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	err = remove_tree(APPS_ROW_DIR);
	if (!err)
		err = remove_tree(side_path(side, "dir"));
	if (err)
		return err;
	if (mkdir(APPS_ROW_DIR, 0755))
		return -errno;
	begin = now();
	side->status = 0;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		run_child(side, row);
	if (pid < 0)
		return -errno;
	err = wait_child(side, pid, row->seconds);
	side->elapsed = now() - begin;
	/* A row may have removed it. */
	if (!err && rename(APPS_ROW_DIR, side_path(side, "dir")) && errno != ENOENT)
		err = -errno;
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux module: loading, removing, who uses its devices.
 */
#include "module.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

#define MODULE "ihk"

extern char **environ;

bool module_is_loaded(void)
{
	return !access("/dev/mcd0", F_OK);
}

static int explain_load(const char *path, int err)
{
	const char *why = strerror(err);

	if (err == EKEYREJECTED || err == EPERM)
		why = "the kernel takes only signed modules (Secure Boot), or you are not root";
	else if (err == ENOEXEC)
		why = "it was built for another kernel";
	cli_fail("cannot load %s: %s", path, why);
	return -1;
}

static int load_file(const char *dir)
{
	char path[PATH_MAX];
	int fd;
	int err = 0;

	snprintf(path, sizeof(path), "%s/" MODULE ".ko", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		cli_fail("cannot load %s: %s", path, strerror(errno));
		return -1;
	}
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		err = explain_load(path, errno);
	close(fd);
	return err;
}

static int modprobe(void)
{
	char *argv[] = { "modprobe", MODULE, NULL };
	pid_t pid;
	int status;
	int err;

	err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (err) {
		cli_fail("cannot run modprobe: %s", strerror(err));
		return -1;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	cli_fail("cannot load the module " MODULE ": modprobe says why; is it installed for this "
		 "kernel?");
	return -1;
}

int module_load(void)
{
	const char *dir = getenv("MCK_MODDIR");
	int err = dir && dir[0] ? load_file(dir) : modprobe();

	if (!err && !module_is_loaded()) {
		cli_fail("the module " MODULE " is loaded, but there is no /dev/mcd0");
		err = -1;
	}
	return err;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

static bool has_device(const char *pid)
{
	char path[PATH_MAX];
	char target[64];
	struct dirent *entry;
	bool found = false;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		found = !strncmp(target, "/dev/mcos", 9) || !strncmp(target, "/dev/mcd", 8);
	}
	closedir(dir);
	return found;
}

int module_users(pid_t *pids, int max)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int n = 0;

	if (!dir)
		return 0;
	while (n < max && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && pid != getpid() && has_device(entry->d_name))
			pids[n++] = pid;
	}
	closedir(dir);
	return n;
}

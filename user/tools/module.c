// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux modules: loading, removing, who uses their devices.
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

/* In the order of loading: each needs those before it. */
static const char *const names[] = { "ihk", "mcctrl" };

#define NMODULES (sizeof(names) / sizeof(names[0]))

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

/* 1 if it was loaded, 0 if it had been before. */
static int load_file(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd;
	int ret = 1;

	snprintf(path, sizeof(path), "%s/%s.ko", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		cli_fail("cannot load %s: %s", path, strerror(errno));
		return -1;
	}
	if (syscall(SYS_finit_module, fd, "", 0))
		ret = errno == EEXIST ? 0 : explain_load(path, errno);
	close(fd);
	return ret;
}

/* Likewise. */
static int modprobe(const char *name)
{
	char *argv[] = { "modprobe", (char *)name, NULL };
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
		return 1;
	cli_fail("cannot load the module %s: modprobe says why; is it installed for this kernel?",
		 name);
	return -1;
}

static int load_one(const char *name)
{
	const char *dir = getenv("MCK_MODDIR");
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	if (!access(path, F_OK))
		return 0;
	return dir && dir[0] ? load_file(dir, name) : modprobe(name);
}

int module_load(unsigned int *loaded)
{
	int ret = 0;

	*loaded = 0;
	for (size_t i = 0; i < NMODULES && ret >= 0; i++) {
		ret = load_one(names[i]);
		if (ret > 0)
			*loaded |= 1U << i;
	}
	if (ret >= 0 && !module_is_loaded()) {
		cli_fail("the module ihk is loaded, but there is no /dev/mcd0");
		ret = -1;
	}
	if (ret >= 0)
		return 0;
	module_unload(*loaded);
	*loaded = 0;
	return -1;
}

int module_unload(unsigned int which)
{
	for (size_t i = NMODULES; i-- > 0;) {
		if (!(which & 1U << i))
			continue;
		if (syscall(SYS_delete_module, names[i], O_NONBLOCK) && errno != ENOENT)
			return -errno;
	}
	return 0;
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody who is not the owner tries to reach a process of the LWK, and everybody the file by
 * which its proxy is served: every way has to be refused with the right error.
 *
 *   intrude OS PID UID	as root
 *
 * Root takes the proxy's file from the process, as no user could, and tries it; then again as UID.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/mcctrl_ioctl.h"

static int wrong;

static void die(const char *what)
{
	fprintf(stderr, "intrude: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* What is tried comes to @ret, and errno; it must be refused with @err. */
static void refused(const char *what, long ret, int err)
{
	if (ret == -1 && errno == err)
		return;
	fprintf(stderr, "intrude: uid %u: %s: %s instead of %s\n", geteuid(), what,
		ret == -1 ? strerrorname_np(errno) : "success", strerrorname_np(err));
	wrong = 1;
}

/* The number in the process's table of the file that mcctrl gave it, or -1. */
static int find_proxy_file(pid_t pid)
{
	char dir_path[64], target[256];
	const struct dirent *entry;
	int found = -1;
	ssize_t len;
	DIR *dir;

	snprintf(dir_path, sizeof(dir_path), "/proc/%d/fd", pid);
	dir = opendir(dir_path);
	if (!dir)
		die(dir_path);
	while (found < 0 && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (strstr(target, "mcctrl"))
			found = atoi(entry->d_name);
	}
	closedir(dir);
	return found;
}

static void try_requests(int proxy)
{
	struct mcctrl_prepare prepare = { 0 };
	struct mcctrl_signal signal = { .info = { SIGTERM } };
	struct mcctrl_create create = { .version = MCCTRL_VERSION };
	struct mcctrl_wait wait = { 0 };

	refused("PREPARE_IMAGE", ioctl(proxy, MCCTRL_IOC_PREPARE_IMAGE, &prepare), EPERM);
	refused("START_IMAGE", ioctl(proxy, MCCTRL_IOC_START_IMAGE), EPERM);
	refused("WAIT_SYSCALL", ioctl(proxy, MCCTRL_IOC_WAIT_SYSCALL, &wait), EPERM);
	refused("SEND_SIGNAL", ioctl(proxy, MCCTRL_IOC_SEND_SIGNAL, &signal), EPERM);
	refused("CREATE_PROXY", ioctl(proxy, MCCTRL_IOC_CREATE_PROXY, &create), EPERM);
	refused("DEBUG_LOG", ioctl(proxy, MCCTRL_IOC_DEBUG_LOG), EPERM);
	for (uint64_t token = 0; token < 64; token++) {
		struct mcctrl_fork fork = { .token = token, .creator = (uint32_t)getppid() };

		refused("FORK_PROXY", ioctl(proxy, MCCTRL_IOC_FORK_PROXY, &fork), EPERM);
	}
}

static long map(int proxy, int flags)
{
	void *at = mmap((void *)LWK_USER_START, 1UL << 20, PROT_READ | PROT_WRITE,
			flags | MAP_FIXED_NOREPLACE, proxy, LWK_USER_START);

	return at == MAP_FAILED ? -1 : 0;
}

/* @reopened: what opening it anew comes to. */
static void try_file(int proxy, int reopened)
{
	char path[64], byte = 0;

	refused("shared mapping", map(proxy, MAP_SHARED), EPERM);
	refused("private mapping", map(proxy, MAP_PRIVATE), EPERM);
	refused("read", read(proxy, &byte, 1), EINVAL);
	refused("write", write(proxy, &byte, 1), EINVAL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", proxy);
	refused("opening it anew", open(path, O_RDWR), reopened);
}

/* Descriptors that a child inherits are as good as those that are passed on. */
static void try_in_child(int proxy)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		try_requests(proxy);
		_exit(wrong);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		wrong = 1;
}

static long open_of(const char *format, int os, pid_t pid, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), format, os, pid, name);
	return open(path, O_RDONLY);
}

static long read_memory(pid_t pid)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { (void *)0x400000, 1 };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static void try_process(int os, pid_t pid, int pidfd, int proxy_number)
{
	static const char *const private[] = { "maps", "auxv", "syscalls" };
	const struct rlimit limit = { 1, 1 };
	char path[64];

	for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		refused(private[i], open_of("/proc/mcos%d/%d/%s", os, pid, private[i]), EACCES);
	if (open_of("/proc/mcos%d/%d/%s", os, pid, "stat") < 0)
		refused("stat, which everybody may read,", 0, 0);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	refused(path, open(path, O_RDWR), EACCES);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	refused(path, open(path, O_RDONLY), EACCES);
	refused("process_vm_readv", read_memory(pid), EPERM);
	refused("ptrace", ptrace(PTRACE_SEIZE, pid, 0, 0), EPERM);
	refused("pidfd_getfd", syscall(SYS_pidfd_getfd, pidfd, proxy_number, 0), EPERM);
	refused("kill", kill(pid, SIGTERM), EPERM);
	refused("pidfd_send_signal", syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, 0, 0), EPERM);
	refused("prlimit", prlimit(pid, RLIMIT_NOFILE, &limit, NULL), EPERM);
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		die("setresuid");
}

int main(int argc, char **argv)
{
	int os, pidfd, number, proxy, device;
	char path[32];
	pid_t pid;

	if (argc != 4) {
		fprintf(stderr, "usage: intrude OS PID UID\n");
		return 2;
	}
	os = atoi(argv[1]);
	pid = atoi(argv[2]);
	number = find_proxy_file(pid);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	proxy = (int)syscall(SYS_pidfd_getfd, pidfd, number, 0);
	snprintf(path, sizeof(path), "/dev/mcos%d", os);
	device = open(path, O_RDONLY);
	if (number < 0 || pidfd < 0 || proxy < 0 || device < 0)
		die("the proxy's file");
	try_requests(proxy);
	try_file(proxy, ENXIO);
	become((uid_t)strtoul(argv[3], NULL, 0));
	refused("opening the device", open(path, O_RDONLY), EACCES);
	refused("DEBUG_LOG of the device", ioctl(device, MCCTRL_IOC_DEBUG_LOG), EPERM);
	try_requests(proxy);
	try_in_child(proxy);
	try_file(proxy, EACCES);
	try_process(os, pid, pidfd, number);
	return wrong;
}

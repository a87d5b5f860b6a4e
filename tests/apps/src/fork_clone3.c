// SPDX-License-Identifier: GPL-2.0-only
/*
 * What only clone3(2) can do: ids that the caller chooses, and a control group to begin in. To be
 * run as root.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fork.h"
#include "raw_call.h"

#define LEN 88

/* Return: 1: there was a child, which ended with what it printed; or -1. */
static long try(struct clone_args *args, const char *what, int id)
{
	long pid;

	fflush(stdout);
	pid = raw_call2(SYS_clone3, (long)args, LEN);
	if (!pid)
		_exit(getpid() == id ? 5 : 6);
	if (pid < 0)
		return pid;
	reap((pid_t)pid, what);
	return 1;
}

static void show_ids(void)
{
	int ids[2] = { free_id(), 0 };
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)ids,
		.set_tid_size = 1,
	};

	SHOW(try(&args, "an id that is free", ids[0]));
	args.flags = CLONE_VFORK;
	SHOW(try(&args, "vfork with it", ids[0]));
	args.flags = CLONE_VFORK | CLONE_VM;
	SHOW(try(&args, "vfork with it, same memory", ids[0]));
	args.flags = 0;
	ids[1] = ids[0];
	args.set_tid_size = 2;
	SHOW(try(&args, "in two namespaces", ids[0]));
	args.set_tid_size = 1;
	ids[0] = getpid();
	SHOW(try(&args, "one that is taken", ids[0]));
	args.flags = CLONE_VFORK | CLONE_VM;
	SHOW(try(&args, "one that is taken, same memory", ids[0]));
	args.flags = 0;
	ids[0] = 0;
	SHOW(try(&args, "zero", 0));
	ids[0] = -4;
	SHOW(try(&args, "negative", 0));
	ids[0] = 1 << 30;
	SHOW(try(&args, "too large", 0));
	args.set_tid = 8;
	SHOW(try(&args, "from nowhere", 0));
	args.set_tid = (uintptr_t)ids;
	ids[0] = 1;
	args.flags = CLONE_NEWPID;
	SHOW(try(&args, "in a namespace of its own", 1));
	ids[0] = 2;
	SHOW(try(&args, "not its first", 2));
	ids[0] = 1;
	ids[1] = free_id();
	args.set_tid_size = 2;
	SHOW(try(&args, "in both", 1));
	SHOW(setuid(65534));
	args.flags = 0;
	args.set_tid_size = 1;
	ids[0] = ids[1];
	SHOW(try(&args, "without privileges", ids[0]));
}

/* The child says in which group it is. */
static long try_group(struct clone_args *args, int fd, const char *what)
{
	char text[4096];
	long pid;

	args->cgroup = (unsigned int)fd;
	fflush(stdout);
	pid = raw_call2(SYS_clone3, (long)args, LEN);
	if (!pid) {
		int groups = open("/proc/self/cgroup", O_RDONLY);
		ssize_t n = read(groups, text, sizeof(text) - 1);

		text[n > 0 ? n : 0] = '\0';
		_exit(strstr(text, "0::/fork_clone3\n") ? 5 : 6);
	}
	if (pid < 0)
		return pid;
	reap((pid_t)pid, what);
	return 1;
}

static void show_groups(void)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };
	int group, other;

	MUST(!mkdir("groups", 0700) && !mount("none", "groups", "cgroup2", 0, NULL));
	MUST(!mkdir("groups/fork_clone3", 0700));
	group = open("groups/fork_clone3", O_RDONLY | O_DIRECTORY);
	other = open(".", O_RDONLY | O_DIRECTORY);
	MUST(group >= 0 && other >= 0);
	SHOW(try_group(&args, group, "fork"));
	SHOW(try_group(&args, 1000, "no descriptor"));
	SHOW(try_group(&args, other, "no group"));
	args.flags |= CLONE_VFORK;
	SHOW(try_group(&args, group, "vfork"));
	args.flags |= CLONE_VM;
	SHOW(try_group(&args, group, "vfork, same memory"));
	SHOW(try_group(&args, other, "no group, same memory"));
	close(group);
	SHOW(rmdir("groups/fork_clone3"));
	SHOW(umount("groups"));
	SHOW(rmdir("groups"));
}

int main(void)
{
	show_groups();
	show_ids();
	return 0;
}

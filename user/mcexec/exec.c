// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) and execveat(2) of the program.
 */
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "abi/offload.h"
#include "user/mcexec/exec_args.h"
#include "user/mcexec/executable.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/mempolicy.h"
#include "user/mcexec/path.h"
#include "user/mcexec/program.h"
#include "user/mcexec/scratch.h"
#include "user/mcexec/summary.h"
#include "user/mcexec/trace.h"

/* Words before the program's: the options, the path and an argument 0. */
#define MAX_WORDS (16 + PROGRAM_MAX_RLIMITS)

#define CPUS_WORDS (IHK_MAX_CPUS / 64)

static const struct options *options;

static _Bool is_kept(int cpu)
{
	return kept_of_process()->cpus[cpu / 64] >> cpu % 64 & 1;
}

s64 exec_keep_limit(u64 resource, u64 cur, u64 max)
{
	if (resource >= PROGRAM_MAX_RLIMITS)
		return -EINVAL;
	kept_of_process()->limits[resource] = (struct kept_limit){ cur, max, true };
	return 0;
}

s64 exec_keep_cpus(const u64 args[6])
{
	for (int i = 0; i < 5; i++) {
		if (args[0] + i < CPUS_WORDS)
			kept_of_process()->cpus[args[0] + i] = args[1 + i];
	}
	return args[0] < CPUS_WORDS ? 0 : -EINVAL;
}

/* As a list: "0-3,5". */
static void print_cpus(char *text, size_t len)
{
	int at = 0;

	for (int cpu = 0; cpu < IHK_MAX_CPUS; cpu++) {
		int first = cpu;

		if (!is_kept(cpu))
			continue;
		while (cpu + 1 < IHK_MAX_CPUS && is_kept(cpu + 1))
			cpu++;
		at += snprintf(text + at, len - at, "%s%d-%d", at ? "," : "-c", first, cpu);
	}
}

/* Nobody may be writing to it. What else may be wrong with it, is found elsewhere. */
static int check_busy(int fd)
{
	const struct mcctrl_exe exe = { .fd = fd };

	return ioctl(options->device, MCCTRL_IOC_CHECK_EXE, &exe) && errno == ETXTBSY ? -errno : 0;
}

void exec_setup(const struct options *now)
{
	memcpy(kept_of_process()->cpus, now->cpus, sizeof(now->cpus));
	options = now;
	program_set_check(check_busy);
}

/*
 * The words, and what they are made of; @fd: the program's file; @flags: PROGRAM_PLAIN,
 * PROGRAM_NAMELESS; @extra: bytes that scripts add to the arguments.
 */
struct command {
	char *argv[MAX_WORDS];
	char exec[128];
	char cpus[IHK_MAX_CPUS / 2 * sizeof("1023-1023,")];
	char premap[32];
	char mempolicy[MEMPOLICY_TEXT];
	char limits[PROGRAM_MAX_RLIMITS][64];
	char file[32];
	int fd;
	unsigned int flags;
	u64 extra;
	char path[PROGRAM_NAME_LEN];
};

/*
 * Would mcexec run it? @no_script: nobody could read it as one. Return: 0; 1: no, but Linux may;
 * -errno: neither.
 */
static int check(struct command *command, bool no_script)
{
	char *argv[] = { command->path, NULL };
	struct program *program;
	int err, fd;

	fd = fcntl(command->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	program = scratch_alloc(sizeof(*program));
	if (!program) {
		close(fd);
		return -ENOMEM;
	}
	err = program_open_file(program, fd, command->path, argv, command->flags);
	if (no_script && program->nblocks)
		err = -ENOENT;
	command->extra = exec_args_extra(program);
	program_close(program);
	scratch_free(program);
	/* Of no format that is ours; with rights of its own; or not to be read. */
	return err == -ENOEXEC || err == -EPERM || err == -EACCES ? 1 : err;
}

static void set_cloexec(int file, int flag)
{
	if (file >= 0)
		fcntl(file, F_SETFD, flag);
	fcntl(options->device, F_SETFD, flag);
	fcntl(options->exe, F_SETFD, flag);
	if (options->trace_fd >= 0)
		fcntl(options->trace_fd, F_SETFD, flag);
	if (options->trace_lines >= 0)
		fcntl(options->trace_lines, F_SETFD, flag);
	if (options->share >= 0)
		fcntl(options->share, F_SETFD, flag);
}

static int put_words(struct command *command)
{
	const struct kept_limit *limits = kept_of_process()->limits;
	int n = 0;

	snprintf(command->exec, sizeof(command->exec), "--exec=%d,%d,%d,%d,%d,%d,%llu,%u",
		 options->os, options->device, options->exe, options->trace_fd, options->share,
		 options->trace_lines, trace_began_ns(), command->flags);
	command->argv[n++] = "mcexec";
	command->argv[n++] = command->exec;
	print_cpus(command->cpus, sizeof(command->cpus));
	if (command->cpus[0])
		command->argv[n++] = command->cpus;
	if (options->stack_premap) {
		snprintf(command->premap, sizeof(command->premap), "-s%llu",
			 options->stack_premap);
		command->argv[n++] = command->premap;
	}
	if (mempolicy_print(command->mempolicy))
		command->argv[n++] = command->mempolicy;
	if (options->no_randomize)
		command->argv[n++] = "-R";
	if (options->verbose)
		command->argv[n++] = "-v";
	if (options->trace)
		command->argv[n++] = "-t";
	if (options->summary)
		command->argv[n++] = "-C";
	for (int i = 0; i < PROGRAM_MAX_RLIMITS; i++) {
		if (!limits[i].changed)
			continue;
		snprintf(command->limits[i], sizeof(command->limits[i]), "--limit=%d,%llu,%llu",
			 i, limits[i].cur, limits[i].max);
		command->argv[n++] = command->limits[i];
	}
	snprintf(command->file, sizeof(command->file), "--file=%d", command->fd);
	command->argv[n++] = command->file;
	command->argv[n++] = "--";
	command->argv[n++] = command->path;
	return n;
}

/* The strings stay where they are: Linux takes them from the program's memory. */
static s64 exec_mcexec(struct command *command, u64 argv, u64 envp)
{
	int words = put_words(command);
	int argc = memory_count(argv, PROGRAM_MAX_STRINGS);
	char **all;
	int err;

	if (argc < 0)
		return argc;
	err = exec_args_check(argv, envp, command->path, command->extra);
	if (err)
		return err;
	all = scratch_alloc((words + argc + 2) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all, command->argv, words * sizeof(*all));
	if (!argc)
		all[words] = "";	/* as Linux since 5.18 */
	err = argc ? memory_read(all + words, argv, argc * sizeof(*all)) : 0;
	if (err) {
		err = -EFAULT;
		goto free_all;
	}
	/* Linux would later, but the others are not to see what is done to them here. */
	if (kept_of_process()->shares_files && unshare(CLONE_FILES)) {
		err = -errno;
		goto free_all;
	}
	summary_print();
	set_cloexec(command->fd, 0);
	syscall(SYS_execveat, options->exe, "", all, envp, AT_EMPTY_PATH);
	err = -errno;
	set_cloexec(command->fd, FD_CLOEXEC);
free_all:
	scratch_free(all);
	return err;
}

/*
 * The file is opened here: the new program may not find by the path what the old one does, who
 * may name its own descriptors. Return: 0; 1: as check(); -errno.
 */
static s64 open_path(struct command *command, u64 from)
{
	char other[PATH_OTHER_LEN];
	int len = memory_read_string(command->path, from, PATH_MAX);

	if (len < 0)
		return len;
	command->fd = executable_open(path_exe(command->path, other) ? other : command->path);
	/* Perhaps it may be executed, but not read. */
	if (command->fd < 0)
		return command->fd == -EACCES ? 1 : command->fd;
	return 0;
}

static struct command *begin(const u64 *args)
{
	struct command *command = scratch_alloc(sizeof(*command));

	if (!command)
		return NULL;
	command->fd = -1;
	command->flags = args[5] & OFFLOAD_EXEC_PLAIN ? PROGRAM_PLAIN : 0;
	return command;
}

static void end(struct command *command)
{
	if (command->fd >= 0)
		close(command->fd);
	scratch_free(command);
}

s64 exec_perform(const u64 *args)
{
	struct command *command = begin(args);
	s64 ret;

	if (!command)
		return -ENOMEM;
	ret = open_path(command, args[0]);
	if (!ret)
		ret = check(command, false);
	if (!ret)
		ret = exec_mcexec(command, args[1], args[2]);
	else if (ret > 0 && syscall(SYS_execve, args[0], args[1], args[2]))
		ret = -errno;
	end(command);
	return ret;
}

/*
 * What execveat(2) calls the file: by its descriptor, unless the path alone says where it is.
 * Return: whether the new program could not find it by that name.
 */
static bool name_file(char *name, int dir, const char *path)
{
	if (dir == AT_FDCWD || *path == '/') {
		snprintf(name, PROGRAM_NAME_LEN, "%s", path);
		return false;
	}
	snprintf(name, PROGRAM_NAME_LEN, *path ? "/dev/fd/%d/%s" : "/dev/fd/%d", dir, path);
	return fcntl(dir, F_GETFD) & FD_CLOEXEC;
}

static s64 exec_file(struct command *command, int dir, const u64 *args)
{
	int flags = (int)args[4];
	bool no_script;
	char path[PATH_MAX];
	s64 ret;

	ret = memory_read_string(path, args[1], sizeof(path));
	if (ret < 0)
		return ret;
	if (!*path && !(flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	command->fd = executable_open_at(dir, path, flags);
	/* Perhaps it may be executed, but not read. */
	if (command->fd < 0)
		return command->fd == -EACCES ? 1 : command->fd;
	if (!*path)
		command->flags |= PROGRAM_NAMELESS;
	no_script = name_file(command->path, dir, path);
	ret = check(command, no_script);
	return ret ? ret : exec_mcexec(command, args[2], args[3]);
}

s64 exec_perform_at(const u64 *args)
{
	struct command *command;
	int dir = (int)args[0];
	s64 ret;

	/* The same as execve(2), which knows more paths. */
	if (dir == AT_FDCWD && !args[4])
		return exec_perform((const u64[]){ args[1], args[2], args[3], 0, 0, args[5] });
	command = begin(args);
	if (!command)
		return -ENOMEM;
	ret = exec_file(command, dir, args);
	if (ret > 0 && syscall(SYS_execveat, args[0], args[1], args[2], args[3], args[4]))
		ret = -errno;
	end(command);
	return ret;
}

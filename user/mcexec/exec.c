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
#include "user/mcexec/fds.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/mempolicy.h"
#include "user/mcexec/path.h"
#include "user/mcexec/program.h"
#include "user/mcexec/scratch.h"
#include "user/mcexec/signals.h"
#include "user/mcexec/summary.h"
#include "user/mcexec/trace.h"
#include "user/mcexec/twin.h"

/* Words before the program's: the options, the path and an argument 0. */
#define MAX_WORDS (16 + PROGRAM_MAX_RLIMITS)

#define CPUS_WORDS (IHK_MAX_CPUS / 64)

static const struct options *options;

/* From @cpu on. Return: IHK_MAX_CPUS: there is none. */
static int next_kept(int cpu, bool kept)
{
	const u64 *cpus = kept_of_process()->cpus;
	u64 word;

	for (; cpu < IHK_MAX_CPUS; cpu += 64 - cpu % 64) {
		word = (kept ? cpus[cpu / 64] : ~cpus[cpu / 64]) >> cpu % 64;
		if (word)
			return cpu + __builtin_ctzll(word);
	}
	return IHK_MAX_CPUS;
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
	int at = 0, end;

	for (int cpu = next_kept(0, true); cpu < IHK_MAX_CPUS; cpu = next_kept(end, true)) {
		end = next_kept(cpu, false);
		at += snprintf(text + at, len - at, "%s%d-%d", at ? "," : "-c", cpu, end - 1);
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
 * The words, and what they are made of; @signals: as exec_perform(); @dir, @file, @at_flags:
 * execveat(2)'s, where @file may be @other instead of what the program says, @asked; @fd: the open
 * file; @flags: PROGRAM_PLAIN, PROGRAM_NAMELESS; @no_script: nobody could read it as one; @extra:
 * bytes that scripts add to the arguments; @path: what the program is to know its file by; @all:
 * the words and the program's, if they are few; @program: what check() finds. What is seldom used
 * stands apart.
 */
struct command {
	char *argv[MAX_WORDS];
	char exec[160];
	char number[32];
	struct exec_signals signals;
	int dir;
	int at_flags;
	const char *file;
	int fd;
	unsigned int flags;
	bool no_script;
	u64 extra;
	char *all[256];
	char other[PATH_OTHER_LEN];
	char asked[PATH_MAX];
	char path[PROGRAM_NAME_LEN];
	struct program program;
	char premap[32];
	char twins[16];
	char mempolicy[MEMPOLICY_TEXT];
	char limits[PROGRAM_MAX_RLIMITS][64];
	char cpus[IHK_MAX_CPUS / 2 * sizeof("1023-1023,")];
};

static int make_copy(void *fd)
{
	int copy = fcntl(*(int *)fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

/* Would mcexec run it? Return: 0; 1: no, but Linux may; -errno: neither. */
static int check(struct command *command)
{
	char *argv[] = { command->path, NULL };
	struct program *program = &command->program;
	int err, fd;

	fd = fds_make(make_copy, &command->fd);
	if (fd < 0)
		return fd;
	err = program_open_file(program, fd, command->path, argv, command->flags);
	if (command->no_script && program->nblocks)
		err = -ENOENT;
	command->extra = exec_args_extra(program);
	program_close(program);
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

	snprintf(command->exec, sizeof(command->exec), "--exec=%d,%d,%d,%d,%d,%d,%llu,%u,%llu",
		 options->os, options->device, options->exe, options->trace_fd, options->share,
		 options->trace_lines, trace_began_ns(), command->flags, command->signals.mask);
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
	if (options->twins) {
		snprintf(command->twins, sizeof(command->twins), "-T%d", options->twins);
		command->argv[n++] = command->twins;
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
	snprintf(command->number, sizeof(command->number), "--file=%d", command->fd);
	command->argv[n++] = command->number;
	command->argv[n++] = "--";
	command->argv[n++] = command->path;
	return n;
}

/* Return: 0 or -errno. */
static int open_file(struct command *command)
{
	command->fd = executable_open_at(command->dir, command->file, command->at_flags);
	return command->fd < 0 ? command->fd : 0;
}

/*
 * Linux would later, but those who share the descriptors are not to see what is done to them here,
 * nor to keep the program's file. Return: 0 or -errno.
 */
static int part_files(struct command *command)
{
	if (!kept_of_process()->shares_files)
		return 0;
	close(command->fd);
	command->fd = -1;
	return unshare(CLONE_FILES) ? -errno : open_file(command);
}

/* @strings: argv and envp. A signal from before is for the program that would be gone. */
static s64 execute(int dir, const char *file, const u64 *strings, int flags,
		   const u32 *interrupted)
{
	const u64 args[6] = { (u64)dir, (u64)file, strings[0], strings[1], (u64)flags };

	return twin_syscall(SYS_execveat, args, interrupted);
}

/*
 * By Linux, where nobody is to have the signals unblocked that are held back. As they have put the
 * call off before, they do not any more, or a timer could for ever.
 */
static s64 execute_on_linux(const struct command *command, const u64 *strings)
{
	static const u32 never;

	if (command->signals.held)
		signals_set_mask(command->signals.mask);
	return execute(command->dir, command->file, strings, command->at_flags,
		       command->signals.held ? &never : command->signals.interrupted);
}

/*
 * The strings stay where they are: Linux takes them from the program's memory. With all signals
 * blocked, so that none puts the call off when others see something of it: the files' parting, and
 * the summary. Only mcctrl lets those through that have been held back for too long.
 */
static s64 replace_program(struct command *command, u64 argv, int argc, u64 envp)
{
	int words, err;
	char **all;
	s64 ret;

	err = part_files(command);
	if (err)
		return err;
	words = put_words(command);
	all = command->all;
	if ((size_t)(words + argc + 2) > sizeof(command->all) / sizeof(*all))
		all = scratch_alloc((words + argc + 2) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all, command->argv, words * sizeof(*all));
	if (!argc)
		all[words] = "";	/* as Linux since 5.18 */
	ret = argc ? memory_read(all + words, argv, argc * sizeof(*all)) : 0;
	if (ret) {
		ret = -EFAULT;
		goto free_all;
	}
	summary_print();
	set_cloexec(command->fd, 0);
	ret = execute(options->exe, "", (const u64[]){ (u64)all, envp }, AT_EMPTY_PATH,
		      command->signals.interrupted);
	set_cloexec(command->fd, FD_CLOEXEC);
free_all:
	if (all != command->all)
		scratch_free(all);
	return ret;
}

/* A signal from before is for the program that would be gone, a later one for the next program. */
static s64 exec_mcexec(struct command *command, u64 argv, u64 envp)
{
	int argc = memory_count(argv, PROGRAM_MAX_STRINGS);
	bool held = command->signals.held;
	u64 blocked = 0;
	s64 ret;

	if (argc < 0)
		return argc;
	ret = exec_args_check(argv, envp, command->path, command->extra);
	if (ret)
		return ret;
	if (!held)
		blocked = signals_block_all();
	if (__atomic_load_n(command->signals.interrupted, __ATOMIC_RELAXED))
		ret = OFFLOAD_RET_RESTART;
	else
		ret = replace_program(command, argv, argc, envp);
	if (!held)
		signals_set_mask(blocked);
	return ret;
}

/*
 * What execveat(2) calls the file: by its descriptor, unless the path alone says where it is. By
 * one that is closed then nobody could read it as a script.
 */
static void name_file(struct command *command)
{
	const char *path = command->asked;
	int dir = command->dir;

	if (dir == AT_FDCWD || *path == '/') {
		strcpy(command->path, path);
		return;
	}
	snprintf(command->path, sizeof(command->path), *path ? "/dev/fd/%d/%s" : "/dev/fd/%d",
		 dir, path);
	if (!*path)
		command->flags |= PROGRAM_NAMELESS;
	command->no_script = fcntl(dir, F_GETFD) & FD_CLOEXEC;
}

/*
 * The file is opened here: the new program may not find by the path what the old one does, who
 * may name its own descriptors. Return: as check().
 */
static int find_file(struct command *command, u64 path)
{
	int ret = memory_read_string(command->asked, path, sizeof(command->asked));

	if (ret < 0)
		return ret;
	if (!*command->asked && !(command->at_flags & AT_EMPTY_PATH))
		return -ENOENT;
	if (command->at_flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	/* For Linux the program's own file is mcexec. */
	if (path_exe(command->asked, command->other))
		command->file = command->other;
	ret = open_file(command);
	/* Perhaps it may be executed, but not read. */
	if (ret)
		return ret == -EACCES ? 1 : ret;
	name_file(command);
	return check(command);
}

s64 exec_perform_at(const u64 *args, struct exec_signals signals)
{
	struct command *command = scratch_alloc(sizeof(*command));
	s64 ret;

	if (!command)
		return -ENOMEM;
	command->signals = signals;
	command->dir = (int)args[0];
	command->at_flags = (int)args[4];
	command->file = command->asked;
	command->fd = -1;
	command->flags = args[5] & OFFLOAD_EXEC_PLAIN ? PROGRAM_PLAIN : 0;
	ret = find_file(command, args[1]);
	if (!ret)
		ret = exec_mcexec(command, args[2], args[3]);
	else if (ret > 0)
		ret = execute_on_linux(command, args + 2);
	if (command->fd >= 0)
		close(command->fd);
	scratch_free(command);
	return ret;
}

s64 exec_perform(const u64 *args, struct exec_signals signals)
{
	return exec_perform_at((const u64[]){
		(u64)AT_FDCWD, args[0], args[1], args[2], 0, args[5] }, signals);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program to run.
 */
#include "program.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "user/mcexec/executable.h"
#include "user/mcexec/scratch.h"
#include "user/mcexec/script.h"

/* What execvp(3) runs a text file with that has no "#!". */
#define SHELL "/bin/sh"

/* So much of a file is read at first: with luck its program headers, too. */
#define HEAD_LEN 1024

_Static_assert(HEAD_LEN > SCRIPT_HEAD_LEN, "script_parse() wants a byte more");

static int (*check_file)(int fd);

void program_set_check(int (*check)(int fd))
{
	check_file = check;
}

static int fail(struct program *program, const char *path, int err, const char *words)
{
	program->failed = path;
	program->why = words;
	return err;
}

static int fail_errno(struct program *program, const char *path, int err)
{
	if (err == -EACCES && !access(path, X_OK))
		return fail(program, path, err,
			    "it must be a file that the caller may read and execute");
	return fail(program, path, err, strerror(-err));
}

/* All of @len bytes. Return: 0, or -errno; -ENOEXEC: the file ends before. */
static int read_at(int fd, void *buffer, size_t len, u64 offset)
{
	ssize_t n;

	for (size_t done = 0; done < len; done += n) {
		n = pread(fd, (char *)buffer + done, len - done, offset + done);
		if (n < 0)
			return -errno;
		if (!n)
			return -ENOEXEC;
	}
	return 0;
}

/* Why the program cannot have the rights that its file gives it; NULL: there are none. */
static const char *rights_of(int fd, const struct stat *st)
{
	if ((st->st_mode & S_ISUID) && st->st_uid != geteuid())
		return "set-user-ID programs run on Linux only";
	if ((st->st_mode & S_ISGID) && (st->st_mode & S_IXGRP) && st->st_gid != getegid())
		return "set-group-ID programs run on Linux only";
	/* Root has all capabilities anyway. */
	if (geteuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "programs with capabilities of their own run on Linux only";
	return NULL;
}

/*
 * Linux would give the program the rights of its file's owner, or capabilities. That is not in our
 * power, and without them such a program does harm rather than work. Where Linux itself takes them
 * away because of a tracer, it tells the program so by AT_SECURE all the same.
 */
static int check_set_id(struct program *program)
{
	const struct program_file *exe = &program->exe;
	const char *rights;
	struct statvfs fs;
	struct stat st;

	if (fstat(exe->fd, &st) || fstatvfs(exe->fd, &fs))
		return fail_errno(program, exe->path, -errno);
	if ((fs.f_flag & ST_NOSUID) || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return 0;
	rights = rights_of(exe->fd, &st);
	if (rights && !program->plain)
		return fail(program, exe->path, -EPERM, rights);
	program->secure = rights;
	return 0;
}

static int read_segments(struct program_file *file, const char *phdrs, const char **why)
{
	struct stat st;

	if (fstat(file->fd, &st))
		return -errno;
	return elf_read_segments(phdrs, st.st_size, &file->elf, why);
}

/* Most files have them near the beginning. */
static int read_phdrs(struct program_file *file, const char *head, size_t head_len,
		      const char **why)
{
	size_t len = file->elf.phnum * ELF_PHDR_LEN;
	char *phdrs;
	int err;

	if (len <= head_len && file->elf.phoff <= head_len - len)
		return read_segments(file, head + file->elf.phoff, why);
	phdrs = scratch_alloc(len);
	if (!phdrs)
		return -ENOMEM;
	err = read_at(file->fd, phdrs, len, file->elf.phoff);
	if (!err)
		err = read_segments(file, phdrs, why);
	scratch_free(phdrs);
	return err;
}

static int read_elf(struct program *program, struct program_file *file, const char *head,
		    size_t len)
{
	const char *why = NULL;
	int err;

	err = elf_read_header(head, len < ELF_HEADER_LEN ? len : ELF_HEADER_LEN, &file->elf, &why);
	if (!err)
		err = read_phdrs(file, head, len, &why);
	if (why)
		return fail(program, file->path, err, why);
	return err ? fail_errno(program, file->path, err) : 0;
}

static ssize_t read_head(int fd, char *head)
{
	ssize_t n = pread(fd, head, HEAD_LEN, 0);

	return n < 0 ? -errno : n;
}

static int open_interp(struct program *program)
{
	const struct program_file *exe = &program->exe;
	struct program_file *interp = &program->interp;
	u64 path_len = exe->elf.interp_len;
	char head[HEAD_LEN];
	ssize_t len;
	int err;

	if (!path_len)
		return 0;
	err = read_at(exe->fd, interp->path, path_len, exe->elf.interp_offset);
	if (err)
		return fail_errno(program, exe->path, err);
	if (interp->path[path_len - 1])
		return fail(program, exe->path, -ENOEXEC, "the path of its interpreter is damaged");
	interp->fd = executable_open(interp->path);
	if (interp->fd < 0)
		return fail_errno(program, interp->path, interp->fd);
	err = check_file ? check_file(interp->fd) : 0;
	if (err)
		return fail_errno(program, interp->path, err);
	len = read_head(interp->fd, head);
	if (len < 0)
		return fail_errno(program, interp->path, len);
	return read_elf(program, interp, head, len);
}

/*
 * Put the script's interpreter, its argument and the script's path in place of argument 0, in one
 * piece of memory.
 */
static int push_script(struct program *program, const char *interp, const char *arg)
{
	int extra = arg ? 2 : 1;
	int n = program->argc + extra + 1;
	size_t len = strlen(interp) + strlen(program->exe.path) + (arg ? strlen(arg) : 0) + 3;
	char **argv;
	char *to;

	if (program->nblocks == PROGRAM_MAX_SCRIPTS)
		return -ELOOP;
	argv = scratch_alloc(n * sizeof(*argv) + len);
	if (!argv)
		return -ENOMEM;
	to = (char *)(argv + n);
	argv[0] = strcpy(to, interp);
	to += strlen(to) + 1;
	argv[extra] = strcpy(to, program->exe.path);
	to += strlen(to) + 1;
	if (arg)
		argv[1] = strcpy(to, arg);
	memcpy(argv + extra + 1, program->argv + 1, program->argc * sizeof(*argv));
	program->blocks[program->nblocks++] = argv;
	program->argv = argv;
	program->argc += extra;
	return 0;
}

/*
 * Is the open file a script? Then go on with its interpreter. Return: 1 if so, 0 if it is ELF, or
 * -errno.
 */
static int follow_script(struct program *program, bool search, char *head, size_t len)
{
	struct program_file *exe = &program->exe;
	struct script script;
	int err;

	if (len >= 4 && !memcmp(head, "\177ELF", 4))
		return 0;
	if (len > SCRIPT_HEAD_LEN)
		len = SCRIPT_HEAD_LEN;
	if (script_parse(head, len, &script)) {
		if (!search || program->nblocks || memchr(head, '\0', len))
			return fail(program, exe->path, -ENOEXEC, "not a program");
		script = (struct script){ .interp = SHELL };
	}
	err = push_script(program, script.interp, script.arg);
	if (err)
		return fail_errno(program, exe->path, err);
	close(exe->fd);
	exe->fd = executable_open(strcpy(exe->path, script.interp));
	return exe->fd < 0 ? fail_errno(program, exe->path, exe->fd) : 1;
}

/* The file is open: take what it needs. */
static int open_rest(struct program *program, bool search)
{
	struct program_file *exe = &program->exe;
	char head[HEAD_LEN];
	ssize_t len;
	int err;

	do {
		err = check_file ? check_file(exe->fd) : 0;
		if (err)
			return fail_errno(program, exe->path, err);
		len = read_head(exe->fd, head);
		if (len < 0)
			return fail_errno(program, exe->path, len);
		err = follow_script(program, search, head, len);
	} while (err > 0);
	if (!err)
		err = check_set_id(program);
	if (!err)
		err = read_elf(program, exe, head, len);
	if (!err)
		err = open_interp(program);
	return err;
}

static void begin_file(struct program_file *file)
{
	file->fd = -1;
	file->path[0] = '\0';
	file->elf.nsections = 0;
}

/* It is large: what is not used stays untouched. */
static void begin(struct program *program, char **argv, unsigned int flags)
{
	begin_file(&program->exe);
	begin_file(&program->interp);
	program->execfn[0] = '\0';
	program->link[0] = '\0';
	program->argc = 0;
	program->argv = argv;
	program->nblocks = 0;
	program->plain = flags & PROGRAM_PLAIN;
	program->secure = false;
	program->failed = NULL;
	program->why = NULL;
	while (argv[program->argc])
		program->argc++;
}

int program_open(struct program *program, const char *name, char **argv)
{
	struct program_file *exe = &program->exe;

	begin(program, argv, 0);
	exe->fd = executable_find(name, exe->path);
	if (exe->fd < 0)
		return fail_errno(program, name, exe->fd);
	strcpy(program->execfn, exe->path);
	return open_rest(program, true);
}

/* As Linux since 6.14, and before by way of its stable versions: the name of the file itself. */
static void read_link(struct program *program)
{
	static const char deleted[] = " (deleted)";
	char path[32];
	char *end;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", program->exe.fd);
	n = readlink(path, program->link, sizeof(program->link) - 1);
	program->link[n > 0 ? n : 0] = '\0';
	end = strstr(program->link, deleted);
	if (end && !end[strlen(deleted)])
		*end = '\0';
}

int program_open_file(struct program *program, int fd, const char *name, char **argv,
		      unsigned int flags)
{
	int err;

	begin(program, argv, flags);
	if (strlen(name) >= sizeof(program->exe.path)) {
		close(fd);
		return fail_errno(program, name, -ENAMETOOLONG);
	}
	program->exe.fd = fd;
	strcpy(program->exe.path, name);
	strcpy(program->execfn, name);
	err = open_rest(program, false);
	if (!err && (flags & PROGRAM_NAMELESS))
		read_link(program);
	return err;
}

void program_close(struct program *program)
{
	if (program->exe.fd >= 0)
		close(program->exe.fd);
	if (program->interp.fd >= 0)
		close(program->interp.fd);
	while (program->nblocks)
		scratch_free(program->blocks[--program->nblocks]);
}

const char *program_name(const struct program *program)
{
	const char *path = program->link[0] ? program->link : program->execfn;
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

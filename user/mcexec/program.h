/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program to run, found and checked: its file, its interpreter's, and the arguments it
 * will see after scripts were followed.
 */
#ifndef MCEXEC_PROGRAM_H
#define MCEXEC_PROGRAM_H

#include <limits.h>

#include "user/mcexec/elf_read.h"

/* Scripts whose interpreter is a script; Linux follows so many. */
#define PROGRAM_MAX_SCRIPTS 5

/* What execveat(2) calls a file: a path below "/dev/fd/NUMBER/". */
#define PROGRAM_NAME_LEN (PATH_MAX + 32)

/**
 * struct program_file - an ELF file that is open
 * @fd:		file descriptor, close-on-exec; -1: none
 * @elf:	what is in it
 * @path:	for messages
 */
struct program_file {
	int fd;
	struct elf_program elf;
	char path[PROGRAM_NAME_LEN];
};

/**
 * struct program - the program to run
 * @argc:	arguments
 * @argv:	arguments, then NULL
 * @blocks:	what scripts put before the arguments, and the arrays for it
 * @nblocks:	entries of @blocks
 * @plain:	PROGRAM_PLAIN
 * @secure:	rights were taken from it that way: AT_SECURE
 * @failed:	after a failure: the file that is to blame
 * @why:	after a failure: what is wrong with it
 * @exe:	its file
 * @interp:	its dynamic linker's, if it has one
 * @execfn:	what was asked for, the script if it is one: AT_EXECFN
 * @link:	the file's own path, with PROGRAM_NAMELESS
 */
struct program {
	int argc;
	char **argv;
	void *blocks[PROGRAM_MAX_SCRIPTS];
	int nblocks;
	bool plain;
	bool secure;
	const char *failed;
	const char *why;
	struct program_file exe;
	struct program_file interp;
	char execfn[PROGRAM_NAME_LEN];
	char link[PATH_MAX];
};

/* Do not give it the rights that its file would give it, instead of refusing it. */
#define PROGRAM_PLAIN 1U
/* An open file's name says no more than its descriptor. */
#define PROGRAM_NAMELESS 2U

/**
 * program_open() - find a program and open all that it takes to run it
 * @program:	result
 * @name:	path, or what is looked for; as execvp(3), which takes a text for a script
 * @argv:	arguments, then NULL
 *
 * Context: any thread. Return: 0 or -errno, execve(2)'s. Either way program_close() gives back what
 * was taken.
 */
int program_open(struct program *program, const char *name, char **argv);

/**
 * program_open_file() - as program_open(), as execve(2), of a file that is open
 * @program:	result
 * @fd:		from executable_open_at(); taken over
 * @name:	what the program is to know it by
 * @argv:	arguments, then NULL
 * @flags:	PROGRAM_PLAIN, PROGRAM_NAMELESS
 *
 * Context: any thread. Return: as program_open().
 */
int program_open_file(struct program *program, int fd, const char *name, char **argv,
		      unsigned int flags);

/**
 * program_set_check() - have something look at each file that a program takes, as it is opened
 * @check:	Return: 0 or -errno, which is program_open()'s then
 *
 * Context: before there are other threads.
 */
void program_set_check(int (*check)(int fd));

/** program_close() - close the files, free the arguments. Context: once after program_open(). */
void program_close(struct program *program);

/** program_name() - what ps(1) calls it: the file's name. Return: part of @program. */
const char *program_name(const struct program *program);

#endif

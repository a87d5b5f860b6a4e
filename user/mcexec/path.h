/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of /proc that would tell the program about mcexec instead of itself, and files of /sys that
 * do not have the LWK's CPUs: its calls get another path.
 */
#ifndef MCEXEC_PATH_H
#define MCEXEC_PATH_H

#include "abi/types.h"

/* Longest path that one of the program's may be replaced by, with NUL. */
#define PATH_OTHER_LEN 320

/* Of one that may be replaced, with NUL; a file of a control group is below some folders. */
#define PATH_TEXT_LEN 256

/**
 * path_setup() - what the program's own file is
 * @exe:	descriptor of it, hidden
 *
 * Context: main thread, before the program runs.
 */
void path_setup(int exe);

/**
 * path_argument() - which argument of a call is a path that may have to be replaced
 * @nr:		system call
 *
 * Context: any thread. Return: its index, or -1.
 */
int path_argument(u64 nr);

/**
 * path_may_be_own() - may a path be one of those that mean something else to the program?
 * @head:	how it begins: offload_slot.path
 *
 * Most paths are told apart by that, without a look at the program's memory.
 *
 * Context: any thread. Return: if not, it is none of them.
 */
_Bool path_may_be_own(u64 head);

/**
 * path_read() - a path that may be one of them
 * @text:	PATH_TEXT_LEN bytes for it
 * @path:	its address
 * @here:	it is in mcexec's memory, else in the program's
 *
 * Context: a twin. Return: 0; -errno: it is longer, or cannot be read, so it is none of them.
 */
int path_read(char *text, u64 path, _Bool here);

/**
 * path_exe() - the file of a program, by mcexec's own descriptor
 * @text:	a path
 * @other:	PATH_OTHER_LEN bytes for another one
 *
 * Context: a twin. Return: does @text mean the file that a process executes, and so @other?
 */
_Bool path_exe(const char *text, char *other);

/**
 * path_replace() - the path that the program means
 * @text:	the path
 * @other:	PATH_OTHER_LEN bytes for another one
 *
 * Where Linux shows the program's file itself (host/mcctrl/exe.h), the path stays as it is.
 *
 * Context: a twin. Return: is it @other?
 */
_Bool path_replace(const char *text, char *other);

/**
 * path_open() - open one of the files that are made for the program
 * @nr:		system call
 * @args:	its arguments
 * @text:	their path, from path_read()
 *
 * Context: a twin. Return: file descriptor; -errno; -ENOENT: none of them, or no call that opens.
 */
s64 path_open(u64 nr, const u64 *args, const char *text);

#endif

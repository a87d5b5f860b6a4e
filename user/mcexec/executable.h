/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that may be executed: the checks of execve(2), made by hand, and the search of PATH.
 */
#ifndef MCEXEC_EXECUTABLE_H
#define MCEXEC_EXECUTABLE_H

/**
 * executable_open() - open a file if execve(2) would run it for the caller
 * @path:	path
 *
 * Context: any thread. Return: file descriptor, close-on-exec, or -errno. -EACCES as well if
 * the file may be executed, but not read.
 */
int executable_open(const char *path);

/**
 * executable_open_at() - as executable_open(), for execveat(2)
 * @dir:	directory, or with AT_EMPTY_PATH the file, or AT_FDCWD
 * @path:	path
 * @flags:	AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW
 *
 * Context: any thread. Return: file descriptor, close-on-exec, or -errno.
 */
int executable_open_at(int dir, const char *path, int flags);

/**
 * executable_find() - find a program as execvp(3) does
 * @name:	looked for in the directories of the environment's PATH if it has no slash
 * @path:	where it was found, PATH_MAX bytes; on failure @name
 *
 * Context: any thread. Return: file descriptor from executable_open(), or -errno.
 */
int executable_find(const char *name, char *path);

#endif

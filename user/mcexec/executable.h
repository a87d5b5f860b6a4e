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
 * executable_find() - find a program as execvp(3) does
 * @name:	looked for in the directories of the environment's PATH if it has no slash
 * @path:	where it was found, PATH_MAX bytes; on failure @name
 *
 * Context: any thread. Return: file descriptor from executable_open(), or -errno.
 */
int executable_find(const char *name, char *path);

#endif

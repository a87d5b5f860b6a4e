/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading small files, such as those of /proc.
 */
#ifndef MCEXEC_TEXT_H
#define MCEXEC_TEXT_H

#include <stddef.h>

/**
 * text_read() - read a whole file
 * @path:	file
 * @len:	its length
 *
 * Context: any thread. Return: its bytes with a NUL behind them, to be freed; NULL on failure.
 */
char *text_read(const char *path, size_t *len);

/**
 * text_own_pid() - the calling process's id in /proc
 *
 * Which may be that of another pid namespace than the process's. Context: any thread.
 * Return: it; 0: it is not there.
 */
int text_own_pid(void);

/**
 * text_read_memory() - read another process's memory, if Linux lets us
 * @to:		where it goes
 * @pid:	its id in /proc
 * @from:	address there
 * @len:	bytes
 *
 * Context: any thread. Return: 0; -1: not all of it.
 */
int text_read_memory(void *to, int pid, const void *from, size_t len);

/**
 * text_read_lwk() - read what an LWK says of a process
 * @os:		the LWK's number
 * @pid:	process
 * @name:	file of /proc/mcosN/PID/
 * @len:	its length
 *
 * Context: any thread. Return: as text_read().
 */
char *text_read_lwk(int os, int pid, const char *name, size_t *len);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading small files, such as those of /proc.
 */
#ifndef MCEXEC_TEXT_H
#define MCEXEC_TEXT_H

#include <stddef.h>

#define TEXT_LWK_PATH_LEN 64

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
 * text_lwk_setup() - which LWK it is about
 * @os:		its number
 * @device:	its /dev/mcosN, to stay open
 *
 * Context: before other threads.
 */
void text_lwk_setup(int os, int device);

/**
 * text_os_number() - of which LWK the program is
 *
 * Context: after text_lwk_setup(). Return: its number.
 */
int text_os_number(void);

/**
 * text_lwk_path() - where the LWK tells of a process
 * @path:	result, of TEXT_LWK_PATH_LEN bytes
 * @pid:	the process's id in /proc
 * @name:	file of /proc/mcosN/PID/; "": the directory
 *
 * Context: any thread. Return: 0; -errno: nobody has the id.
 */
int text_lwk_path(char *path, int pid, const char *name);

/**
 * text_read_lwk() - read what the LWK says of a process
 * @pid:	the process's id in /proc
 * @name:	file of /proc/mcosN/PID/
 * @len:	its length
 *
 * Context: any thread. Return: as text_read().
 */
char *text_read_lwk(int pid, const char *name, size_t *len);

#endif

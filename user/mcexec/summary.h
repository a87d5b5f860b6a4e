/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * --summary: how often the program made which call and how long it took, as the LWK counts
 * it, and how many of these Linux made.
 */
#ifndef MCEXEC_SUMMARY_H
#define MCEXEC_SUMMARY_H

#include "abi/types.h"

/**
 * summary_start() - print a summary at the end
 * @fd:		where to, hidden
 * @name:	program; stays where it is
 *
 * Context: main thread, before the program runs.
 */
void summary_start(int fd, const char *name);

/** summary_count() - Linux is asked for a call. Context: a twin. */
void summary_count(u64 nr);

/**
 * summary_print() - the program ends: print, if it is to be
 *
 * Context: a twin, once. Return: 0, or -errno after a message.
 */
int summary_print(void);

/**
 * summary_exit() - likewise, for who asks for the exit status
 * @status: the program's
 *
 * Context: a twin, once. Return: @status; MCEXEC_FAILED if the summary is missing of a program that
 * ends well.
 */
int summary_exit(int status);

#endif

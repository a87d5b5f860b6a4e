/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls that change what a process is allowed, or may be done to it.
 */
#ifndef LWK_SYS_CREDENTIALS_H
#define LWK_SYS_CREDENTIALS_H

#include "lwk/include/types.h"

/**
 * credentials_change() - have Linux make such a call.
 * @nr: system call
 * @args: its arguments, unchecked
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: its result.
 */
s64 credentials_change(u64 nr, const u64 args[6]);

#endif

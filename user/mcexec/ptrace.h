/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program's ptrace(2) needs of Linux.
 */
#ifndef MCEXEC_PTRACE_H
#define MCEXEC_PTRACE_H

#include "abi/types.h"

/**
 * ptrace_perform() - OFFLOAD_NR_TRACE
 * @args: of it
 *
 * Context: a twin. Return: 0 or -errno.
 */
s64 ptrace_perform(const u64 *args);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much the arguments of execve(2) may be.
 */
#ifndef USER_MCEXEC_EXEC_ARGS_H
#define USER_MCEXEC_EXEC_ARGS_H

#include "abi/types.h"
#include "user/mcexec/program.h"

/**
 * exec_args_extra() - what the scripts on the way to a program add to its arguments
 * @program:	open; it was given its path as only argument
 *
 * Context: any. Return: bytes, with their pointers.
 */
u64 exec_args_extra(const struct program *program);

/**
 * exec_args_check() - would the next program begin with these arguments?
 * @argv:	array of the program's, or 0
 * @envp:	likewise
 * @path:	what it is executed as
 * @extra:	from exec_args_extra()
 *
 * Linux looks at all else, and at this too if the program has not changed RLIMIT_STACK, which its
 * proxy does not have.
 *
 * Context: a twin. Return: 0, -E2BIG, -EFAULT, -ENOMEM.
 */
int exec_args_check(u64 argv, u64 envp, const char *path, u64 extra);

#endif

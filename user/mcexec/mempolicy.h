/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NUMA policy that a program begins with: that of mcexec's caller, or of the program that
 * executes it. It is the LWK's to heed; the proxy has none, as the nodes that a program is bound to
 * may have next to no memory left on Linux.
 */
#ifndef MCEXEC_MEMPOLICY_H
#define MCEXEC_MEMPOLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/process.h"

/* Room for what mempolicy_print() writes. */
#define MEMPOLICY_TEXT (32 + 17 * IHK_MAX_LINUX_NODES / 64)

/**
 * mempolicy_take() - have the program begin with the caller's policy, and mcexec with none
 *
 * Context: start of main(), not of an mcexec that was executed by the LWK's program.
 */
void mempolicy_take(void);

/**
 * mempolicy_bind() - have the program begin bound to some nodes, whatever the caller's policy is
 * @list:	Linux's numbers: "1,3-5"
 *
 * Prints what is wrong. Context: start of main(); mempolicy_take() leaves it. Return: success.
 */
bool mempolicy_bind(const char *list);

/**
 * mempolicy_check_nodes() - has the LWK memory of all nodes of mempolicy_bind()?
 * @device:	/dev/mcosN
 * @os:		N
 *
 * Prints what is wrong. Context: the LWK runs. Return: 0, also if there are none, or -errno.
 */
int mempolicy_check_nodes(int device, int os);

/**
 * mempolicy_keep() - OFFLOAD_NR_MEMPOLICY
 * @args: of the request
 *
 * Return: 0 or -EINVAL.
 */
s64 mempolicy_keep(const u64 args[6]);

/**
 * mempolicy_print() - what was kept, as mcexec's own option
 * @text: result, MEMPOLICY_TEXT bytes
 *
 * Return: false if nothing was.
 */
bool mempolicy_print(char *text);

/**
 * mempolicy_parse() - the value of that option
 * @text: unchecked
 *
 * Return: false if it is none.
 */
bool mempolicy_parse(const char *text);

/**
 * mempolicy_describe() - put it into the descriptor, and forget it
 * @desc: zero where it goes
 */
void mempolicy_describe(struct program_load_desc *desc);

#endif

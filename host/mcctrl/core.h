/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core files. Linux writes that of the proxy, by its own rules, when mcexec has given it the
 * program's mappings: the pages come as in any page fault, and the threads of the proxy are
 * given the registers of the program's, which they show from then on.
 *
 * All of this happens in the thread that dumps, when Linux asks for the names of mappings: all
 * others have stopped for good by then, their registers are in memory, and nobody has looked.
 */
#ifndef MCCTRL_CORE_H
#define MCCTRL_CORE_H

#include <linux/types.h>

struct core;
struct mcctrl_core;
struct mm_struct;
struct proxy;
struct space;

/**
 * core_take() - MCCTRL_IOC_CORE
 * @proxy: the caller's; its threads on the LWK stand still
 * @arg: user address
 *
 * Context: the proxy's. Return: 0 or -errno.
 */
long core_take(struct proxy *proxy, struct mcctrl_core __user *arg);

/** core_free() - forget it; it is freed under RCU. */
void core_free(struct core *core);

/** core_is_dumping() - does the calling thread dump the process with that memory? */
bool core_is_dumping(const struct mm_struct *mm);

/**
 * core_apply() - give the threads of the proxy the registers of the program's
 * @space: whose process the calling thread dumps
 *
 * Context: a thread that dumps, while Linux looks at its mappings.
 */
void core_apply(struct space *space);

#endif

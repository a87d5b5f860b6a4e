/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Linux modules: loading, removing, who uses their devices. ihk boots LWKs, mcctrl
 * runs programs on them.
 */
#ifndef TOOLS_MODULE_H
#define TOOLS_MODULE_H

#include <stdbool.h>
#include <sys/types.h>

#define MODULE_IHK (1U << 0)
#define MODULE_MCCTRL (1U << 1)
#define MODULE_ALL (MODULE_IHK | MODULE_MCCTRL)

/** module_is_loaded() - is there a /dev/mcd0? */
bool module_is_loaded(void);

/**
 * module_load() - load the modules that are not loaded yet
 * @loaded: set to which ones that were, MODULE_*
 *
 * From the directory in the environment's MCK_MODDIR, else by modprobe(8).
 * Context: root. Return: 0, or -1 after a message and with all undone.
 */
int module_load(unsigned int *loaded);

/**
 * module_unload() - remove modules
 * @which: MODULE_*; one that is not loaded is no error
 *
 * Context: root. Return: 0, or -errno without a message.
 */
int module_unload(unsigned int which);

/**
 * module_users() - processes that have a device of ours open
 * @pids: filled with at most @max
 * @max: length of @pids
 * Context: root, to see those of others; not this process. Return: how many.
 */
int module_users(pid_t *pids, int max);

#endif

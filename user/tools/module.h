/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The Linux module: loading, removing, who uses its devices.
 */
#ifndef TOOLS_MODULE_H
#define TOOLS_MODULE_H

#include <stdbool.h>
#include <sys/types.h>

/** module_is_loaded() - is there a /dev/mcd0? */
bool module_is_loaded(void);

/**
 * module_load() - load ihk
 *
 * From the directory in the environment's MCK_MODDIR, else by modprobe(8).
 * Context: root. Return: 0, or -1 after a message.
 */
int module_load(void);

/** module_unload() - remove ihk. Return: 0, or -errno without a message. */
int module_unload(void);

/**
 * module_users() - processes that have a device of ours open
 * @pids: filled with at most @max
 * @max: length of @pids
 * Context: root, to see those of others; not this process. Return: how many.
 */
int module_users(pid_t *pids, int max);

#endif

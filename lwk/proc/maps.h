/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ranges of a process, for /proc/mcosN/PID/maps: see abi/maps.h.
 */
#ifndef LWK_PROC_MAPS_H
#define LWK_PROC_MAPS_H

struct process;
struct text;

/**
 * maps_print() - OFFLOAD_FILE_MAPS.
 * @process: any
 * @text: where to; its offset, an address, is taken
 *
 * Context: a worker thread.
 */
void maps_print(struct process *process, struct text *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Core files. Linux writes them, of the proxy, to which mcctrl and mcexec give the registers and
 * the mappings of the program; here its threads stand still, and what they have is told.
 */
#ifndef LWK_PROC_CORE_H
#define LWK_PROC_CORE_H

#include "lwk/include/compiler.h"

struct process;
struct signal_info;
struct text;

/**
 * process_dump() - have the proxy die of a signal; ends the calling task.
 * @info: the signal, whose action is the default. If that is to dump core, the other threads are
 *	out of user mode, with their registers saved, before Linux hears of it
 *
 * Context: the task, interrupts enabled, no lock held.
 */
__noreturn void process_dump(const struct signal_info *info);

/**
 * core_print_threads() - OFFLOAD_FILE_CORE_THREADS.
 * @process: its threads stand still, or what is told is of no use
 * @text: where to
 *
 * Context: a worker thread.
 */
void core_print_threads(struct process *process, struct text *text);

/** core_print_ranges() - OFFLOAD_FILE_CORE_RANGES. Context: a worker thread. */
void core_print_ranges(struct process *process, struct text *text);

#endif

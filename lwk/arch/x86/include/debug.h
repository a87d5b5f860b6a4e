/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoint registers of programs: in the processor while the thread that has them runs, as long
 * as any has. Intel SDM 3, chapter 17.2.
 */
#ifndef X86_DEBUG_H
#define X86_DEBUG_H

#include "lwk/include/compiler.h"

struct thread;

/**
 * debug_load() - give the processor a thread's breakpoints.
 * @thread: about to run here
 *
 * Context: interrupts off.
 */
void debug_load(const struct thread *thread);

/** debug_note() - the calling thread has hit one, or was stepped. @dr6: says which. Context: it. */
void debug_note(u64 dr6);

#endif

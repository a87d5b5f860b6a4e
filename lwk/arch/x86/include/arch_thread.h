/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The x86 part of a thread, embedded in struct thread.
 */
#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H

#include "lwk/include/compiler.h"

#include <kstack.h>

struct page;

/**
 * struct arch_thread - what the processor needs of a thread
 * @ksp:	kernel stack pointer while it does not run
 * @stack:	its kernel stack
 * @stack_top:	end of its kernel stack; user registers are right below
 * @fs_base:	thread pointers, while the registers are another thread's
 * @gs_base:	see @fs_base
 * @xstate:	XSAVE area, standard format, likewise; NULL for kernel threads
 * @xstate_page: its memory
 * @stepped:	a tracer has it stepped, or had as it ended; the program itself does not
 * @debug:	breakpoint registers that a tracer gave it, by number; [6] what they have seen
 */
struct arch_thread {
	u64 ksp;
	struct kstack stack;
	u64 stack_top;
	u64 fs_base;
	u64 gs_base;
	void *xstate;
	struct page *xstate_page;
	bool stepped;
	u64 debug[8];
};

#endif

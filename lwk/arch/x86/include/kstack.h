/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel stacks of threads, with a guard page below.
 */
#ifndef KSTACK_H
#define KSTACK_H

#include "lwk/include/compiler.h"
#include "lwk/include/types.h"

#define KSTACK_PAGES 4

/**
 * struct kstack - a kernel stack
 * @bytes:	lowest mapped one; NULL: there is none
 * @node:	of its memory
 */
struct kstack {
	u8 *bytes;
	u32 node;
};

/**
 * kstack_create() - get a stack with whatever its last owner left on it.
 * @stack: filled in
 * @node: where its memory should be
 *
 * Context: interrupts enabled, no lock held.
 * Return: false without memory.
 */
bool kstack_create(struct kstack *stack, u32 node) __must_check;

/**
 * kstack_destroy() - give it back.
 * @stack: nobody runs on it; it may have no bytes
 *
 * Context: interrupts enabled, no lock held.
 */
void kstack_destroy(struct kstack *stack);

#endif

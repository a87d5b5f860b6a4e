/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses in system calls that Linux makes for a program.
 */
#ifndef LWK_SYS_POINTERS_H
#define LWK_SYS_POINTERS_H

#include "lwk/include/types.h"

/**
 * pointers_check() - let no argument point to the proxy's own memory.
 * @nr: system call
 * @args: its arguments, unchecked
 * @changed: room for others
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: arguments for Linux: @args or @changed.
 */
const u64 *pointers_check(u64 nr, const u64 args[6], u64 changed[6]);

/**
 * pointers_is_bad() - does an address point to the proxy's own memory?
 * @addr: any number
 *
 * Context: the task, interrupts enabled, no lock held.
 */
bool pointers_is_bad(u64 addr);

/**
 * pointers_vector_is_bad() - does a struct iovec, or a part of the vector?
 * @at: address of the vector
 * @n: its parts
 *
 * Context: as pointers_is_bad().
 */
bool pointers_vector_is_bad(vaddr_t at, u64 n);

/**
 * pointers_check_remote() - nor an address in another process that is one of the LWK's.
 * @args: of process_vm_readv(2); the remote vector is changed
 *
 * Context: the task, interrupts enabled, no lock held, no request under way.
 */
void pointers_check_remote(u64 args[6]);

#endif

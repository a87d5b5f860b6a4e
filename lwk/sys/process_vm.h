/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process_vm_readv(2) and process_vm_writev(2) between processes of this LWK.
 */
#ifndef LWK_SYS_PROCESS_VM_H
#define LWK_SYS_PROCESS_VM_H

#include "lwk/include/compiler.h"

/**
 * process_vm_copy() - make the call, if it is plain.
 * @args: of process_vm_readv(2), unchecked
 * @write: it is process_vm_writev(2)
 * @ret: result of the call
 *
 * Context: a task, interrupts enabled, no lock held.
 * Return: false: Linux has to make it, from the beginning.
 */
bool process_vm_copy(const u64 args[6], bool write, s64 *ret) __must_check;

#endif

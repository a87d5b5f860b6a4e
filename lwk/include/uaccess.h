/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checked access to the memory of the calling thread's program. Faults are resolved by
 * user_memory_fault(), so all of these may wait, also for Linux; no lock may be held.
 *
 * Context of all: a user thread, interrupts enabled, no lock held.
 */
#ifndef LWK_UACCESS_H
#define LWK_UACCESS_H

#include "lwk/include/compiler.h"

/**
 * copy_from_user() - read the program's memory.
 * @dst: kernel memory
 * @src: user address, unchecked
 * @len: bytes
 *
 * Return: 0 or -EFAULT; @dst is undefined then.
 */
int copy_from_user(void *dst, vaddr_t src, u64 len) __must_check;

/**
 * copy_to_user() - write the program's memory.
 * @dst: user address, unchecked
 * @src: kernel memory
 * @len: bytes
 *
 * Return: 0 or -EFAULT; part may be written then.
 */
int copy_to_user(vaddr_t dst, const void *src, u64 len) __must_check;

/**
 * clear_user() - write zeroes.
 * @dst: user address, unchecked
 * @len: bytes
 *
 * Return: 0 or -EFAULT.
 */
int clear_user(vaddr_t dst, u64 len) __must_check;

/**
 * strncpy_from_user() - read a string.
 * @dst: kernel memory
 * @src: user address, unchecked
 * @len: bytes of @dst, with the NUL
 *
 * Return: length without the NUL, -EFAULT, -ENAMETOOLONG if there is no NUL within @len bytes.
 */
s64 strncpy_from_user(char *dst, vaddr_t src, u64 len) __must_check;

/**
 * user_range_ok() - does a range lie below the end of user space?
 * @addr: first address
 * @len: bytes
 *
 * Return: true if so.
 */
bool user_range_ok(vaddr_t addr, u64 len);

/**
 * user_cmpxchg_u32() - compare and exchange a word of the program, atomically.
 * @addr: user address, unchecked, 4-aligned
 * @old: in: expected value; out: value found
 * @new: value to store if it was as expected
 *
 * Return: 0 or -EFAULT.
 */
int user_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new) __must_check;

/**
 * user_peek_u32() - read a word of the program that is there, without waiting.
 * @addr: user address, unchecked, 4-aligned
 * @value: result
 *
 * Context: unlike the others, interrupts disabled; locks may be held.
 * Return: 0; -EFAULT: it is not there, or not now.
 */
int user_peek_u32(vaddr_t addr, u32 *value) __must_check;

/**
 * user_peek() - read what is there of the program's memory, without waiting.
 * @dst: kernel memory
 * @src: user address, unchecked
 * @len: bytes
 *
 * Context: as user_peek_u32().
 * Return: 0; -EFAULT: it is not there, or not now; @dst is undefined then.
 */
int user_peek(void *dst, vaddr_t src, u64 len) __must_check;

/**
 * user_try_cmpxchg_u32() - as user_cmpxchg_u32(), of a word that is there, without waiting.
 * @addr: user address, unchecked, 4-aligned
 * @old: in: expected value; out: value found
 * @new: value to store if it was as expected
 *
 * Context: as user_peek_u32().
 * Return: 0; -EFAULT: it is not there, or cannot be written, or not now.
 */
int user_try_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new) __must_check;

/*
 * Single words: where a call for each would take longer than the rest. Nothing else is done between
 * user_open() and user_close().
 */

/** user_open() - words are accessed next. */
static inline void user_open(void);

/** user_close() - no more are. */
static inline void user_close(void);

/*
 * user_load(value, addr, err) - read a word, after those before it.
 * @value: a variable of the word's size; undefined after a fault
 * @addr: user address, below the end of user space
 * @err: a variable, which is -EFAULT after a fault, and else as before
 *
 * user_store(value, addr, err) - likewise, write one.
 */
#include <arch_uaccess.h>

#endif

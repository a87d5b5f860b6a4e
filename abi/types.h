/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed-width integers and helpers for everything that two sides agree on.
 *
 * The headers of abi/ compile alone in three settings: hosted (tools and unit
 * tests), freestanding (the LWK) and Linux kernel module. They include nothing
 * outside abi/. The typedefs below repeat Linux's own, token for token in
 * meaning, which C11 allows.
 */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

/** ABI_ASSERT_SIZE() - a wire struct has the stated size in bytes. */
#define ABI_ASSERT_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), #type " must be " #size " bytes")

/** ABI_ASSERT_OFFSET() - a member of a wire struct has the stated offset. */
#define ABI_ASSERT_OFFSET(type, member, offset)                       \
	_Static_assert(__builtin_offsetof(type, member) == (offset), \
		       #type "." #member " must be at " #offset)

#endif

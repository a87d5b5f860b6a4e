/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A system call in the caller's own frame: a child that has its parent's memory and stack must not
 * return from a function, where it would go on with what the parent has to return to.
 */
#ifndef RAW_CALL_H
#define RAW_CALL_H

#include <errno.h>

/* Return: as syscall(2), of two arguments; all others are 0. */
static inline __attribute__((always_inline)) long raw_call2(long nr, long first, long second)
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(first), "S"(second), "d"(0), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	if (ret >= -4095 && ret < 0) {
		errno = (int)-ret;
		ret = -1;
	}
	return ret;
}

#endif

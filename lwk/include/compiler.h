/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for what gcc and clang offer beyond C11, and the small macros that the
 * whole LWK uses. Compiles hosted too, where <sys/cdefs.h> may have defined
 * some of the names already.
 */
#ifndef LWK_COMPILER_H
#define LWK_COMPILER_H

#include "lwk/include/types.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define __must_check __attribute__((warn_unused_result))
#define __noreturn __attribute__((noreturn))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __section(name) __attribute__((section(name)))
#define __maybe_unused __attribute__((unused))
#define __noinline __attribute__((noinline))
#define __cold __attribute__((cold))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/** CACHELINE_LEN - bytes that two CPUs should not share for writing. */
#define CACHELINE_LEN 64
#define __cacheline_aligned __aligned(CACHELINE_LEN)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/** container_of() - the struct whose @member is at @ptr. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/*
 * ALIGN_UP() and ALIGN_DOWN() - round @x to a multiple of @a, a power of two.
 * The result has the type of @x; ALIGN_UP() wraps to a small number at the top
 * of the type's range, which callers exclude first.
 */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN_UP(x, a) ALIGN_DOWN((x) + ((__typeof__(x))(a) - 1), a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))

#define MIN(a, b)                           \
	({                                  \
		__typeof__(a) min_a_ = (a); \
		__typeof__(b) min_b_ = (b); \
		min_a_ < min_b_ ? min_a_ : min_b_; \
	})
#define MAX(a, b)                           \
	({                                  \
		__typeof__(a) max_a_ = (a); \
		__typeof__(b) max_b_ = (b); \
		max_a_ > max_b_ ? max_a_ : max_b_; \
	})

/*
 * READ_ONCE() and WRITE_ONCE() - one access to a scalar that another CPU may
 * change or read at the same time. No ordering: where order matters, use the
 * __atomic builtins and name the partner.
 */
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

/** barrier() - the compiler moves no memory access across it. */
#define barrier() __asm__ volatile("" : : : "memory")

#endif

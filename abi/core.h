/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Linux has to know of a program to write its core file: texts that PROCFS_REQUEST gives
 * (OFFLOAD_FILE_CORE_THREADS, OFFLOAD_FILE_CORE_RANGES), complete while no thread of the process
 * can reach user mode any more.
 */
#ifndef ABI_CORE_H
#define ABI_CORE_H

#include "abi/types.h"

/* Linux's struct user_regs_struct. */
#define CORE_REGS_WORDS 27

/**
 * struct core_registers - one thread
 * @tid:	its id, in messages
 * @xstate_len:	bytes that follow: its registers in the form of XSAVE, not compacted. The same for
 *		all threads
 * @blocked:	signals that it blocks, bit n - 1 for signal n
 * @regs:	its other registers, as Linux's struct user_regs_struct has them
 */
struct core_registers {
	u32 tid;
	u32 xstate_len;
	u64 blocked;
	u64 regs[CORE_REGS_WORDS];
};

ABI_ASSERT_SIZE(struct core_registers, 16 + 8 * CORE_REGS_WORDS);

/* core_range.flags; the first three are PROT_* */
#define CORE_RANGE_READ (1U << 0)
#define CORE_RANGE_WRITE (1U << 1)
#define CORE_RANGE_EXEC (1U << 2)
#define CORE_RANGE_SHARED (1U << 3)
#define CORE_RANGE_LINUX (1U << 4)	/* Linux-owned */
#define CORE_RANGE_DONTDUMP (1U << 5)	/* MADV_DONTDUMP */
#define CORE_RANGE_TOUCHED (1U << 6)	/* there is a page in it */

/**
 * struct core_range - one range of the address space; they are ascending
 * @start:	user addresses [start, end), page-aligned
 * @end:	see @start
 * @flags:	CORE_RANGE_*
 * @reserved:	zero
 */
struct core_range {
	u64 start;
	u64 end;
	u32 flags;
	u32 reserved;
};

ABI_ASSERT_SIZE(struct core_range, 24);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ranges of a process, of which Linux makes /proc/mcosN/PID/maps: PROCFS_REQUEST with
 * OFFLOAD_FILE_MAPS. Its offset is not one of bytes, but the address that the ranges are wanted
 * from: those that end above it, as many as there is room for.
 */
#ifndef ABI_MAPS_H
#define ABI_MAPS_H

#include "abi/types.h"

/* maps_range.flags; the first three are PROT_* */
#define MAPS_READ (1U << 0)
#define MAPS_WRITE (1U << 1)
#define MAPS_EXEC (1U << 2)
#define MAPS_SHARED (1U << 3)

/** enum maps_kind - what a range is, or is called */
enum maps_kind {
	MAPS_ANON,
	MAPS_LINUX,	/* Linux-owned, so Linux knows the file */
	MAPS_IMAGE,	/* what was read from a file of the program, or of its interpreter */
	MAPS_OWN_SHARED, /* shared memory of the LWK's */
	MAPS_HEAP,
	MAPS_STACK,
	MAPS_VVAR,
	MAPS_VDSO,
	MAPS_NKINDS
};

/**
 * struct maps_range - one range; they are ascending and do not overlap
 * @start:	user addresses [start, end), page-aligned
 * @end:	see @start
 * @offset:	of MAPS_IMAGE the address at which its first byte was loaded, wherever it is now;
 *		else 0
 * @flags:	MAPS_READ ...
 * @kind:	enum maps_kind
 */
struct maps_range {
	u64 start;
	u64 end;
	u64 offset;
	u32 flags;
	u32 kind;
};

ABI_ASSERT_SIZE(struct maps_range, 32);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Upper bounds that every part of the project shares. A request beyond one of
 * them is refused with a clear error; nothing is silently cut off.
 */
#ifndef ABI_LIMITS_H
#define ABI_LIMITS_H

#define IHK_MAX_CPUS 1024	/* CPUs in all partitions together */
#define IHK_MAX_NODES 64	/* NUMA nodes of the machine */
#define IHK_MAX_CACHES 8	/* caches of one CPU */
#define IHK_MAX_LINUX_CPUS 8192	/* bits of Linux's sets of CPUs */
#define IHK_MAX_LINUX_NODES 1024 /* bits of its sets of nodes */
#define IHK_MAX_CHUNKS 2048	/* physically contiguous pieces of one partition */
#define IHK_MAX_OS 64		/* OS instances of one machine */

#define IHK_KARGS_LEN 4096	/* kernel arguments, with the closing NUL, in bytes */
#define IHK_BUILD_ID_LEN 64	/* build id, with the closing NUL, in bytes */
#define IHK_REASON_LEN 256	/* why an LWK panicked, with the closing NUL */
#define IHK_ERROR_LEN 256	/* message of a failed request, with the closing NUL */

#define IHK_IMAGE_MAX_LEN (64ULL << 20)	/* LWK ELF file and its loaded size */
#define IHK_OS_MIN_MEM (32ULL << 20)	/* least memory that an LWK boots with */
#define IHK_PADDR_LIMIT (1ULL << 46)	/* end of the LWK's direct map of memory */

#endif

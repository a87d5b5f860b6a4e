/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of /dev/mcd0 (the machine) and /dev/mcosN (one OS instance), as
 * libihk makes them and host/ihk serves them.
 *
 * User pointers travel as u64. Reserved fields are zero, and checked: -EINVAL.
 * Queries fill at most @count entries and return in @count how many there are, so
 * that a first call with count 0 asks for the number. After a request failed,
 * IHK_IOC_GET_ERROR on the same file descriptor returns the sentence that explains it.
 *
 * Permissions: "admin" needs CAP_SYS_ADMIN; the others need read access to the node.
 */
#ifndef ABI_IHK_IOCTL_H
#define ABI_IHK_IOCTL_H

#include "abi/limits.h"
#include "abi/types.h"

/* Numbers of OS states, and their names as strings through the same table. */
enum ihk_status {
#define IHK_STATUS(number, name, doc) IHK_STATUS_##name = number,
#include "abi/status.def"
};

enum ihk_test {
#define IHK_TEST(number, name, word, doc) IHK_TEST_##name = number,
#include "abi/test.def"
};

/* Who has a reserved CPU or chunk: an OS instance's number, or nobody. */
#define IHK_NO_OS (-1)

/* For ihk_ioc_mem.size: all memory that the node can spare, or all of that node. */
#define IHK_MEM_ALL (~0ULL)
/* For ihk_ioc_mem.node: on release, any node. */
#define IHK_ANY_NODE (-1)

/**
 * struct ihk_ioc_list - a list that goes in, comes out, or both
 * @addr:	user address of the array; the request says of what
 * @count:	entries; see the opening comment for queries
 * @reserved:	zero
 */
struct ihk_ioc_list {
	u64 addr;
	u32 count;
	u32 reserved;
};
ABI_ASSERT_SIZE(struct ihk_ioc_list, 16);

/** struct ihk_ioc_cpu - entry of a CPU query */
struct ihk_ioc_cpu {
	u32 linux_cpu;
	u32 apic_id;
	u32 node;
	u32 core_id;
	u32 package_id;
	s32 os;		/* OS instance, or IHK_NO_OS */
	s32 lwk_cpu;	/* number within the OS instance, or -1 */
	u32 reserved;
};
ABI_ASSERT_SIZE(struct ihk_ioc_cpu, 32);

/** struct ihk_ioc_mem - an amount of memory, as asked for or as found */
struct ihk_ioc_mem {
	u64 size;	/* bytes, a multiple of 4 KiB, or IHK_MEM_ALL */
	s32 node;	/* Linux's node number, or IHK_ANY_NODE where allowed */
	s32 os;		/* queries: OS instance, or IHK_NO_OS; otherwise zero */
	u64 start;	/* queries: physical address for an admin, 0 for others */
	u64 reserved;
};
ABI_ASSERT_SIZE(struct ihk_ioc_mem, 32);

/* ihk_ioc_reserve_mem.flags */
#define IHK_RESERVE_BEST_EFFORT (1U << 0)	/* less than asked for is no error */
#define IHK_RESERVE_BALANCED (1U << 1)		/* the same amount on every node asked for */
#define IHK_RESERVE_FLAGS_KNOWN (IHK_RESERVE_BEST_EFFORT | IHK_RESERVE_BALANCED)

/**
 * struct ihk_ioc_reserve_mem - take memory from Linux
 * @addr:	user address of struct ihk_ioc_mem[@count]
 * @count:	entries, at least 1
 * @flags:	IHK_RESERVE_*
 * @min_chunk:	least length of a piece in bytes, a power of two of at least 4 KiB; 0: 4 MiB
 * @max_percent: IHK_MEM_ALL takes at most this share of a node's free memory; 0: 95
 * @timeout_s:	give up after so many seconds; 0: 60
 *
 * All or nothing, except with IHK_RESERVE_BEST_EFFORT.
 */
struct ihk_ioc_reserve_mem {
	u64 addr;
	u32 count;
	u32 flags;
	u64 min_chunk;
	u32 max_percent;
	u32 timeout_s;
};
ABI_ASSERT_SIZE(struct ihk_ioc_reserve_mem, 32);

/** struct ihk_ioc_ikc - one entry of the IKC map */
struct ihk_ioc_ikc {
	u32 lwk_linux_cpu;	/* an assigned CPU, by its Linux number */
	u32 linux_cpu;		/* the online Linux CPU that serves it */
};
ABI_ASSERT_SIZE(struct ihk_ioc_ikc, 8);

/** struct ihk_ioc_blob - bytes of user memory: an image, kernel arguments, text */
struct ihk_ioc_blob {
	u64 addr;
	u64 len;
};
ABI_ASSERT_SIZE(struct ihk_ioc_blob, 16);

/**
 * struct ihk_ioc_kmsg - read the LWK's log
 * @addr:	user buffer
 * @len:	its length; out: bytes copied
 * @pos:	position to read from; out: position to go on from. 0 starts at the
 *		oldest text that is not cleared, and so does a position in the log of an
 *		earlier boot
 * @lost:	out: bytes between the asked position and the first copied that the
 *		ring no longer has
 */
struct ihk_ioc_kmsg {
	u64 addr;
	u64 len;
	u64 pos;
	u64 lost;
};
ABI_ASSERT_SIZE(struct ihk_ioc_kmsg, 32);

/* ihk_ioc_event.type, upstream's numbers */
#define IHK_EVENT_OOM 0		/* the LWK ran out of memory: -EOPNOTSUPP */
#define IHK_EVENT_STATUS 2	/* the status changed */
#define IHK_EVENT_KMSG 101	/* the log grew */

/** struct ihk_ioc_event - signal an eventfd when something happens */
struct ihk_ioc_event {
	u32 type;
	s32 fd;
};
ABI_ASSERT_SIZE(struct ihk_ioc_event, 8);

/**
 * struct ihk_ioc_status - state of an OS instance
 * @status:	IHK_STATUS_*
 * @ncpus:	assigned CPUs
 * @nchunks:	assigned chunks
 * @nnodes:	nodes with assigned CPUs or memory
 * @boots:	boots since creation
 * @mem:	assigned bytes
 * @boot_ns:	time from start to RUNNING of the last boot, nanoseconds
 * @reason:	why, in PANIC and HUNGUP; else empty
 */
struct ihk_ioc_status {
	u32 status;
	u32 ncpus;
	u32 nchunks;
	u32 nnodes;
	u32 boots;
	u32 reserved;
	u64 mem;
	u64 boot_ns;
	char reason[IHK_REASON_LEN];
};
ABI_ASSERT_SIZE(struct ihk_ioc_status, 40 + IHK_REASON_LEN);

/** struct ihk_ioc_node - memory of one NUMA node of a running LWK */
struct ihk_ioc_node {
	u32 linux_node;
	u32 reserved;
	u64 total;	/* bytes that its allocator manages */
	u64 free;	/* of these, free */
};
ABI_ASSERT_SIZE(struct ihk_ioc_node, 24);

/** struct ihk_ioc_monitor - what one LWK CPU does */
struct ihk_ioc_monitor {
	u32 state;		/* MONITOR_* of abi/boot.h */
	u32 ikc_linux_cpu;
	u64 counter;
	u64 irqs;
	u64 stray_irqs;
	u64 nmis;
};
ABI_ASSERT_SIZE(struct ihk_ioc_monitor, 40);

/* ihk_ioc_ping.mode */
#define IHK_PING_IRQ 0		/* interrupt handler to interrupt handler */
#define IHK_PING_WORK 1		/* thread on Linux, idle-loop work on the LWK */
#define IHK_PING_POLL 2		/* both sides poll */

/**
 * struct ihk_ioc_ping - round trips over IKC to one LWK CPU
 * @lwk_cpu:	LWK CPU number
 * @mode:	IHK_PING_*
 * @count:	round trips, 1 to 10^7
 * @timeout_ms:	for all of them; 0: 60 s
 * @done:	out: round trips that came back right
 * @total_ns:	out: time of all
 * @min_ns:	out: shortest, where each is timed (not in IHK_PING_IRQ)
 * @max_ns:	out: longest, likewise
 * @bells_in:	out: doorbell interrupts that Linux took meanwhile
 */
struct ihk_ioc_ping {
	u32 lwk_cpu;
	u32 mode;
	u32 count;
	u32 timeout_ms;
	u32 done;
	u32 reserved;
	u64 total_ns;
	u64 min_ns;
	u64 max_ns;
	u64 bells_in;
};
ABI_ASSERT_SIZE(struct ihk_ioc_ping, 56);

/**
 * struct ihk_ioc_test - run one of enum ihk_test on one LWK CPU
 * @timeout_ms: wait so long for the answer; 0: do not wait, the LWK may be dead by then
 */
struct ihk_ioc_test {
	u32 test;
	u32 lwk_cpu;
	u32 timeout_ms;
	u32 reserved;
	u64 words[6];	/* in: arguments in [1..5]; out: results */
};
ABI_ASSERT_SIZE(struct ihk_ioc_test, 64);

#define IHK_IOC 0xb7

/* _IOC() of asm-generic/ioctl.h, x86: direction 30-31, size 16-29, type 8-15, number 0-7 */
#define IHK_IO(nr) ((IHK_IOC << 8) | (nr))
#define IHK_IOWR(nr, type) (0xc0000000U | (unsigned int)sizeof(type) << 16 | IHK_IO(nr))

/* Both nodes */
#define IHK_IOC_GET_BUILDID IHK_IOWR(0, struct ihk_ioc_blob)	/* out: NUL-terminated */
#define IHK_IOC_GET_ERROR IHK_IOWR(1, struct ihk_ioc_blob)	/* out: NUL-terminated */

/* /dev/mcd0 */
#define IHK_IOC_RESERVE_CPU IHK_IOWR(16, struct ihk_ioc_list)	/* admin; u32[] Linux CPUs */
#define IHK_IOC_RELEASE_CPU IHK_IOWR(17, struct ihk_ioc_list)	/* admin; u32[] Linux CPUs */
#define IHK_IOC_QUERY_CPU IHK_IOWR(18, struct ihk_ioc_list)	/* struct ihk_ioc_cpu[] */
#define IHK_IOC_RESERVE_MEM IHK_IOWR(19, struct ihk_ioc_reserve_mem) /* admin */
#define IHK_IOC_RELEASE_MEM IHK_IOWR(20, struct ihk_ioc_list)	/* admin; struct ihk_ioc_mem[] */
#define IHK_IOC_QUERY_MEM IHK_IOWR(21, struct ihk_ioc_list)	/* struct ihk_ioc_mem[] */
#define IHK_IOC_CREATE_OS IHK_IO(22)				/* admin; returns the index */
#define IHK_IOC_DESTROY_OS IHK_IO(23)				/* admin; arg: the index */
#define IHK_IOC_GET_OS_INSTANCES IHK_IOWR(24, struct ihk_ioc_list) /* u32[] */

/* /dev/mcosN */
#define IHK_IOC_ASSIGN_CPU IHK_IOWR(32, struct ihk_ioc_list)	/* admin; u32[] Linux CPUs */
#define IHK_IOC_UNASSIGN_CPU IHK_IOWR(33, struct ihk_ioc_list)	/* admin; u32[] Linux CPUs */
#define IHK_IOC_OS_QUERY_CPU IHK_IOWR(34, struct ihk_ioc_list)	/* struct ihk_ioc_cpu[] */
#define IHK_IOC_ASSIGN_MEM IHK_IOWR(35, struct ihk_ioc_list)	/* admin; struct ihk_ioc_mem[] */
#define IHK_IOC_UNASSIGN_MEM IHK_IOWR(36, struct ihk_ioc_list)	/* admin; struct ihk_ioc_mem[] */
#define IHK_IOC_OS_QUERY_MEM IHK_IOWR(37, struct ihk_ioc_list)	/* struct ihk_ioc_mem[] */
#define IHK_IOC_SET_IKC_MAP IHK_IOWR(38, struct ihk_ioc_list)	/* admin; struct ihk_ioc_ikc[] */
#define IHK_IOC_GET_IKC_MAP IHK_IOWR(39, struct ihk_ioc_list)	/* struct ihk_ioc_ikc[] */
#define IHK_IOC_LOAD IHK_IOWR(40, struct ihk_ioc_blob)		/* admin; an LWK ELF file */
#define IHK_IOC_SET_KARGS IHK_IOWR(41, struct ihk_ioc_blob)	/* admin; text without NUL */
#define IHK_IOC_BOOT IHK_IO(42)					/* admin; until RUNNING */
#define IHK_IOC_SHUTDOWN IHK_IO(43)				/* admin; until INACTIVE */
#define IHK_IOC_GET_STATUS IHK_IOWR(44, struct ihk_ioc_status)
#define IHK_IOC_READ_KMSG IHK_IOWR(45, struct ihk_ioc_kmsg)
#define IHK_IOC_CLEAR_KMSG IHK_IO(46)				/* admin */
#define IHK_IOC_SET_EVENTFD IHK_IOWR(47, struct ihk_ioc_event)
#define IHK_IOC_QUERY_NODES IHK_IOWR(48, struct ihk_ioc_list)	/* struct ihk_ioc_node[] */
#define IHK_IOC_QUERY_MONITORS IHK_IOWR(49, struct ihk_ioc_list) /* struct ihk_ioc_monitor[] */
#define IHK_IOC_FREEZE IHK_IO(50)				/* admin; until FROZEN */
#define IHK_IOC_THAW IHK_IO(51)					/* admin; until RUNNING */
#define IHK_IOC_PING IHK_IOWR(52, struct ihk_ioc_ping)		/* admin */
#define IHK_IOC_TEST IHK_IOWR(53, struct ihk_ioc_test)		/* admin */
#define IHK_IOC_GET_KARGS IHK_IOWR(54, struct ihk_ioc_blob)	/* out: NUL-terminated */

#endif

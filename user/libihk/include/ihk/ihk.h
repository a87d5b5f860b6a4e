/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libihk: take CPUs and memory from a running Linux, and run lightweight
 * kernels (LWKs) on them.
 *
 * A struct ihk_dev stands for the machine (/dev/mcd0), a struct ihk_instance for
 * one LWK (/dev/mcosN). Every function may be called from any thread, also on
 * one handle at the same time, but not after or during the close of its handle.
 * CPUs and nodes are named by Linux's numbers. Functions return 0 or a count,
 * and on failure a negative errno; ihk_error() then says in a sentence what
 * could not be done, and why.
 *
 * Administration needs CAP_SYS_ADMIN; queries need read access to the device.
 * ihklib.h has the functions of the older ihklib, which take numbers instead of
 * handles; parse.h reads lists as the command-line tools take them.
 */
#ifndef IHK_IHK_H
#define IHK_IHK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* States of an instance. Macros, since they are also words: ihk_status_name(). */
#define IHK_STATUS_INACTIVE 0	/* created, or shut down: nothing runs */
#define IHK_STATUS_BOOTING 1	/* started, not all of its CPUs are up yet */
#define IHK_STATUS_RUNNING 2	/* up */
#define IHK_STATUS_SHUTDOWN 3	/* being stopped */
#define IHK_STATUS_PANIC 4	/* stopped by itself after a fatal error */
#define IHK_STATUS_HUNGUP 5	/* a CPU of it makes no progress */
#define IHK_STATUS_FREEZING 6	/* told to freeze, not all of its CPUs have */
#define IHK_STATUS_FROZEN 7	/* all of its CPUs wait for thaw */
#define IHK_NUM_STATUS 8

/* Owner of a CPU or of memory that no instance has. */
#define IHK_NO_OS (-1)

/* Bounds; a longer list is refused with -E2BIG. */
#define IHK_MAX_CPUS 1024
#define IHK_MAX_CHUNKS 2048
#define IHK_MAX_OS 64

/* Longest kernel arguments and longest sentence of ihk_error(), with the NUL. */
#define IHK_KARGS_LEN 4096
#define IHK_MESSAGE_LEN 512

/* ihk_mem_chunk.size: as much as can be had. */
#define IHK_MEM_ALL (~0ULL)
/* ihk_mem_chunk.numa_node_number: every node of the machine. */
#define IHK_ANY_NODE (-1)

/* Types of events for ihk_instance_eventfd() and ihk_os_get_eventfd(). */
#define IHK_EVENT_OOM 0		/* the LWK ran out of memory; not supported */
#define IHK_EVENT_STATUS 2	/* the status changed */
#define IHK_EVENT_KMSG 101	/* the log grew */

/* Flags of ihk_dev_open() and ihk_instance_open(). */
#define IHK_OPEN_SAME_BUILD 1U	/* only if module and library have one build id */

struct ihk_dev;
struct ihk_instance;

/**
 * struct ihk_mem_chunk - an amount of memory that is asked for
 * @size:	bytes, a multiple of 4096, or IHK_MEM_ALL
 * @numa_node_number: node, or IHK_ANY_NODE
 */
struct ihk_mem_chunk {
	size_t size;
	int numa_node_number;
};

/**
 * struct ihk_ikc_cpu_map - which Linux CPU serves which LWK CPU
 * @src_cpu:	assigned CPU, by its Linux number
 * @dst_cpu:	online Linux CPU that handles its requests
 */
struct ihk_ikc_cpu_map {
	int src_cpu;
	int dst_cpu;
};

/**
 * struct ihk_cpu_info - a reserved CPU
 * @linux_cpu:	number in Linux
 * @apic_id:	physical APIC id
 * @node:	NUMA node
 * @core_id:	physical core within the package
 * @package_id:	package
 * @os:		instance that has it, or IHK_NO_OS
 * @lwk_cpu:	number within that instance, or -1
 */
struct ihk_cpu_info {
	int linux_cpu;
	unsigned int apic_id;
	int node;
	int core_id;
	int package_id;
	int os;
	int lwk_cpu;
};

/**
 * struct ihk_mem_info - a contiguous piece of reserved memory
 * @size:	bytes
 * @node:	NUMA node
 * @os:		instance that has it, or IHK_NO_OS
 * @start:	physical address; 0 without CAP_SYS_ADMIN
 */
struct ihk_mem_info {
	uint64_t size;
	int node;
	int os;
	uint64_t start;
};

/**
 * struct ihk_node_info - memory of one NUMA node of a running LWK
 * @node:	node
 * @total:	bytes that the LWK's allocator manages there
 * @free:	bytes of these that are free
 */
struct ihk_node_info {
	int node;
	uint64_t total;
	uint64_t free;
};

/**
 * struct ihk_monitor_info - what one LWK CPU does
 * @state:	number; ihk_monitor_name() gives the word
 * @ikc_cpu:	Linux CPU that serves it
 * @counter:	grows while the CPU makes progress in the kernel
 * @irqs:	interrupts taken
 * @stray_irqs:	of these, Linux's broadcasts
 * @nmis:	NMIs taken
 */
struct ihk_monitor_info {
	unsigned int state;
	int ikc_cpu;
	uint64_t counter;
	uint64_t irqs;
	uint64_t stray_irqs;
	uint64_t nmis;
};

/**
 * struct ihk_status_info - state of an instance
 * @status:	IHK_STATUS_*
 * @ncpus:	assigned CPUs
 * @nchunks:	assigned pieces of memory
 * @nnodes:	nodes with assigned CPUs or memory
 * @boots:	boots since creation
 * @mem:	assigned bytes
 * @boot_ns:	duration of the last boot, nanoseconds
 * @reason:	why, in PANIC and HUNGUP; else empty
 */
struct ihk_status_info {
	int status;
	int ncpus;
	int nchunks;
	int nnodes;
	unsigned int boots;
	uint64_t mem;
	uint64_t boot_ns;
	char reason[256];
};

/* ihk_reserve_opts.flags */
#define IHK_RESERVE_BEST_EFFORT (1U << 0)	/* less than asked for is no error */
#define IHK_RESERVE_BALANCED (1U << 1)		/* the same amount on every node asked for */

/**
 * struct ihk_reserve_opts - how memory is taken; zero is the default of each
 * @flags:	IHK_RESERVE_*
 * @min_chunk:	least length of a piece, a power of two of at least 4096; default 4 MiB
 * @max_percent: most that IHK_MEM_ALL takes of a node's free memory; default 95
 * @timeout_s:	give up after so many seconds; default 60
 */
struct ihk_reserve_opts {
	unsigned int flags;
	uint64_t min_chunk;
	unsigned int max_percent;
	unsigned int timeout_s;
};

/* ihk_ping.mode */
#define IHK_PING_IRQ 0		/* interrupt handler to interrupt handler */
#define IHK_PING_WORK 1		/* thread on Linux, idle-loop work on the LWK */
#define IHK_PING_POLL 2		/* both sides poll */

/**
 * struct ihk_ping - round trips to one LWK CPU
 * @lwk_cpu:	in: number within the instance
 * @mode:	in: IHK_PING_*
 * @count:	in: round trips
 * @timeout_ms:	in: for all of them; 0: 60 s
 * @done:	out: round trips that came back right
 * @total_ns:	out: time of all
 * @min_ns:	out: shortest, 0 where they are not timed singly
 * @max_ns:	out: longest, likewise
 * @bells_in:	out: doorbell interrupts that Linux took meanwhile
 */
struct ihk_ping {
	unsigned int lwk_cpu;
	unsigned int mode;
	unsigned int count;
	unsigned int timeout_ms;
	unsigned int done;
	uint64_t total_ns;
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t bells_in;
};

/**
 * struct ihk_test_call - an experiment on one LWK CPU, for tests of the LWK itself
 * @test:	in: number; ihk_test_number() finds it by its word
 * @lwk_cpu:	in: number within the instance
 * @timeout_ms:	in: wait so long for the answer; 0: do not wait for one
 * @words:	in: arguments from [1]; out: results
 */
struct ihk_test_call {
	unsigned int test;
	unsigned int lwk_cpu;
	unsigned int timeout_ms;
	uint64_t words[6];
};

/*
 * Errors and names
 */

/**
 * ihk_error() - why the last failed call of the calling thread failed
 *
 * Return: a sentence without full stop or newline, valid until the thread's next call
 * into the library; "" if none failed.
 */
const char *ihk_error(void);

/** ihk_dev_error() - ihk_error(), or "" if the failed call was not on @dev. */
const char *ihk_dev_error(const struct ihk_dev *dev);

/** ihk_instance_error() - ihk_error(), or "" if the failed call was not on @os. */
const char *ihk_instance_error(const struct ihk_instance *os);

/** ihk_build_id() - build id that this library works with. */
const char *ihk_build_id(void);

/** ihk_status_name() - word for an IHK_STATUS_* number, or "UNKNOWN". */
const char *ihk_status_name(int status);

/** ihk_status_number() - number of a status word, in any case. Return: or -EINVAL. */
int ihk_status_number(const char *word);

/** ihk_monitor_name() - word for ihk_monitor_info.state, or "unknown". */
const char *ihk_monitor_name(unsigned int state);

/** ihk_test_number() - number of a test by its word. Return: or -EINVAL. */
int ihk_test_number(const char *word);

/** ihk_test_word() - the n-th test's word, from 0; NULL behind the last. */
const char *ihk_test_word(int n);

/** ihk_test_doc() - the n-th test's description, from 0; NULL behind the last. */
const char *ihk_test_doc(int n);

/*
 * The machine: /dev/mcd0
 */

/**
 * ihk_dev_open() - open the device of the machine
 * @index:	N of /dev/mcdN: 0
 * @flags:	0 or IHK_OPEN_SAME_BUILD
 * @dev:	the handle
 *
 * Return: 0; -ENOENT (the module is not loaded), -EACCES, -ESTALE (another build
 * id, where that matters), -ENOMEM.
 */
int ihk_dev_open(int index, unsigned int flags, struct ihk_dev **dev);

/** ihk_dev_close() - close the handle; reservations and instances stay. NULL is ignored. */
void ihk_dev_close(struct ihk_dev *dev);

/** ihk_dev_get_build_id() - copy the module's build id, NUL-terminated. Return: 0 or -errno. */
int ihk_dev_get_build_id(struct ihk_dev *dev, char *id, size_t size);

/** ihk_dev_reserve_cpus() - take CPUs from Linux: all of them or, on failure, none. */
int ihk_dev_reserve_cpus(struct ihk_dev *dev, const int *cpus, int ncpus);

/** ihk_dev_release_cpus() - give CPUs that no instance has back to Linux. */
int ihk_dev_release_cpus(struct ihk_dev *dev, const int *cpus, int ncpus);

/**
 * ihk_dev_query_cpus() - list reserved CPUs, assigned or not
 * @dev:	handle
 * @cpus:	filled with at most @max entries, in the order of Linux's numbers
 * @max:	length of @cpus; 0 to ask only for the number
 *
 * Return: how many there are, which may exceed @max; or -errno.
 */
int ihk_dev_query_cpus(struct ihk_dev *dev, struct ihk_cpu_info *cpus, int max);

/**
 * ihk_dev_reserve_mem() - take memory from Linux
 * @dev:	handle
 * @chunks:	what is wanted; IHK_ANY_NODE goes with IHK_MEM_ALL only and means every node
 * @nchunks:	length of @chunks
 * @opts:	how, or NULL
 *
 * Return: 0; -ENOMEM if there is less and @opts does not allow that (nothing is
 * taken then); -EINVAL, -ETIMEDOUT, -errno.
 */
int ihk_dev_reserve_mem(struct ihk_dev *dev, const struct ihk_mem_chunk *chunks, int nchunks,
			const struct ihk_reserve_opts *opts);

/**
 * ihk_dev_release_mem() - give memory that no instance has back to Linux, scrubbed
 * @dev:	handle
 * @chunks:	how much of which node; IHK_MEM_ALL and IHK_ANY_NODE are allowed
 * @nchunks:	length of @chunks
 *
 * Return: 0 or -errno.
 */
int ihk_dev_release_mem(struct ihk_dev *dev, const struct ihk_mem_chunk *chunks, int nchunks);

/** ihk_dev_query_mem() - list reserved memory, as ihk_dev_query_cpus() lists CPUs. */
int ihk_dev_query_mem(struct ihk_dev *dev, struct ihk_mem_info *mem, int max);

/** ihk_dev_create_instance() - create an instance, /dev/mcosN. Return: N, or -errno. */
int ihk_dev_create_instance(struct ihk_dev *dev);

/**
 * ihk_dev_destroy_instance() - remove an instance
 * @dev:	handle
 * @index:	its number
 *
 * What it had assigned is merely reserved afterwards. Return: 0; -ENOENT; -EBUSY
 * while it is not INACTIVE.
 */
int ihk_dev_destroy_instance(struct ihk_dev *dev, int index);

/** ihk_dev_query_instances() - list the instances' numbers, as ihk_dev_query_cpus() CPUs. */
int ihk_dev_query_instances(struct ihk_dev *dev, int *ids, int max);

/*
 * One instance: /dev/mcosN
 */

/** ihk_instance_open() - open /dev/mcosN, as ihk_dev_open(). */
int ihk_instance_open(int index, unsigned int flags, struct ihk_instance **os);

/** ihk_instance_close() - close the handle; the instance goes on. NULL is ignored. */
void ihk_instance_close(struct ihk_instance *os);

/**
 * ihk_instance_fd() - descriptor of the handle, for poll(2)
 * @os:		handle that no other thread uses meanwhile
 *
 * POLLIN: the log has grown since ihk_instance_read_kmsg() on this handle. POLLPRI: the
 * status has changed since ihk_instance_get_status(). POLLHUP: the instance was destroyed.
 *
 * Return: the descriptor, which stays the handle's.
 */
int ihk_instance_fd(const struct ihk_instance *os);

/** ihk_instance_get_build_id() - copy the module's build id. Return: 0 or -errno. */
int ihk_instance_get_build_id(struct ihk_instance *os, char *id, size_t size);

/** ihk_instance_assign_cpus() - give the instance reserved CPUs. Return: 0 or -errno. */
int ihk_instance_assign_cpus(struct ihk_instance *os, const int *cpus, int ncpus);

/** ihk_instance_release_cpus() - take CPUs back from the instance; they stay reserved. */
int ihk_instance_release_cpus(struct ihk_instance *os, const int *cpus, int ncpus);

/** ihk_instance_query_cpus() - list its CPUs, as ihk_dev_query_cpus(), by LWK number. */
int ihk_instance_query_cpus(struct ihk_instance *os, struct ihk_cpu_info *cpus, int max);

/**
 * ihk_instance_assign_mem() - give the instance reserved memory
 * @os:		handle
 * @chunks:	how much of which node; IHK_ANY_NODE as for ihk_dev_reserve_mem()
 * @nchunks:	length of @chunks
 *
 * Return: 0 or -errno.
 */
int ihk_instance_assign_mem(struct ihk_instance *os, const struct ihk_mem_chunk *chunks,
			    int nchunks);

/** ihk_instance_release_mem() - take memory back from the instance; it stays reserved. */
int ihk_instance_release_mem(struct ihk_instance *os, const struct ihk_mem_chunk *chunks,
			     int nchunks);

/** ihk_instance_query_mem() - list its memory, as ihk_dev_query_cpus(). */
int ihk_instance_query_mem(struct ihk_instance *os, struct ihk_mem_info *mem, int max);

/** ihk_instance_set_ikc_map() - say which Linux CPU serves which of its CPUs. */
int ihk_instance_set_ikc_map(struct ihk_instance *os, const struct ihk_ikc_cpu_map *map, int n);

/** ihk_instance_get_ikc_map() - list the map, as ihk_dev_query_cpus(). */
int ihk_instance_get_ikc_map(struct ihk_instance *os, struct ihk_ikc_cpu_map *map, int max);

/** ihk_instance_load() - load an LWK image, an ELF file. Return: 0, -ENOEXEC, -ESTALE, -errno. */
int ihk_instance_load(struct ihk_instance *os, const char *path);

/** ihk_instance_set_kargs() - set the kernel arguments of the next boot. */
int ihk_instance_set_kargs(struct ihk_instance *os, const char *kargs);

/** ihk_instance_get_kargs() - copy the kernel arguments, NUL-terminated. Return: 0 or -errno. */
int ihk_instance_get_kargs(struct ihk_instance *os, char *kargs, size_t size);

/** ihk_instance_boot() - start the LWK; returns when it is RUNNING. Return: 0 or -errno. */
int ihk_instance_boot(struct ihk_instance *os);

/** ihk_instance_shutdown() - stop the LWK, also a dead one; returns when INACTIVE. */
int ihk_instance_shutdown(struct ihk_instance *os);

/** ihk_instance_freeze() - halt all its CPUs where they are; returns when FROZEN. */
int ihk_instance_freeze(struct ihk_instance *os);

/** ihk_instance_thaw() - let a frozen LWK go on; returns when RUNNING. */
int ihk_instance_thaw(struct ihk_instance *os);

/**
 * ihk_instance_debug_log() - have the LWK write into its log what its programs do
 * @os: RUNNING, with mcctrl loaded
 *
 * Return: 0 or -errno.
 */
int ihk_instance_debug_log(struct ihk_instance *os);

/** ihk_instance_get_status() - state, and reason of a panic. Return: 0 or -errno. */
int ihk_instance_get_status(struct ihk_instance *os, struct ihk_status_info *info);

/**
 * ihk_instance_wait_status() - sleep until the instance has one of some states
 * @os:		handle
 * @mask:	sum of 1U << IHK_STATUS_*
 * @timeout_ms:	-1 to wait for ever
 *
 * Return: the state; -ETIMEDOUT; -EINTR after a signal; -ENODEV when it is destroyed; -errno.
 */
int ihk_instance_wait_status(struct ihk_instance *os, unsigned int mask, int timeout_ms);

/**
 * ihk_instance_read_kmsg() - read the LWK's log
 * @os:		handle
 * @buf:	filled with whole or partial lines, without a NUL
 * @size:	length of @buf
 * @pos:	in: position; 0 for the oldest text. out: position to go on from, which after
 *		another boot means the beginning of its log
 * @lost:	bytes that were overwritten before they could be read, or NULL
 *
 * Return: bytes copied, 0 at the end; -ENODATA if it never booted; -errno.
 */
long ihk_instance_read_kmsg(struct ihk_instance *os, char *buf, size_t size, uint64_t *pos,
			    uint64_t *lost);

/** ihk_instance_clear_kmsg() - forget the log so far. Return: 0 or -errno. */
int ihk_instance_clear_kmsg(struct ihk_instance *os);

/**
 * ihk_instance_eventfd() - have an eventfd(2) signalled when something happens
 * @os:		handle; the events end when it is closed
 * @type:	IHK_EVENT_*
 *
 * Return: a non-blocking eventfd, which the caller closes; or -errno: -EOPNOTSUPP for
 * IHK_EVENT_OOM, which no LWK reports.
 */
int ihk_instance_eventfd(struct ihk_instance *os, int type);

/** ihk_instance_query_nodes() - list the running LWK's nodes, as ihk_dev_query_cpus(). */
int ihk_instance_query_nodes(struct ihk_instance *os, struct ihk_node_info *nodes, int max);

/** ihk_instance_query_monitors() - what its CPUs do, by LWK number, as ihk_dev_query_cpus(). */
int ihk_instance_query_monitors(struct ihk_instance *os, struct ihk_monitor_info *monitors,
				int max);

/** ihk_instance_ping() - measure round trips. Return: 0, -ETIMEDOUT (see @done), -errno. */
int ihk_instance_ping(struct ihk_instance *os, struct ihk_ping *ping);

/** ihk_instance_test() - run an experiment; needs the kernel argument test_hooks. */
int ihk_instance_test(struct ihk_instance *os, struct ihk_test_call *call);

#ifdef __cplusplus
}
#endif

#endif

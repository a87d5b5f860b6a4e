/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the ihk module: the partition's objects and who may touch them.
 *
 * Locks, in the order in which they are taken:
 *   ihk_lock	  who owns which CPU and chunk; creation and end of instances
 *   os->lock	  life cycle of one instance: assignment, image, boot, shutdown
 *   those of the boot half (docs/locking.md), among them Linux's CPU hotplug lock
 *   os->status_lock  (spinlock, interrupts off) status, reason, event fds
 *
 * partition: cpu.c speed.c os_cpu.c chunk.c mem.c mem_alloc.c os.c status.c ioctl.c mcd.c mcos.c
 *	      mcos_query.c delegate.c report.c main.c, between them partition.h
 * boot:      park.c apic.c image.c bootpt.c bootblock.c boot.c freeze.c doorbell.c ikc.c
 *	      kmsg.c monitor.c ping.c notify.c
 */
#ifndef IHK_H
#define IHK_H

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/cdev.h>
#include <linux/eventfd.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "abi/boot.h"
#include "abi/ihk_ioctl.h"
#include "abi/park.h"
#include "delegate.h"

struct ihk_boot;
struct ihk_os;

/**
 * struct ihk_cpu - a CPU that Linux gave away
 * @linux_cpu:	its number in Linux
 * @apic_id:	physical APIC id
 * @node:	Linux's NUMA node
 * @core_id:	physical core within the package
 * @package_id:	package
 * @die_id:	die within the package
 * @speed_msr:	register for its frequency, or BOOT_SPEED_NONE (speed.c)
 * @speed_value: what the LWK writes there
 * @slot:	park slot, mapped for Linux (park.c)
 * @os:		owner, or NULL: reserved, not assigned
 * @lwk_cpu:	number within @os, or -1; assigned anew, in the order of Linux numbers, when
 *		the set of the instance's CPUs changes
 * @ikc_linux_cpu: Linux CPU that serves its doorbells; chosen at assignment, changed
 *		by the IKC map
 *
 * Protected by ihk_lock, except @slot's content (abi/park.h).
 */
struct ihk_cpu {
	u32 linux_cpu;
	u32 apic_id;
	int node;
	u32 core_id;
	u32 package_id;
	u32 die_id;
	u32 speed_msr;
	u64 speed_value;
	struct park_slot *slot;
	struct ihk_os *os;
	int lwk_cpu;
	u32 ikc_linux_cpu;
};

/**
 * struct ihk_chunk - a piece of memory that Linux gave away
 * @link:	in the reserved list, or in @os->chunks, sorted by @start
 * @start:	first physical address
 * @end:	first physical address behind it
 * @node:	Linux's NUMA node
 * @os:		owner, or NULL: reserved, not assigned
 * @used:	@os was booted with it, so it may hold what the LWK wrote; such a chunk
 *		is scrubbed when it is unassigned
 *
 * Protected by ihk_lock. Chunks are split and merged, so no pointer to one may be
 * kept beyond the lock; an instance that is not INACTIVE keeps its chunks as they are.
 */
struct ihk_chunk {
	struct list_head link;
	u64 start;
	u64 end;
	int node;
	struct ihk_os *os;
	bool used;
};

/**
 * struct ihk_os - one OS instance, /dev/mcosN
 * @index:	N
 * @cdev:	character device
 * @dev:	device of @cdev; its references (get_device(), put_device()) keep the
 *		structure: the instance list has one, each open file has one
 * @lock:	life cycle; held over boot and shutdown, so requests wait for these
 * @dead:	destroyed, only open files keep it; lock protects
 * @cpus:	assigned CPUs, index = LWK CPU number; ihk_lock and lock protect
 * @ncpus:	entries of @cpus
 * @chunks:	assigned struct ihk_chunk, sorted by address; ihk_lock and lock protect
 * @nchunks:	entries of @chunks
 * @image:	checked copy of the LWK ELF file, or NULL; lock protects
 * @image_len:	its length in bytes
 * @kargs:	kernel arguments, NUL-terminated; lock protects
 * @boot:	everything of the present or the last boot, or NULL (boot.c). Set and
 *		cleared under lock, read under that or ihk_boot_srcu; kept after
 *		shutdown and panic for kmsg, freed by the next boot, by unassigning
 *		memory and by destroy
 * @boots:	boots since creation; lock protects
 * @logs:	logs begun since creation, of failed boots too; lock protects
 * @boot_ns:	duration of the last boot; lock protects
 * @status_lock: protects the fields below; interrupts off
 * @status:	IHK_STATUS_*
 * @status_seq:	counts changes of @status, so that poll() tells a file what is new
 * @nnodes:	nodes with assigned CPUs or memory
 * @mem:	assigned bytes; with @ncpus and @nchunks also written under
 *		status_lock, for a status query that must not wait for a boot
 * @reason:	why, in PANIC and HUNGUP
 * @events:	registered struct ihk_event
 * @wait:	woken at each status change and, by kmsg.c, when the log grew
 */
struct ihk_os {
	int index;
	struct cdev cdev;
	struct device dev;

	struct mutex lock;
	bool dead;
	struct ihk_cpu *cpus[IHK_MAX_CPUS];
	u32 ncpus;
	struct list_head chunks;
	u32 nchunks;
	void *image;
	size_t image_len;
	char kargs[IHK_KARGS_LEN];
	struct ihk_boot __rcu *boot;
	u32 boots;
	u32 logs;
	u64 boot_ns;

	spinlock_t status_lock;
	enum ihk_status status;
	u32 status_seq;
	u32 nnodes;
	u64 mem;
	char reason[IHK_REASON_LEN];
	struct list_head events;
	wait_queue_head_t wait;
};

/* cpu.c, mem.c, os.c: one lock for who owns what */
extern struct mutex ihk_lock;

/*
 * partition side: status.c, os.c
 */

/**
 * ihk_os_set_status() - move an instance's state machine and tell everybody
 * @os: instance
 * @status: new state
 * @reason: why, for PANIC and HUNGUP; otherwise NULL
 *
 * Refuses transitions that the table in os.c does not have. Logs, wakes
 * @os->wait, signals event fds.
 * Context: any, also hard interrupt. Return: whether the state changed.
 */
bool ihk_os_set_status(struct ihk_os *os, enum ihk_status status, const char *reason);

/** ihk_os_signal() - signal event fds of one IHK_EVENT_* type. Context: any. */
void ihk_os_signal(struct ihk_os *os, u32 type);

/** ihk_status_name() - the word of abi/status.def, or "?". */
const char *ihk_status_name(enum ihk_status status);

/*
 * boot side, called by cpu.c under ihk_lock: park.c
 */

/** ihk_park_init() - park page, park tables. Return: 0 or -errno. */
int ihk_park_init(void);
/** ihk_park_exit() - free them; no CPU is parked any more. */
void ihk_park_exit(void);

/**
 * ihk_park_start() - bring a CPU that Linux has just offlined into the park page
 * @cpu: its slot is allocated here
 *
 * INIT and SIPI through a borrowed page below 1 MiB, CPU hotplug held off.
 * Context: process context, sleeps. Return: 0; -ENOMEM; -ENODEV when no low
 * page can be borrowed; -ETIMEDOUT when the CPU did not come, INIT was sent again.
 */
int ihk_park_start(struct ihk_cpu *cpu);

/** ihk_park_stop() - put a parked (or lost) CPU back into wait-for-SIPI by INIT, free its slot. */
void ihk_park_stop(struct ihk_cpu *cpu);

/*
 * boot side, called by mcos.c and os.c under os->lock: boot.c
 */

/**
 * ihk_image_check() - is this ELF file an LWK of this build? Reports.
 * @image: kernel's copy of the file
 * @len: its length in bytes
 *
 * Context: process context. Return: 0, -ENOEXEC, -E2BIG, -ESTALE (build id).
 */
int ihk_image_check(const void *image, size_t len);

/**
 * ihk_os_boot() - start the LWK on the assigned CPUs and memory
 * @os: INACTIVE, image loaded; anything missing is reported
 *
 * Returns when the LWK is RUNNING. On failure all CPUs are parked again and the
 * status is INACTIVE. Return: 0, -EINVAL (nothing to boot with), -EBUSY, -ENOMEM, -ETIMEDOUT, -EIO.
 */
int ihk_os_boot(struct ihk_os *os);

/**
 * ihk_os_shutdown() - stop the LWK in whatever state it is
 * @os: any state but INACTIVE
 *
 * Asks; then NMI with BOOT_COMMAND_HALT; then INIT, after which the CPU is brought
 * into the park page again. Afterwards the status is INACTIVE and all CPUs are parked.
 * Return: 0; -EIO when a CPU could not even be parked (it is reported and stays
 * unusable until released).
 */
int ihk_os_shutdown(struct ihk_os *os);

/** ihk_os_freeze() - BOOT_COMMAND_FREEZE. Return: 0, -EINVAL by state, -ETIMEDOUT. */
int ihk_os_freeze(struct ihk_os *os);
/** ihk_os_thaw() - and back. Return: 0, -EINVAL by state, -ETIMEDOUT. */
int ihk_os_thaw(struct ihk_os *os);

/** ihk_boot_free() - forget the last boot: rings, kmsg mapping, @os->boot. INACTIVE only. */
void ihk_boot_free(struct ihk_os *os);

/** ihk_os_ikc_moved() - the IKC map of a running instance changed: publish doorbells anew. */
int ihk_os_ikc_moved(struct ihk_os *os);

/* From here to ihk_test(): os->lock is not needed. */

/** ihk_kmsg_read() - IHK_IOC_READ_KMSG. Return: 0, -EFAULT, -ENODATA when never booted. */
int ihk_kmsg_read(struct ihk_os *os, struct ihk_ioc_kmsg *req);
/** ihk_kmsg_clear() - reads start behind the present end. */
void ihk_kmsg_clear(struct ihk_os *os);
/**
 * ihk_kmsg_pending() - does the log reach beyond a position? For poll.
 * @os: instance
 * @pos: where the reader is
 *
 * If it does not, the LWK is asked for a doorbell. Context: may sleep.
 */
bool ihk_kmsg_pending(struct ihk_os *os, u64 pos);

/**
 * ihk_boot_nodes() - copy what the LWK says of its memory
 * @os: instance
 * @nodes: room for @max entries
 * @max: their number
 *
 * Return: how many entries there are, also when that is more than @max; or -EINVAL
 * when not booted.
 */
int ihk_boot_nodes(struct ihk_os *os, struct ihk_ioc_node *nodes, u32 max);
/** ihk_boot_monitors() - what its CPUs say of themselves; otherwise as ihk_boot_nodes(). */
int ihk_boot_monitors(struct ihk_os *os, struct ihk_ioc_monitor *monitors, u32 max);

/** ihk_ping() - IHK_IOC_PING. A shutdown ends it with -EPIPE. */
int ihk_ping(struct ihk_os *os, struct ihk_ioc_ping *req);
/** ihk_test() - IHK_IOC_TEST. Likewise. */
int ihk_test(struct ihk_os *os, struct ihk_ioc_test *req);

/**
 * ihk_cpu_abandon_all() - INIT to every CPU that is held: Linux goes down
 *
 * Context: any, also panic: takes no lock. Return: how many CPUs that were.
 */
u32 ihk_cpu_abandon_all(void);

/** ihk_boot_init() / ihk_boot_exit() - doorbell interrupts, notifiers, watchdog. */
int ihk_boot_init(void);
void ihk_boot_exit(void);

/** ihk_cpu_died() - hotplug callback: a Linux CPU went offline, doorbells to it are void. */
void ihk_cpu_died(void);

#endif

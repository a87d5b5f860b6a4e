/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One boot of an OS instance, inside the boot half of the module.
 *
 * struct ihk_boot keeps private copies of all that was granted. What @block and its
 * arrays hold is the LWK's to write at any time: it is copied, then checked, then used.
 *
 * Life: created by ihk_os_boot(), in the live list from before the first order
 * until all CPUs are parked again, freed by ihk_boot_free().
 * The live list is read under RCU by doorbell handlers, the watchdog and the notifiers;
 * @os->boot is read under boot_srcu, so that kmsg can be read while os->lock is held
 * by a boot or a shutdown.
 */
#ifndef IHK_BOOT_H
#define IHK_BOOT_H

#include <linux/srcu.h>
#include <linux/workqueue.h>

#include "abi/kmsg.h"
#include "ihk.h"
#include "lwk/lib/elf.h"

struct ikc_link;

/**
 * struct boot_range - physical addresses [start, end), page-aligned
 */
struct boot_range {
	u64 start;
	u64 end;
};

/**
 * struct boot_layout - the parts of the boot area, in ascending order
 * @area:	all of it
 * @image:	loaded image, starts 2 MiB-aligned
 * @tables:	bootstrap page tables
 * @block:	boot block with its arrays
 * @kmsg:	log
 * @to_lwk:	master ring
 * @to_host:	master ring
 * @heap:	early heap
 */
struct boot_layout {
	struct boot_range area;
	struct boot_range image;
	struct boot_range tables;
	struct boot_range block;
	struct boot_range kmsg;
	struct boot_range to_lwk;
	struct boot_range to_host;
	struct boot_range heap;
};

/**
 * struct boot_watch - what the watchdog and the doorbells know of one LWK CPU
 * @cpu:	the CPU; stays ours while the boot is live
 * @linux_cpu:	its number in Linux
 * @linux_node:	Linux's number of its node
 * @server:	Linux CPU whose doorbell it holds; os->lock protects
 * @counter:	last seen, watchdog only
 * @still_s:	looks, one a second, that found it unmoved, watchdog only
 */
struct boot_watch {
	struct ihk_cpu *cpu;
	u32 linux_cpu;
	u32 linux_node;
	u32 server;
	u64 counter;
	u32 still_s;
};

/**
 * struct ihk_boot - one boot
 * @os:		instance
 * @live:	in the live list
 * @layout:	boot area
 * @image:	what elf_image_check() found
 * @block:	boot block, shared with the LWK
 * @cpus:	array in the block, shared
 * @monitors:	array in the block, shared
 * @nodes:	array in the block, shared
 * @kmsg:	log, shared
 * @ncpus:	entries of @cpus, @monitors and @watch
 * @nnodes:	entries of @nodes and @linux_nodes
 * @linux_nodes: Linux's number of each node
 * @cr3:	root of the bootstrap tables
 * @wait:	boot and shutdown wait here for a doorbell
 * @link:	channels, or NULL once they are gone; os->lock
 * @stop_lock:	serialises who stops the CPUs
 * @panicked:	the end of the LWK was noticed
 * @stopped:	doorbells are no longer looked at
 * @panic_work:	stops the CPUs and ends the channels after a panic
 * @kmsg_want:	somebody reached the end of the log and wants to hear of more
 * @kmsg_end:	that end
 * @kmsg_cleared: place in the log before which reads do not go
 * @kmsg_base:	what readers' positions have added to their place in this log
 * @watch:	per LWK CPU
 */
struct ihk_boot {
	struct ihk_os *os;
	struct list_head live;
	struct boot_layout layout;
	struct elf_image image;
	struct boot_block *block;
	struct boot_cpu *cpus;
	struct boot_monitor *monitors;
	struct boot_node *nodes;
	struct kmsg_ring *kmsg;
	u32 ncpus;
	u32 nnodes;
	int linux_nodes[IHK_MAX_NODES];
	u64 cr3;
	wait_queue_head_t wait;
	struct ikc_link *link;
	struct mutex stop_lock;
	unsigned long panicked;
	bool stopped;
	struct work_struct panic_work;
	bool kmsg_want;
	u64 kmsg_end;
	u64 kmsg_cleared;
	u64 kmsg_base;
	struct boot_watch *watch;
};

extern struct srcu_struct ihk_boot_srcu;
extern struct list_head ihk_live_boots;

/*
 * image.c
 */

/**
 * ihk_image_parse() - check an LWK image and find its segments
 * @image: the ELF file
 * @len: its length in bytes
 * @out: segments and entry, valid on success
 *
 * Reports. Context: process context.
 * Return: 0, -ENOEXEC, -E2BIG, -ESTALE when it is of another build.
 */
int ihk_image_parse(const void *image, size_t len, struct elf_image *out);

/**
 * ihk_image_load() - copy the segments to the boot area
 * @boot: @image and @layout are set
 * @image: the ELF file that ihk_image_parse() accepted
 *
 * Context: process context. The memory in between and behind is cleared.
 */
void ihk_image_load(const struct ihk_boot *boot, const void *image);

/*
 * bootpt.c
 */

/** ihk_bootpt_len() - bytes to set aside for the tables of an image of @image_len bytes. */
u64 ihk_bootpt_len(u64 image_len);

/**
 * ihk_bootpt_build() - fill in the bootstrap page tables
 * @boot: @image, @layout and @watch are set; @cr3 is set here
 *
 * Context: process context.
 * Return: 0, -ENOMEM when ihk_bootpt_len() was too little.
 */
int ihk_bootpt_build(struct ihk_boot *boot);

/*
 * bootblock.c
 */

/**
 * ihk_bootblock_layout() - choose the boot area and divide it
 * @boot: @os and @image are set; sets @layout, @ncpus, @nnodes and @linux_nodes
 *
 * Reports. Context: os->lock.
 * Return: 0, -ENOMEM when no chunk is large enough.
 */
int ihk_bootblock_layout(struct ihk_boot *boot);

/**
 * ihk_bootblock_fill() - write boot block, arrays, log head and master rings
 * @boot: laid out; sets @block and the arrays
 *
 * Context: os->lock. The doorbells are published later, by ihk_doorbell_publish().
 */
void ihk_bootblock_fill(struct ihk_boot *boot);

/*
 * boot.c
 */

/**
 * ihk_boot_bell() - an LWK rang, or a bell may have been lost: look at everything
 * @boot: live
 * @linux_cpu: drain the channels that this Linux CPU serves
 *
 * Context: hard interrupt, or process context; RCU read side.
 */
void ihk_boot_bell(struct ihk_boot *boot, unsigned int linux_cpu);

/**
 * ihk_boot_look() - notice a panic, wake who waits
 * @boot: live
 *
 * Context: any; RCU read side.
 */
void ihk_boot_look(struct ihk_boot *boot);

/**
 * ihk_boot_ring() - doorbell to one CPU of a live LWK
 * @boot: live
 * @lwk_cpu: below @boot->ncpus
 *
 * Context: any.
 */
void ihk_boot_ring(const struct ihk_boot *boot, u32 lwk_cpu);

/**
 * ihk_boot_of() - the present or last boot of an instance
 * @os: instance
 *
 * Context: os->lock held. Return: it, or NULL.
 */
static inline struct ihk_boot *ihk_boot_of(const struct ihk_os *os)
{
	return rcu_dereference_protected(os->boot, lockdep_is_held(&os->lock));
}

/**
 * ihk_boot_command() - tell an LWK something, and ring all of its CPUs
 * @boot: live boot
 * @command: BOOT_COMMAND_*
 *
 * Context: any.
 */
void ihk_boot_command(struct ihk_boot *boot, u32 command);

/**
 * ihk_boot_broken() - the LWK broke its side of a protocol: PANIC
 * @boot: live
 * @reason: in a few words
 *
 * Context: any; RCU read side.
 */
void ihk_boot_broken(struct ihk_boot *boot, const char *reason);

/*
 * kmsg.c
 */

/** ihk_kmsg_setup() - make the empty log of a new boot. */
void ihk_kmsg_setup(struct ihk_boot *boot);

/**
 * ihk_kmsg_bell() - did the log grow since somebody reached its end?
 * @boot: any boot
 *
 * Context: any. Wakes @os->wait and signals IHK_EVENT_KMSG.
 */
void ihk_kmsg_bell(struct ihk_boot *boot);

/*
 * monitor.c
 */

/** ihk_monitor_start() - watch the live list, to which one was added. Context: process context. */
void ihk_monitor_start(void);
/** ihk_monitor_exit() - stop the watchdog; no boot is live. */
void ihk_monitor_exit(void);

/*
 * notify.c
 */

/** ihk_notify_init() - hear of Linux's reboots and panics. Return: 0 or -errno. */
int ihk_notify_init(void);
/** ihk_notify_exit() - undo ihk_notify_init(). */
void ihk_notify_exit(void);

#endif

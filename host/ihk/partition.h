/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the partition half of the ihk module: who owns which CPU and which
 * memory, OS instances, and the requests of /dev/mcd0 and /dev/mcosN.
 * The boot half sees ihk.h alone. Locks: see there.
 */
#ifndef IHK_PARTITION_H
#define IHK_PARTITION_H

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "ihk.h"

/*
 * main.c
 */

/** ihk_dev_class - class of all our devices; a node's owner comes from its type. */
extern struct class ihk_dev_class;
/** ihk_dev_type - type of all our devices: sets mode and group of the nodes. */
extern const struct device_type ihk_dev_type;
/** ihk_devt() - device number of /dev/mcosN for N, of /dev/mcd0 for IHK_NO_OS. */
dev_t ihk_devt(int index);

/*
 * report.c
 */

/**
 * struct ihk_request - a request that is being served, on its server's stack
 * @link:	in the list of report.c
 * @task:	who serves it
 * @log:	whether its failure also goes to the log: not for unprivileged
 *		callers, who could flood it
 * @text:	first sentence that ihk_report() got; empty: none
 */
struct ihk_request {
	struct list_head link;
	struct task_struct *task;
	bool log;
	char text[IHK_ERROR_LEN];
};

/** ihk_request_begin() - ihk_report() calls of this thread go to @request from now on. */
void ihk_request_begin(struct ihk_request *request, bool log);
/** ihk_request_end() - undo ihk_request_begin(); @request->text stays. */
void ihk_request_end(struct ihk_request *request);

/*
 * ioctl.c
 */

/**
 * struct ihk_file - one open file of /dev/mcd0 or /dev/mcosN
 * @os:		instance, or NULL for /dev/mcd0; set at open
 * @lock:	protects the fields below, but for the events: that is status_lock
 * @error:	sentence of the last failed request
 * @kmsg_pos:	where the last read of the log ended
 * @status_seq:	instance's status_seq at the last status query
 * @events:	registered struct ihk_event, linked by their file_link
 * @nevents:	their number, also protected by status_lock
 */
struct ihk_file {
	struct ihk_os *os;
	spinlock_t lock;
	char error[IHK_ERROR_LEN];
	u64 kmsg_pos;
	u32 status_seq;
	struct list_head events;
	u32 nevents;
};

/**
 * struct ihk_ioctl - how one request is served
 * @cmd:	number, with direction and size
 * @admin:	needs CAP_SYS_ADMIN
 * @run:	called with the kernel's copy of the argument, which is copied back
 *		after success; for requests without a size, with a pointer to the
 *		integer argument (unsigned long). Returns the ioctl's value.
 */
struct ihk_ioctl {
	u32 cmd;
	bool admin;
	int (*run)(struct ihk_file *file, void *arg);
};

/**
 * ihk_ioctl_run() - serve one ioctl out of a table
 * @file: open file
 * @rows: requests that this node has
 * @nrows: their number
 * @cmd: what is asked
 * @arg: its argument: a user address or an integer, as @cmd says
 *
 * Requests of both nodes (build id, error sentence) are served too.
 * Return: the handler's value, -ENOTTY for an unknown number, -EPERM, -EFAULT.
 */
long ihk_ioctl_run(struct ihk_file *file, const struct ihk_ioctl *rows, size_t nrows,
		   unsigned int cmd, unsigned long arg);

/**
 * ihk_ioctl_delegate() - have a request served by the module that runs processes
 * @file: open file of /dev/mcosN, gets the error sentence
 * @cmd: what is asked, see ihk_delegate_serves()
 * @arg: its argument
 *
 * Return: see ihk_delegate_ioctl().
 */
long ihk_ioctl_delegate(struct ihk_file *file, unsigned int cmd, unsigned long arg);

/**
 * ihk_list_get() - copy a user's list in
 * @list: what the user gave; it must have 1 to @max entries
 * @max: limit
 * @size: of an entry, bytes
 * @out: the copy, to be freed with kvfree()
 */
int __must_check ihk_list_get(const struct ihk_ioc_list *list, u32 max, size_t size, void **out);

/**
 * typedef ihk_fill_fn - produce the entries of a query
 * @file: open file
 * @entries: room for @max entries, or NULL when @max is 0
 *
 * Return: how many entries there are, also when that is more than @max; or -errno.
 */
typedef int ihk_fill_fn(struct ihk_file *file, void *entries, u32 max);

/**
 * ihk_list_query() - answer a query with a list
 * @file: passed on to @fill
 * @list: what the user gave; on return @list->count says how many entries there are
 * @size: of an entry, bytes
 * @fill: called first to learn the number, then for the entries
 */
int ihk_list_query(struct ihk_file *file, struct ihk_ioc_list *list, size_t size,
		   ihk_fill_fn *fill);

/** ihk_blob_put() - copy a string and its NUL out. Return: 0, -ERANGE when it does not fit. */
int ihk_blob_put(struct ihk_ioc_blob *blob, const char *text);

/** ihk_file_open() / ihk_file_close() - common part of open and release. */
int ihk_file_open(struct file *filp, struct ihk_os *os);
void ihk_file_close(struct ihk_file *file);

/** ihk_lock_request() - take ihk_lock for a request. Return: 0, -EINTR on a fatal signal. */
int __must_check ihk_lock_request(void);

/*
 * status.c
 */

/**
 * struct ihk_event - a registered eventfd
 * @os_link:	in os->events, os->status_lock
 * @file_link:	in file->events, os->status_lock
 * @type:	IHK_EVENT_*
 * @ctx:	what to signal
 */
struct ihk_event {
	struct list_head os_link;
	struct list_head file_link;
	u32 type;
	struct eventfd_ctx *ctx;
};

/** ihk_event_add() - register an eventfd until the file is closed. */
int ihk_event_add(struct ihk_file *file, const struct ihk_ioc_event *event);
/** ihk_events_remove() - forget all eventfds of a file that is being closed. */
void ihk_events_remove(struct ihk_file *file);
/** ihk_os_status() - the present state. Context: any. */
enum ihk_status ihk_os_status(struct ihk_os *os);
/** ihk_os_status_get() - fill a status query; the change is then no news for @file. */
void ihk_os_status_get(struct ihk_file *file, struct ihk_ioc_status *status);
/** ihk_os_status_changed() - did the status change since @file asked for it? */
bool ihk_os_status_changed(struct ihk_file *file);

/*
 * os.c
 */

/** ihk_os_create() - make an instance. Return: its index, -ENOSPC, -ENOMEM. */
int ihk_os_create(void);
/** ihk_os_destroy() - end an INACTIVE instance, its CPUs and memory become free for others. */
int ihk_os_destroy(unsigned long index);
/** ihk_os_destroy_all() - rmmod: every instance is INACTIVE. */
void ihk_os_destroy_all(void);
/** ihk_os_next() - the instance with the least index of at least @from, or NULL. ihk_lock held. */
struct ihk_os *ihk_os_next(int from);
/** ihk_os_indices() - fill in the indices. Return: how many. */
int ihk_os_indices(u32 *indices, u32 max);

/**
 * ihk_os_lock_config() - take ihk_lock and os->lock to change what an instance is made of
 * @os: instance
 *
 * Return: 0, -EBUSY unless it is INACTIVE, -ENODEV when it was destroyed, -EINTR.
 */
int __must_check ihk_os_lock_config(struct ihk_os *os);
/** ihk_os_unlock_config() - undo ihk_os_lock_config(). */
void ihk_os_unlock_config(struct ihk_os *os);
/** ihk_os_lock_life() - take os->lock. Return: 0, -ENODEV when it was destroyed, -EINTR. */
int __must_check ihk_os_lock_life(struct ihk_os *os);
/** ihk_os_recount() - bring the sums of an instance up to date. ihk_lock and os->lock held. */
void ihk_os_recount(struct ihk_os *os);

/*
 * cpu.c
 */

/** ihk_cpu_init() - hotplug guard. */
int ihk_cpu_init(void);
/** ihk_cpu_exit() - give all CPUs back, drop the guard. */
void ihk_cpu_exit(void);
/** ihk_cpu_reserve() - take CPUs from Linux, all or none. ihk_lock held. */
int ihk_cpu_reserve(const u32 *cpus, u32 ncpus);
/** ihk_cpu_release() - give CPUs back to Linux. ihk_lock held. */
int ihk_cpu_release(const u32 *cpus, u32 ncpus);
/** ihk_cpu_check_free() - all reserved, unassigned, named once? Reports. ihk_lock held. */
int ihk_cpu_check_free(const u32 *cpus, u32 ncpus, struct cpumask *seen);
/** ihk_cpu_find() - a reserved CPU, or NULL. ihk_lock held. */
struct ihk_cpu *ihk_cpu_find(u32 linux_cpu);
/** ihk_cpu_next() - the reserved CPU with the least number of at least @from, or NULL. */
struct ihk_cpu *ihk_cpu_next(unsigned long from);
/** ihk_cpu_held() - is the CPU reserved, or about to be? Context: any. */
bool ihk_cpu_held(u32 linux_cpu);
/** ihk_cpu_query() - reserved CPUs (of @os, if not NULL). ihk_lock held. Return: how many. */
int ihk_cpu_query(const struct ihk_os *os, struct ihk_ioc_cpu *out, u32 max);

/*
 * speed.c
 */

/**
 * ihk_speed_keep() - have Linux ask for a CPU's highest frequency, and keep how it does
 * @cpu: its @speed_msr and @speed_value are set; the first stays BOOT_SPEED_NONE if Linux has no
 *	 driver for the frequency, or one that does not use these registers
 *
 * Context: @cpu is online; sleeps. ihk_lock held.
 */
void ihk_speed_keep(struct ihk_cpu *cpu);

/*
 * os_cpu.c, with ihk_lock and os->lock held
 */

/** ihk_cpu_assign() - give reserved CPUs to an instance, all or none. */
int ihk_cpu_assign(struct ihk_os *os, const u32 *cpus, u32 ncpus);
/** ihk_cpu_unassign() - take CPUs from an instance, all or none. */
int ihk_cpu_unassign(struct ihk_os *os, const u32 *cpus, u32 ncpus);
/** ihk_cpu_unassign_all() - take all CPUs from an instance. */
void ihk_cpu_unassign_all(struct ihk_os *os);
/** ihk_ikc_map_set() - choose the Linux CPUs that serve an instance, all or none. */
int ihk_ikc_map_set(struct ihk_os *os, const struct ihk_ioc_ikc *map, u32 n);
/** ihk_ikc_map_refresh() - replace servers that are not Linux's any more. */
void ihk_ikc_map_refresh(struct ihk_os *os);

/*
 * chunk.c
 */

/* Which chunks a part is taken from, and where one is cut. */
enum ihk_take {
	IHK_TAKE_LARGE,		/* few and long pieces, cut from the front */
	IHK_TAKE_SMALL,		/* the shortest pieces, cut from the end */
};

/** ihk_chunk_new() - a chunk [start, end) without owner, or NULL. */
struct ihk_chunk *ihk_chunk_new(u64 start, u64 end, int node);
/** ihk_chunk_insert() - put a chunk into a list sorted by address, merged with its neighbours. */
void ihk_chunk_insert(struct list_head *list, struct ihk_chunk *chunk);
/** ihk_chunk_sum() - bytes of one node, or of all for IHK_ANY_NODE. */
u64 ihk_chunk_sum(const struct list_head *list, int node);

/**
 * ihk_chunk_take() - move @len bytes of a node from one list to another
 * @from: list that has as much
 * @node: node, or IHK_ANY_NODE
 * @len: bytes, a multiple of the page size
 * @how: which
 * @to: list
 *
 * Return: 0, or -ENOMEM (no memory for one descriptor) with nothing moved.
 */
int ihk_chunk_take(struct list_head *from, int node, u64 len, enum ihk_take how,
		   struct list_head *to);

/*
 * mem.c
 */

/** ihk_mem_reserve() - take memory from Linux. ihk_lock held. */
int ihk_mem_reserve(const struct ihk_ioc_reserve_mem *req, const struct ihk_ioc_mem *mems);
/** ihk_mem_release() - give memory back to Linux, all or none. ihk_lock held. */
int ihk_mem_release(const struct ihk_ioc_mem *mems, u32 n);
/** ihk_mem_exit() - rmmod: give all back. */
void ihk_mem_exit(void);
/** ihk_mem_assign() - give reserved memory to an instance. ihk_lock, os->lock held. */
int ihk_mem_assign(struct ihk_os *os, const struct ihk_ioc_mem *mems, u32 n);
/** ihk_mem_unassign() - take memory from an instance, scrubbed. ihk_lock, os->lock held. */
int ihk_mem_unassign(struct ihk_os *os, const struct ihk_ioc_mem *mems, u32 n);
/** ihk_mem_unassign_all() - likewise, all of it. */
void ihk_mem_unassign_all(struct ihk_os *os);
/** ihk_mem_mark_used() - @os is about to be booted. ihk_lock, os->lock held. */
void ihk_mem_mark_used(struct ihk_os *os);
/**
 * ihk_mem_clean() - let Linux have the pages that it still uses, or knows to be broken
 * @chunks: lose such pages, and may be cut in pieces by that
 * @scrub: clear all others, and leave those chunks alone that no LWK was booted with
 *
 * No LWK runs on @chunks. ihk_lock held.
 */
void ihk_mem_clean(struct list_head *chunks, bool scrub);
/**
 * ihk_mem_trim() - let Linux have the shortest pieces if there are more than can be booted with
 * @chunks: an instance's, sorted by address
 *
 * No LWK runs on @chunks. ihk_lock held.
 */
void ihk_mem_trim(struct list_head *chunks);
/** ihk_mem_query() - chunks (of @os, if not NULL). ihk_lock held. Return: how many. */
int ihk_mem_query(const struct ihk_os *os, struct ihk_ioc_mem *out, u32 max);
/** ihk_mem_hide() - clear what an unprivileged caller of a query may not know. */
void ihk_mem_hide(struct ihk_ioc_mem *out, u32 n);

/*
 * mem_alloc.c
 */

/**
 * struct ihk_mem_job - memory to be taken from one node
 * @node:	Linux's node
 * @all:	all that it can spare
 * @want:	bytes
 * @got:	bytes so far
 * @min_chunk:	least length of a piece
 * @deadline:	jiffies at which to give up
 * @chunks:	what was got
 */
struct ihk_mem_job {
	int node;
	bool all;
	u64 want;
	u64 got;
	u64 min_chunk;
	unsigned long deadline;
	struct list_head chunks;
};

/** ihk_node_free() - free bytes of a node. */
u64 ihk_node_free(int node);
/** ihk_node_spare() - bytes that Linux can do without there: an estimate. */
u64 ihk_node_spare(int node);

/**
 * ihk_mem_alloc() - take @job->want bytes, as long as Linux can spare them
 * @job: @got and @chunks are the result
 *
 * Getting less is no error. Context: sleeps long.
 * Return: 0, -ETIMEDOUT, -EINTR on a fatal signal, -ENOMEM without a descriptor;
 * @job->chunks holds what was got until then.
 */
int __must_check ihk_mem_alloc(struct ihk_mem_job *job);

/** ihk_mem_free_range() - give the pages of [start, end) to Linux. Context: sleeps. */
void ihk_mem_free_range(u64 start, u64 end);
/** ihk_mem_free() - give the pages of all chunks in a list to Linux, empty the list. */
void ihk_mem_free(struct list_head *chunks);

/*
 * delegate.c
 */

/** ihk_delegate_serves() - is a request for the module that runs processes? */
bool ihk_delegate_serves(unsigned int cmd);

/**
 * ihk_delegate_ioctl() - have it served
 * @os: instance of the file that it was made on
 * @cmd: what is asked
 * @arg: its argument
 *
 * Return: what its handler returns; -ENODEV when the instance was destroyed; -ENOTTY when there
 * is no such module.
 */
long ihk_delegate_ioctl(struct ihk_os *os, unsigned int cmd, unsigned long arg);

/*
 * mcd.c, mcos.c, mcos_query.c
 */

extern const struct file_operations ihk_mcd_fops;
extern const struct file_operations ihk_mcos_fops;

/* Rows of the table in mcos.c; they change nothing. */

/**
 * ihk_mcos_check_alive() - was the instance destroyed? Reports.
 * @os: instance; without a lock it may be destroyed directly afterwards
 *
 * Return: 0, -ENODEV.
 */
int ihk_mcos_check_alive(struct ihk_os *os);
/** ihk_mcos_query_cpu() - IHK_IOC_OS_QUERY_CPU */
int ihk_mcos_query_cpu(struct ihk_file *file, void *arg);
/** ihk_mcos_query_mem() - IHK_IOC_OS_QUERY_MEM */
int ihk_mcos_query_mem(struct ihk_file *file, void *arg);
/** ihk_mcos_get_ikc_map() - IHK_IOC_GET_IKC_MAP */
int ihk_mcos_get_ikc_map(struct ihk_file *file, void *arg);
/** ihk_mcos_get_kargs() - IHK_IOC_GET_KARGS */
int ihk_mcos_get_kargs(struct ihk_file *file, void *arg);
/** ihk_mcos_get_status() - IHK_IOC_GET_STATUS */
int ihk_mcos_get_status(struct ihk_file *file, void *arg);
/** ihk_mcos_read_kmsg() - IHK_IOC_READ_KMSG */
int ihk_mcos_read_kmsg(struct ihk_file *file, void *arg);
/** ihk_mcos_set_eventfd() - IHK_IOC_SET_EVENTFD */
int ihk_mcos_set_eventfd(struct ihk_file *file, void *arg);
/** ihk_mcos_query_nodes() - IHK_IOC_QUERY_NODES */
int ihk_mcos_query_nodes(struct ihk_file *file, void *arg);
/** ihk_mcos_query_monitors() - IHK_IOC_QUERY_MONITORS */
int ihk_mcos_query_monitors(struct ihk_file *file, void *arg);

#endif

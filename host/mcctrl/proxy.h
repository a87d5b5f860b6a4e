/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Proxies and twins: the processes and threads of Linux that stand for those of an LWK.
 *
 * A proxy is an open file that only its own process may use. Its address space in the
 * sense of mmap() is the program's LWK-owned memory (map.c); what Linux owns of the
 * program's memory is lent to the LWK (lend.c). A twin is a thread of the proxy that waits for
 * requests in its slot (twin.c).
 *
 * Locks: docs/locking.md.
 */
#ifndef MCCTRL_PROXY_H
#define MCCTRL_PROXY_H

#include <linux/fs.h>
#include <linux/mmu_notifier.h>
#include <linux/resource.h>
#include <linux/workqueue.h>

#include "abi/mcctrl_ioctl.h"
#include "peer.h"

struct twin;

/** enum proxy_state - how far a proxy's process on the LWK is */
enum proxy_state {
	PROXY_NEW,	/* there is none */
	PROXY_PREPARED,	/* it may be there, and has to be cleaned up */
	PROXY_STARTED,	/* it runs */
	PROXY_ENDED,	/* it is gone, for good */
};

/**
 * struct revoke - a REVOKE of the LWK's
 * @work:	serves it
 * @lock:	protects the following; taken with interrupts off
 * @busy:	one is under way
 * @closed:	there will be no other one
 * @msg:	what it says
 */
struct revoke {
	struct work_struct work;
	spinlock_t lock;
	bool busy;
	bool closed;
	struct msg_revoke msg;
};

/* Page tables that a proxy remembers having used; few programs have more touched by Linux. */
#define MAP_TABLES 16

/**
 * struct map - the LWK-owned memory of a program, as Linux has it mapped
 * @inode:	of the proxy's file, with a reference: its mappings are those of the memory.
 *		NULL until there is a file
 * @lock:	protects the following, and the insertion of pages
 * @seq:	grows when pages have been taken out of the mappings: what was learnt before
 *		may not be inserted any more
 * @dead:	nothing may be inserted any more
 * @window:	pages that the next fault may insert at most
 * @tables:	addresses of the page tables that pages were inserted into
 * @ntables:	how many; more than MAP_TABLES: there are others
 * @revoke:	what the LWK wants taken out
 */
struct map {
	struct inode *inode;
	struct revoke revoke;
	struct mutex lock;
	u64 seq;
	bool dead;
	u32 window;
	u64 tables[MAP_TABLES];
	u32 ntables;
};

/**
 * struct lend - the Linux-owned memory of a program, as far as the LWK has it
 * @notifier:	over all of the proxy's address space
 * @lock:	orders loans and recalls; protects @seq
 * @seq:	number of the last recall
 * @pages:	numbers of the user pages that may be lent
 * @recall_lock: held while frames are recalled; protects @request
 * @request:	RECALL
 */
struct lend {
	struct mmu_interval_notifier notifier;
	spinlock_t lock;
	u64 seq;
	struct xarray pages;

	struct mutex recall_lock;
	struct request request;
};

/**
 * struct vdso - where Linux's time pages and vDSO are in the proxy: [start, end) each
 */
struct vdso {
	u64 vvar_start;
	u64 vvar_end;
	u64 vdso_start;
	u64 vdso_end;
};

/**
 * struct call_site - where mcexec makes the program's system calls: see struct mcctrl_create
 */
struct call_site {
	u64 look;
	u64 made;
	u64 abort;
};

#define PROXY_NFILES 5

/** struct proxy_file - a file of /proc/mcosN/PID/ */
struct proxy_file {
	struct proxy *proxy;
	enum offload_file file;
};

/**
 * struct proxy - one process that runs on an LWK
 * @peer:	its LWK
 * @pid:	id of the process, also in messages
 * @tgid:	the same for Linux
 * @mm:		address space; its structure is kept by @lend
 * @site:	where it makes calls; set before there is a twin
 * @as_limit:	RLIMIT_AS before mcctrl lifted it
 * @executed:	it has executed another program; set before it ends on the LWK
 * @status:	how it ended, as wait(2) has it; likewise
 * @link:	in peer->proxies while the file is open; peer->lock
 * @end_work:	ends the process
 * @free_work:	does too, and frees the proxy: the file is closed
 * @rcu:	frees it: it is looked up for REVOKE
 * @lock:	protects the following
 * @state:	enum proxy_state; also read without the lock
 * @cpu:	LWK CPU of its main thread
 * @vdso:	set before it is PROXY_STARTED
 * @leader:	twin of the first thread, or NULL; also read by that thread without the lock
 * @map:	LWK-owned memory
 * @lend:	Linux-owned memory
 * @dir:	/proc/mcosN/PID, or NULL; files_lock
 * @files:	what is in it
 */
struct proxy {
	struct peer *peer;
	u32 pid;
	struct pid *tgid;
	struct mm_struct *mm;
	struct call_site site;
	bool executed;
	s32 status;
	struct rlimit as_limit;
	struct list_head link;
	struct work_struct end_work;
	struct work_struct free_work;
	struct rcu_head rcu;

	struct mutex lock;
	enum proxy_state state;
	u32 cpu;
	struct vdso vdso;
	struct twin *leader;

	struct map map;
	struct lend lend;

	struct proc_dir_entry *dir;
	struct proxy_file files[PROXY_NFILES];
};

/** proxy_chan() - the channel for messages about a proxy that are answered at once. */
static inline struct peer_chan *proxy_chan(struct proxy *proxy)
{
	return &proxy->peer->cpus[READ_ONCE(proxy->cpu)].syscall;
}

/*
 * proxy.c
 */

/** proxy_exit() - the module goes; there is no proxy. */
void proxy_exit(void);

/**
 * proxy_create() - MCCTRL_IOC_CREATE_PROXY
 * @ihk: instance that it was asked on
 * @arg: user address of a struct mcctrl_create
 *
 * Reports. Context: process context. Return: a file descriptor, or -errno.
 */
long proxy_create(struct ihk_os *ihk, void __user *arg);

/** proxy_end() - its address space ends: end the process on the LWK, some time later. */
void proxy_end(struct proxy *proxy);
/**
 * proxy_fork() - MCCTRL_IOC_FORK_PROXY
 * @parent: the proxy whose child the calling process is
 * @arg: user address
 *
 * Context: process context. Return: a file descriptor, or -errno.
 */
long proxy_fork(struct proxy *parent, const struct mcctrl_fork __user *arg);

/** proxy_die() - the LWK is dead: end the process, unmap its memory. peer->lock held. */
void proxy_die(struct proxy *proxy);

/*
 * prepare.c
 */

/** proxy_prepare() - MCCTRL_IOC_PREPARE_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_prepare(struct proxy *proxy, struct mcctrl_prepare __user *arg);
/**
 * proxy_adopt() - take over the process that the LWK made when @parent forked
 * @proxy: the caller's, new
 * @parent: of which the caller is a child
 * @token: of the process
 *
 * Context: the proxy's. Return: 0 or -errno.
 */
int proxy_adopt(struct proxy *proxy, const struct proxy *parent, u64 token);
/** proxy_fill() - MCCTRL_IOC_FILL_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_fill(struct proxy *proxy, const struct mcctrl_fill __user *arg);

/** proxy_caps() - OFFLOAD_CAP_* of the calling thread. Context: process context. */
u32 proxy_caps(void);
/** proxy_start() - MCCTRL_IOC_START_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_start(struct proxy *proxy);

/*
 * twin.c
 */

/**
 * twin_create() - make the calling thread a twin
 * @proxy: its process
 * @slot: physical address of its slot, a page of granted memory
 *
 * Context: process context. Return: 0, -EBUSY when thread or slot is taken, -ENOMEM.
 */
int twin_create(struct proxy *proxy, u64 slot);

/** twin_destroy_all() - forget a proxy's twins; none of its threads is in a request. */
void twin_destroy_all(struct proxy *proxy);

/**
 * twin_stop_all() - the LWK is dead: nobody touches a slot any more when this returns
 * @peer: dead
 *
 * Context: process context.
 */
void twin_stop_all(struct peer *peer);

/**
 * twin_lose_all() - the LWK is dead: have a process end by itself
 * @proxy: its peer's twins were stopped
 *
 * Context: any but hard interrupt.
 * Return: whether it will: all its twins wait in mcctrl. Else it has to be killed.
 */
bool twin_lose_all(struct proxy *proxy);

/** twin_wait() - MCCTRL_IOC_WAIT_SYSCALL. Context: the proxy's. Return: 0 or -errno. */
long twin_wait(struct proxy *proxy, struct mcctrl_wait __user *arg);

/** twin_add() - MCCTRL_IOC_ADD_TWIN. Context: a new thread of the proxy. Return: 0 or -errno. */
long twin_add(struct proxy *proxy, const struct mcctrl_twin __user *arg);

/** twin_end() - MCCTRL_IOC_END_TWIN. Context: a twin of the proxy. Return: 0 or -errno. */
long twin_end(struct proxy *proxy);

/**
 * twin_count_signal() - the LWK acknowledged a signal that the calling thread took
 * @proxy: its process
 * @again: more like it may come without end
 *
 * Context: the proxy's. Return: whether the thread is to hold back further ones.
 */
bool twin_count_signal(struct proxy *proxy, bool again);

/** twin_exists() - is there a twin with these ids? Context: any. */
bool twin_exists(struct peer *peer, u32 pid, u32 tid);

/** twin_tid() - tid of the calling thread if it is a twin of this proxy, else 0. */
u32 twin_tid(struct proxy *proxy);

/*
 * map.c
 */

struct extent;

/** map_init() - no page is mapped. */
void map_init(struct map *map);
/** map_exit() - no REVOKE is or will be served. Context: process context. */
void map_exit(struct map *map);
/**
 * map_revoke_later() - serve a REVOKE from a work item
 * @map: not map_exit()ed, or under RCU
 * @msg: copy
 *
 * Context: any. Return: 0, -EINVAL for what is no range of the program's, -EBUSY.
 */
int map_revoke_later(struct map *map, const struct msg_revoke *msg);
/** map_seq() - see struct map; for before map_extent(). Context: may sleep. Return: the number. */
u64 map_seq(struct map *map);

/**
 * map_extent() - ask the LWK where its memory is
 * @proxy: whose
 * @addr: user address
 * @write: for writing, as in struct msg_fault
 * @extent: result, contains @addr; good as long as map_seq() stays the same, under the map's lock
 *
 * Context: process context, the map's lock not held. Return: 0 or -errno.
 */
int map_extent(struct proxy *proxy, u64 addr, u32 write, struct extent *extent);

/** map_mmap() - mmap() of a proxy's file. Return: 0 or -errno. */
int map_mmap(struct file *file, struct vm_area_struct *vma);
/** map_holes() - map a proxy's file wherever its process has nothing. Return: 0 or -errno. */
int map_holes(struct file *file);
/** map_owns() - is this a mapping of LWK-owned memory? */
bool map_owns(const struct vm_area_struct *vma);
/** map_die() - take everything out for good: the memory changes hands. */
void map_die(struct map *map);

/*
 * lend.c
 */

/**
 * struct loan - frames that Linux lends
 * @npages:	entries of @frames
 * @seq:	see abi/offload.h
 * @frames:	address and OFFLOAD_LOAN_WRITE
 */
struct loan {
	u32 npages;
	u64 seq;
	u64 frames[OFFLOAD_MAX_LOAN];
};

/** lend_init() - watch the calling process's address space. Return: 0 or -errno. */
int lend_init(struct proxy *proxy);
/** lend_exit() - undo lend_init(): the process on the LWK is gone. */
void lend_exit(struct proxy *proxy);

/**
 * lend_serve() - OFFLOAD_NR_FAULT
 * @proxy: the caller's
 * @args: address, PROT_*, pages
 * @loan: result
 *
 * Context: a thread of the proxy, sleeps.
 * Return: number of pages, at least 1; -EFAULT, -EAGAIN.
 */
int lend_serve(struct proxy *proxy, const u64 *args, struct loan *loan);

/*
 * files.c
 */

/** files_proxy_add() - make /proc/mcosN/PID, for the caller's user. Context: process context. */
void files_proxy_add(struct proxy *proxy);
/** files_proxy_remove() - undo it, if it was done; waits for who reads there. */
void files_proxy_remove(struct proxy *proxy);

/*
 * signal.c
 */

/** signal_send() - MCCTRL_IOC_SEND_SIGNAL. Context: the proxy's. Return: 0, 1 or -errno. */
long signal_send(struct proxy *proxy, const struct mcctrl_signal __user *arg);

/** signal_stop_pending() - is the calling thread about to stop, as by SIGSTOP? */
bool signal_stop_pending(void);

#endif

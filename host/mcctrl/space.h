/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spaces: the address spaces of programs, on Linux.
 *
 * A space is an open file that only processes with that address space may use, each of which has a
 * proxy. The file in the sense of mmap() is the program's LWK-owned memory (map.c); what Linux
 * owns of the program's memory is lent to the LWK (lend.c).
 *
 * Locks: docs/locking.md.
 */
#ifndef MCCTRL_SPACE_H
#define MCCTRL_SPACE_H

#include <linux/fs.h>
#include <linux/mmu_notifier.h>
#include <linux/workqueue.h>

#include "abi/offload.h"
#include "peer.h"

struct image;
struct proxy;

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

/**
 * struct map - the LWK-owned memory of a program, as Linux has it mapped
 * @inode:	of the space's file, with a reference: its mappings are those of the memory.
 *		NULL until there is a file
 * @lock:	protects the following, and the insertion of pages
 * @seq:	grows when pages have been taken out of the mappings: what was learnt before
 *		may not be inserted any more
 * @dead:	nothing may be inserted any more
 * @window:	pages that the next fault may insert at most
 * @absent_start: there is no page in [@absent_start, @absent_end); the thread that dumps core
 * @absent_end:	see @absent_start
 * @tables:	frames that may be mapped: see frames.c
 * @revoke:	what the LWK wants taken out
 */
struct map {
	struct inode *inode;
	struct revoke revoke;
	struct mutex lock;
	u64 seq;
	bool dead;
	u32 window;
	u64 absent_start;
	u64 absent_end;
	struct xarray tables;
};

/**
 * struct lend - the Linux-owned memory of a program, as far as the LWK has it
 * @notifier:	over all of the proxy's address space
 * @lock:	orders loans and recalls; protects @seq
 * @seq:	number of the last recall
 * @pages:	which user pages may be lent, by blocks of them
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

/**
 * struct space - the address space of a program, which several processes may have in common
 * @ref:	its file's, and one of each proxy
 * @peer:	the LWK; the space has a reference
 * @mm:		on Linux; its structure is kept by @lend
 * @cpu:	LWK CPU of whom it was made for
 * @site:	where mcexec makes calls in it; set before there is a twin
 * @vdso:	set before any process of it is PROXY_STARTED
 * @unfilled:	how many ranges of its image are not filled yet; written before the LWK has any page
 * @shared:	others have, or had, some of its memory, too, and it may write there
 * @map:	LWK-owned memory
 * @lend:	Linux-owned memory
 * @lock:	protects the following; taken with interrupts off
 * @members:	struct proxy by @member: its processes
 * @first:	one of them, mostly the only one, or NULL; read under RCU
 * @named_wait:	for the requests in which a process is named
 * @nlive:	how many of them are @known, and the LWK has not been told the end of
 * @ended:	that was so of the last: nobody else can become known
 * @image:	of its program, while the address space is there; or NULL
 * @file:	its file, if its processes have no descriptor of it, until @ended; or NULL. Whether
 *		there is one is also read without the lock
 * @free_work:	frees it: nobody is left
 * @rcu:	likewise: a REVOKE finds it by a process
 */
struct space {
	struct kref ref;
	struct peer *peer;
	struct mm_struct *mm;
	u32 cpu;
	struct call_site site;
	struct vdso vdso;
	atomic_t unfilled;
	bool shared;

	struct map map;
	struct lend lend;

	spinlock_t lock;
	struct list_head members;
	struct proxy __rcu *first;
	wait_queue_head_t named_wait;
	u32 nlive;
	bool ended;
	struct image *image;
	struct file *file;

	struct work_struct free_work;
	struct rcu_head rcu;
};

/*
 * space.c
 */

/**
 * space_create() - make one of the calling process's
 * @peer: its LWK
 * @out: result, with a reference
 *
 * Context: process context. Return: 0 or -errno.
 */
int space_create(struct peer *peer, struct space **out);
/** space_put() - drop a reference. Context: any but hard interrupt. */
void space_put(struct space *space);
/** space_open() - make its file, which has a reference. Return: the file, or an ERR_PTR(). */
struct file *space_open(struct space *space);
/**
 * space_keep() - keep its file open, which nobody has a descriptor of
 * @space: the space
 * @file: its file; the reference is the space's now, until the last of its processes has ended
 *
 * Context: process context.
 */
void space_keep(struct space *space, struct file *file);
/** space_add() - it has one more process. Context: any. Return: false: all have ended. */
bool space_add(struct space *space, struct proxy *proxy);
/**
 * space_know() - the LWK knows that process
 * @space: the space
 * @proxy: has been added, and is not ending
 *
 * Context: any. Return: false: all others have ended, and the memory with them; so has it to.
 */
bool __must_check space_know(struct space *space, struct proxy *proxy);
/** space_leave() - undo space_add(), the LWK has been told. Context: may sleep. */
void space_leave(struct space *space, struct proxy *proxy);
/** space_end_one() - the LWK is about to be told the end of one. Context: process context. */
void space_end_one(struct space *space, struct proxy *proxy);
/** space_end_all() - all of its processes have to end. Context: any. */
void space_end_all(struct space *space);

/**
 * space_name() - a process by which the LWK knows the space
 * @space: the space
 * @fault: for REMOTE_PAGE_FAULT, which one that ends does not answer; else for RECALL
 *
 * Whoever gets one calls space_named() when the LWK has answered. Meanwhile it stays, and its id is
 * nobody else's.
 *
 * Context: any. Return: its proxy; NULL: there is none.
 */
struct proxy *space_name(struct space *space, bool fault);

/**
 * space_named() - the request is over in which a process was named
 * @proxy: what space_name() returned
 * @fault: as there
 * @err: the LWK's answer
 *
 * Context: any. Return: whether to name another, as the LWK does not know this one.
 */
bool space_named(struct proxy *proxy, bool fault, int err);

/** space_chan() - the channel for messages about a space that are answered at once. */
static inline struct peer_chan *space_chan(struct space *space)
{
	return &space->peer->cpus[READ_ONCE(space->cpu)].syscall;
}

/*
 * map.c
 */

struct extent;

/** map_init() - no page is mapped. */
void map_init(struct map *map);
/** map_exit() - no REVOKE is or will be served, nothing is mapped. Context: process context. */
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
 * @space: whose
 * @addr: user address
 * @write: for writing, as in struct msg_fault
 * @extent: result, contains @addr; good as long as map_seq() stays the same, under the map's lock
 *
 * Context: process context, the map's lock not held. Return: 0 or -errno.
 */
int map_extent(struct space *space, u64 addr, u32 write, struct extent *extent);

/**
 * map_mmap() - mmap() of a space's file
 * @vma: what is mapped
 * @dump: for a core file, where it is unless MADV_DONTDUMP says otherwise
 *
 * Context: mmap lock, writing. Return: 0 or -errno.
 */
int map_mmap(struct vm_area_struct *vma, bool dump);
/** map_holes() - map a space's file wherever its process has nothing. Return: 0 or -errno. */
int map_holes(struct file *file);
/** map_owns() - is this a mapping of LWK-owned memory? */
bool map_owns(const struct vm_area_struct *vma);
/** map_die() - take everything out for good: the memory changes hands. Context: may sleep. */
void map_die(struct space *space);
/** map_flush() - what a REVOKE under way has found in use, the LWK knows. Context: may sleep. */
void map_flush(struct map *map);

/*
 * frames.c
 */

/**
 * frames_note() - note what is about to be mapped
 * @map: its lock held
 * @extent: inside one page table
 *
 * Return: 0, -ENOMEM, -EPROTO: something else is noted there that was not revoked.
 */
int frames_note(struct map *map, const struct extent *extent);

/**
 * frames_forget() - a range is not mapped any more
 * @map: its lock held
 * @peer: is to hear by pins_tell() what Linux uses nevertheless
 * @start: user addresses [start, end), page-aligned
 * @end: see @start
 *
 * Return: whether it has anything to hear.
 */
bool frames_forget(struct map *map, struct peer *peer, u64 start, u64 end);

/**
 * frames_next() - where in a range something may be mapped
 * @map: its lock held
 * @start: result
 * @end: where to begin to look, then the end of what was found
 * @limit: end of the range
 *
 * Return: whether there is any more in it.
 */
bool frames_next(struct map *map, u64 *start, u64 *end, u64 limit);

/*
 * lend.c
 */

/**
 * struct loan - frames that Linux lends
 * @start:	address of the first
 * @npages:	entries of @frames
 * @seq:	see abi/offload.h
 * @frames:	address and OFFLOAD_LOAN_*
 */
struct loan {
	u64 start;
	u32 npages;
	u64 seq;
	u64 frames[OFFLOAD_MAX_LOAN];
};

/** lend_init() - watch the calling process's address space. Return: 0 or -errno. */
int lend_init(struct space *space);
/** lend_exit() - undo lend_init(): no process on the LWK has it. */
void lend_exit(struct space *space);

/**
 * lend_serve() - OFFLOAD_NR_FAULT
 * @space: the caller's
 * @args: address, PROT_*, pages
 * @loan: result
 *
 * Context: a thread of the proxy, sleeps.
 * Return: number of pages, at least 1; -EFAULT, -EAGAIN.
 */
int lend_serve(struct space *space, const u64 *args, struct loan *loan);

/**
 * lend_kind() - what a mapping that was just made is
 * @mm: its address space
 * @addr: its address
 *
 * Context: process context. Return: OFFLOAD_MAPPED_*.
 */
u32 lend_kind(struct mm_struct *mm, u64 addr);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Proxies and twins: the processes and threads of Linux that stand for those of an LWK.
 *
 * A space is an open file that only processes with that address space may use, each of which has a
 * proxy. The file in the sense of mmap() is the program's LWK-owned memory (map.c); what Linux
 * owns of the program's memory is lent to the LWK (lend.c). A twin is a thread of the proxy that
 * waits for requests in its slot (twin.c).
 *
 * Locks: docs/locking.md.
 */
#ifndef MCCTRL_PROXY_H
#define MCCTRL_PROXY_H

#include <linux/fs.h>
#include <linux/mmu_notifier.h>
#include <linux/resource.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "abi/mcctrl_ioctl.h"
#include "peer.h"
#include "spare.h"

struct core;
struct twin;

/** enum proxy_state - how far a proxy's process on the LWK is */
enum proxy_state {
	PROXY_NEW,	/* there is none */
	PROXY_PREPARED,	/* it may be there, and has to be cleaned up */
	PROXY_STARTED,	/* it runs */
	PROXY_ENDED,	/* it is gone, for good */
};

/** enum proxy_halt - HALT_THREADS, for the twins that are killed */
enum proxy_halt {
	HALT_NO,	/* its threads may be in user mode */
	HALT_ASKED,	/* one of the twins waits for the LWK's answer */
	HALT_DONE,	/* no thread of it returns to user mode any more */
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
 * @nlive:	how many of them are @known, and the LWK has not been told the end of
 * @ended:	that was so of the last: nobody else can become known
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
	u32 nlive;
	bool ended;

	struct work_struct free_work;
	struct rcu_head rcu;
};

/**
 * struct image - what a new program's memory has to be filled with before anybody may see it: until
 * then there is in it what others left there
 * @lock:	protects @filled
 * @filled:	bit n: range n is
 * @nranges:	entries of @ranges, at most PROGRAM_MAX_SECTIONS
 * @ranges:	addresses of bytes that come from a file
 */
struct image {
	spinlock_t lock;
	unsigned long filled;
	u32 nranges;
	struct mcctrl_range ranges[PROGRAM_MAX_SECTIONS];
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
 * @space:	its address space; the proxy has a reference
 * @pid:	id of the process, also in messages
 * @tgid:	the same for Linux
 * @as_limit:	RLIMIT_AS before mcctrl lifted it
 * @executed:	it has executed another program; set before it ends on the LWK
 * @status:	how it ended, as wait(2) has it; likewise
 * @started:	when the process began, ns since boot
 * @exec_id:	of the program that it executes
 * @link:	in peer->proxies until it ends; peer->lock
 * @exit_wait:	on the queue of @tgid: tells that the process has died
 * @ending:	bit 0: @end_work was queued, which happens once
 * @end_work:	ends the process, and frees the proxy
 * @rcu:	frees it: it is looked up by its id
 * @closing:	how many had ended when it had; lock of the table of ids
 *
 * space->lock:
 * @member:	in space->members
 * @known:	the LWK knows the process
 * @deaf:	it answers no REMOTE_PAGE_FAULT any more; its threads may still run
 * @lost:	the LWK does not know it any more
 *
 * @halt:	enum proxy_halt, by compare-and-swap
 * @halt_wait:	twins wait here for the one that asks the LWK
 *
 * @lock:	protects the following
 * @state:	enum proxy_state; also read without the lock
 * @cpu:	LWK CPU of its main thread
 * @image:	what it was prepared for, unless it was made by fork, or NULL; set once, also read
 *		without the lock
 * @core:	it is about to dump core, or NULL; set once, read under RCU
 * @leader:	twin of the first thread, or NULL; also read by that thread without the lock
 * @spares:	spare twins
 * @dir:	/proc/mcosN/PID, or NULL; files_lock
 * @files:	what is in it
 */
struct proxy {
	struct peer *peer;
	struct space *space;
	u32 pid;
	struct pid *tgid;
	bool executed;
	s32 status;
	u64 started;
	u64 exec_id;
	struct rlimit as_limit;
	struct list_head link;
	wait_queue_entry_t exit_wait;
	unsigned long ending;
	struct work_struct end_work;
	struct rcu_head rcu;
	u64 closing;

	struct list_head member;
	bool known;
	bool deaf;
	bool lost;

	atomic_t halt;
	wait_queue_head_t halt_wait;

	struct mutex lock;
	enum proxy_state state;
	u32 cpu;
	struct image *image;
	struct core __rcu *core;
	struct twin *leader;
	struct spares spares;

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

/**
 * proxy_end() - end the process on the LWK and free the proxy, some time later
 * @proxy: not freed meanwhile: space->lock is held, or RCU
 *
 * Context: any.
 */
void proxy_end(struct proxy *proxy);
/**
 * proxy_wait_ended() - wait for the ends of processes
 * @peer: their LWK
 *
 * Until the LWK has forgotten those that have ended on Linux by now, or a signal comes.
 *
 * Context: process context, no lock held.
 */
void proxy_wait_ended(const struct peer *peer);
/** proxy_limit_restore() - for what the process does next, execve(2). Context: as proxy_end(). */
void proxy_limit_restore(const struct proxy *proxy);
/**
 * proxy_fork() - MCCTRL_IOC_FORK_PROXY
 * @space: of whom has made the calling process
 * @arg: user address
 *
 * Context: process context.
 * Return: a file descriptor; 0: the process has the parent's address space, and file; -errno.
 */
long proxy_fork(struct space *space, const struct mcctrl_fork __user *arg);

/**
 * proxy_of_caller() - the calling process's
 * @space: that it has to have
 *
 * Context: process context.
 * Return: it, which stays while the process is in the call; NULL: the space is not the caller's,
 * or not any more.
 */
struct proxy *proxy_of_caller(const struct space *space);
/**
 * proxy_mm() - the address space of a process, to be compared
 * @peer: its LWK
 * @pid: its id
 *
 * Context: RCU. Return: it; NULL: there is no such process, or it is ending.
 */
const struct mm_struct *proxy_mm(const struct peer *peer, u32 pid);

/**
 * proxy_sibling() - the id in the initial namespace of a thread of the caller's process
 * @vtid:	its id as the caller sees it
 *
 * Context: process context. Return: 0: there is none.
 */
u32 proxy_sibling(u32 vtid);

/**
 * proxy_left() - a file is closed: by an execve(2), which has left the space?
 * @space: of the file
 *
 * Context: process context.
 */
void proxy_left(const struct space *space);

/**
 * struct fork - a proxy that is made by fork()
 * @space:	the parent's, which has its file open
 * @parent:	id of the parent
 * @cpu:	its LWK CPU
 * @as_limit:	its limit, before it was lifted for both
 * @vdso:	where Linux's pages are in both
 * @token:	of the process on the LWK
 */
struct fork {
	struct space *space;
	u32 parent;
	u32 cpu;
	struct rlimit as_limit;
	struct vdso vdso;
	u64 token;
};

/** proxy_die() - the LWK is dead: end the process, unmap its memory. peer->lock held. */
void proxy_die(struct proxy *proxy);

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
/** space_leave() - undo space_add(), the LWK has been told. Context: any. */
void space_leave(struct space *space, struct proxy *proxy);
/** space_end_one() - the LWK is about to be told the end of one. Context: process context. */
void space_end_one(struct space *space, struct proxy *proxy);
/** space_end_all() - all of its processes have to end. Context: any. */
void space_end_all(struct space *space);

/**
 * space_pid() - a process by which the LWK knows the space
 * @space: the space
 * @not: which the LWK has just said that it does not know, or 0
 * @fault: for REMOTE_PAGE_FAULT, which one that ends does not answer; else for RECALL
 *
 * Context: any. Return: its id; 0: there is none.
 */
u32 space_pid(struct space *space, u32 not, bool fault);

/** space_chan() - the channel for messages about a space that are answered at once. */
static inline struct peer_chan *space_chan(struct space *space)
{
	return &space->peer->cpus[READ_ONCE(space->cpu)].syscall;
}

/*
 * prepare.c
 */

/** proxy_prepare() - MCCTRL_IOC_PREPARE_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_prepare(struct proxy *proxy, struct mcctrl_prepare __user *arg);
/**
 * proxy_adopt() - take over the process that the LWK made when @parent forked
 * @proxy: the caller's, new
 * @fork: whose child the caller is
 *
 * Context: the proxy's. Return: 0 or -errno.
 */
int proxy_adopt(struct proxy *proxy, const struct fork *fork);
/**
 * image_create() - note what a program is to be filled with
 * @space: nobody can map anything of it from now on, until it is filled
 * @desc: whose sections these are
 *
 * Context: process context. Return: to be freed; NULL: no memory.
 */
struct image *image_create(struct space *space, const struct program_load_desc *desc);
/** image_place() - the sections of @desc are where @layout says. Context: any. */
void image_place(struct image *image, const struct program_load_desc *desc,
		 const struct program_layout *layout);
/** proxy_fill() - MCCTRL_IOC_FILL_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_fill(struct proxy *proxy, const struct mcctrl_fill __user *arg);

/** proxy_caps() - OFFLOAD_CAP_* of the calling thread. Context: process context. */
u32 proxy_caps(void);
/** proxy_start() - MCCTRL_IOC_START_IMAGE. Context: the proxy's. Return: 0 or -errno. */
long proxy_start(struct proxy *proxy);

/*
 * shown.c
 */

/** proxy_show() - MCCTRL_IOC_SHOW. Context: the proxy's. Return: 0, -EFAULT, -EINVAL. */
long proxy_show(const struct mcctrl_show __user *arg);

/*
 * twin_life.c, twin_child.c
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

/** twin_add() - MCCTRL_IOC_ADD_TWIN. Context: a new thread of the proxy. Return: 0 or -errno. */
long twin_add(struct proxy *proxy, const struct mcctrl_twin __user *arg);

/** twin_end() - MCCTRL_IOC_END_TWIN. Context: a twin of the proxy. Return: 0 or -errno. */
long twin_end(struct proxy *proxy);

/*
 * twin.c
 */

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

/**
 * twin_count_signal() - the LWK acknowledged a signal that the calling thread took
 * @proxy: its process
 * @again: more like it may come without end
 *
 * Context: the proxy's. Return: whether the thread is to hold back further ones.
 */
bool twin_count_signal(struct proxy *proxy, bool again);

/**
 * twin_note_blocked() - the calling thread will block a signal that it took for the LWK
 * @proxy: its process
 * @sig: unchecked
 *
 * Context: the proxy's.
 */
void twin_note_blocked(struct proxy *proxy, s32 sig);

/** twin_task() - the thread that is the twin with these ids, or NULL. Context: RCU. */
struct task_struct *twin_task(struct peer *peer, u32 pid, u32 tid);

/** twin_robust_list() - what the calling twin's thread told set_robust_list(2), or 0. */
u64 twin_robust_list(struct proxy *proxy);

/** twin_tid() - tid of the calling thread if it is a twin of this proxy, else 0. */
u32 twin_tid(struct proxy *proxy);

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
 * @file: the file
 * @vma: what is mapped
 * @dump: for a core file, where it is unless MADV_DONTDUMP says otherwise
 *
 * Context: mmap lock, writing. Return: 0 or -errno.
 */
int map_mmap(struct file *file, struct vm_area_struct *vma, bool dump);
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
 * @npages:	entries of @frames
 * @seq:	see abi/offload.h
 * @frames:	address and OFFLOAD_LOAN_*
 */
struct loan {
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

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Proxies and twins: the processes and threads of Linux that stand for those of an LWK. A twin is a
 * thread of the proxy that waits for requests in its slot (twin.c).
 *
 * Locks: docs/locking.md.
 */
#ifndef MCCTRL_PROXY_H
#define MCCTRL_PROXY_H

#include <linux/fs.h>
#include <linux/resource.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "abi/mcctrl_ioctl.h"
#include "peer.h"
#include "space.h"
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
 * @forked:	made by fork: its image is its parent's, and complete
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
 * @named:	how many requests to the LWK name it: space_name()
 *
 * @halt:	enum proxy_halt, by compare-and-swap
 * @halt_wait:	twins wait here for the one that asks the LWK
 *
 * @lock:	protects the following
 * @state:	enum proxy_state; also read without the lock
 * @began:	it was PROXY_STARTED, whatever it is now; set once, likewise
 * @cpu:	LWK CPU of its main thread
 * @core:	it is about to dump core, or NULL; set once, read under RCU
 * @leader:	twin of the first thread, or NULL; also read by that thread without the lock
 * @spares:	spare twins
 * @dir:	/proc/mcosN/PID, or NULL; peer->files_lock
 * @files:	what is in it
 */
struct proxy {
	struct peer *peer;
	struct space *space;
	u32 pid;
	struct pid *tgid;
	bool forked;
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
	u32 named;

	atomic_t halt;
	wait_queue_head_t halt_wait;

	struct mutex lock;
	enum proxy_state state;
	bool began;
	u32 cpu;
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
 * proxy_left() - a file is closed: by an execve(2), which has left the space?
 * @space: of the file
 *
 * Context: process context.
 */
void proxy_left(const struct space *space);

/**
 * struct fork - a proxy that is made by fork()
 * @space:	the parent's, with a reference
 * @parent:	id of the parent
 * @cpu:	its LWK CPU
 * @as_limit:	its limit, before it was lifted for both
 * @vdso:	where Linux's pages are in both
 * @token:	of the process on the LWK
 * @no_fd:	it is to have no descriptor of its own file
 */
struct fork {
	struct space *space;
	u32 parent;
	u32 cpu;
	struct rlimit as_limit;
	struct vdso vdso;
	u64 token;
	bool no_fd;
};

/** proxy_die() - the LWK is dead: end the process, unmap its memory. peer->lock held. */
void proxy_die(struct proxy *proxy);

/*
 * proxy_find.c
 */

/**
 * proxy_claim_id() - enter a proxy by its process's id
 * @proxy: new
 *
 * Waits while one whose process had the same id, and has ended, is being freed.
 *
 * Context: process context. Return: 0; -EBUSY: the process is a proxy already; -EINTR.
 */
int proxy_claim_id(struct proxy *proxy);
/** proxy_release_id() - nobody finds it any more. Context: any. */
void proxy_release_id(struct proxy *proxy);
/** proxy_mark_closing() - its process has ended: who gets the id next is to wait. Context: any. */
void proxy_mark_closing(struct proxy *proxy);

/**
 * proxy_find() - the proxy of a process
 * @pid: id of the process
 * @space: its address space
 *
 * Context: RCU. Return: it, or NULL.
 */
struct proxy *proxy_find(u32 pid, const struct space *space);

/**
 * proxy_find_for() - the proxy of a process that may use a space's file
 * @pid: id of the process
 * @space: of the file: its own, or another's that it has in place of a descriptor of its own
 *
 * Context: RCU. Return: it, or NULL.
 */
struct proxy *proxy_find_for(u32 pid, const struct space *space);

/**
 * proxy_await() - MCCTRL_IOC_AWAIT_CHILD
 * @proxy: the caller's
 * @arg: user address
 *
 * Context: a twin of the proxy. Return: 0, -EINTR, -EFAULT, -EINVAL.
 */
long proxy_await(struct proxy *proxy, const struct mcctrl_await __user *arg);

/** proxy_exit() - the module goes; there is no proxy. */
void proxy_exit(void);

/**
 * proxy_wait_ended() - wait for the ends of processes
 * @peer: their LWK
 *
 * Until the LWK has forgotten those that have ended on Linux by now, or a signal comes.
 *
 * Context: process context, no lock held.
 */
void proxy_wait_ended(const struct peer *peer);

/**
 * proxy_of_caller() - the calling process's
 * @space: of the file that it uses
 *
 * Context: process context.
 * Return: it, which stays while the process is in the call; NULL: the file is not the caller's,
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
 * files.c
 */

/** files_proxy_add() - make /proc/mcosN/PID, for the caller's user. Context: process context. */
void files_proxy_add(struct proxy *proxy);
/** files_proxy_remove() - undo it, if it was done; waits for who reads there. */
void files_proxy_remove(struct proxy *proxy);

/**
 * proxy_text() - what the LWK says of a process
 * @proxy: whose
 * @file: which, and what part of it; @file->pid is set here
 * @person: what Linux has to say of it, or NULL
 * @text: of @file->len bytes
 *
 * Context: process context, sleeps. Return: as file_request().
 */
int proxy_text(const struct proxy *proxy, const struct msg_file *file,
	       const struct msg_person *person, char *text);

/*
 * signal.c
 */

/** signal_send() - MCCTRL_IOC_SEND_SIGNAL. Context: the proxy's. Return: 0, 1 or -errno. */
long signal_send(struct proxy *proxy, const struct mcctrl_signal __user *arg);

/** signal_stop_pending() - is the calling thread about to stop, as by SIGSTOP? */
bool signal_stop_pending(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of mcexec to mcctrl.
 *
 * MCCTRL_IOC_CREATE_PROXY on /dev/mcosN makes the caller a proxy and gives a new file.
 * Everything else is asked on that file, by threads of the proxy, or of proxies with the same
 * address space, each for itself; others get EPERM, but for a child that becomes a proxy.
 * Mapping the file, shared, at offset == address, gives the process's LWK-owned
 * memory at the same addresses.
 *
 *   fd = CREATE_PROXY; mmap [LWK_USER_START, LWK_USER_END); PREPARE_IMAGE; FILL_IMAGE
 *   with the file's content and the strings; START_IMAGE; for ever: WAIT_SYSCALL
 *
 * Closing the file, also by dying, ends the process on the LWK.
 */
#ifndef ABI_MCCTRL_IOCTL_H
#define ABI_MCCTRL_IOCTL_H

#include "abi/offload.h"
#include "abi/process.h"

#define MCCTRL_VERSION 6
#define MCCTRL_IOC_TYPE 'M'

/**
 * struct mcctrl_create - MCCTRL_IOC_CREATE_PROXY
 * @version:	MCCTRL_VERSION
 * @flags:	zero
 * @look:	where mcexec makes the program's calls: from this address on it has looked whether
 *		it is interrupted
 * @made:	where it is when the call has been made
 * @abort:	where it goes on instead if the call is not to be made
 */
struct mcctrl_create {
	u32 version;
	u32 flags;
	u64 look;
	u64 made;
	u64 abort;
};

/**
 * struct mcctrl_prepare - MCCTRL_IOC_PREPARE_IMAGE
 * @desc:	user address of a struct program_load_desc
 * @layout:	result
 */
struct mcctrl_prepare {
	u64 desc;
	struct program_layout layout;
};

/* mcctrl_fill.flags */
#define MCCTRL_FILL_EXE (1U << 0)	/* @fd is the program's own file */
#define MCCTRL_FILL_MEMORY (1U << 1)	/* from the caller's memory; alone */

/**
 * struct mcctrl_fill - MCCTRL_IOC_FILL_IMAGE: read a file into the memory of a prepared process
 * @to:		where to, LWK-owned
 * @len:	bytes
 * @offset:	in the file; with MCCTRL_FILL_MEMORY an address
 * @fd:		a regular file, open for reading; -1 with MCCTRL_FILL_MEMORY
 * @flags:	MCCTRL_FILL_*
 *
 * All that comes from a file, of each section of the program that is not mapped, has to be filled
 * before START_IMAGE (-EINVAL), each in one request, and before Linux can touch what is the LWK's
 * of the program's memory.
 *
 * With MCCTRL_FILL_EXE the file is what the proxy executes from then on, for all that Linux knows;
 * there may be nothing to fill. -ENOEXEC: the file ends before. -EACCES, -ETXTBSY: as from
 * execve(2).
 */
struct mcctrl_fill {
	u64 to;
	u64 len;
	u64 offset;
	s32 fd;
	u32 flags;
};

/** struct mcctrl_range - addresses [start, end) */
struct mcctrl_range {
	u64 start;
	u64 end;
};

/**
 * struct mcctrl_show - MCCTRL_IOC_SHOW: what /proc says of the proxy from now on
 * @code:	the program's code; none: as before, and data likewise
 * @data:	its data
 * @args:	its arguments, in the proxy's own memory
 * @env:	its environment, likewise
 */
struct mcctrl_show {
	struct mcctrl_range code;
	struct mcctrl_range data;
	struct mcctrl_range args;
	struct mcctrl_range env;
};

/**
 * struct mcctrl_exe - MCCTRL_IOC_CHECK_EXE: could the caller execute a file?
 * @fd:		the file, open for reading
 * @reserved:	zero
 *
 * 0, or what execve(2) would say of the file before it looks into it: -EACCES, -ETXTBSY.
 */
struct mcctrl_exe {
	s32 fd;
	u32 reserved;
};

/**
 * struct mcctrl_id - MCCTRL_IOC_FIRST_ID: what does the first pid namespace call a process?
 * @proc:	any file of the /proc that knows it by @pid, open for reading
 * @pid:	its number there
 *
 * The number that /proc/mcosN knows it by; -EINVAL: the file is not one of a /proc; -ESRCH: there
 * is no such process.
 */
struct mcctrl_id {
	s32 proc;
	s32 pid;
};

/**
 * struct mcctrl_fork - MCCTRL_IOC_FORK_PROXY: a child that the proxy forked becomes the proxy of
 * the process that the LWK made for it
 * @token:	from OFFLOAD_NR_FORK
 * @creator:	likewise: the proxy that made the caller
 * @flags:	MCCTRL_FORK_*
 *
 * Asked on the creator's file, which the caller has by inheritance. It is a child of the creator,
 * or by CLONE_PARENT a sibling with the same user and group ids. If it has the same address space,
 * it has the same file, and is told 0. Otherwise it is given a file of its own, which is mapped
 * wherever in the user range the child inherited no mapping, and has nothing else to do with the
 * parent's. The process is prepared then: START_IMAGE lets it run.
 *
 * With MCCTRL_FORK_NO_FD it is told 0, and has no descriptor of its file: its requests are those
 * that it makes on the creator's, as are its mappings of that.
 */
struct mcctrl_fork {
	u64 token;
	u32 creator;
	u32 flags;
};

#define MCCTRL_FORK_NO_FD (1U << 0)	/* it has its descriptors in common with the creator */

/**
 * struct mcctrl_await - MCCTRL_IOC_AWAIT_CHILD: wait for a child that the calling twin forked
 * @pid:	its id, as the caller sees it. 0: whom the twin's last call was about, if that was
 *		interrupted or had MCCTRL_AWAIT_KEEP: the id may be another's by now
 * @flags:	MCCTRL_AWAIT_*; without MCCTRL_AWAIT_LEFT: until it has been started, or left
 */
struct mcctrl_await {
	u32 pid;
	u32 flags;
};

#define MCCTRL_AWAIT_LEFT (1U << 0)	/* until it has ended, or executed a program */
#define MCCTRL_AWAIT_KEEP (1U << 1)	/* a call with @pid 0 will follow */

/* mcctrl_wait.flags */
#define MCCTRL_WAIT_ANSWER (1U << 0)	/* @ret answers the request before */
#define MCCTRL_WAIT_HELD (1U << 1)	/* all signals stay blocked, @sigmask is not to be set */
#define MCCTRL_WAIT_SMALL (1U << 2)	/* struct mcctrl_small has what some of @args point to */
#define MCCTRL_WAIT_MASKED (1U << 3)	/* @sigmask is what the twin blocks */
#define MCCTRL_WAIT_LATER (1U << 4)	/* ADD_TWIN has the answer to the request before */

/**
 * struct mcctrl_wait - MCCTRL_IOC_WAIT_SYSCALL: answer, and wait for the next request
 * @flags:	MCCTRL_WAIT_ANSWER or MCCTRL_WAIT_LATER, in; the others, out
 * @interrupted: cleared by mcexec before it asks, set by mcctrl: the call is not to be made
 * @ret:	result or -errno, in
 * @nr:		system call number or OFFLOAD_NR_*, out
 * @args:	arguments, out
 * @sigmask:	signals that the thread blocks, out
 * @path:	offload_slot.path, out
 *
 * -EINTR: a signal came, or Linux has something to do on the way to user space; the answer has been
 * given, there is no request; after the handler, if any, ask again without MCCTRL_WAIT_ANSWER.
 * -EPIPE: the LWK or the process is gone.
 */
struct mcctrl_wait {
	u32 flags;
	u32 interrupted;
	s64 ret;
	u64 nr;
	u64 args[6];
	u64 sigmask;
	u64 path;
};

/**
 * struct mcctrl_small - small arguments of the request at hand, with MCCTRL_WAIT_SMALL
 * @args:	where the program has what mcctrl_wait.args point to, out
 * @data:	what offload_slot.data has. mcctrl_wait.args point here for what travels: written
 *		with a request, read with an answer that is no error
 */
struct mcctrl_small {
	u64 args[6];
	u8 data[OFFLOAD_DATA_LEN];
};

/**
 * struct mcctrl_request - where MCCTRL_IOC_WAIT_SYSCALL has its argument
 * @wait:	it
 * @small:	touched only if something travels
 */
struct mcctrl_request {
	struct mcctrl_wait wait;
	struct mcctrl_small small;
};

/**
 * struct mcctrl_signal - MCCTRL_IOC_SEND_SIGNAL: the calling thread took a signal that the
 * program has a handler for, or dies of with a core file
 * @info:	the first MSG_SIGINFO_LEN bytes of siginfo_t
 * @shared:	%SIGNAL_TO_PROCESS: it may be given back to it. %SIGNAL_TO_EITHER: the caller
 *		blocks it from now on. Else %SIGNAL_TO_THREAD
 * @fatal:	1: the program dies of it. Else 0
 *
 * Returns when the LWK has it pending for the thread whose twin the caller is. 0: go on. 1: signals
 * come faster than they can be passed on, and a call of the thread waits; the caller is to
 * block all signals. mcctrl restores what it blocked when a call has been answered, but with
 * OFFLOAD_RET_RESTART, or after a while. -EBUSY, for %SIGNAL_TO_PROCESS: the thread runs a handler
 * that blocks the signal, and another one may want it; the caller is to block it and to send it to
 * the process anew. -EHOSTDOWN, if @fatal: the LWK hangs, and the program dies without it.
 */
struct mcctrl_signal {
	u8 info[MSG_SIGINFO_LEN];
	u32 shared;
	u32 fatal;
};

/**
 * struct mcctrl_twin - MCCTRL_IOC_ADD_TWIN: the calling thread becomes the twin of a new thread
 * @creator:	id of the twin that serves the OFFLOAD_NR_THREAD, as gettid(2) in the proxy
 * @err:	0, or -errno: there will be none
 *
 * If that succeeds, the OFFLOAD_NR_THREAD is answered as soon as the creator, which does not wait
 * for it, asks for the next request, with MCCTRL_WAIT_LATER. If not, the calling thread is to undo
 * what it has done and ask once more, with @err.
 */
struct mcctrl_twin {
	u32 creator;
	s32 err;
};

/**
 * struct mcctrl_core - MCCTRL_IOC_CORE: the process is about to dump core
 * @ranges:	user address: where the program's ranges go, struct core_range
 * @len:	bytes there are, then bytes there were; -E2BIG: too few
 *
 * Asked once (-EALREADY), when no thread of the process on the LWK can return to user mode. From
 * then on what is mapped of the proxy's file is in the core file that Linux writes, unless
 * MADV_DONTDUMP forbids, and the threads have the registers of the program's in there.
 */
struct mcctrl_core {
	u64 ranges;
	u64 len;
};

/**
 * struct mcctrl_cpus - MCCTRL_IOC_TAKE_CPUS: take CPUs of the LWK, unless another has one of them
 * @cpus:	at least one, a bit each
 *
 * They are taken until the file that this gives is closed. That keeps nobody from running there;
 * it is for those who ask first.
 */
struct mcctrl_cpus {
	u64 cpus[IHK_MAX_CPUS / 64];
};

#define MCCTRL_IOC(dir, nr, len) \
	(((u32)(dir) << 30) | ((u32)(len) << 16) | ((u32)MCCTRL_IOC_TYPE << 8) | (u32)(nr))

/* On /dev/mcosN; returns a file descriptor, close-on-exec */
#define MCCTRL_IOC_CREATE_PROXY MCCTRL_IOC(1U, 0, sizeof(struct mcctrl_create))

/* On the proxy's file; a struct mcctrl_wait is the first part of a struct mcctrl_request */
#define MCCTRL_IOC_PREPARE_IMAGE MCCTRL_IOC(3U, 1, sizeof(struct mcctrl_prepare))
#define MCCTRL_IOC_START_IMAGE MCCTRL_IOC(0U, 2, 0)
#define MCCTRL_IOC_WAIT_SYSCALL MCCTRL_IOC(3U, 3, sizeof(struct mcctrl_wait))
#define MCCTRL_IOC_SEND_SIGNAL MCCTRL_IOC(1U, 4, sizeof(struct mcctrl_signal))
#define MCCTRL_IOC_FILL_IMAGE MCCTRL_IOC(1U, 7, sizeof(struct mcctrl_fill))

#define MCCTRL_IOC_ADD_TWIN MCCTRL_IOC(1U, 7, sizeof(struct mcctrl_twin))
/* Answers SYSCALL_exit with 0; the caller is no twin any more */
#define MCCTRL_IOC_END_TWIN MCCTRL_IOC(0U, 8, 0)

#define MCCTRL_IOC_SHOW MCCTRL_IOC(1U, 14, sizeof(struct mcctrl_show))
/*
 * The calling thread waits to become the twin of a thread that another one makes, which is answered
 * without mcexec then. 0: it is that. -ECANCELED: it is not what Linux would make now, or all are
 * to go; it is to end. -EINTR: ask again.
 */
#define MCCTRL_IOC_SPARE_TWIN MCCTRL_IOC(0U, 12, 0)
/* All who wait so end; 0: they have, and Linux has forgotten them. -EINTR: ask again. */
#define MCCTRL_IOC_DROP_SPARES MCCTRL_IOC(0U, 13, 0)

#define MCCTRL_IOC_CORE MCCTRL_IOC(3U, 10, sizeof(struct mcctrl_core))

#define MCCTRL_IOC_AWAIT_CHILD MCCTRL_IOC(1U, 15, sizeof(struct mcctrl_await))

/* On the parent's file; returns a file descriptor, close-on-exec, or 0 */
#define MCCTRL_IOC_FORK_PROXY MCCTRL_IOC(1U, 6, sizeof(struct mcctrl_fork))

/* On /dev/mcosN; returns a file descriptor, close-on-exec; EBUSY */
#define MCCTRL_IOC_TAKE_CPUS MCCTRL_IOC(1U, 9, sizeof(struct mcctrl_cpus))

/* On /dev/mcosN */
#define MCCTRL_IOC_CHECK_EXE MCCTRL_IOC(1U, 11, sizeof(struct mcctrl_exe))

/* On /dev/mcosN */
#define MCCTRL_IOC_FIRST_ID MCCTRL_IOC(1U, 16, sizeof(struct mcctrl_id))

/* On /dev/mcosN: log the state of all processes and threads on the LWK */
#define MCCTRL_IOC_DEBUG_LOG MCCTRL_IOC(0U, 5, 0)

/* The names of all of them, for who has to try each */
#define MCCTRL_REQUESTS(REQUEST)                                                          \
	REQUEST(CREATE_PROXY)                                                             \
	REQUEST(PREPARE_IMAGE)                                                            \
	REQUEST(START_IMAGE)                                                              \
	REQUEST(WAIT_SYSCALL)                                                             \
	REQUEST(SEND_SIGNAL)                                                              \
	REQUEST(FILL_IMAGE)                                                               \
	REQUEST(SHOW)                                                                     \
	REQUEST(ADD_TWIN)                                                                 \
	REQUEST(END_TWIN)                                                                 \
	REQUEST(SPARE_TWIN)                                                               \
	REQUEST(DROP_SPARES)                                                              \
	REQUEST(FORK_PROXY)                                                               \
	REQUEST(AWAIT_CHILD)                                                              \
	REQUEST(TAKE_CPUS)                                                                \
	REQUEST(CHECK_EXE)                                                                \
	REQUEST(FIRST_ID)                                                                 \
	REQUEST(DEBUG_LOG)

#endif

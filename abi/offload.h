/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls of an LWK thread that run on Linux, in its twin.
 *
 * Each LWK thread has a slot: one page of LWK memory that the LWK thread and its twin
 * (in mcctrl, on Linux) share. One request is under way at a time. Whoever waits says
 * how: by polling the slot, or asleep, and then a packet wakes it.
 *
 *   LWK:  fill nr, args, sigmask; state = REQUEST (seq_cst);
 *         if twin_wait == ASLEEP (seq_cst load): send SYSCALL_REQUEST
 *   twin: copy, then check, then serve; ret, loan; state = DONE (seq_cst);
 *         if lwk_wait == ASLEEP (seq_cst load): send WAKE_UP_SYSCALL_THREAD
 *   LWK:  take ret; state = IDLE
 *   before it sleeps, each side stores ASLEEP (seq_cst), looks at state again, and stores
 *   AWAKE when it goes on.
 *
 * A wake-up may come late or for nothing: who wakes looks at the state. Neither side
 * believes what it reads in the slot: a twin whose slot holds nonsense is told so by
 * killing the process, an impossible answer is -EIO for the program.
 */
#ifndef ABI_OFFLOAD_H
#define ABI_OFFLOAD_H

#include "abi/ikc_ring.h"

#define OFFLOAD_VERSION 7

/* Ports of the LWK; mcctrl opens one channel of each to every LWK CPU. */
#define IKC_PORT_SYSCALL 503	/* messages that the LWK answers at once */
#define IKC_PORT_CONTROL 504	/* messages that it answers from its worker thread */
#define OFFLOAD_CHANNEL_PACKETS 256

/* Bytes of the transfer buffer that each control channel has, physically contiguous. */
#define OFFLOAD_BUFFER_LEN 65536

/* offload_slot.state */
#define OFFLOAD_IDLE 0		/* the LWK thread's */
#define OFFLOAD_REQUEST 1	/* the twin's */
#define OFFLOAD_DONE 2		/* the LWK thread's: answered */

/* offload_slot.twin_wait, lwk_wait */
#define OFFLOAD_AWAKE 0
#define OFFLOAD_ASLEEP 1

/*
 * offload_slot.nr: a system call number of Linux (x86-64), which mcexec performs, or one
 * of these.
 *
 * FAULT: args[0] address, args[1] PROT_* wanted, args[2] pages wanted at most, a power of
 *	  two. Served by mcctrl: lends frames of Linux-owned memory, to be read those of the
 *	  aligned block around the address, to be written those from the address on. ret is the
 *	  number of pages in loan[], that of the address among them, or -EFAULT: nothing mapped
 *	  there, or beyond the end of the file (SIGBUS); -EAGAIN: recalled meanwhile, ask again.
 * DIE:	  args[0] signal. The proxy ends as if that signal's default action had hit it. With
 *	  args[1] 1 that may be with a core file: the program's threads stand still, and args[2] to
 *	  args[5] are si_code, si_errno above it, and the three words behind them in siginfo_t.
 *	  With 0 there is none. No answer.
 * SIGACTION: args[0] signal, args[1] OFFLOAD_SIG_*, args[2] the program's sa_flags. mcexec sets the
 *	  proxy's disposition, with those of SA_RESTART, SA_NOCLDSTOP and SA_NOCLDWAIT. ret 0.
 * RESTORE: [args[0], args[1]) is LWK-owned from now on: mcexec maps the shared address space
 *	  there again, over whatever Linux file was mapped. ret 0 or -errno.
 * REALTIME: ret is CLOCK_REALTIME in ns. Served by mcctrl.
 * LIMIT: args[0] RLIMIT_*, args[1] and args[2] its new soft and hard value. For limits that the LWK
 *	  heeds and the proxy must not: mcexec keeps it for the next program. ret 0.
 * CPUS:  the program may run on these CPUs of the LWK: args[0] index of a word of such a set as in
 *	  program_load_desc, args[1] to args[5] five words from there on. mcexec keeps them
 *	  for the next program. ret 0.
 * SCHED: args[0] thread id, args[1] policy, args[2] priority, as for sched_setscheduler(2). ret 0
 *	  if the caller may give that to the thread, or -errno. With args[3] 1 its twin has it then,
 *	  for the next program to begin with; else it has what it had.
 * MEMPOLICY: args[0] mode of set_mempolicy(2), args[1] index of a word of the set of nodes, args[2]
 *	  to args[5] four words from there on. mcexec keeps it for the next program. ret 0.
 * SHM_LEN: args[0] shmid, args[1] flags of shmat(2). ret is the segment's length in bytes, or what
 *	  Linux has against its being attached so, wherever that is: -errno.
 * FORK:  args[0] token of a process that has no proxy yet, args[1] flags of clone(2) for Linux, the
 *	  child's exit signal among them, args[2] OFFLOAD_FORK_*, args[3] with CLONE_PIDFD where
 *	  that goes, args[4] where the ids are that the caller has chosen, args[5] the calling
 *	  process and with CLONE_INTO_CGROUP, shifted left by 32, the descriptor of the control
 *	  group. The proxy forks, or clones with CLONE_VM; the child
 *	  takes the new process over (MCCTRL_IOC_FORK_PROXY) and starts it. ret is its id as the
 *	  parent sees it, or -errno: there is none.
 * SIGNAL: a signal of the LWK's for the program: args[0] signal, args[1] si_code, args[2]
 *	  thread that gets it, as the program calls it, or 0: the process. With si_code
 *	  SI_TIMER, args[3] si_timerid, args[4] si_value, args[5] si_overrun. ret 0; 1: it is
 *	  one of a timer, and waits already; -errno. With si_code SI_USER none is sent: ret 1 if
 *	  one waits, else 0.
 * THREAD: args[0] physical address of the slot of a thread that has no twin yet, which mcctrl
 *	  keeps to itself, args[1] flags of clone(2) for Linux: what the twin has in common with
 *	  others, or to itself; args[2] with CLONE_PIDFD where the descriptor goes, args[3] with
 *	  CLONE_INTO_CGROUP that of the group; args[4] where the ids are that the caller has
 *	  chosen, args[5] how many. mcexec makes a thread, which becomes the twin
 *	  (MCCTRL_IOC_ADD_TWIN answers) and blocks all signals until its first request. ret is its
 *	  id, above it, shifted left by 32, the id that the program sees; or -errno.
 * VFORK: ret 0 when the child of the FORK before has executed another program or ended
 *	  (CLONE_VFORK).
 * SYSCALL_mmap (9): without MAP_FIXED, but with MAP_32BIT, the file is one that Linux maps where it
 *	  likes, and args[0] between LWK_LOW_START and LWK_LOW_END; so there it is to like it.
 * RELAY: dispositions of all signals at once: args[0] those that are OFFLOAD_SIG_RELAY, args[1]
 *	  those that are OFFLOAD_SIG_IGNORE, the others are OFFLOAD_SIG_DEFAULT; args[2] those with
 *	  SA_RESTART; bit n - 1 for signal n. args[3] sa_flags of SIGCHLD. ret 0.
 * TRACE: memory for ptrace(2): args[0] OFFLOAD_TRACE_*, args[1] the thread, as the program calls
 *	  it, args[2] address in it, args[3] PEEK: address in the program where the word goes; POKE:
 *	  the word. ret 0 or -errno.
 * TRACE_MAY: args[0] OFFLOAD_MAY_*, args[1] the thread, as the program calls it. Served by mcctrl.
 *	  ret is its id in the initial pid namespace, if it is a twin of the same LWK and the
 *	  caller may do that; or -errno. With it OFFLOAD_MAY_CAPABLE: so is the caller.
 * ENDED: waits until the LWK has forgotten all processes that have ended on Linux before, as far as
 *	  nothing interrupts it. Served by mcctrl. ret 0.
 * TIME_OFFSET: ret is OFFLOAD_TIME_BIAS and what the caller's time namespace adds to
 *	  CLOCK_MONOTONIC, in ns. Served by mcctrl.
 * TIMER: a timer of timer_create(2) that the LWK runs by itself. Linux makes one that is never
 *	  set, for its id and so that it counts for RLIMIT_SIGPENDING. ret is the id, or -errno.
 * MADE:  with PROGRAM_TELL_CALLS: the LWK has made a call of the program's, perhaps with requests
 *	  in between: args[0] its number, and above it, shifted left by 16, how long it took
 *	  in nanoseconds, args[1] its result or -errno, args[2] to args[5] its first four arguments.
 *	  ret 0.
 * SYSCALL_shmat (30): args[3] bytes that the LWK has made room for at the address; what the proxy
 *	  has there is replaced.
 * SYSCALL_io_setup (206): args[0] events. ret is where Linux has put the ring of the new context,
 *	  which is the context's name: a page's number, and above it, shifted left by
 *	  OFFLOAD_AIO_LEN_SHIFT, the ring's pages; or -errno. Or args[1] such a name, args[2] the
 *	  ring's bytes, args[3] where it is to be from now on, over what the proxy has there, or 0:
 *	  nowhere, the context is destroyed. ret 0 or -errno: there is no such context any more.
 *	  Or args[0] 1, args[1] where the LWK had it put, args[2] its bytes: it is moved among what
 *	  is the proxy's own. ret is its name from now on, or -errno; at the place is nothing then.
 * SYSCALL_execve (59), SYSCALL_execveat (322): args[5] OFFLOAD_EXEC_*.
 * SYSCALL_exit (60): args[0] status, args[1] 1: it is the process's last thread, and the proxy
 *	  ends with that status. Otherwise the twin ends (MCCTRL_IOC_END_TWIN): the answer says that
 *	  the slot is not touched any more.
 */
#define OFFLOAD_NR_FAULT 0x10000
#define OFFLOAD_NR_DIE 0x10002
#define OFFLOAD_NR_SIGACTION 0x10003
#define OFFLOAD_NR_RESTORE 0x10004
#define OFFLOAD_NR_REALTIME 0x10005
#define OFFLOAD_NR_LIMIT 0x10006
#define OFFLOAD_NR_FORK 0x10007
#define OFFLOAD_NR_SIGNAL 0x10008
#define OFFLOAD_NR_THREAD 0x10009
#define OFFLOAD_NR_VFORK 0x1000a
#define OFFLOAD_NR_CPUS 0x1000b
#define OFFLOAD_NR_SCHED 0x1000c
#define OFFLOAD_NR_SHM_LEN 0x1000d
#define OFFLOAD_NR_MEMPOLICY 0x1000e
#define OFFLOAD_NR_RELAY 0x1000f
#define OFFLOAD_NR_TRACE 0x10010
#define OFFLOAD_NR_TIMER 0x10011
#define OFFLOAD_NR_MADE 0x10012
#define OFFLOAD_NR_TRACE_MAY 0x10013
#define OFFLOAD_NR_ENDED 0x10014
#define OFFLOAD_NR_TIME_OFFSET 0x10015
#define OFFLOAD_NR_LAST OFFLOAD_NR_TIME_OFFSET

/* OFFLOAD_NR_FORK, args[2] */
#define OFFLOAD_FORK_VFORK 1		/* VFORK will follow */
#define OFFLOAD_FORK_NEWTIME 2		/* CLONE_NEWTIME, which is no flag of clone(2) */
#define OFFLOAD_FORK_IDS_SHIFT 8	/* above: how many ids are chosen */

/* OFFLOAD_NR_TIME_OFFSET, ret: no offset that Linux allows makes an error of it. */
#define OFFLOAD_TIME_BIAS (1LL << 62)

/* SYSCALL_execve, SYSCALL_execveat, args[5] */
#define OFFLOAD_EXEC_PLAIN 1	/* without rights of the program's own, so that it can be traced */

/* OFFLOAD_NR_TRACE, args[0] */
#define OFFLOAD_TRACE_PEEK 1	/* read a word */
#define OFFLOAD_TRACE_POKE 2	/* write a word, whatever the program may do there */

/* OFFLOAD_NR_TRACE_MAY, args[0] */
#define OFFLOAD_MAY_ATTACH 0	/* may the caller trace it? */
#define OFFLOAD_MAY_PARENT 1	/* may the thread that is the caller's parent trace the caller? */
#define OFFLOAD_MAY_SIGNAL 2	/* may the caller send it a signal? */

/* OFFLOAD_NR_TRACE_MAY, ret: the caller has CAP_SYS_PTRACE in the first user namespace */
#define OFFLOAD_MAY_CAPABLE (1ULL << 32)

/* What SYSCALL_mmap returns: the address, and in its low bits what the mapping is to Linux. */
#define OFFLOAD_MAPPED_IO (1U << 0)	/* memory of a device */
#define OFFLOAD_MAPPED_SPECIAL (1U << 1) /* is not locked, and does not grow */
#define OFFLOAD_MAPPED_DONTFORK (1U << 2)

/* What SYSCALL_io_setup returns: pages of 4 KiB. */
#define OFFLOAD_AIO_LEN_SHIFT 36
#define OFFLOAD_AIO_PAGE_MASK ((1ULL << OFFLOAD_AIO_LEN_SHIFT) - 1)

/*
 * offload_slot.ret of a system call that has had no effect: a signal that the program handles came
 * before it, or interrupted it where Linux would make it anew after the handler (SA_RESTART). The
 * LWK delivers what is pending, if it still is, and the program makes the call again. It is Linux's
 * ERESTARTNOINTR; -EINTR is final.
 */
#define OFFLOAD_RET_RESTART (-513)

/* Dispositions for SIGACTION */
#define OFFLOAD_SIG_DEFAULT 0	/* Linux does it: the proxy ends, stops, or nothing happens */
#define OFFLOAD_SIG_IGNORE 1	/* Linux discards it */
#define OFFLOAD_SIG_RELAY 2	/* the program has a handler: mcexec sends SEND_SIGNAL */

/* Capabilities of Linux that the LWK asks for: capabilities(7) */
#define OFFLOAD_CAP_RESOURCE (1U << 0)	/* CAP_SYS_RESOURCE */
#define OFFLOAD_CAP_IPC_LOCK (1U << 1)	/* CAP_IPC_LOCK */
#define OFFLOAD_CAP_NICE (1U << 2)	/* CAP_SYS_NICE */

/*
 * Small arguments: what a call's pointers point to may travel in offload_slot.data, by the rows of
 * abi/small.def, so that Linux does not have to map the program's pages for it. offload_slot.small
 * says where it is: byte i, of 0 to 5: 1 + the place of what args[i] points to, or 0: the twin uses
 * args[i] as it is. Byte OFFLOAD_SMALL_IN: how far the LWK has filled in data; byte
 * OFFLOAD_SMALL_ALL: how much is in use. What lies between is filled in by the call if it succeeds,
 * and taken back with the answer. All in units of OFFLOAD_DATA_UNIT bytes; 0: nothing travels.
 */
#define OFFLOAD_DATA_LEN 1024
#define OFFLOAD_DATA_UNIT 16
#define OFFLOAD_SMALL_IN 6
#define OFFLOAD_SMALL_ALL 7
#define OFFLOAD_SMALL_ROOM 256 /* a path has at most, and what ROOM of abi/small.def asks for */

_Static_assert(OFFLOAD_DATA_LEN % OFFLOAD_DATA_UNIT == 0 &&
	       1 + OFFLOAD_DATA_LEN / OFFLOAD_DATA_UNIT <= 0xff, "places fit in their bytes");

/** offload_small() - byte @i of offload_slot.small */
static inline u32 offload_small(u64 small, u32 i)
{
	return (u32)(small >> 8 * i) & 0xff;
}

#define OFFLOAD_MAX_LOAN 32
/* Low bits of an entry of offload_slot.loan; the rest is the address. */
#define OFFLOAD_LOAN_WRITE (1ULL << 0)
#define OFFLOAD_LOAN_TYPE_SHIFT 1	/* memory type: number of an entry of the PAT, 0 to 7 */
#define OFFLOAD_LOAN_TYPE_MASK (7ULL << OFFLOAD_LOAN_TYPE_SHIFT)

/**
 * struct offload_slot - one page, shared by an LWK thread and its twin
 * @state:	OFFLOAD_IDLE, REQUEST, DONE
 * @lwk_wait:	OFFLOAD_AWAKE or ASLEEP, LWK
 * @nr:		system call number or OFFLOAD_NR_*, LWK
 * @args:	its arguments, LWK
 * @sigmask:	signals that the LWK thread blocks, bit n - 1 for signal n, LWK; the twin
 *		blocks the same while it serves the request
 * @signals:	SEND_SIGNALs for the LWK thread that it had seen when it made the request, LWK. If
 *		its twin has had more of them acknowledged, a signal came before the call: a
 *		system call is answered OFFLOAD_RET_RESTART then, without being begun
 * @user_ns:	what the LWK thread had used when it told last: time in user mode, LWK. It
 *		does when there is a millisecond more to tell, and with what may be its last request
 * @kernel_ns:	time in the LWK
 * @minflt:	page faults
 * @switches:	times that it gave up the CPU to wait
 * @small:	small arguments in @data, LWK: see OFFLOAD_DATA_LEN
 * @path:	with the calls of abi/paths.def: the first bytes of the path, 0: not known, LWK
 * @twin_wait:	OFFLOAD_AWAKE or ASLEEP, twin
 * @caps:	OFFLOAD_CAP_* that the twin has: at its start, and since the last answer, twin
 * @ret:	result or -errno, twin
 * @interrupts:	INTERRUPTs of its twin that the LWK thread had heard of when it made the request,
 *		LWK; a system call is not begun, or given up, if there were more
 * @maxrss:	the most pages that the LWK thread's program had mapped at once, LWK
 * @robust_list: what the LWK thread told set_robust_list(2), until it has walked the list itself,
 *		LWK; at any time. Linux walks the list of a twin that is killed
 * @preempted:	as @switches: times that it had to give up the CPU
 * @loan_seq:	with FAULT: what abi/messages.def RECALL calls seq, when the loan was made, twin
 * @loan_start: with FAULT: address of the first page in @loan, twin
 * @data:	small arguments, both
 * @loan:	with FAULT: physical address | OFFLOAD_LOAN_* of each page, twin
 */
struct offload_slot {
	u32 state;
	u32 lwk_wait;
	u64 nr;
	u64 args[6];
	u64 sigmask;
	u64 signals;
	u64 user_ns;
	u64 kernel_ns;
	u64 minflt;
	u64 switches;
	u64 small;
	u64 path;
	u32 twin_wait;
	u32 caps;
	s64 ret;
	u64 loan_seq;
	u64 interrupts;
	u64 maxrss;
	u64 robust_list;
	u64 preempted;
	u64 loan_start;
	u8 data[OFFLOAD_DATA_LEN];
	u64 loan[OFFLOAD_MAX_LOAN];
};

ABI_ASSERT_OFFSET(struct offload_slot, twin_wait, 128);
ABI_ASSERT_SIZE(struct offload_slot, 192 + OFFLOAD_DATA_LEN + 8 * OFFLOAD_MAX_LOAN);

/*
 * Payloads of abi/messages.def, in ikc_packet.u.bytes. Requests and answers share
 * the cookie. A process is named by its pid, a thread by its tid, both in the initial
 * pid namespace. Fields not named are zero.
 */

/**
 * struct msg_init_channel - INIT_CHANNEL and its answer
 * @version:	OFFLOAD_VERSION of the sender; another is refused with -EPROTO
 * @slot_len:	sizeof(struct offload_slot)
 * @desc_len:	sizeof(struct program_load_desc)
 * @buffer_len:	in the answer on a control channel: OFFLOAD_BUFFER_LEN, else 0
 * @buffer:	in the answer on a control channel: physical address of the transfer buffer
 * @ncaches:	likewise: caches of the CPU, at most IHK_MAX_CACHES
 */
struct msg_init_channel {
	u32 version;
	u32 slot_len;
	u32 desc_len;
	u32 buffer_len;
	u64 buffer;
	u32 ncaches;
	u32 reserved;
};

/**
 * struct msg_process - PREPARE_PROCESS, SCHEDULE_PROCESS, CLEANUP_PROCESS
 * @pid:	process
 * @len:	PREPARE: bytes of the descriptor in the transfer buffer. The ACKED answer has the
 *		struct program_layout in the same place
 * @executed:	CLEANUP: 1: the process goes on, with another program
 * @status:	CLEANUP: how it ended, as wait(2) has it
 * @started:	CLEANUP: program_load_desc.started of the program that follows
 * @exec_id:	likewise, if that is the next one and runs on the LWK
 */
struct msg_process {
	u32 pid;
	u32 len;
	u32 executed;
	s32 status;
	u64 started;
	u64 exec_id;
};

/**
 * struct msg_thread - SYSCALL_REQUEST, WAKE_UP_SYSCALL_THREAD, STOP_THREAD, CONT_THREAD,
 *	HALT_THREADS
 */
struct msg_thread {
	u32 pid;
	u32 tid;
};

/**
 * struct msg_adopt - ADOPT_PROCESS
 * @parent:	who forked
 * @pid:	id of the child in all messages from now on, and its first thread's
 * @vpid:	what getpid(2) answers in the child
 * @vppid:	what getppid(2) would answer
 * @token:	of the child, from OFFLOAD_NR_FORK
 * @pid_ns:	number of its pid namespace
 */
struct msg_adopt {
	u32 parent;
	u32 pid;
	u32 vpid;
	u32 vppid;
	u64 token;
	u64 pid_ns;
};

/**
 * struct msg_adopt_answer - ADOPT_PROCESS_DONE
 * @slot:	physical address of the offload slot of its thread, one page
 * @cpu:	LWK CPU that it will run on
 * @shares:	1: memory of the LWK's is its parent's, too; else 0
 */
struct msg_adopt_answer {
	u64 slot;
	u32 cpu;
	u32 shares;
};

#define MSG_SIGINFO_LEN 80

/* What is known of whom a signal was sent to */
#define SIGNAL_TO_THREAD 0
#define SIGNAL_TO_PROCESS 1
#define SIGNAL_TO_EITHER 2

/**
 * struct msg_signal - SEND_SIGNAL
 * @pid:	process
 * @tid:	thread that took it on Linux; the signal is pending for this thread
 * @info:	the first MSG_SIGINFO_LEN bytes of Linux's siginfo_t; all that has content
 * @shared:	%SIGNAL_TO_PROCESS: if the thread blocks it by now and is not the only one, the
 *		answer is -EBUSY, and the signal is Linux's again. %SIGNAL_TO_EITHER: the twin
 *		blocks it when it has passed it on, until it hears of the thread's mask, which it
 *		does when the thread does not block it any more
 * @reserved:	zero
 */
struct msg_signal {
	u32 pid;
	u32 tid;
	u8 info[MSG_SIGINFO_LEN];
	u32 shared;
	u32 reserved;
};

/**
 * struct msg_fault - REMOTE_PAGE_FAULT: Linux touches LWK-owned memory
 * @pid:	a process that has the memory; -ESRCH: it is no more, others may have it still
 * @write:	1: for writing; 2: by a debugger, who may write what the program may only
 *		read, if it is private; 3: for reading, but only a page that is there
 * @addr:	user address
 */
struct msg_fault {
	u32 pid;
	u32 write;
	u64 addr;
};

/**
 * struct msg_fault_answer - REMOTE_PAGE_FAULT_ANSWER
 *
 * -ENOENT: of @write 3, no page is there, nor any below @start.
 *
 * @start:	first user address of the extent, page-aligned; it contains the request's
 * @paddr:	physical address of @start; contiguous there too, inside granted memory
 * @npages:	its length, 4 KiB pages, 1 to 512
 * @write:	1: Linux may write there, too
 */
struct msg_fault_answer {
	u64 start;
	u64 paddr;
	u32 npages;
	u32 write;
};

/**
 * struct msg_recall - RECALL: Linux takes frames back that it lent
 * @pid:	a process that has the memory; -ESRCH: it is no more, others may have it still
 * @reserved:	zero
 * @seq:	grows with each recall of an address space; a loan made under a smaller one is void
 * @start:	user addresses [start, end), page-aligned
 * @end:	see @start
 */
struct msg_recall {
	u32 pid;
	u32 reserved;
	u64 seq;
	u64 start;
	u64 end;
};

/**
 * struct msg_revoke - REVOKE: Linux has to let go of LWK-owned pages; REVOKE_DONE
 * @pid:	of that thread; one REVOKE of an address space is under way at a time
 * @tid:	thread that waits, be its process gone: it has its proxy as long as it waits
 * @start:	user addresses [start, end), page-aligned
 * @end:	see @start
 *
 * This is no request to the twin: that may be stopped, or dying and about to have frames recalled,
 * while the thread that waits holds the lock of its address space.
 */
struct msg_revoke {
	u32 pid;
	u32 tid;
	u64 start;
	u64 end;
};

#define OFFLOAD_MAX_PINNED 512

/**
 * struct msg_frames - PINNED, UNPINNED: what Linux still uses of the LWK's memory
 * @paddr:	first frame, page-aligned
 * @npages:	how many, contiguous, 1 to OFFLOAD_MAX_PINNED
 * @reserved:	zero
 *
 * Frames that Linux had mapped for a process may be in use when it has unmapped them: by a device,
 * in a pipe. It says so before the answer to the REVOKE, or before CLEANUP_PROCESS, and only once
 * for each frame. The next such message follows the answer.
 */
struct msg_frames {
	u64 paddr;
	u32 npages;
	u32 reserved;
};

/**
 * struct msg_interrupt - INTERRUPT: the twin is to give up the call that it makes
 * @pid:	process
 * @tid:	thread
 * @seq:	grows with each of a thread, and is above all of whoever had its ids before: one
 *		that comes late is void
 *
 * A call that Linux would make anew answers with Linux's number for that (ERESTARTSYS and the
 * like).
 */
struct msg_interrupt {
	u32 pid;
	u32 tid;
	u64 seq;
};

/**
 * struct msg_child - CHILD_SIGNAL: a thread is to get SIGCHLD, because of what it traces
 * @pid:	process
 * @tid:	thread
 * @child:	si_pid
 * @uid:	si_uid
 * @status:	si_status
 * @code:	si_code
 */
struct msg_child {
	u32 pid;
	u32 tid;
	u32 child;
	u32 uid;
	s32 status;
	s32 code;
};

/** enum offload_file - files of /proc/mcosN/PID/, and others, that PROCFS_REQUEST asks for */
enum offload_file {
	OFFLOAD_FILE_MAPS = 1,	/* abi/maps.h */
	OFFLOAD_FILE_STATUS,
	OFFLOAD_FILE_STAT,
	OFFLOAD_FILE_AUXV,
	OFFLOAD_FILE_SYSCALLS,	/* counters: one line for each call used */
	OFFLOAD_FILE_CORE_THREADS, /* abi/core.h */
	OFFLOAD_FILE_CORE_RANGES,
};

/**
 * struct msg_file - SYSFS_REQ_*, PROCFS_ANSWER, and the head of PROCFS_REQUEST
 * @pid:	process; for sysfs, the LWK's number of the CPU or node, or 0; for a cache, that of
 *		the CPU * IHK_MAX_CACHES + its own
 * @file:	enum offload_file, or the number in abi/sysfs.def
 * @offset:	of the first byte wanted; for %OFFLOAD_FILE_MAPS an address
 * @len:	bytes wanted at most, or given (STORE), in the transfer buffer; the answer says how
 *		many there are
 */
struct msg_file {
	u32 pid;
	u32 file;
	u64 offset;
	u32 len;
	u32 reserved;
};

/**
 * struct msg_person - what Linux has of a process, and the LWK only as it was at the start
 * @ppid:	parent, as the process itself sees it
 * @nice:	of its first thread
 * @uid:	real, effective, saved, of files, as the reader sees them
 * @gid:	likewise
 * @comm:	name of its first thread, with a NUL
 * @stopped:	1: by a signal, be it in a call that it makes; else 0
 * @reserved:	zero
 */
struct msg_person {
	u32 ppid;
	s32 nice;
	u32 uid[4];
	u32 gid[4];
	u8 comm[16];
	u32 stopped;
	u32 reserved;
};

/**
 * struct msg_proc_file - PROCFS_REQUEST
 * @file:	which file
 * @person:	for %OFFLOAD_FILE_STATUS and %OFFLOAD_FILE_STAT
 */
struct msg_proc_file {
	struct msg_file file;
	struct msg_person person;
};

ABI_ASSERT_SIZE(struct msg_person, 64);
ABI_ASSERT_SIZE(struct msg_proc_file, 88);
_Static_assert(sizeof(struct msg_proc_file) <= IKC_PAYLOAD_LEN, "must fit a packet");
_Static_assert(sizeof(struct msg_signal) <= IKC_PAYLOAD_LEN, "must fit a packet");

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a program becomes a process of the LWK: the load descriptor that goes there and
 * the layout that comes back. Both travel in the transfer buffer of the control
 * channel (abi/offload.h).
 *
 * Nothing of the program's content is in them. The LWK makes the ranges; what nobody
 * writes to the proxy maps from the file, like a library, the rest it has mcctrl read
 * into them, and the argument strings where the layout says; then START protects them
 * and runs.
 *
 * Who fills a field in: "user", mcexec, so the LWK believes nothing about it;
 * "mcctrl", which takes it from the calling task whatever mcexec claims.
 */
#ifndef ABI_PROCESS_H
#define ABI_PROCESS_H

#include "abi/limits.h"
#include "abi/types.h"

#define PROGRAM_MAGIC 0x4d4b4c50U /* "PLKM" */
#define PROGRAM_VERSION 6
#define PROGRAM_MAX_SECTIONS 32
#define PROGRAM_MAX_RLIMITS 16	/* RLIM_NLIMITS */
#define PROGRAM_COMM_LEN 16	/* TASK_COMM_LEN */
#define PROGRAM_RANDOM_LEN 32

/* Limits on arguments and environment, as execve(2): strings with their NULs, bytes. */
#define PROGRAM_MAX_ARGS_LEN (6U << 20)
#define PROGRAM_MAX_STRINGS (1U << 20)

/* program_load_desc.flags */
#define PROGRAM_PIE (1U << 0)		/* the program may be placed anywhere */
#define PROGRAM_INTERP (1U << 1)	/* there is an interpreter, also placed anywhere */
#define PROGRAM_NO_RANDOMIZE (1U << 2)	/* ADDR_NO_RANDOMIZE */
#define PROGRAM_EXEC_STACK (1U << 3)	/* PT_GNU_STACK wants an executable stack */
#define PROGRAM_TELL_CALLS (1U << 4)	/* OFFLOAD_NR_MADE is wanted */
#define PROGRAM_FLAGS_KNOWN 0x1fU

/* program_section.image */
#define PROGRAM_IMAGE_EXE 0
#define PROGRAM_IMAGE_INTERP 1

/**
 * struct program_section - one PT_LOAD segment
 * @vaddr:	link-time address, not aligned
 * @memsz:	bytes in memory, at least @filesz and at least 1
 * @filesz:	bytes that come from the file
 * @offset:	in the file, congruent to @vaddr modulo the page size
 * @prot:	PROT_READ | PROT_WRITE | PROT_EXEC, final
 * @image:	PROGRAM_IMAGE_*
 * @mapped:	1: Linux has the file mapped there before the program starts, so its pages are
 *		Linux's; only if @prot is without PROT_WRITE, and @filesz is @memsz
 */
struct program_section {
	u64 vaddr;
	u64 memsz;
	u64 filesz;
	u64 offset;
	u32 prot;
	u16 image;
	u16 mapped;
};

ABI_ASSERT_SIZE(struct program_section, 40);

/** struct program_rlimit - one limit; ~0 is no limit */
struct program_rlimit {
	u64 cur;
	u64 max;
};

/**
 * struct program_clocks - how Linux's vDSO reads its clocks: where in the time pages they are
 * @data:	offset of the first set of clocks in the time pages
 * @len:	of a set; the second one, for CLOCK_MONOTONIC_RAW, follows; 0: nothing is known
 * @seq:	offset in a set: u32, odd while it is changed
 * @mode:	likewise: s32, how the counter is read
 * @cycle_last:	likewise: u64, the counter at @base
 * @mult:	likewise: u32, for a tick
 * @shift:	likewise: u32, of @mult and @base
 * @base:	likewise: PROGRAM_NCLOCKS pairs of u64, seconds and shifted nanoseconds by clock id;
 *		the fields above come before it
 * @res:	likewise: u32, resolution of the fine clocks, ns
 * @reserved:	zero
 * @tsc_mode:	value of @mode: the counter is the TSC
 * @coarse_ns:	resolution of the coarse clocks
 */
struct program_clocks {
	u32 data;
	u32 len;
	u16 seq;
	u16 mode;
	u16 cycle_last;
	u16 mult;
	u16 shift;
	u16 base;
	u16 res;
	u16 reserved;
	s32 tsc_mode;
	u32 coarse_ns;
};

ABI_ASSERT_SIZE(struct program_clocks, 32);

/* Linux's clocks that have a place there, by their ids. */
#define PROGRAM_NCLOCKS 12

/* A set of clocks: what comes before the pairs, and all. */
#define PROGRAM_CLOCKS_HEAD_MAX 64
#define PROGRAM_CLOCKS_MAX 512

/**
 * struct program_load_desc - everything the LWK needs to make a process
 * @magic:	PROGRAM_MAGIC, user
 * @version:	PROGRAM_VERSION, user
 * @len:	sizeof(struct program_load_desc), user
 * @flags:	PROGRAM_*, user
 * @nsections:	entries of @sections, 1 to PROGRAM_MAX_SECTIONS, user; sections of one image are
 *		ascending and do not overlap
 * @argc:	argument strings, at least 1, user
 * @envc:	environment strings, user
 * @cpu:	LWK CPU to start on, or -1: the LWK chooses, user
 * @args_len:	bytes of the string block: arguments, environment, and the program's file
 *		name (AT_EXECFN), each with its NUL, in this order, user
 * @entry:	link-time entry of the program, user
 * @phdr:	link-time address of its program headers, or 0 if they are not loaded, user
 * @interp_entry: link-time entry of the interpreter, user
 * @phent:	AT_PHENT, user
 * @phnum:	AT_PHNUM, user
 * @align:	largest p_align of the program's sections, a power of two, user
 * @interp_align: likewise of the interpreter's, user
 * @hwcap:	AT_HWCAP, user
 * @hwcap2:	AT_HWCAP2, user
 * @minsigstksz: AT_MINSIGSTKSZ, user
 * @clktck:	AT_CLKTCK, user
 * @stack_premap: bytes of stack to populate at start, user
 * @vvar_start:	Linux's time pages in the proxy, [start, end) page-aligned, or both 0, mcctrl
 * @vvar_end:	see @vvar_start
 * @vdso_start:	Linux's vDSO in the proxy, likewise, mcctrl
 * @vdso_end:	see @vdso_start
 * @pid:	id of the process in all messages: the proxy's thread-group id in the initial
 *		pid namespace, mcctrl
 * @vpid:	what getpid(2) answers: the same in the proxy's namespace, mcctrl
 * @vppid:	what getppid(2) would answer now, mcctrl
 * @pid_ns:	number of the proxy's pid namespace, as in /proc/PID/ns/pid, mcctrl
 * @uid:	real, effective, saved, file-system user id, mcctrl
 * @gid:	group ids likewise, mcctrl
 * @secure:	AT_SECURE: by the program's file, user; or by ids, mcctrl
 * @rlimits:	by RLIMIT_*, mcctrl
 * @random:	random bytes: AT_RANDOM's 16, and the seed of the address layout, mcctrl
 * @platform:	AT_PLATFORM, NUL-terminated, user
 * @comm:	name of the program, NUL-terminated, user
 * @sig_ignored: signals that mcexec's caller had ignored, bit n - 1 for signal n; the program
 *		inherits them ignored, user
 * @sig_blocked: signals that it had blocked, likewise, user
 * @policy:	SCHED_* of Linux, with SCHED_RESET_ON_FORK, mcctrl
 * @nice:	-20 to 19, mcctrl
 * @priority:	of SCHED_FIFO and SCHED_RR, else 0, mcctrl
 * @mempolicy:	MPOL_* of mcexec's caller, with Linux's flags of the mode, user
 * @mempolicy_nodes: of it, by Linux's numbers, user
 * @rseq_len:	AT_RSEQ_FEATURE_SIZE, or 0: Linux does not say, user
 * @rseq_align:	AT_RSEQ_ALIGN, user
 * @started:	when its process began on Linux, ns since boot, mcctrl
 * @exec_id:	Linux's count of programs that the process has executed, mcctrl; 0: it has more
 *		rights by this one, which nobody traces therefore
 * @clocks:	what is in Linux's time pages, mcctrl
 * @cpus:	LWK CPUs that it may run on, bit n for CPU n, @cpu among them; none: all, user
 * @sections:	first the program's, then the interpreter's, user
 */
struct program_load_desc {
	u32 magic;
	u32 version;
	u32 len;
	u32 flags;
	u32 nsections;
	u32 argc;
	u32 envc;
	s32 cpu;
	u64 args_len;
	u64 entry;
	u64 phdr;
	u64 interp_entry;
	u32 phent;
	u32 phnum;
	u64 align;
	u64 interp_align;
	u64 hwcap;
	u64 hwcap2;
	u64 minsigstksz;
	u64 clktck;
	u64 stack_premap;
	u64 vvar_start;
	u64 vvar_end;
	u64 vdso_start;
	u64 vdso_end;
	u32 pid;
	u32 vpid;
	u32 vppid;
	u32 uid[4];
	u32 gid[4];
	u32 secure;
	struct program_rlimit rlimits[PROGRAM_MAX_RLIMITS];
	u8 random[PROGRAM_RANDOM_LEN];
	char platform[PROGRAM_COMM_LEN];
	char comm[PROGRAM_COMM_LEN];
	u64 sig_ignored;
	u64 sig_blocked;
	u64 user_ns;
	u64 kernel_ns;
	u32 policy;
	s32 nice;
	u32 priority;
	u32 mempolicy;
	u64 mempolicy_nodes[IHK_MAX_LINUX_NODES / 64];
	u32 rseq_len;
	u32 rseq_align;
	u64 started;
	u64 exec_id;
	struct program_clocks clocks;
	u64 pid_ns;
	u64 cpus[IHK_MAX_CPUS / 64];
	struct program_section sections[PROGRAM_MAX_SECTIONS];
};

/**
 * struct program_layout - where the LWK put things
 * @bias:	to add to link-time addresses of the program
 * @interp_bias: to add to those of the interpreter
 * @args_start:	where the string block goes, @args_len bytes
 * @stack_top:	end of the stack
 * @slot:	physical address of the main thread's offload slot, one page; mcctrl clears
 *		it in what it gives to mcexec
 * @cpu:	LWK CPU that it will run on
 */
struct program_layout {
	u64 bias;
	u64 interp_bias;
	u64 args_start;
	u64 stack_top;
	u64 slot;
	u32 cpu;
	u32 reserved0;
	u64 reserved[2];
};

ABI_ASSERT_SIZE(struct program_layout, 64);

#endif

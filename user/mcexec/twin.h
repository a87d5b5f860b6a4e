/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The twin of an LWK thread: takes its system calls one after the other and makes them.
 *
 * A call goes straight to the kernel with the LWK thread's arguments, whose pointers are right
 * here too. Signals that the program handles may come at any moment: twin_entry.S sees to it that
 * one that comes before the call has reached the kernel keeps it from being made.
 */
#ifndef MCEXEC_TWIN_H
#define MCEXEC_TWIN_H

#include <signal.h>
#include <stdbool.h>

#include "abi/types.h"

/**
 * struct twin_setup - what all twins of a process share
 * @proxy:	the proxy's file
 * @device:	the node of the LWK
 * @os:		its number
 */
struct twin_setup {
	int proxy;
	int device;
	int os;
};

/**
 * twin_run() - serve an LWK thread until it ends
 * @setup:	lives as long as the twin
 *
 * Context: the Linux thread that is the twin. Does not return when the program ends, but ends
 * mcexec. Return: 0 when the LWK thread has ended; -errno if the LWK is lost.
 */
int twin_run(struct twin_setup *setup);

/**
 * twin_interrupt() - a signal for the program has come
 * @rip:	where it interrupted the calling twin
 *
 * Context: signal handler. Return: where the twin has to go on.
 */
u64 twin_interrupt(u64 rip);

/**
 * twin_hold() - which signals the calling twin is to hold back after one was passed on
 * @info:	that one
 * @hold:	mcctrl wants all of them held back
 *
 * Held signals come when the call that the LWK thread waits for has been made, or when mcctrl
 * loses patience with it.
 *
 * Context: signal handler. Return: bit n - 1 for signal n.
 */
u64 twin_hold(const siginfo_t *info, bool hold);

/**
 * twin_block() - the handler that calls this returns with more signals blocked
 * @set: bit n - 1 for signal n
 *
 * Until the LWK thread says with a request what it blocks. Context: signal handler.
 */
void twin_block(u64 set);

/**
 * twin_passes_mask_on() - does the request at hand make a process that begins with what the calling
 * twin blocks?
 *
 * It is to begin with what the LWK thread blocked, and nothing besides. Context: signal handler.
 */
bool twin_passes_mask_on(void);

/**
 * twin_syscall() - make a call of the program, unless a signal comes before it
 * @nr:		number
 * @args:	six arguments
 * @interrupted: not 0: a signal has come
 *
 * Context: a twin. Return: result or -errno, or OFFLOAD_RET_RESTART: not made.
 */
s64 twin_syscall(u64 nr, const u64 *args, const u32 *interrupted);

/**
 * twin_raw_syscall() - make a call of our own, around the C library
 * @nr:		number
 * @a:		first argument
 * @b:		second
 * @c:		third
 * @d:		fourth
 *
 * Context: any, also signal handlers. Return: result or -errno.
 */
static inline s64 twin_raw_syscall(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}

/** twin_sigreturn() - what Linux lets handlers return to. Context: not to be called. */
void twin_sigreturn(void);

/*
 * Labels of twin_syscall(): where it looks at @interrupted, where the call has been made, and where
 * to go on so that it is not made.
 */
extern const char twin_syscall_look[], twin_syscall_made[], twin_syscall_abort[];

#endif

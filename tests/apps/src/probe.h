/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tries what memory allows, by accesses that may fault: the signal's handler jumps back.
 */
#ifndef PROBE_H
#define PROBE_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "app.h"

static sigjmp_buf probe_escape;
static volatile sig_atomic_t probe_signal;
static volatile sig_atomic_t probe_code;
static void *volatile probe_address;

static inline void probe_handler(int signal, siginfo_t *info, void *context)
{
	(void)context;
	probe_signal = signal;
	probe_code = info->si_code;
	probe_address = info->si_addr;
	siglongjmp(probe_escape, 1);
}

static inline void probe_init(void)
{
	struct sigaction action = { .sa_sigaction = probe_handler, .sa_flags = SA_SIGINFO };

	MUST(sigaction(SIGSEGV, &action, NULL) == 0);
	MUST(sigaction(SIGBUS, &action, NULL) == 0);
}

static inline bool probe_read(const volatile void *address)
{
	probe_signal = 0;
	if (sigsetjmp(probe_escape, 1))
		return false;
	(void)*(const volatile char *)address;
	return true;
}

/* Leaves what is there. */
static inline bool probe_write(volatile void *address)
{
	volatile char *byte = address;

	probe_signal = 0;
	if (sigsetjmp(probe_escape, 1))
		return false;
	__asm__ volatile("lock; orb $0, %0" : "+m"(*byte));
	return true;
}

/* A "ret" must be there. */
static inline bool probe_exec(const void *address)
{
	probe_signal = 0;
	if (sigsetjmp(probe_escape, 1))
		return false;
	((void (*)(void))(uintptr_t)address)();
	return true;
}

/* What is allowed, as in /proc/PID/maps: "r-", "rw", "--". */
static inline const char *probe(volatile void *address)
{
	static const char *const words[] = { "--", "-w", "r-", "rw" };

	return words[probe_read(address) * 2 + probe_write(address)];
}

/* The last probe's signal, si_code, and whether it names the address. */
static inline void probe_show(const volatile void *address)
{
	if (!probe_signal)
		printf("no signal\n");
	else
		printf("%s, code %d, %s\n", probe_signal == SIGBUS ? "SIGBUS" : "SIGSEGV",
		       (int)probe_code, probe_address == address ? "at the address" : "elsewhere");
}

#endif

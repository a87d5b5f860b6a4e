// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers with which the processor refuses to go on, and a tracer that holds the signal back
 * which comes of it: it comes again. Floating-point state that a tracer may not set.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <elf.h>
#include <ucontext.h>

#include "traced.h"

#define BAD_RIP 0x8000000000000000UL
#define BAD_MXCSR 0x10000U
#define XCOMP_BV 520
#define XSTATE_MAX 16384

static void bad_rip(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)BAD_RIP;
}

static void bad_segment(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	/* The lowest 16 of its bits are CS. */
	((ucontext_t *)context)->uc_mcontext.gregs[REG_CSGSFS] &= ~0xffffLL;
}

static void bad_both(int number, siginfo_t *info, void *context)
{
	char *state = (char *)((ucontext_t *)context)->uc_mcontext.fpregs;

	memset(state + XCOMP_BV, 0xff, 8);
	bad_rip(number, info, context);
}

static void (*change)(int number, siginfo_t *info, void *context);

static void take_signal(void)
{
	const struct sigaction action = { .sa_sigaction = change, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void go_on(pid_t pid, int sig)
{
	siginfo_t info;

	MUST(!ptrace(PTRACE_CONT, pid, 0, sig));
	if (!WIFSTOPPED(wait_and_show("then", pid)))
		return;
	MUST(!ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
	if (info.si_signo == SIGSEGV)
		printf("  code %d, address %p\n", info.si_code, info.si_addr);
}

static void held_back(const char *what, void (*how)(int number, siginfo_t *info, void *context))
{
	pid_t pid;

	printf("-- %s\n", what);
	fflush(stdout);
	change = how;
	pid = start_traced(take_signal);
	wait_and_show("stop", pid);
	go_on(pid, 0);
	go_on(pid, SIGUSR1);
	for (int i = 0; i < 3; i++)
		go_on(pid, 0);
	go_on(pid, SIGSEGV);
}

static void nothing(void)
{
}

static void bad_state(void)
{
	static char area[XSTATE_MAX];
	struct user_fpregs_struct regs, now;
	struct iovec io = { area, sizeof(area) };
	uint32_t mxcsr = BAD_MXCSR;
	pid_t pid;

	printf("-- state\n");
	fflush(stdout);
	pid = start_traced(nothing);
	wait_and_show("stop", pid);
	MUST(!ptrace(PTRACE_GETFPREGS, pid, 0, &regs));
	regs.mxcsr |= BAD_MXCSR;
	show("PTRACE_SETFPREGS", ptrace(PTRACE_SETFPREGS, pid, 0, &regs));
	MUST(!ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &io));
	memcpy(area + offsetof(struct user_fpregs_struct, mxcsr), &mxcsr, sizeof(mxcsr));
	show("PTRACE_SETREGSET", ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &io));
	MUST(!ptrace(PTRACE_GETFPREGS, pid, 0, &now));
	show("MXCSR", now.mxcsr);
	MUST(!ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("end", pid);
}

int main(void)
{
	held_back("address", bad_rip);
	held_back("segment", bad_segment);
	held_back("state, and address", bad_both);
	bad_state();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers on alternate stacks that do not simply return: nested ones, one that jumps away, a stack
 * that is disarmed meanwhile and replaced, and stacks that are full.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

#include "fork.h"

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

#define LEN 65536UL
#define ROUNDS 200

static char *stacks[2];
static sigjmp_buf escape;
static uintptr_t first_frame;

/* Which stack the address is on: 0 or 1, or -1. */
static int stack_of(const void *address)
{
	for (int i = 0; i < 2; i++)
		if ((uintptr_t)address - (uintptr_t)stacks[i] < LEN)
			return i;
	return -1;
}

static void use(int i, int flags)
{
	const stack_t new = { .ss_sp = stacks[i], .ss_size = LEN, .ss_flags = flags };

	MUST(!sigaltstack(&new, NULL));
}

static void show_now(const char *what)
{
	stack_t now;

	MUST(!sigaltstack(NULL, &now));
	printf("%s: stack %d, flags %#x\n", what, stack_of(now.ss_sp), (unsigned int)now.ss_flags);
}

static void set_handler(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	const struct sigaction action = {
		.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | flags,
	};

	MUST(!sigaction(signal, &action, NULL));
}

static void inner(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	char here;

	(void)info;
	printf("handler of %d: stack %d, frame %d, below the first %d, uc_stack %d %#x\n", signal,
	       stack_of(&here), stack_of(uc),
	       stack_of(uc) == stack_of((void *)first_frame) && (uintptr_t)uc < first_frame,
	       stack_of(uc->uc_stack.ss_sp), (unsigned int)uc->uc_stack.ss_flags);
	show_now("  inside");
}

static void outer(int signal, siginfo_t *info, void *context)
{
	first_frame = (uintptr_t)context;
	inner(signal, info, context);
	raise(SIGUSR2);
	show_now("  after the inner one");
}

/* The stack is disarmed, so another may be set: the inner one runs there. */
static void replace(int signal, siginfo_t *info, void *context)
{
	const stack_t none = { .ss_flags = SS_DISABLE };

	first_frame = (uintptr_t)context;
	inner(signal, info, context);
	use(1, (int)SS_AUTODISARM);
	raise(SIGUSR2);
	show_now("  after the inner one");
	SHOW(sigaltstack(&none, NULL));
	raise(SIGUSR2);
}

static void show_nested(void)
{
	set_handler(SIGUSR1, outer, 0);
	set_handler(SIGUSR2, inner, 0);
	use(0, 0);
	raise(SIGUSR1);
	show_now("afterwards");
	set_handler(SIGUSR1, replace, 0);
	use(0, (int)SS_AUTODISARM);
	raise(SIGUSR1);
	show_now("afterwards");
}

static void leave(int signal, siginfo_t *info, void *context)
{
	(void)info;
	if (!first_frame)
		first_frame = (uintptr_t)context;
	siglongjmp(escape, (uintptr_t)context == first_frame ? signal : -1);
}

static long jumps(void)
{
	volatile long same = 0, n = 0;
	int from = sigsetjmp(escape, 1);

	if (from > 0)
		same++;
	if (n++ < ROUNDS)
		raise(n % 2 ? SIGUSR1 : SIGSEGV);
	return same;
}

static void show_jumps(void)
{
	set_handler(SIGUSR1, leave, 0);
	set_handler(SIGSEGV, leave, 0);
	use(0, 0);
	first_frame = 0;
	SHOW(jumps());
	show_now("afterwards");
	/* Who jumps away leaves it disarmed. */
	use(0, (int)SS_AUTODISARM);
	first_frame = 0;
	SHOW(jumps() < ROUNDS);
	show_now("afterwards");
}

static void tell_overflow(int signal, siginfo_t *info, void *context)
{
	char here;

	(void)context;
	printf("handler of %d: stack %d, below it %d\n", signal, stack_of(&here),
	       stacks[0] - (char *)info->si_addr > 0 &&
	       stacks[0] - (char *)info->si_addr <= (long)LEN);
	_exit(6);
}

static __attribute__((noinline)) void recurse(volatile char *above)
{
	volatile char frame[512];

	frame[0] = *above;
	/* Never 1, but that is for the processor to see. */
	if (!frame[0])
		recurse(frame);
	frame[1] = *above;
}

/* Below the stack is nothing. */
static void overflow(int signal, siginfo_t *info, void *context)
{
	volatile char byte = 0;

	(void)signal;
	(void)info;
	(void)context;
	recurse(&byte);
}

/* What is left is too short for a frame. */
static void fill(int signal, siginfo_t *info, void *context)
{
	char here;
	const size_t left = (size_t)(&here - stacks[0]);
	volatile char *room = __builtin_alloca(left - 900);

	(void)signal;
	(void)info;
	(void)context;
	room[0] = 1;
	raise(SIGUSR2);
	puts("not reached");
}

/* Each ends a child. */
static void show_full(const char *what, void (*handler)(int, siginfo_t *, void *), int flags)
{
	pid_t pid = fork_must();

	if (!pid) {
		use(0, flags);
		set_handler(SIGUSR1, handler, 0);
		set_handler(SIGUSR2, inner, 0);
		set_handler(SIGSEGV, tell_overflow, SA_NODEFER);
		raise(SIGUSR1);
		_exit(7);
	}
	reap(pid, what);
}

/* Ends before a frame is there. */
static void show_short(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		const stack_t new = { .ss_sp = stacks[0] - 4096, .ss_size = 8192 };

		MUST(!sigaltstack(&new, NULL));
		MUST(!mprotect(stacks[0], 4096, PROT_NONE));
		set_handler(SIGUSR1, inner, 0);
		raise(SIGUSR1);
		_exit(7);
	}
	reap(pid, "a stack that is not there");
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		char *at = mmap(NULL, 2 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		MUST(at != MAP_FAILED && !mprotect(at + LEN, LEN, PROT_READ | PROT_WRITE));
		stacks[i] = at + LEN;
	}
	puts("nested");
	show_nested();
	puts("jumps");
	show_jumps();
	puts("full");
	show_full("overflow", overflow, 0);
	show_full("overflow, disarmed", overflow, (int)SS_AUTODISARM);
	show_full("no room for a frame", fill, 0);
	show_short();
	return 0;
}

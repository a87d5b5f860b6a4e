// SPDX-License-Identifier: GPL-2.0-only
/*
 * The alternate signal stack.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "app.h"

#define LEN 65536

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static char stack[LEN];
static volatile sig_atomic_t depth;

static void show_stack(const char *what)
{
	stack_t now;

	MUST(sigaltstack(NULL, &now) == 0);
	printf("%s: %s, %zu bytes, flags %#x\n", what, now.ss_sp == stack ? "ours" : "none",
	       now.ss_size, (unsigned int)now.ss_flags);
}

static int is_on_stack(const void *address)
{
	return (uintptr_t)address - (uintptr_t)stack < LEN;
}

static void handler(int number, siginfo_t *info, void *context)
{
	const stack_t none = { .ss_flags = SS_DISABLE };
	const ucontext_t *saved = context;
	char here;

	(void)info;
	depth++;
	printf("handler of %d: on the stack: %d, frame: %d, uc_stack ours: %d, flags %#x\n",
	       number, is_on_stack(&here), is_on_stack(saved), saved->uc_stack.ss_sp == stack,
	       (unsigned int)saved->uc_stack.ss_flags);
	show_stack("inside");
	SHOW(sigaltstack(&none, NULL));
	if (depth == 1)
		raise(SIGUSR2);
	depth--;
}

static void set_stack(size_t len, int flags)
{
	const stack_t new = { .ss_sp = stack, .ss_size = len, .ss_flags = flags };

	printf("%zu bytes, flags %#x: ", len, (unsigned int)flags);
	SHOW(sigaltstack(&new, NULL));
}

static void set_handler(int number, int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	MUST(sigaction(number, &action, NULL) == 0);
}

int main(void)
{
	show_stack("at first");
	set_handler(SIGUSR1, SA_ONSTACK);
	set_handler(SIGUSR2, SA_ONSTACK);
	puts("without one");
	raise(SIGUSR1);
	set_stack(100, 0);
	set_stack(LEN, 100);
	set_stack(LEN, SS_ONSTACK);
	show_stack("set");
	raise(SIGUSR1);
	show_stack("afterwards");
	puts("a handler that does not want it");
	set_handler(SIGUSR1, 0);
	raise(SIGUSR1);
	set_handler(SIGUSR1, SA_ONSTACK);
	puts("disarmed while a handler is on it");
	set_stack(LEN, (int)SS_AUTODISARM);
	raise(SIGUSR1);
	show_stack("afterwards");
	set_stack(LEN, SS_DISABLE);
	show_stack("disabled");
	raise(SIGUSR1);
	return 0;
}

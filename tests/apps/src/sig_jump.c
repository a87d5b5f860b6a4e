// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers inside handlers, and ways out of them that are no return.
 */
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "app.h"

#define ROUNDS 2000

static sigjmp_buf escape;
static volatile sig_atomic_t deepest;
static volatile sig_atomic_t depth;

static void leave(int number)
{
	siglongjmp(escape, number);
}

static void nest(int number)
{
	if (++depth > deepest)
		deepest = depth;
	if (depth < 20)
		raise(number == SIGUSR1 ? SIGUSR2 : SIGUSR1);
	depth--;
}

static long jumps(int number, int save_mask)
{
	volatile long count = 0;

	signal(number, leave);
	if (sigsetjmp(escape, save_mask))
		count++;
	if (count < ROUNDS)
		raise(number);
	return count;
}

int main(void)
{
	struct sigaction action = { .sa_handler = nest, .sa_flags = SA_NODEFER };
	sigset_t set;

	SHOW(jumps(SIGUSR1, 1));
	SHOW(jumps(SIGSEGV, 1));
	/* Without the mask the signal stays blocked after the first jump. */
	SHOW(jumps(SIGHUP, 0) > 0 ? 1 : 0);
	MUST(sigprocmask(SIG_BLOCK, NULL, &set) == 0);
	SHOW(sigismember(&set, SIGHUP));
	MUST(sigaction(SIGUSR1, &action, NULL) == 0);
	MUST(sigaction(SIGUSR2, &action, NULL) == 0);
	raise(SIGUSR1);
	SHOW(deepest);
	return 0;
}

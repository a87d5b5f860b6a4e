// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack grows down to its limit, and not beyond: mm_stack grow MIB, mm_stack overflow,
 * mm_stack below, mm_stack handler.
 */
#include <alloca.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "probe.h"

static volatile unsigned long depth;

static int __attribute__((noinline)) recurse(int n)
{
	volatile char frame[4000];

	depth++;
	frame[0] = (char)n;
	if (n < 0)
		return 0;
	return recurse(n + 1) + frame[0];
}

static void grow(size_t len)
{
	volatile char *area = alloca(len);
	size_t i;

	/* From above, as a program does that calls deeper and deeper. */
	for (i = len; i > 0; i -= 4096 < i ? 4096 : i)
		area[i - 1] = 1;
	area[0] = 1;
	printf("%zu MiB of stack\n", len >> 20);
}

/* One access far below the stack pointer, above the limit: Linux allows it. */
static void below(uintptr_t mib)
{
	char *address = (char *)((uintptr_t)__builtin_frame_address(0) - (mib << 20));

	printf("%lu MiB below: %s\n", mib, probe(address));
	probe_show(address);
}

static void overflow_handler(int signal, siginfo_t *info, void *context)
{
	struct rlimit limit;

	(void)context;
	MUST(getrlimit(RLIMIT_STACK, &limit) == 0);
	printf("signal %d, code %d, %s\n", signal, info->si_code,
	       depth > limit.rlim_cur / 4096 * 9 / 10 ? "near the limit" : "far above the limit");
	_exit(5);
}

static void handle_overflow(void)
{
	static char stack[65536];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = overflow_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	MUST(sigaltstack(&alternate, NULL) == 0);
	MUST(sigaction(SIGSEGV, &action, NULL) == 0);
	recurse(0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "grow")) {
		grow((size_t)atoi(argv[2]) << 20);
	} else if (!strcmp(what, "overflow")) {
		recurse(0);
	} else if (!strcmp(what, "below")) {
		probe_init();
		below(1);
		below(4);
		below(16);
	} else {
		handle_overflow();
	}
	return 0;
}

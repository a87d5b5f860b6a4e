// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the same little piece of work many times, and tells for each how long it took and whether
 * the CPU was interrupted meanwhile.
 *
 *   noise QUANTA STEPS
 *
 * Prints a line "ticks interrupted" for each quantum, then lines "name value". Ticks are the
 * processor's time-stamp counter.
 *
 * How a program learns of interrupts: it has put a null selector other than 0 into ES, which
 * 64-bit code does not use. IRET to an outer ring, the way back from every interrupt, makes
 * such a selector 0 (Intel SDM vol. 2, IRET, RETURN-TO-OUTER-PRIVILEGE-LEVEL). No kernel
 * needs to help.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <x86intrin.h>

#include "samples.h"

#define MAX_QUANTA 1000000
#define NULL_SELECTOR 1

/* Ticks, shifted to make room for a bit: interrupted. */
static uint64_t quanta[MAX_QUANTA];
static char output[1 << 20];

static void mark(void)
{
	__asm__ volatile("mov %0, %%es" : : "r"(NULL_SELECTOR));
}

static bool is_marked(void)
{
	unsigned int selector;

	__asm__ volatile("mov %%es, %0" : "=r"(selector));
	return selector == NULL_SELECTOR;
}

/* xorshift: nothing but registers, and the compiler cannot shorten it. */
static uint64_t work(uint64_t x, unsigned int steps)
{
	while (steps--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

static void run(unsigned int n, unsigned int steps)
{
	volatile uint64_t state = 88172645463325252ULL;
	uint64_t start, end;
	unsigned int i;

	for (i = 0; i < n; i++) {
		mark();
		start = __rdtsc();
		state = work(state, steps);
		end = __rdtsc();
		quanta[i] = (end - start) << 1 | !is_marked();
	}
}

static void print_usage(const struct rusage *before, const struct rusage *after)
{
	printf("voluntary_switches %ld\n", after->ru_nvcsw - before->ru_nvcsw);
	printf("involuntary_switches %ld\n", after->ru_nivcsw - before->ru_nivcsw);
	printf("faults %ld\n", after->ru_minflt - before->ru_minflt);
}

int main(int argc, char **argv)
{
	unsigned int n = number(argc > 1 ? argv[1] : NULL, MAX_QUANTA);
	unsigned int steps = number(argc > 2 ? argv[2] : NULL, 1U << 30);
	struct rusage before, after;
	uint64_t start_ns, start;
	unsigned int i;

	setvbuf(stdout, output, _IOFBF, sizeof(output));
	memset(quanta, 1, n * sizeof(quanta[0]));
	run(n < 10 ? n : 10, steps);
	check(!getrusage(RUSAGE_SELF, &before), "getrusage");
	start_ns = now_ns();
	start = __rdtsc();
	run(n, steps);
	printf("ticks_per_us %.3f\n",
	       (double)(__rdtsc() - start) / (double)(now_ns() - start_ns) * 1000);
	check(!getrusage(RUSAGE_SELF, &after), "getrusage");
	print_usage(&before, &after);
	for (i = 0; i < n; i++)
		printf("%llu %llu\n", (unsigned long long)quanta[i] >> 1,
		       (unsigned long long)quanta[i] & 1);
	return 0;
}

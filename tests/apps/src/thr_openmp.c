// SPDX-License-Identifier: GPL-2.0-only
/*
 * OpenMP: loops, reductions, tasks, locks, nested regions, more threads than processors. It is
 * compiled for GNU's library; LLVM's has the same functions, if it is loaded before.
 */
#include <omp.h>

#include "app.h"

/* Only LLVM's library has it. */
int kmp_get_blocktime(void) __attribute__((weak));

static void show_loops(void)
{
	long sum = 0, ordered = 0, last = 0;
	int threads = 0;

#pragma omp parallel for reduction(+ : sum) schedule(dynamic, 7)
	for (long i = 0; i < 10000; i++)
		sum += i;
#pragma omp parallel for ordered
	for (long i = 0; i < 50; i++) {
#pragma omp ordered
		{
			ordered += i == last++;
		}
	}
#pragma omp parallel num_threads(6) reduction(+ : threads)
	threads++;
	printf("sum %ld, in order %ld, threads %d\n", sum, ordered, threads);
}

static long fibonacci(int n)
{
	long a, b;

	if (n < 2)
		return n;
#pragma omp task shared(a) if (n > 8)
	a = fibonacci(n - 1);
	b = fibonacci(n - 2);
#pragma omp taskwait
	return a + b;
}

static void show_tasks(void)
{
	long result = 0;

#pragma omp parallel num_threads(4)
#pragma omp single
	result = fibonacci(14);
	printf("tasks: %ld\n", result);
}

static void show_sync(void)
{
	long critical = 0, atomic = 0, locked = 0, phases = 0;
	omp_lock_t lock;

	omp_init_lock(&lock);
#pragma omp parallel num_threads(5)
	for (int i = 0; i < 100; i++) {
#pragma omp critical
		critical++;
#pragma omp atomic
		atomic++;
		omp_set_lock(&lock);
		locked++;
		omp_unset_lock(&lock);
#pragma omp barrier
#pragma omp master
		phases++;
	}
	omp_destroy_lock(&lock);
	printf("critical %ld, atomic %ld, locked %ld, phases %ld\n", critical, atomic, locked,
	       phases);
}

static void show_nested(void)
{
	int inner = 0;

	omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3)
#pragma omp atomic
	inner++;
	printf("nested: %d\n", inner);
}

int main(void)
{
	printf("library: %s\n", kmp_get_blocktime ? "LLVM" : "GNU");
	show_loops();
	show_tasks();
	show_sync();
	show_nested();
	return 0;
}

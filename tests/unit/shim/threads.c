// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads, for tests that have none but those of the C library: who waits lets the others run.
 * Weak, so that a test's own scheduler comes first.
 */
#include "lwk/include/arch.h"
#include "lwk/include/sched/thread.h"

__attribute__((weak)) struct thread *thread_current(void)
{
	return NULL;
}

__attribute__((weak)) void thread_yield(void)
{
	arch_cpu_relax();
}

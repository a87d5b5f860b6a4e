// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads, for tests that have none but those of the C library: who waits lets the others run.
 * Weak, so that a test's own scheduler comes first.
 */
#include <stdlib.h>

#include "lwk/include/arch.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/thread.h"

/* It tells that it makes progress, to nobody. */
__attribute__((weak)) void *shim_this_cpu(void)
{
	static struct percpu cpu;

	return &cpu;
}

__attribute__((weak)) struct thread *thread_current(void)
{
	return NULL;
}

__attribute__((weak)) void thread_yield(void)
{
	arch_cpu_relax();
}

__attribute__((weak)) void thread_cond_resched(void)
{
}

__attribute__((weak)) bool thread_should_yield(void)
{
	return false;
}

/* Those that are none of the kernel's wait awake, and nobody sleeps whom they could wake. */
__attribute__((weak)) void thread_prepare_wait(void)
{
	abort();
}

__attribute__((weak)) void thread_finish_wait(void)
{
	abort();
}

__attribute__((weak)) bool thread_wait(u64 deadline_ns)
{
	(void)deadline_ns;
	abort();
}

__attribute__((weak)) void thread_wake(struct thread *thread)
{
	(void)thread;
	abort();
}

__attribute__((weak)) u64 time_ns(void)
{
	return 0;
}

__attribute__((weak)) void thread_times(const struct thread *thread, u64 *user_ns, u64 *kernel_ns)
{
	*user_ns = READ_ONCE(thread->user_tsc);
	*kernel_ns = READ_ONCE(thread->kernel_tsc);
}

__attribute__((weak)) u64 thread_ran_ns(const struct thread *thread)
{
	return thread->user_tsc + thread->kernel_tsc - thread->waited_tsc;
}

__attribute__((weak)) void thread_set_alarm(u64 run_ns)
{
	(void)run_ns;
}

/* Schedules are perturbed on the LWK alone. */
u32 perturb_period;

void perturb_act(void)
{
}

void perturb_dawdle(void)
{
}

bool perturb_is_due(void)
{
	return false;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and freeing of threads, and what can be asked of them.
 */
#include "lwk/include/sched/thread.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/sched.h"
#include "lwk/lib/bitmap.h"

#define NO_CPU (~0U)

static void init_common(struct thread *thread, u32 cpu)
{
	thread->cpu = cpu;
	thread->state = THREAD_NEW;
	thread->deadline_ns = THREAD_NO_DEADLINE;
	thread->regs_cpu = NO_CPU;
}

void thread_all_cpus(struct cpumask *out)
{
	*out = (struct cpumask){ 0 };
	bitmap_set_range(out->words, 0, percpu_count());
}

int thread_init_kernel(struct thread *thread, u32 cpu, void (*fn)(void *arg), void *arg)
{
	init_common(thread, cpu);
	return arch_thread_init_kernel(thread, fn, arg);
}

static void inherit_sched(struct thread *parent, struct thread_sched *sched)
{
	thread_get_sched(parent, sched);
	if (!sched->reset_on_fork)
		return;
	if (policy_is_realtime(sched->policy)) {
		sched->policy = SCHED_OTHER;
		sched->priority = 0;
		sched->nice = 0;
	}
	sched->nice = MAX(sched->nice, 0);
	sched->reset_on_fork = false;
}

int thread_init_user(struct thread *thread, u32 cpu)
{
	struct thread *self = thread_current();
	int err;

	init_common(thread, cpu);
	thread->user = true;
	if (self && self->user) {
		thread_get_allowed(self, &thread->allowed);
		/* The set may be another one since the CPU was chosen. */
		if (!cpumask_test(&thread->allowed, cpu)) {
			cpu = thread_pick_cpu_among(&thread->allowed);
			thread->cpu = cpu;
		}
		inherit_sched(self, &thread->given);
		thread->sched = thread->given;
	} else {
		thread_all_cpus(&thread->allowed);
	}
	err = arch_thread_init_user(thread);
	if (!err)
		__atomic_fetch_add(&percpu_of(cpu)->runq.nusers, 1, __ATOMIC_RELAXED);
	return err;
}

void thread_destroy(struct thread *thread)
{
	ASSERT(thread->state == THREAD_NEW || thread->state == THREAD_DEAD);
	if (thread->user)
		__atomic_fetch_sub(&percpu_of(thread->cpu)->runq.nusers, 1, __ATOMIC_RELAXED);
	arch_thread_destroy(thread);
}

void thread_notify(struct thread *thread)
{
	struct percpu *cpu;

	/* Release: what is to be looked at; partner is x86_exit_to_user(). */
	__atomic_store_n(&thread->attention, 1, __ATOMIC_RELEASE);
	/*
	 * Before the look where it runs: either that sees it there, or it sees @attention as
	 * it comes in; partner is set_current().
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	cpu = percpu_of(READ_ONCE(thread->cpu));
	if (cpu != this_cpu() && READ_ONCE(cpu->runq.current) == thread)
		arch_ipi(cpu->apic_id, LWK_VEC_RESCHED);
}

void thread_cond_resched(void)
{
	struct thread *self = thread_current();
	u64 irq;

	monitor_touch();
	if (!self || !self->user || !READ_ONCE(this_cpu()->runq.resched))
		return;
	irq = arch_irq_save();
	sched_preempt();
	arch_irq_restore(irq);
}

u64 thread_ran_ns(const struct thread *thread)
{
	u64 now = thread->user_tsc + thread->kernel_tsc + arch_tsc() - thread->stamp_tsc;

	return time_tsc_to_ns(now - thread->waited_tsc);
}

void thread_times(const struct thread *thread, u64 *user_ns, u64 *kernel_ns)
{
	u64 kernel = READ_ONCE(thread->kernel_tsc);

	if (thread == thread_current())
		kernel += arch_tsc() - thread->stamp_tsc;
	*user_ns = time_tsc_to_ns(READ_ONCE(thread->user_tsc));
	*kernel_ns = time_tsc_to_ns(kernel);
}

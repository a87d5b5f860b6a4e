// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and freeing of threads, and what can be asked of them.
 */
#include "lwk/include/sched/thread.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/sched.h"

static void init_common(struct thread *thread, u32 cpu)
{
	thread->cpu = cpu;
	thread->state = THREAD_NEW;
	thread->deadline_ns = THREAD_NO_DEADLINE;
}

int thread_init_kernel(struct thread *thread, u32 cpu, void (*fn)(void *arg), void *arg)
{
	init_common(thread, cpu);
	return arch_thread_init_kernel(thread, fn, arg);
}

int thread_init_user(struct thread *thread, u32 cpu)
{
	int err;

	init_common(thread, cpu);
	thread->user = true;
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
	struct percpu *cpu = percpu_of(READ_ONCE(thread->cpu));
	bool runs;
	u64 irq;

	/* Release: what is to be looked at; partner is x86_exit_to_user(). */
	__atomic_store_n(&thread->attention, 1, __ATOMIC_RELEASE);
	if (cpu == this_cpu())
		return;
	/*
	 * The lock orders the store before the look: a thread that is switched to afterwards,
	 * under the same lock, will see it.
	 */
	irq = spin_lock_irqsave(&cpu->runq.lock);
	runs = cpu->runq.current == thread;
	spin_unlock_irqrestore(&cpu->runq.lock, irq);
	if (runs)
		arch_ipi(cpu->apic_id, LWK_VEC_RESCHED);
}

void thread_times(const struct thread *thread, u64 *user_ns, u64 *kernel_ns)
{
	u64 kernel = READ_ONCE(thread->kernel_tsc);

	if (thread == thread_current())
		kernel += arch_tsc() - thread->stamp_tsc;
	*user_ns = time_tsc_to_ns(READ_ONCE(thread->user_tsc));
	*kernel_ns = time_tsc_to_ns(kernel);
}

u32 thread_pick_cpu(void)
{
	u32 best = 0;

	for (u32 id = 1; id < percpu_count(); id++) {
		if (READ_ONCE(percpu_of(id)->runq.nusers) <
		    READ_ONCE(percpu_of(best)->runq.nusers))
			best = id;
	}
	return best;
}

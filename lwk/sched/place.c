// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing a CPU for a thread, and threads for a CPU.
 */
#include "lwk/sched/place.h"

#include "lwk/include/core/percpu.h"
#include "lwk/include/sched/thread.h"
#include "lwk/lib/bitmap.h"

static bool is_idle(u32 cpu)
{
	return !READ_ONCE(percpu_of(cpu)->runq.nrunnable);
}

u32 place_idle(const struct cpumask *allowed, u32 near)
{
	u32 ncpus = percpu_count();
	u32 node = percpu_of(near)->node;
	u32 far = ncpus;
	u64 cpu;

	if (cpumask_test(allowed, near) && is_idle(near))
		return near;
	bitmap_for_each(cpu, allowed->words, ncpus) {
		if (!is_idle((u32)cpu))
			continue;
		if (percpu_of((u32)cpu)->node == node)
			return (u32)cpu;
		if (far == ncpus)
			far = (u32)cpu;
	}
	return far;
}

static u32 least_runnable(const struct cpumask *allowed)
{
	u32 ncpus = percpu_count();
	u64 best = bitmap_next_set(allowed->words, ncpus, 0);
	u64 cpu;

	bitmap_for_each(cpu, allowed->words, ncpus) {
		if (READ_ONCE(percpu_of((u32)cpu)->runq.nrunnable) <
		    READ_ONCE(percpu_of((u32)best)->runq.nrunnable))
			best = cpu;
	}
	return (u32)best;
}

u32 place_runnable(const struct thread *thread)
{
	u32 cpu = place_idle(&thread->allowed, thread->cpu);

	if (cpu < percpu_count())
		return cpu;
	return cpumask_test(&thread->allowed, thread->cpu) ? thread->cpu :
							     least_runnable(&thread->allowed);
}

u32 place_fewer(u32 me, const struct cpumask *cpus)
{
	u32 ncpus = percpu_count();
	const struct percpu *self = percpu_of(me);
	u32 mine = READ_ONCE(self->runq.nrunnable);
	u32 far = ncpus;
	u32 i;

	for (i = 1; i < ncpus; i++) {
		const struct percpu *cpu = percpu_of((me + i) % ncpus);
		u32 n = READ_ONCE(cpu->runq.nrunnable);

		if (!cpumask_test(cpus, cpu->id))
			continue;
		if (cpu->node == self->node && n < mine)
			return cpu->id;
		if (far == ncpus && n + 1 < mine)
			far = cpu->id;
	}
	return far;
}

u32 place_busy(u32 me, u32 first)
{
	u32 ncpus = percpu_count();
	u32 node = percpu_of(me)->node;
	u32 i;

	/* Once around for the own node, once more for the others. */
	for (i = first; i < 2 * ncpus; i++) {
		const struct percpu *cpu = percpu_of((me + i) % ncpus);

		if ((cpu->node == node) == (i < ncpus) && cpu->id != me &&
		    READ_ONCE(cpu->runq.nrunnable) > 1)
			break;
	}
	return i;
}

u32 thread_pick_cpu_among(const struct cpumask *allowed)
{
	u32 ncpus = percpu_count();
	u32 node = percpu_of(arch_cpu_id())->node;
	u64 best = bitmap_next_set(allowed->words, ncpus, 0);
	u64 cpu;

	bitmap_for_each(cpu, allowed->words, ncpus) {
		u32 n = READ_ONCE(percpu_of((u32)cpu)->runq.nusers);
		u32 least = READ_ONCE(percpu_of((u32)best)->runq.nusers);

		if (n < least || (n == least && percpu_of((u32)best)->node != node &&
				  percpu_of((u32)cpu)->node == node))
			best = cpu;
	}
	return (u32)best;
}

u32 thread_pick_cpu(void)
{
	struct thread *self = thread_current();
	struct cpumask allowed;

	if (self && self->user)
		thread_get_allowed(self, &allowed);
	else
		thread_all_cpus(&allowed);
	return thread_pick_cpu_among(&allowed);
}

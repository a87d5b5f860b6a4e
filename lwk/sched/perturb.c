// SPDX-License-Identifier: GPL-2.0-only
/*
 * Perturbation of the schedule: see perturb.h.
 *
 * The generators are touched without any lock: a number lost to an interrupt, or to a move between
 * two CPUs, is as good as any other.
 */
#include "lwk/include/sched/perturb.h"

#include "abi/limits.h"
#include "lwk/include/arch.h"
#include "lwk/include/core/kargs.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/sched/policy.h"
#include "lwk/include/sched/thread.h"

#define CHECK_EVERY 8 /* calls of perturb_is_due(), by periods */
#define MAX_TURNS 1024 /* of a loop that does nothing */

u32 perturb_period;

static struct {
	u64 state;
} __cacheline_aligned generators[IHK_MAX_CPUS];

/* splitmix64, by Vigna. */
static u64 next_random(void)
{
	u64 *state = &generators[arch_cpu_id()].state;
	u64 z = READ_ONCE(*state) + 0x9e3779b97f4a7c15ULL;

	WRITE_ONCE(*state, z);
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void perturb_init(void)
{
	const struct kargs *kargs = kargs_get();

	if (!kargs->yield_period)
		return;
	for (u32 cpu = 0; cpu < IHK_MAX_CPUS; cpu++)
		generators[cpu].state = (u64)kargs->yield_seed << 32 | cpu;
	log_warn("sched: the schedule is perturbed, seed %u, one of %u points",
		 kargs->yield_seed, kargs->yield_period);
	WRITE_ONCE(perturb_period, kargs->yield_period);
}

/*
 * Some microseconds. An emulator that has one thread for all CPUs takes arch_cpu_relax() as the
 * end of a CPU's turn, and the others' may be long: so there is at most one.
 */
static void spin(u64 random)
{
	for (u64 turns = random % MAX_TURNS; turns; turns--)
		barrier();
	if (random >> 16 & 1)
		arch_cpu_relax();
}

void perturb_act(void)
{
	u64 random = next_random();
	struct thread *self;

	if (random % perturb_period || !arch_irqs_enabled())
		return;
	self = thread_current();
	random >>= 32;
	if (!self || random % 4 == 0)
		spin(random >> 2);
	else if (self->user && policy_is_realtime(self->sched.policy))
		/* No schedule has it behind threads of less rank. */
		thread_yield_to_peers();
	else if (random % 4 == 1 && self->user)
		thread_yield_to_cpu((u32)(random >> 2) % percpu_count());
	else
		thread_yield();
}

void perturb_dawdle(void)
{
	u64 random = next_random();

	if (random % perturb_period == 0)
		spin(random >> 32);
}

bool perturb_is_due(void)
{
	return next_random() % ((u64)perturb_period * CHECK_EVERY) == 0;
}

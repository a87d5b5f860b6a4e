// SPDX-License-Identifier: GPL-2.0-only
/*
 * Function calls between CPUs, without locks or allocation: each CPU has room for
 * one request of its own, and a set of the CPUs that want something from it.
 */
#include "lwk/include/core/call.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"

static void post(struct percpu *target)
{
	/* Release: the request before its bit; partner is serve(). */
	cpumask_set(&target->call_from, arch_cpu_id());
	arch_ipi(target->apic_id, LWK_VEC_CALL);
}

/* Interrupts are on: requests to this CPU are served meanwhile. */
static void wait_for_all(struct percpu *me)
{
	/* Acquire: partner of the release in serve_word(). */
	while (__atomic_load_n(&me->call_left, __ATOMIC_ACQUIRE)) {
		monitor_touch();
		arch_cpu_relax();
	}
}

void call_others(void (*fn)(void *arg), void *arg)
{
	struct percpu *me = this_cpu();

	ASSERT(arch_irqs_enabled());
	me->call_fn = fn;
	me->call_arg = arg;
	/* One too many, so that it cannot reach zero while requests go out. */
	WRITE_ONCE(me->call_left, 1);
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id == me->id || !percpu_online(id))
			continue;
		/* Relaxed: the release in post() orders it. */
		__atomic_fetch_add(&me->call_left, 1, __ATOMIC_RELAXED);
		post(percpu_of(id));
	}
	__atomic_fetch_sub(&me->call_left, 1, __ATOMIC_RELAXED);
	wait_for_all(me);
}

void call_cpu(u32 cpu, void (*fn)(void *arg), void *arg)
{
	struct percpu *me = this_cpu();

	if (cpu == me->id) {
		u64 irq = arch_irq_save();

		fn(arg);
		arch_irq_restore(irq);
		return;
	}
	ASSERT(arch_irqs_enabled());
	me->call_fn = fn;
	me->call_arg = arg;
	WRITE_ONCE(me->call_left, 1);
	post(percpu_of(cpu));
	wait_for_all(me);
}

static void serve_word(u32 word, u64 bits)
{
	for (; bits; bits &= bits - 1) {
		struct percpu *from = percpu_of(word * 64 + (u32)__builtin_ctzll(bits));

		from->call_fn(from->call_arg);
		/* Release: what the function did before its acknowledgement. */
		__atomic_fetch_sub(&from->call_left, 1, __ATOMIC_RELEASE);
	}
}

static void serve(void)
{
	struct cpumask *wanted = &this_cpu()->call_from;

	for (u32 word = 0; word < CPUMASK_WORDS; word++)
		serve_word(word, cpumask_take_word(wanted, word));
}

void call_init(void)
{
	irq_set_handler(LWK_VEC_CALL, serve);
}

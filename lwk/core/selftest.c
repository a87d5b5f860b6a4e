// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-test of a debug build: timer, foreign interrupts, calls. All CPUs call all
 * others at the same time, over and over, so that a deadlock between two callers
 * would show as a hang; each also maps and unmaps memory, which shoots down
 * translations on the others.
 */
#include "lwk/include/core/selftest.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/work.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vmap.h"

#define ROUNDS 20
#define TIMER_NS (2 * NSEC_PER_MSEC)
#define FINISH_NS (60 * NSEC_PER_SEC)

static u32 unfinished; /* CPUs that are not through */
static u64 calls_served;

static void count_call(void *arg)
{
	ASSERT(!arch_irqs_enabled());
	__atomic_fetch_add((u64 *)arg, 1, __ATOMIC_RELAXED);
}

static void test_calls(void)
{
	u64 mine = 0;

	call_others(count_call, &mine);
	ASSERT(mine == percpu_count() - 1);
	call_cpu((arch_cpu_id() + 1) % percpu_count(), count_call, &mine);
	ASSERT(mine == percpu_count());
	__atomic_fetch_add(&calls_served, mine, __ATOMIC_RELAXED);
}

static void test_mapping(void)
{
	u8 *area = vmap_alloc(2, PAGE_THIS_NODE);

	if (!area)
		panic("selftest: no memory for a mapping");
	for (u64 i = 0; i < 2 * PAGE_LEN; i += PAGE_LEN) {
		ASSERT(area[i] == 0);
		area[i] = 1;
	}
	vmap_free(area, 2);
}

static void run_rounds(struct work *work)
{
	kfree(work);
	for (u32 round = 0; round < ROUNDS; round++) {
		test_calls();
		test_mapping();
		monitor_touch();
	}
	/* Release: partner is all_finished(). The interrupt ends the first CPU's halt. */
	__atomic_fetch_sub(&unfinished, 1, __ATOMIC_RELEASE);
	arch_ipi(percpu_of(boot_fixed()->boot_cpu)->apic_id, LWK_VEC_RESCHED);
}

static bool all_finished(void *arg)
{
	(void)arg;
	return !__atomic_load_n(&unfinished, __ATOMIC_ACQUIRE);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static void test_timer(void)
{
	u64 start = time_ns();

	/* Comes back by the timer alone. */
	(void)irq_wait_until(never, NULL, start + TIMER_NS);
	ASSERT(time_ns() >= start + TIMER_NS);
	log_debug("selftest: a wait of %llu us took %llu us", TIMER_NS / NSEC_PER_USEC,
		  (time_ns() - start) / NSEC_PER_USEC);
}

static bool stray_came(void *arg)
{
	return READ_ONCE(this_cpu()->monitor->stray_irqs) != *(u64 *)arg;
}

/* What Linux broadcasts must be counted, acknowledged and otherwise without effect. */
static void test_strays(void)
{
	static const u8 vectors[] = { 0x20, 0xcf, 0xeb, 0xfb, 0xfe };

	for (u32 i = 0; i < ARRAY_SIZE(vectors); i++) {
		u64 before = this_cpu()->monitor->stray_irqs;

		arch_ipi(this_cpu()->apic_id, vectors[i]);
		if (!irq_wait_until(stray_came, &before, time_ns() + FINISH_NS))
			panic("selftest: vector %02x did not come", vectors[i]);
	}
}

void selftest_run(void)
{
	test_timer();
	test_strays();
	unfinished = percpu_count();
	for (u32 id = 0; id < percpu_count(); id++) {
		struct work *work = kzalloc(sizeof(*work));

		if (!work)
			panic("selftest: no memory");
		work->fn = run_rounds;
		if (id != arch_cpu_id()) {
			work_queue(work, id);
			continue;
		}
		arch_irq_enable();
		run_rounds(work);
		(void)arch_irq_save();
	}
	if (!irq_wait_until(all_finished, NULL, time_ns() + FINISH_NS))
		panic("selftest: %u CPUs did not finish", unfinished);
	log_info("selftest: %llu calls between CPUs, %u mappings", calls_served,
		 ROUNDS * percpu_count());
}

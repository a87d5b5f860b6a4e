// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first CPU orders its siblings out of their park slots, all at once, then waits
 * for each. A sibling interrupts it when it is up.
 */
#include "lwk/include/core/smp.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/command.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/sched/idle.h"

#define START_NS (30 * NSEC_PER_SEC) /* an emulated CPU may get no time for seconds */

static bool is_online(void *arg)
{
	return __atomic_load_n(&((struct percpu *)arg)->online, __ATOMIC_ACQUIRE);
}

static void create(u32 id)
{
	int err = percpu_create(id);

	if (!err)
		err = arch_cpu_stacks(percpu_of(id));
	if (err)
		panic("smp: no memory for CPU %u: error %d", id, err);
}

static void order(u32 id)
{
	struct percpu *cpu = percpu_of(id);
	int err = arch_cpu_order(cpu);

	if (err)
		panic("smp: CPU %u (Linux CPU %u, APIC id %u) is not parked: error %d", id,
		      cpu->shared->linux_cpu, cpu->apic_id, err);
}

static void wait_for(u32 id)
{
	struct percpu *cpu = percpu_of(id);

	if (!irq_wait_until(is_online, cpu, time_ns() + START_NS))
		panic("smp: CPU %u (Linux CPU %u, APIC id %u) did not come within %llu s", id,
		      cpu->shared->linux_cpu, cpu->apic_id, START_NS / NSEC_PER_SEC);
	log_info("smp: CPU %u is Linux CPU %u, APIC id %u, node %u, core %u of package %u", id,
		 cpu->shared->linux_cpu, cpu->apic_id, cpu->node, cpu->shared->core_id,
		 cpu->shared->package_id);
	if (cpu->shared->speed_msr != BOOT_SPEED_NONE)
		log_info("smp: CPU %u has the frequency of Linux's highest: MSR %#x is %#llx", id,
			 cpu->shared->speed_msr, cpu->shared->speed_value);
}

void smp_start(void)
{
	/* All before the first runs: an idle CPU looks at what the others have to run. */
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id != arch_cpu_id())
			create(id);
	}
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id != arch_cpu_id())
			order(id);
	}
	for (u32 id = 0; id < percpu_count(); id++)
		wait_for(id);
}

void lwk_sibling(void)
{
	struct percpu *cpu = this_cpu();

	arch_cpu_init();
	monitor_set(MONITOR_KERNEL);
	/*
	 * Partner is percpu_online(). Sequentially consistent: either whoever announces a
	 * command sees this CPU online, or command_obey() below sees the command.
	 */
	__atomic_store_n(&cpu->online, 1, __ATOMIC_SEQ_CST);
	arch_ipi(percpu_of(boot_fixed()->boot_cpu)->apic_id, LWK_VEC_RESCHED);
	/* What was announced before this CPU could be told. */
	command_obey();
	idle_loop();
}

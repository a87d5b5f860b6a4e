// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop, halt, freeze. The host rings any CPU; whoever hears of a command first
 * passes it on, so that all hear of it.
 */
#include "lwk/include/core/command.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"

#define STOP_NS (5 * NSEC_PER_SEC) /* how long the others get to park */

static u32 announced; /* the command that was passed on last */

static void ring_others(void)
{
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id != arch_cpu_id() && percpu_online(id))
			arch_ipi(percpu_of(id)->apic_id, LWK_VEC_IKC);
	}
}

/* The first CPU parks last, when all others have. */
static __noreturn void stop_all(void)
{
	u64 deadline = time_ns() + STOP_NS;

	log_info("core: stopping");
	for (u32 id = 0; id < percpu_count(); id++) {
		struct percpu *cpu = percpu_of(id);

		if (id == arch_cpu_id() || !percpu_online(id))
			continue;
		while (!arch_cpu_parked(cpu)) {
			if (time_ns() > deadline)
				panic("core: CPU %u did not stop within %llu s", id,
				      STOP_NS / NSEC_PER_SEC);
			monitor_touch();
			arch_cpu_relax();
		}
	}
	log_info("core: stopped");
	boot_set_status(BOOT_STATUS_STOPPED);
	doorbell_ring();
	arch_park();
}

/* With interrupts on: calls from CPUs that are not frozen yet must be served. */
static void freeze(void)
{
	u32 state = monitor_set(MONITOR_FROZEN);

	while (boot_command() == BOOT_COMMAND_FREEZE)
		arch_wait_for_irq();
	monitor_set(state);
}

void command_obey(void)
{
	u32 command = boot_command();

	/* A nested interrupt of a frozen CPU: the frozen code below it looks itself. */
	if (this_cpu()->monitor->state == MONITOR_FROZEN && command == BOOT_COMMAND_FREEZE)
		return;
	/*
	 * Relaxed: any order will do, each CPU reads the command itself. Looked at
	 * first, lest every doorbell take the cache line away from the other CPUs.
	 */
	if (READ_ONCE(announced) != command &&
	    __atomic_exchange_n(&announced, command, __ATOMIC_RELAXED) != command)
		ring_others();
	switch (command) {
	case BOOT_COMMAND_STOP:
		if (arch_cpu_id() == boot_fixed()->boot_cpu)
			stop_all();
		arch_park();
	case BOOT_COMMAND_HALT:
		arch_park();
	case BOOT_COMMAND_FREEZE:
		freeze();
		break;
	default:
		break;
	}
}

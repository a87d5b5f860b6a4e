// SPDX-License-Identifier: GPL-2.0-only
/*
 * The idle loop. It looks for threads with interrupts off and lets them in with the
 * halt itself, so that no wake-up falls between look and halt. Before it halts it clears what
 * memory is to be cleared, a page between two looks.
 */
#include "lwk/include/sched/idle.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/sched/sched.h"

static void publish_memory(void)
{
	struct percpu *cpu = this_cpu();

	if (!cpu->stats_dirty)
		return;
	cpu->stats_dirty = false;
	mm_stats_publish();
}

void idle_loop(void)
{
	for (;;) {
		(void)arch_irq_save();
		sched_run();
		publish_memory();
		if (page_clear_idle()) {
			monitor_touch();
			arch_irq_enable();
			continue;
		}
		monitor_set(MONITOR_IDLE);
		arch_wait_for_irq();
		monitor_set(MONITOR_KERNEL);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each CPU shows to the host's watchdog (struct boot_monitor).
 */
#ifndef LWK_CORE_MONITOR_H
#define LWK_CORE_MONITOR_H

#include "lwk/include/arch_core.h"
#include "lwk/include/core/percpu.h"

/* An interrupt between load and store costs a count, not a change. */
static inline void monitor_count(struct boot_monitor *monitor)
{
	WRITE_ONCE(monitor->counter, monitor->counter + 1);
}

/**
 * monitor_touch() - say that this CPU makes progress. For long loops.
 *
 * Context: any.
 */
static inline void monitor_touch(void)
{
	struct boot_monitor *monitor = this_cpu()->monitor;

	if (monitor)
		monitor_count(monitor);
}

/**
 * monitor_set() - say what this CPU does now.
 * @state: MONITOR_*
 *
 * Release: partner is the load of whoever waits for the state.
 *
 * Context: any.
 * Return: the state before.
 */
static inline u32 monitor_set(u32 state)
{
	struct boot_monitor *monitor = this_cpu()->monitor;
	u32 before;

	if (!monitor)
		return MONITOR_OFFLINE;
	before = monitor->state;
	monitor_count(monitor);
	__atomic_store_n(&monitor->state, state, __ATOMIC_RELEASE);
	return before;
}

/**
 * monitor_halt() - halt until an interrupt was served, also if it is pending already.
 *
 * Context: interrupts off, on entry and on return.
 */
static inline void monitor_halt(void)
{
	u32 state = monitor_set(MONITOR_IDLE);

	arch_wait_for_irq();
	monitor_set(state);
}

#endif

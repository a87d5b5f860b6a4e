// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of the LWK's vectors. Who serves one enters its handler before any CPU
 * lets interrupts in; until then the vector only ends a halt.
 */
#include "lwk/include/core/irq.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"

#define FIRST_VECTOR LWK_VEC_TIMER
#define LAST_VECTOR LWK_VEC_CALL

/* NULL: the arrival is all; timer and RESCHED end a halt, after which somebody looks. */
static void (*handlers[LAST_VECTOR - FIRST_VECTOR + 1])(void);

void irq_set_handler(u32 vector, void (*handler)(void))
{
	ASSERT(vector >= FIRST_VECTOR && vector <= LAST_VECTOR);
	handlers[vector - FIRST_VECTOR] = handler;
}

void irq_dispatch(u32 vector)
{
	struct boot_monitor *monitor = this_cpu()->monitor;
	u32 index = vector - FIRST_VECTOR;
	u32 state = monitor->state;

	if (state == MONITOR_IDLE)
		monitor_set(MONITOR_KERNEL);
	else
		monitor_touch();
	WRITE_ONCE(monitor->irqs, monitor->irqs + 1);
	if (index >= ARRAY_SIZE(handlers))
		WRITE_ONCE(monitor->stray_irqs, monitor->stray_irqs + 1);
	else if (handlers[index])
		handlers[index]();
	if (state == MONITOR_IDLE)
		monitor_set(MONITOR_IDLE);
}

bool irq_wait_until(bool (*done)(void *arg), void *arg, u64 deadline_ns)
{
	u64 irq = arch_irq_save();
	u32 state = monitor_set(MONITOR_IDLE);
	bool result;

	for (;;) {
		result = done(arg);
		if (result || time_ns() >= deadline_ns)
			break;
		arch_timer_set(deadline_ns);
		arch_wait_for_irq();
	}
	arch_timer_stop();
	monitor_set(state);
	arch_irq_restore(irq);
	return result;
}

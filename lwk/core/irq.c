// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of the LWK's vectors.
 */
#include "lwk/include/core/irq.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/command.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/msg/ikc.h"

/* Its arrival ends the halt of irq_wait_until(), which looks at the time. */
static void on_timer(void)
{
}

static void on_ikc(void)
{
	ikc_receive();
	command_obey();
}

/* Its arrival ends the halt; the idle loop looks at the work queue. */
static void on_resched(void)
{
}

static void (*const handlers[])(void) = {
	[LWK_VEC_TIMER - LWK_VEC_TIMER] = on_timer,
	[LWK_VEC_IKC - LWK_VEC_TIMER] = on_ikc,
	[LWK_VEC_RESCHED - LWK_VEC_TIMER] = on_resched,
	[LWK_VEC_CALL - LWK_VEC_TIMER] = call_serve,
};

void irq_dispatch(u32 vector)
{
	struct boot_monitor *monitor = this_cpu()->monitor;
	u32 index = vector - LWK_VEC_TIMER;
	u32 state = monitor->state;

	if (state == MONITOR_IDLE)
		monitor_set(MONITOR_KERNEL);
	else
		monitor_touch();
	WRITE_ONCE(monitor->irqs, monitor->irqs + 1);
	if (index < ARRAY_SIZE(handlers))
		handlers[index]();
	else
		WRITE_ONCE(monitor->stray_irqs, monitor->stray_irqs + 1);
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

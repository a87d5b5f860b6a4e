// SPDX-License-Identifier: GPL-2.0-only
/*
 * panic(): works with locks held or broken, from any context, and if it fails
 * itself. It takes no lock but the log's, and that one only by trying.
 */
#include "lwk/include/core/panic.h"

#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/lib/printf.h"

#define STOP_NS (2 * NSEC_PER_SEC) /* how long the others get to stop */

static u32 winner; /* 1 + CPU number of the first CPU to panic, 0: none */
static u32 stages; /* how far the winner came, so that a second fault skips it */

bool panic_under_way(void)
{
	return READ_ONCE(winner) != 0;
}

static __noreturn void stop_here(void)
{
	monitor_set(MONITOR_PANIC);
	if (boot_command() == BOOT_COMMAND_HALT)
		arch_park();
	arch_halt_for_good();
}

static void write_reason(const char *fmt, va_list args)
{
	struct boot_block *shared = boot_shared();

	if (!shared)
		return;
	shared->panic_cpu = arch_cpu_id();
	vsnprintf(shared->reason, sizeof(shared->reason), fmt, args);
	log_crit("panic: %s", shared->reason);
}

static bool is_stopped(u32 id)
{
	/* Acquire: partner of monitor_set(); what it logged is in the ring. */
	return __atomic_load_n(&percpu_of(id)->monitor->state, __ATOMIC_ACQUIRE) == MONITOR_PANIC;
}

static void stop_others(void)
{
	u64 deadline = time_ns() + STOP_NS;

	if (!arch_ipi_ready())
		return;
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id != arch_cpu_id() && percpu_online(id) && !is_stopped(id))
			arch_nmi(percpu_of(id)->apic_id);
	}
	for (u32 id = 0; id < percpu_count(); id++) {
		if (id == arch_cpu_id() || !percpu_online(id))
			continue;
		while (!is_stopped(id) && time_ns() < deadline)
			arch_cpu_relax();
		if (!is_stopped(id))
			log_crit("panic: CPU %u does not answer the NMI", id);
	}
}

/* Each stage once, in an order that loses least if the next one faults. */
static void run_stages(void (*dump)(const void *arg), const void *arg, const char *fmt,
		       va_list args)
{
	switch (__atomic_fetch_add(&stages, 1, __ATOMIC_RELAXED)) {
	case 0:
		write_reason(fmt, args);
		dump(arg);
		__atomic_fetch_add(&stages, 1, __ATOMIC_RELAXED);
		/* fall through */
	case 1:
		__atomic_fetch_add(&stages, 1, __ATOMIC_RELAXED);
		stop_others();
		/* fall through */
	default:
		if (boot_shared()) {
			boot_set_status(BOOT_STATUS_PANIC);
			doorbell_ring();
		}
	}
}

static __noreturn void panic_args(void (*dump)(const void *arg), const void *arg, const char *fmt,
				  va_list args)
{
	u32 me = arch_cpu_id() + 1;
	u32 first = 0;

	(void)arch_irq_save();
	/* Relaxed: it only elects; what the winner reports is ordered by the status. */
	if (!__atomic_compare_exchange_n(&winner, &first, me, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED) &&
	    first != me) {
		/* Another CPU reports. Its NMI finds this one, here or halted. */
		log_crit("panic: also on this CPU");
		dump(arg);
		stop_here();
	}
	run_stages(dump, arg, fmt, args);
	stop_here();
}

static void dump_caller(const void *arg)
{
	(void)arg;
	arch_dump_here();
}

void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_args(dump_caller, NULL, fmt, args);
}

void panic_with_dump(void (*dump)(const void *arg), const void *arg, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_args(dump, arg, fmt, args);
}

void panic_on_nmi(void (*dump)(const void *arg), const void *arg)
{
	u32 first = READ_ONCE(winner);

	if (!first || first == arch_cpu_id() + 1 || is_stopped(arch_cpu_id()))
		return;
	dump(arg);
	stop_here();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work that comes late: a CPU's worker thread does nothing until it is told to go on. Interrupts
 * are served meanwhile, and other CPUs' work.
 */
#include "abi/errno.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/msg/test.h"

/* Above what any test waits. */
#define HOLD_NS (600 * NSEC_PER_SEC)

/* 1 + the CPU whose work is held, 0: none's is. */
static u32 held;

static bool is_released(void *arg)
{
	(void)arg;
	/* Acquire: partner of test_release_work(). */
	return !__atomic_load_n(&held, __ATOMIC_ACQUIRE);
}

int test_hold_work(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u32 none = 0;

	(void)chan;
	(void)packet;
	if (!__atomic_compare_exchange_n(&held, &none, 1 + arch_cpu_id(), false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return -EBUSY;
	log_info("test: the work of CPU %u is held", arch_cpu_id());
	if (irq_wait_until(is_released, NULL, time_ns() + HOLD_NS))
		return 0;
	__atomic_store_n(&held, 0, __ATOMIC_RELAXED);
	return -ETIMEDOUT;
}

int test_release_work(struct ikc_channel *chan, struct ikc_packet *packet)
{
	/* Release: partner of is_released(). The interrupt ends the halt. */
	u32 cpu = __atomic_exchange_n(&held, 0, __ATOMIC_RELEASE);

	(void)chan;
	(void)packet;
	if (!cpu)
		return -ENOENT;
	arch_ipi(percpu_of(cpu - 1)->apic_id, LWK_VEC_RESCHED);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doorbells to Linux. Target and vector are read with one load each time, because
 * Linux moves its interrupts as it pleases.
 */
#include "lwk/include/core/doorbell.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/percpu.h"

#define FIRST_LINUX_VECTOR 32 /* below are exceptions, which no doorbell may be */

void doorbell_ring_for(u32 cpu)
{
	struct percpu *target = percpu_of(cpu);
	u64 bell;

	if (!arch_ipi_ready() || !target)
		return;
	/* Relaxed: what the doorbell announces was published by its own store. */
	bell = READ_ONCE(target->shared->doorbell);
	if ((u32)bell < FIRST_LINUX_VECTOR || (u32)bell >= ARCH_MAX_VECTORS)
		return;
	arch_ipi((u32)(bell >> 32), (u32)bell);
}

void doorbell_ring(void)
{
	doorbell_ring_for(arch_cpu_id());
}

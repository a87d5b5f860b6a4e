// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending interrupts through the ICR, in xAPIC and x2APIC mode; see apic.h.
 */
#define pr_fmt(fmt) "ihk: apic: " fmt

#include "apic.h"

#include <linux/irqflags.h>
#include <linux/printk.h>

#include <asm/apic.h>
#include <asm/msr.h>

/* Turns of the wait for the ICR; hardware needs a few, a broken one must not hang us. */
#define ICR_WAIT_TURNS 1000000

bool ihk_apic_x2apic(void)
{
	return x2apic_mode;
}

phys_addr_t ihk_apic_base(void)
{
	u64 base;

	rdmsrl(MSR_IA32_APICBASE, base);
	return base & MSR_IA32_APICBASE_BASE;
}

static void icr_send_xapic(u32 apic_id, u32 low)
{
	unsigned int turns = ICR_WAIT_TURNS;

	while (native_apic_mem_read(APIC_ICR) & APIC_ICR_BUSY) {
		if (!--turns) {
			pr_err_ratelimited("interrupt %#x to APIC id %u not sent: the ICR stays busy\n",
					   low, apic_id);
			return;
		}
		cpu_relax();
	}
	native_apic_mem_write(APIC_ICR2, apic_id << 24);
	native_apic_mem_write(APIC_ICR, low);
}

/* Destination mode is physical in every @low used here: the bit is 0. */
static void icr_send(u32 apic_id, u32 low)
{
	unsigned long flags;

	local_irq_save(flags);
	if (ihk_apic_x2apic()) {
		/* The MSR write does not order earlier stores by itself. */
		asm volatile("mfence; lfence" : : : "memory");
		wrmsrl(APIC_BASE_MSR + (APIC_ICR >> 4), (u64)apic_id << 32 | low);
	} else {
		icr_send_xapic(apic_id, low);
	}
	local_irq_restore(flags);
}

void ihk_apic_send_init(u32 apic_id)
{
	icr_send(apic_id, APIC_INT_LEVELTRIG | APIC_INT_ASSERT | APIC_DM_INIT);
	/* As Linux has it: what a processor still asserts would hold it. */
	icr_send(apic_id, APIC_INT_LEVELTRIG | APIC_DM_INIT);
}

void ihk_apic_send_sipi(u32 apic_id, phys_addr_t start)
{
	icr_send(apic_id, APIC_DM_STARTUP | (u32)(start >> PAGE_SHIFT));
}

void ihk_apic_send_nmi(u32 apic_id)
{
	icr_send(apic_id, APIC_INT_ASSERT | APIC_DM_NMI);
}

void ihk_apic_send_vector(u32 apic_id, u8 vector)
{
	icr_send(apic_id, APIC_INT_ASSERT | APIC_DM_FIXED | vector);
}

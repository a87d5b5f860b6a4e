/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a CPU waits between two LWKs, and how it is started from there.
 *
 * host/ihk owns one park page (code, GDT, IDT: read-only, executable) and one
 * park slot, a page, for each reserved CPU. Both are mapped at the same
 * addresses by the module's park tables and by the LWK: the code at LWK_PARK_VA,
 * the slot of Linux CPU n at PARK_SLOT_VA(n).
 *
 * A parked CPU halts with interrupts off and its local APIC software-disabled,
 * so that Linux's broadcasts miss it; NMI still reaches it. To start it: fill
 * the order (cr3, entry, stack, arg), store PARK_GO with release order, send an
 * NMI. The CPU stores PARK_AWAY, loads cr3 and stack and jumps to entry with arg in
 * RDI, interrupts off, NMI unblocked. Host starts an LWK's first CPU so, the
 * LWK starts its siblings.
 *
 * To park: any CPU state with a stack and interrupts off, slot address in RDI,
 * LWK_CODE_SEL in CS, jump to LWK_PARK_VA. The code loads CR4 (PAE and MCE alone), CR3, GDT,
 * IDT and stack of its own, ends all interrupts in service, disables the local APIC in
 * software, unblocks NMI and stores PARK_PARKED. Interrupts that were already pending in
 * the local APIC stay pending: the next LWK may see them when it enables it.
 */
#ifndef ABI_PARK_H
#define ABI_PARK_H

#include "abi/layout.h"
#include "abi/limits.h"

#define PARK_SLOT_VA(linux_cpu) (LWK_PARK_VA + (1 + (linux_cpu)) * 0x1000)

/* Where the park tables, and they alone, map the local APIC's page in xAPIC mode. */
#define PARK_LAPIC_VA (LWK_PARK_VA + 0x1000000)

/* Linux CPU numbers that have a slot address: [0, PARK_MAX_LINUX_CPU). */
#define PARK_MAX_LINUX_CPU 4095

/* park_slot.state */
#define PARK_ABSENT 0	/* the CPU is Linux's, or waits for SIPI after INIT */
#define PARK_PARKED 1	/* the CPU halts in the park page and takes orders */
#define PARK_GO 2	/* an order is filled in, its NMI is under way */
#define PARK_AWAY 3	/* the CPU has taken its order and runs an LWK */

/* Offsets for assembly; asserted below. */
#define PARK_SLOT_STATE 0
#define PARK_SLOT_PARK_CR3 8
#define PARK_SLOT_CR3 16
#define PARK_SLOT_ENTRY 24
#define PARK_SLOT_STACK 32
#define PARK_SLOT_ARG 40
#define PARK_SLOT_NMIS 48
#define PARK_SLOT_FAULT 56
#define PARK_SLOT_LEN 4096

#define PARK_FAULT_SEEN 0x100	/* in park_slot.fault, or-ed with the vector */

#ifndef __ASSEMBLER__
#include "abi/types.h"

/**
 * struct park_slot - one CPU's page: mailbox in front, park stack behind
 * @state:	PARK_*, written by the CPU itself and, PARKED to GO, by its starter
 * @apic_id:	physical APIC id, set by the host
 * @park_cr3:	physical address of the park tables, set by the host
 * @cr3:	order: page-table root to load
 * @entry:	order: virtual address to jump to
 * @stack:	order: value for RSP
 * @arg:	order: value for RDI
 * @nmis:	NMIs taken while parked, for diagnosis
 * @fault:	0, or PARK_FAULT_SEEN | vector of an exception that the park code took
 * @stack_area:	stack of the park code, growing down from the end of the page
 */
struct park_slot {
	u32 state;
	u32 apic_id;
	u64 park_cr3;
	u64 cr3;
	u64 entry;
	u64 stack;
	u64 arg;
	u64 nmis;
	u64 fault;
	u8 stack_area[PARK_SLOT_LEN - 64];
};

ABI_ASSERT_SIZE(struct park_slot, PARK_SLOT_LEN);
ABI_ASSERT_OFFSET(struct park_slot, state, PARK_SLOT_STATE);
ABI_ASSERT_OFFSET(struct park_slot, park_cr3, PARK_SLOT_PARK_CR3);
ABI_ASSERT_OFFSET(struct park_slot, cr3, PARK_SLOT_CR3);
ABI_ASSERT_OFFSET(struct park_slot, entry, PARK_SLOT_ENTRY);
ABI_ASSERT_OFFSET(struct park_slot, stack, PARK_SLOT_STACK);
ABI_ASSERT_OFFSET(struct park_slot, arg, PARK_SLOT_ARG);
ABI_ASSERT_OFFSET(struct park_slot, nmis, PARK_SLOT_NMIS);
ABI_ASSERT_OFFSET(struct park_slot, fault, PARK_SLOT_FAULT);
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Orders to parked CPUs; the rest of park.c's interface is in ihk.h and the
 * contract with the parked CPU in abi/park.h.
 */
#ifndef IHK_PARK_H
#define IHK_PARK_H

#include "ihk.h"

/**
 * struct park_order - where a parked CPU is to go
 * @cr3:	physical address of page tables that map the park page and its slot
 * @entry:	virtual address to jump to
 * @stack:	RSP there
 * @arg:	RDI there
 */
struct park_order {
	u64 cr3;
	u64 entry;
	u64 stack;
	u64 arg;
};

/** ihk_park_code() - physical address of the park page. Context: any. */
phys_addr_t ihk_park_code(void);

/**
 * ihk_park_is_parked() - does a CPU wait in the park page?
 * @cpu: CPU with a slot
 *
 * Context: any. With acquire order: what the CPU wrote before is visible.
 * Return: true if it takes orders.
 */
bool ihk_park_is_parked(const struct ihk_cpu *cpu);

/**
 * ihk_park_order() - send a parked CPU away
 * @cpu: CPU with a slot
 * @order: where to
 *
 * Context: any; one caller for one CPU at a time.
 * Return: 0, -EBUSY when the CPU is not parked.
 */
int ihk_park_order(struct ihk_cpu *cpu, const struct park_order *order);

/**
 * ihk_park_withdraw() - take an order back that was not yet taken
 * @cpu: CPU with a slot
 *
 * Context: any. A CPU that has taken its order is left alone.
 */
void ihk_park_withdraw(struct ihk_cpu *cpu);

/**
 * ihk_park_recover() - bring a CPU that nothing else stops back to the park page
 * @cpu: CPU with a slot, in any state
 *
 * Context: process context, sleeps; takes the CPU hotplug lock.
 * Return: as ihk_park_start(); the slot stays. Also after an error the CPU no longer runs
 * what it ran: it waits for SIPI.
 */
int ihk_park_recover(struct ihk_cpu *cpu);

#endif

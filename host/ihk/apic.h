/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts from Linux to a CPU that Linux does not own: INIT, SIPI, NMI and
 * fixed vectors through the local APIC's ICR, always to one physical APIC id.
 *
 * Written directly, because Linux's own senders know online CPUs only. All of it
 * works in any context, panic included: no locks, no sleeping but where said.
 */
#ifndef IHK_APIC_H
#define IHK_APIC_H

#include <linux/types.h>

/**
 * ihk_apic_x2apic() - are the local APICs in x2APIC mode?
 *
 * Context: any.
 * Return: what Linux chose when it booted.
 */
bool ihk_apic_x2apic(void);

/**
 * ihk_apic_base() - physical address of the local APIC's page.
 *
 * Context: any.
 * Return: the address from this CPU's APIC base register.
 */
phys_addr_t ihk_apic_base(void);

/**
 * ihk_apic_send_init() - put a CPU into wait-for-SIPI.
 * @apic_id: physical APIC id
 *
 * Context: any. The CPU needs up to 10 ms before it takes a SIPI.
 */
void ihk_apic_send_init(u32 apic_id);

/**
 * ihk_apic_send_sipi() - start a CPU that waits for SIPI, in real mode.
 * @apic_id: physical APIC id
 * @start: physical address of a page below 1 MiB
 *
 * Context: any. Other CPUs ignore it.
 */
void ihk_apic_send_sipi(u32 apic_id, phys_addr_t start);

/**
 * ihk_apic_send_nmi() - non-maskable interrupt.
 * @apic_id: physical APIC id
 *
 * Context: any.
 */
void ihk_apic_send_nmi(u32 apic_id);

/**
 * ihk_apic_send_vector() - ordinary interrupt.
 * @apic_id: physical APIC id
 * @vector: vector in the receiver's IDT
 *
 * Context: any.
 */
void ihk_apic_send_vector(u32 apic_id, u8 vector);

#endif

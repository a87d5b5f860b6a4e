/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC, within the architecture. lwk/include/arch_core.h has what the
 * core uses of it.
 */
#ifndef X86_APIC_H
#define X86_APIC_H

/**
 * apic_init_cpu() - enable the calling CPU's local APIC.
 *
 * Context: each CPU, once, interrupts off, after arch_apic_init().
 */
void apic_init_cpu(void);

/**
 * apic_eoi() - end the interrupt in service.
 *
 * Context: interrupt, not for the spurious vector.
 */
void apic_eoi(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions and interrupts: the frame that the entry code leaves on the stack
 * and the descriptor tables that lead to it.
 */
#ifndef X86_TRAP_H
#define X86_TRAP_H

#include <arch_cpu.h>
#include <arch_regs.h>

struct percpu;

/**
 * trap_dispatch() - serve an exception, NMI or interrupt.
 * @frame: the interrupted code's registers
 *
 * Context: called by trap_entry.S, interrupts off.
 */
void trap_dispatch(struct arch_regs *frame);

/**
 * machine_check_passes() - look what a machine check is about, log that, and end it.
 *
 * Context: its handler.
 * Return: whether this CPU has no part in it and can go on.
 */
bool machine_check_passes(void);

/**
 * desc_init_idt() - fill the one interrupt descriptor table.
 *
 * Context: first CPU, before any desc_load(); the table is sealed afterwards.
 */
void desc_init_idt(void);

/**
 * desc_init_cpu() - fill the descriptor table of a CPU.
 * @cpu: not running yet, or the calling CPU
 *
 * Context: first CPU.
 */
void desc_init_cpu(struct percpu *cpu);

/**
 * desc_set_ist() - name the stack for some exceptions of a CPU.
 * @cpu: any CPU
 * @ist: enum x86_ist
 * @top: highest address of the stack; the topmost bytes tell the entry code whose it is
 *
 * Context: first CPU.
 */
void desc_set_ist(struct percpu *cpu, enum x86_ist ist, u64 top);

/**
 * desc_load() - make the processor use this CPU's tables.
 *
 * Context: interrupts off, once on each CPU.
 */
void desc_load(void);

#endif

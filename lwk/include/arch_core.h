/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core needs from the processor: each function once, for all
 * architectures; lwk/arch/ has the definitions.
 */
#ifndef LWK_ARCH_CORE_H
#define LWK_ARCH_CORE_H

#include "lwk/include/compiler.h"

struct percpu;

/** ARCH_MAX_VECTORS - interrupt vectors of a CPU. */
#define ARCH_MAX_VECTORS 256

/**
 * arch_early_init() - traps and control registers of the first CPU.
 *
 * Context: first CPU, before anything else; on the bootstrap tables.
 */
void arch_early_init(void);

/**
 * arch_mm_init() - leave the bootstrap tables for the LWK's own.
 *
 * Maps the image by its sections' permissions, granted memory, the park page and the
 * park slots of this LWK's CPUs, and nothing else.
 *
 * Context: first CPU, granted memory registered with lwk/include/mm/early.h.
 */
void arch_mm_init(void);

/**
 * arch_kernel_tables() - the kernel's page tables.
 *
 * Context: any, after arch_mm_init().
 * Return: the tables.
 */
struct pgtable *arch_kernel_tables(void);

/**
 * arch_apic_init() - find the interrupt controller, calibrate its timer.
 *
 * Context: first CPU, after vmap_init(), before arch_cpu_init() of any CPU.
 */
void arch_apic_init(void);

/**
 * arch_cpu_stacks() - give a CPU guarded stacks, for itself and for exceptions.
 * @cpu: does not run yet, or is the calling CPU
 *
 * Context: first CPU, after vmap_init().
 * Return: 0 or -ENOMEM; stacks already allocated stay with @cpu.
 */
int arch_cpu_stacks(struct percpu *cpu) __must_check;

/**
 * arch_cpu_init() - ready the calling CPU for interrupts, which stay off.
 *
 * Context: each CPU, once; the first CPU had arch_early_init() before.
 */
void arch_cpu_init(void);

/**
 * arch_cpu_order() - make a parked CPU enter the LWK.
 * @cpu: complete data, stacks included
 *
 * Context: first CPU.
 * Return: 0, -EBUSY if the CPU is not parked.
 */
int arch_cpu_order(struct percpu *cpu) __must_check;

/**
 * arch_cpu_parked() - has a CPU gone back to its park slot?
 * @cpu: any CPU
 *
 * Context: any.
 * Return: true if so.
 */
bool arch_cpu_parked(const struct percpu *cpu);

/**
 * arch_park() - give the calling CPU back to the host.
 *
 * Context: any, also NMI. A CPU that does not know its slot yet halts for good.
 */
__noreturn void arch_park(void);

/**
 * arch_halt_for_good() - halt; only an NMI with BOOT_COMMAND_HALT ends it.
 *
 * Context: any, also NMI.
 */
__noreturn void arch_halt_for_good(void);

/**
 * arch_run_on_stack() - leave the present stack for good.
 * @top: highest address of the new one
 * @fn: runs there, never returns
 *
 * Context: interrupts off.
 */
__noreturn void arch_run_on_stack(u64 top, void (*fn)(void));

/**
 * arch_wait_for_irq() - halt until an interrupt was served.
 *
 * Enables interrupts for the halt and no instruction earlier, so an interrupt
 * that is pending on entry ends the halt.
 *
 * Context: interrupts off, on entry and on return.
 */
void arch_wait_for_irq(void);

/**
 * arch_irq_enable() - let interrupts in.
 *
 * Context: no spinlock held.
 */
void arch_irq_enable(void);

/**
 * arch_ipi() - interrupt one physical CPU.
 * @apic_id: physical APIC id
 * @vector: vector there
 *
 * Context: any, also NMI.
 */
void arch_ipi(u32 apic_id, u32 vector);

/**
 * arch_nmi() - send an NMI to one physical CPU.
 * @apic_id: physical APIC id
 *
 * Context: any, also NMI.
 */
void arch_nmi(u32 apic_id);

/**
 * arch_ipi_ready() - can this CPU send interrupts already?
 *
 * Context: any.
 * Return: true after arch_apic_init().
 */
bool arch_ipi_ready(void);

/**
 * arch_timer_set() - have LWK_VEC_TIMER come at a time.
 * @ns: time_ns() at which it is due; one that has passed is due at once
 *
 * Replaces an earlier request of this CPU. The interrupt may come early by the
 * timer's resolution or after a long wait; who waits looks at the time.
 *
 * Context: interrupts off.
 */
void arch_timer_set(u64 ns);

/**
 * arch_timer_stop() - no timer interrupt any more on this CPU.
 *
 * One that is pending already still comes.
 *
 * Context: interrupts off.
 */
void arch_timer_stop(void);

/**
 * arch_tsc() - the time-stamp counter.
 *
 * Context: any.
 * Return: its value.
 */
u64 arch_tsc(void);

/**
 * arch_dump_here() - log the back-trace of the caller.
 *
 * Context: any, also NMI.
 */
void arch_dump_here(void);

/**
 * arch_apic_name() - the interrupt controller's mode, for the log.
 *
 * Context: any.
 * Return: a constant string.
 */
const char *arch_apic_name(void);

/*
 * Faults on purpose, for the test port. Each is expected to end in a panic; if it
 * comes back, the protection that it tests does not work.
 */

/** arch_test_write_text() - write to kernel text. Context: any. */
void arch_test_write_text(void);

/** arch_test_exec_data() - execute data. Context: any. */
void arch_test_exec_data(void);

/** arch_test_triple_fault() - trap with an empty descriptor table. Context: any. */
void arch_test_triple_fault(void);

/** arch_test_stack_overflow() - recurse into the guard page. Context: any. */
void arch_test_stack_overflow(void);

/**
 * arch_sync_core() - have the CPU fetch anew whatever code it has fetched ahead.
 *
 * Context: any.
 */
void arch_sync_core(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of a CPU, by vector.
 */
#ifndef LWK_CORE_IRQ_H
#define LWK_CORE_IRQ_H

#include "lwk/include/types.h"

/**
 * irq_set_handler() - say who serves one of the LWK's vectors.
 * @vector: LWK_VEC_* of abi/layout.h
 * @handler: called on the CPU that it came to, interrupts off
 *
 * Context: first CPU, before interrupts are let in.
 */
void irq_set_handler(u32 vector, void (*handler)(void));

/**
 * irq_dispatch() - serve an interrupt that has been acknowledged already.
 * @vector: interrupt vector
 *
 * Vectors that are not the LWK's (Linux broadcasts some) are counted, no more.
 *
 * Context: interrupt, interrupts off.
 */
void irq_dispatch(u32 vector);

/**
 * irq_wait_until() - halt until something is true or a time has come.
 * @done: the condition; whoever makes it true interrupts this CPU afterwards
 * @arg: its argument
 * @deadline_ns: time_ns() to give up at
 *
 * Context: no spinlock held; interrupts on or off, the halt lets them in.
 * Return: the condition's last value.
 */
bool irq_wait_until(bool (*done)(void *arg), void *arg, u64 deadline_ns);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calling a function on other CPUs, and waiting until it has returned there.
 */
#ifndef LWK_CORE_CALL_H
#define LWK_CORE_CALL_H

#include "lwk/include/types.h"

/**
 * call_init() - serve the calls of other CPUs.
 *
 * Context: first CPU, before interrupts are let in.
 */
void call_init(void);

/**
 * call_others() - run a function on all other CPUs that are online.
 * @fn: runs in interrupt context there, so it must be quick and must not wait
 * @arg: its argument
 *
 * Context: interrupts on, no lock held, not from an interrupt handler: so two CPUs
 * that call each other serve each other while they wait.
 */
void call_others(void (*fn)(void *arg), void *arg);

/**
 * call_cpu() - run a function on one CPU.
 * @cpu: LWK CPU number, online; the calling CPU runs it directly
 * @fn: see call_others()
 * @arg: its argument
 *
 * Context: as call_others().
 */
void call_cpu(u32 cpu, void (*fn)(void *arg), void *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts to Linux.
 */
#ifndef LWK_CORE_DOORBELL_H
#define LWK_CORE_DOORBELL_H

#include "lwk/include/types.h"

/**
 * doorbell_ring() - interrupt the Linux CPU that serves the calling CPU.
 *
 * Context: any, also NMI. Does nothing before the interrupt controller is found.
 */
void doorbell_ring(void);

/**
 * doorbell_ring_for() - interrupt the Linux CPU that serves a given CPU.
 * @cpu: LWK CPU number
 *
 * Context: any, also NMI. Does nothing before the interrupt controller is found.
 */
void doorbell_ring_for(u32 cpu);

#endif

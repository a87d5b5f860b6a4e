/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doorbells from LWKs to Linux: one interrupt for each Linux CPU that serves
 * any, shared by all instances, there while it is used.
 */
#ifndef IHK_DOORBELL_H
#define IHK_DOORBELL_H

#include "boot.h"

/**
 * ihk_doorbell_get() - have a doorbell on a Linux CPU
 * @linux_cpu: online CPU
 *
 * Reports. Context: process context; takes the CPU hotplug lock.
 * Return: 0, -EINVAL when the CPU is offline, -ENOMEM, -ENOSPC (no vector left).
 */
int ihk_doorbell_get(unsigned int linux_cpu);

/**
 * ihk_doorbell_put() - undo ihk_doorbell_get()
 * @linux_cpu: CPU
 *
 * Waits for a handler that is running. Context: process context.
 */
void ihk_doorbell_put(unsigned int linux_cpu);

/**
 * ihk_doorbell_publish() - tell an LWK where to ring
 * @boot: each CPU of it has a doorbell on the CPU that serves it
 *
 * Context: process context.
 */
void ihk_doorbell_publish(struct ihk_boot *boot);

/**
 * ihk_doorbell_count() - doorbell interrupts taken so far
 * @linux_cpu: CPU that has a doorbell
 *
 * Context: process context.
 * Return: the number since the doorbell was made.
 */
u64 ihk_doorbell_count(unsigned int linux_cpu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The channel that each CPU opens to Linux at boot.
 */
#ifndef LWK_MSG_LINK_H
#define LWK_MSG_LINK_H

/**
 * link_all() - connect each CPU to Linux's port IKC_PORT_LINK.
 * @done: called once all are connected, from the first CPU's work queue
 *
 * Panics if Linux refuses one.
 *
 * Context: first CPU, once, all CPUs online.
 */
void link_all(void (*done)(void));

#endif

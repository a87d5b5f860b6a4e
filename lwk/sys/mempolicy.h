/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What system calls about NUMA memory have in common.
 */
#ifndef LWK_SYS_MEMPOLICY_H
#define LWK_SYS_MEMPOLICY_H

#include "lwk/include/core/topology.h"

/* Flags of mbind(2) and move_pages(2). */
#define MPOL_MF_STRICT 1U
#define MPOL_MF_MOVE 2U
#define MPOL_MF_MOVE_ALL 4U

/**
 * mempolicy_read_nodes() - a program's set of nodes.
 * @nodes: result
 * @at: where it is, or 0: empty
 * @maxnode: its bits, and one more
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0, -EINVAL, -EFAULT.
 */
int mempolicy_read_nodes(struct linux_nodes *nodes, vaddr_t at, u64 maxnode);

/**
 * mempolicy_is_alone() - is the caller the only thread of its process?
 *
 * Then no call is under way that could be using memory on Linux.
 *
 * Context: the task.
 */
bool mempolicy_is_alone(void);

#endif

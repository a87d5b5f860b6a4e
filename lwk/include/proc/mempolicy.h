/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NUMA memory policies of programs, in Linux's terms: what nodes there are, and what set of nodes
 * becomes of one that a program asks for.
 */
#ifndef LWK_PROC_MEMPOLICY_H
#define LWK_PROC_MEMPOLICY_H

#include "abi/process.h"
#include "lwk/include/mm/vm_policy.h"

struct task;

/* Linux's flags of modes */
#define MPOL_F_STATIC_NODES (1U << 15)
#define MPOL_F_RELATIVE_NODES (1U << 14)
#define MPOL_F_NUMA_BALANCING (1U << 13)
#define MPOL_MODE_FLAGS (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES | MPOL_F_NUMA_BALANCING)

/**
 * mempolicy_init() - let page faults find the policies of threads.
 *
 * Context: boot, once.
 */
void mempolicy_init(void);

/**
 * mempolicy_allowed() - the nodes on which a program may have memory.
 *
 * Context: any.
 * Return: those of the LWK that have some, by Linux's numbers; they do not change.
 */
const struct linux_nodes *mempolicy_allowed(void);

/**
 * mempolicy_make() - what Linux would make of a program's arguments.
 * @mode: MPOL_*, with flags
 * @nodes: by Linux's numbers
 * @out: result, with a reference; NULL for MPOL_DEFAULT
 *
 * Context: process context.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int mempolicy_make(u32 mode, const struct linux_nodes *nodes, struct vm_policy **out) __must_check;

/**
 * mempolicy_to_lwk() - nodes that a program named.
 * @nodes: by Linux's numbers
 *
 * Context: any.
 * Return: those that the LWK has, bit n for its node n.
 */
u64 mempolicy_to_lwk(const struct linux_nodes *nodes);

/**
 * mempolicy_begin() - the policy that a new program begins with.
 * @task: its thread, which does not run yet
 * @desc: sound
 *
 * One that the LWK has no nodes for is none.
 *
 * Context: process context.
 */
void mempolicy_begin(struct task *task, const struct program_load_desc *desc);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs and nodes by the numbers that programs see. These are Linux's, so that
 * system calls, the vDSO, /proc and /sys agree; inside the LWK its own are used.
 */
#ifndef LWK_CORE_TOPOLOGY_H
#define LWK_CORE_TOPOLOGY_H

#include "lwk/include/core/cpumask.h"
#include "lwk/lib/bitmap.h"

/** struct linux_cpus - a set of CPUs by Linux's numbers, a bitmap */
struct linux_cpus {
	u64 words[BITMAP_WORDS(IHK_MAX_LINUX_CPUS)];
};

/** struct linux_nodes - a set of NUMA nodes by Linux's numbers, a bitmap */
struct linux_nodes {
	u64 words[BITMAP_WORDS(IHK_MAX_LINUX_NODES)];
};

/**
 * topology_linux_ncpus() - how many bits Linux's sets of CPUs have.
 *
 * Context: any.
 * Return: at most IHK_MAX_LINUX_CPUS; the number of each CPU of the LWK is below it.
 */
u32 topology_linux_ncpus(void);

/**
 * topology_linux_present_cpus() - how many CPUs Linux's machine had when the LWK booted.
 *
 * Context: any.
 * Return: at most topology_linux_ncpus(); CPUs may be plugged in later.
 */
u32 topology_linux_present_cpus(void);

/**
 * topology_linux_nnodes() - how many bits Linux's sets of nodes have.
 *
 * Context: any.
 * Return: at most IHK_MAX_LINUX_NODES; the number of each node of the LWK is below it.
 */
u32 topology_linux_nnodes(void);

/**
 * topology_linux_node_ids() - how many nodes this machine may have, by Linux's numbers.
 *
 * Context: any.
 * Return: at most topology_linux_nnodes().
 */
u32 topology_linux_node_ids(void);

/**
 * topology_to_linux() - a set as programs see it.
 * @cpus: CPUs of the LWK
 * @out: the same by Linux's numbers
 *
 * Context: any.
 */
void topology_to_linux(const struct cpumask *cpus, struct linux_cpus *out);

/**
 * topology_from_linux() - a set that a program gave.
 * @cpus: by Linux's numbers
 * @out: those that are the LWK's, by its own numbers
 *
 * Context: any.
 */
void topology_from_linux(const struct linux_cpus *cpus, struct cpumask *out);

/**
 * topology_nnodes() - how many nodes the LWK has.
 *
 * Context: any.
 * Return: at most IHK_MAX_NODES.
 */
u32 topology_nnodes(void);

/**
 * topology_node_to_linux() - a node as programs see it.
 * @node: of the LWK
 *
 * Context: any.
 * Return: Linux's number.
 */
u32 topology_node_to_linux(u32 node);

/**
 * topology_node_from_linux() - a node that a program named.
 * @linux_node: Linux's number
 *
 * Context: any.
 * Return: the LWK's number, or -1: it has none such.
 */
s32 topology_node_from_linux(u32 linux_node);

/**
 * topology_nodes() - the nodes of the LWK.
 * @out: by Linux's numbers
 *
 * Context: any.
 */
void topology_nodes(struct linux_nodes *out);

#endif

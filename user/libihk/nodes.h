/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which NUMA nodes Linux has.
 */
#ifndef LIBIHK_NODES_H
#define LIBIHK_NODES_H

/**
 * nodes_with_memory() - numbers of the nodes that have memory
 * @nodes: filled, ascending
 * @max: length of @nodes
 * Context: any thread; reads sysfs. Return: how many, or -errno.
 */
int nodes_with_memory(int *nodes, int max);

#endif

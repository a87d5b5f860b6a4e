// SPDX-License-Identifier: GPL-2.0-only
/*
 * Passing a NUMA policy on to the next program: from mcexec's caller by Linux, from one program to
 * the next by an option, --mempolicy=MODE,WORD,... in hexadecimal.
 */
#include "mempolicy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/ihk_ioctl.h"
#include "user/mcexec/kept.h"
#include "user/tools/cli.h"

#define NWORDS (IHK_MAX_LINUX_NODES / 64)
#define WORDS 4 /* in a request */
#define MPOL_BIND 2

#define kept_mode (kept_of_process()->mempolicy_mode)
#define kept_nodes (kept_of_process()->mempolicy_nodes)

/* By mempolicy_bind(). */
static bool bound;

void mempolicy_take(void)
{
	u64 nodes[NWORDS];
	int mode = 0;

	if (syscall(SYS_get_mempolicy, &mode, nodes, NWORDS * 64UL, NULL, 0UL) || !mode)
		return;
	syscall(SYS_set_mempolicy, 0, NULL, 0UL);
	if (bound)
		return;
	kept_mode = (u64)mode;
	memcpy(kept_nodes, nodes, sizeof(nodes));
}

/* Add the nodes of "3" or "3-5" at *@list, and step over it. Return: was it that? */
static bool bind_item(const char **list)
{
	unsigned long low, high;
	char *end;

	if (**list < '0' || **list > '9')
		return false;
	low = high = strtoul(*list, &end, 10);
	if (*end == '-') {
		if (end[1] < '0' || end[1] > '9')
			return false;
		high = strtoul(end + 1, &end, 10);
	}
	if (high < low || high >= IHK_MAX_LINUX_NODES)
		return false;
	for (unsigned long node = low; node <= high; node++)
		kept_nodes[node / 64] |= 1ULL << node % 64;
	*list = end;
	return true;
}

bool mempolicy_bind(const char *list)
{
	const char *p = list;

	memset(kept_nodes, 0, sizeof(kept_nodes));
	while (bind_item(&p)) {
		if (!*p) {
			kept_mode = MPOL_BIND;
			bound = true;
			return true;
		}
		if (*p++ != ',')
			break;
	}
	cli_fail("--mem: \"%s\" is not a list of NUMA nodes such as 0-1,3", list);
	return false;
}

/* Has the LWK memory of this node of Linux's? */
static bool has_memory(const struct ihk_ioc_node *nodes, u32 n, u32 linux_node)
{
	for (u32 i = 0; i < n; i++)
		if (nodes[i].linux_node == linux_node && nodes[i].total)
			return true;
	return false;
}

int mempolicy_check_nodes(int device, int os)
{
	static struct ihk_ioc_node nodes[IHK_MAX_NODES];
	struct ihk_ioc_list list = { .addr = (u64)nodes, .count = IHK_MAX_NODES };
	int err;

	if (!bound)
		return 0;
	if (ioctl(device, IHK_IOC_QUERY_NODES, &list)) {
		err = -errno;
		cli_fail("cannot ask LWK %d for its NUMA nodes: %s", os, strerror(-err));
		return err;
	}
	for (u32 node = 0; node < IHK_MAX_LINUX_NODES; node++) {
		if (!(kept_nodes[node / 64] >> node % 64 & 1) ||
		    has_memory(nodes, list.count, node))
			continue;
		cli_fail("--mem: LWK %d has no memory of node %u; \"ihkosctl %d query mem\" shows "
			 "what it has", os, node, os);
		return -EINVAL;
	}
	return 0;
}

s64 mempolicy_keep(const u64 args[6])
{
	if (args[1] > NWORDS - WORDS)
		return -EINVAL;
	kept_mode = args[0];
	memcpy(&kept_nodes[args[1]], &args[2], WORDS * sizeof(u64));
	return 0;
}

bool mempolicy_print(char *text)
{
	int at;

	if (!kept_mode)
		return false;
	at = sprintf(text, "--mempolicy=%x", (unsigned int)kept_mode);
	for (int i = 0; i < NWORDS; i++)
		at += sprintf(text + at, ",%llx", (unsigned long long)kept_nodes[i]);
	return true;
}

bool mempolicy_parse(const char *text)
{
	char *end;

	kept_mode = strtoul(text, &end, 16);
	for (int i = 0; i < NWORDS; i++) {
		if (*end != ',')
			return false;
		kept_nodes[i] = strtoull(end + 1, &end, 16);
	}
	return !*end;
}

void mempolicy_describe(struct program_load_desc *desc)
{
	desc->mempolicy = (u32)kept_mode;
	memcpy(desc->mempolicy_nodes, kept_nodes, sizeof(desc->mempolicy_nodes));
	kept_mode = 0;
	memset(kept_nodes, 0, sizeof(kept_nodes));
}

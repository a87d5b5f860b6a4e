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
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/kept.h"

#define NWORDS (IHK_MAX_LINUX_NODES / 64)
#define WORDS 4 /* in a request */

#define kept_mode (kept_of_process()->mempolicy_mode)
#define kept_nodes (kept_of_process()->mempolicy_nodes)

void mempolicy_take(void)
{
	int mode = 0;

	if (syscall(SYS_get_mempolicy, &mode, kept_nodes, NWORDS * 64UL, NULL, 0UL) || !mode)
		return;
	kept_mode = (u64)mode;
	syscall(SYS_set_mempolicy, 0, NULL, 0UL);
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
	int at = sprintf(text, "--mempolicy=%x", (unsigned int)kept_mode);

	for (int i = 0; i < NWORDS; i++)
		at += sprintf(text + at, ",%llx", (unsigned long long)kept_nodes[i]);
	return kept_mode;
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which NUMA nodes Linux has, from sysfs. A kernel without NUMA has node 0.
 */
#include "nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ihk/parse.h>

int nodes_with_memory(int *nodes, int max)
{
	char line[512];
	FILE *file = fopen("/sys/devices/system/node/has_memory", "re");

	if (!file) {
		if (errno != ENOENT)
			return -errno;
		nodes[0] = 0;
		return 1;
	}
	if (!fgets(line, sizeof(line), file)) {
		fclose(file);
		return -EIO;
	}
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return ihk_parse_cpus(line, nodes, max);
}

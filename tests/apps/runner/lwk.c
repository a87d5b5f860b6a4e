// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks after OS instance 0. The library tells the status at no cost; whatever may
 * hang is done by the tool, with a time limit.
 */
#include "lwk.h"

#include <stdio.h>
#include <stdlib.h>

#include <ihk/ihk.h>

#define PING "timeout -k 1 20 ihkosctl 0 ping --count 1 --cpu "
#define PROCESSES "/sys/devices/virtual/ihk/mcos0/sys/kernel/processes"
#define MAX_CPUS 64

void lwk_show_log(void)
{
	printf("  the LWK's log:\n");
	fflush(stdout);
	if (system("timeout -k 1 10 ihkosctl 0 kmsg | tail -n 30 | cut -c 1-160 | sed 's/^/    /'"))
		printf("    (cannot be read)\n");
}

static bool cpus_answer(int ncpus)
{
	char command[128];
	int cpu;

	for (cpu = 0; cpu < ncpus && cpu < MAX_CPUS; cpu++) {
		snprintf(command, sizeof(command), PING "%d --mode %s > /dev/null", cpu, "work");
		if (system(command)) {
			printf("  CPU %d of the LWK does not answer\n", cpu);
			return false;
		}
	}
	return true;
}

unsigned long long lwk_count_processes(void)
{
	unsigned long long count = 0;
	FILE *file = fopen(PROCESSES, "re");

	if (file) {
		if (fscanf(file, "%llu", &count) != 1)
			count = 0;
		fclose(file);
	}
	return count;
}

bool lwk_is_well(bool closely)
{
	struct ihk_status_info info;
	struct ihk_instance *os;
	bool well = false;
	int err;

	err = ihk_instance_open(0, 0, &os);
	if (!err) {
		err = ihk_instance_get_status(os, &info);
		ihk_instance_close(os);
	}
	if (err)
		printf("  the LWK cannot be asked: %s\n", ihk_error());
	else if (info.status != IHK_STATUS_RUNNING)
		printf("  the LWK is %s: %s\n", ihk_status_name(info.status), info.reason);
	else
		well = !closely || cpus_answer((int)info.ncpus);
	if (!well)
		lwk_show_log();
	return well;
}

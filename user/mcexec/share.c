// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shares of an LWK's CPUs: see share.h.
 */
#include "share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi/mcctrl_ioctl.h"
#include "ihk/parse.h"
#include "user/mcexec/fds.h"
#include "user/tools/cli.h"

/* What the LWK says about itself. */
#define SYS "/sys/devices/virtual/ihk/mcos%d/sys/devices/system/"
#define TEXT_LEN 8192

struct cpu {
	int id;
	int node;
	int package;
	int cache;
	int core;
};

static struct cpu cpus[IHK_MAX_CPUS];
static int ncpus;

static int read_text(const char *path, char *text)
{
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return -errno;
	if (!fgets(text, TEXT_LEN, file))
		err = -EIO;
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return err;
}

static int read_list(const char *path, int *list)
{
	static char text[TEXT_LEN];
	int err = read_text(path, text);

	return err ? err : ihk_parse_cpus(text, list, IHK_MAX_CPUS);
}

static int read_of_cpu(int os, int cpu, const char *name)
{
	static char text[TEXT_LEN];
	char path[128];
	int err;

	snprintf(path, sizeof(path), SYS "cpu/cpu%d/%s", os, cpu, name);
	err = read_text(path, text);
	return err ? err : atoi(text);
}

/* Those that no node names are of node 0. */
static void read_nodes(int os)
{
	static int nodes[IHK_MAX_CPUS], list[IHK_MAX_CPUS];
	char path[128];
	int nnodes, n;

	snprintf(path, sizeof(path), SYS "node/online", os);
	nnodes = read_list(path, nodes);
	for (int i = 0; i < nnodes; i++) {
		snprintf(path, sizeof(path), SYS "node/node%d/cpulist", os, nodes[i]);
		n = read_list(path, list);
		for (int k = 0; k < n; k++)
			if (list[k] < ncpus)
				cpus[list[k]].node = nodes[i];
	}
}

static int compare(const void *a, const void *b)
{
	const struct cpu *x = a, *y = b;

	if (x->node != y->node)
		return x->node - y->node;
	if (x->package != y->package)
		return x->package - y->package;
	if (x->cache != y->cache)
		return x->cache - y->cache;
	if (x->core != y->core)
		return x->core - y->core;
	return x->id - y->id;
}

/* All CPUs of the LWK, those that are near to each other side by side. */
static int read_cpus(int os)
{
	static int list[IHK_MAX_CPUS];
	char path[128];

	snprintf(path, sizeof(path), SYS "cpu/online", os);
	ncpus = read_list(path, list);
	if (ncpus < 1) {
		cli_fail("--shares: cannot read %s", path);
		return -EIO;
	}
	for (int i = 0; i < ncpus; i++) {
		cpus[i] = (struct cpu){
			.id = list[i],
			.package = read_of_cpu(os, list[i], "topology/physical_package_id"),
			.cache = read_of_cpu(os, list[i], "cache/last/id"),
			.core = read_of_cpu(os, list[i], "topology/core_id"),
		};
		if (cpus[i].package < 0 || cpus[i].cache < 0 || cpus[i].core < 0) {
			cli_fail("--shares: cannot read where CPU %d of LWK %d is", list[i], os);
			return -EIO;
		}
	}
	read_nodes(os);
	qsort(cpus, ncpus, sizeof(cpus[0]), compare);
	return 0;
}

/* The first ncpus % n shares have one more. */
static void cut(int share, int n, struct mcctrl_cpus *out)
{
	int more = ncpus % n;
	int first = share * (ncpus / n) + (share < more ? share : more);
	int end = first + ncpus / n + (share < more);

	*out = (struct mcctrl_cpus){ 0 };
	for (int i = first; i < end; i++)
		out->cpus[cpus[i].id / 64] |= 1ULL << cpus[i].id % 64;
}

static void run_there(struct options *options, const struct mcctrl_cpus *share)
{
	int only = -1;
	int n = 0;

	memcpy(options->cpus, share->cpus, sizeof(options->cpus));
	for (int cpu = 0; cpu < IHK_MAX_CPUS; cpu++) {
		if (share->cpus[cpu / 64] >> cpu % 64 & 1) {
			only = cpu;
			n++;
		}
	}
	options->cpu = n == 1 ? only : -1;
}

int share_take(struct options *options)
{
	int n = options->nshares;
	struct mcctrl_cpus share;
	int err = read_cpus(options->os);

	if (err)
		return err;
	if (n > ncpus) {
		cli_fail("--shares: %d shares of %d CPUs, all that LWK %d has", n, ncpus,
			 options->os);
		return -EINVAL;
	}
	for (int i = 0; i < n; i++) {
		cut(i, n, &share);
		options->share = ioctl(options->device, MCCTRL_IOC_TAKE_CPUS, &share);
		if (options->share >= 0) {
			options->share = fds_hide(options->share);
			run_there(options, &share);
			return 0;
		}
		if (errno != EBUSY) {
			err = -errno;
			cli_fail("--shares: cannot take a share: %s", strerror(-err));
			return err;
		}
	}
	cli_fail("--shares: all %d shares of LWK %d are taken", n, options->os);
	return -EBUSY;
}

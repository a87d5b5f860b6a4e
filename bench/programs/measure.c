// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures the life of an LWK from inside the sandbox, through libihk: CPU take and return,
 * boot, shutdown, restart, IKC round trips, page allocation. Prints one line a
 * measure, "name;unit;n;min;median;max"; bench/run makes the table.
 *
 *   measure IMAGE ROUNDS CPU...
 *
 * The module is loaded and nothing is reserved when it starts, and again when it ends.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ihk/ihk.h>

#define MAX_ROUNDS 1000
#define MAX_CPUS 64
#define MEM_LEN (256UL << 20)
#define PAGES 65536

/* What is measured once a round. */
enum measure {
	TAKE, RETURN, BOOT, SHUTDOWN, RESTART, PING_IRQ, PING_WORK, PING_POLL,
	PAGES_ONE, PAGES_ALL, LARGE_ONE, NMEASURES
};

static const struct {
	const char *name;
	const char *unit;
} measures[NMEASURES] = {
	[TAKE] = { "CPU take, each", "us" },
	[RETURN] = { "CPU return, each", "us" },
	[BOOT] = { "boot to RUNNING", "us" },
	[SHUTDOWN] = { "shutdown", "us" },
	[RESTART] = { "restart (shutdown and boot, CPUs kept)", "us" },
	[PING_IRQ] = { "IKC round trip, interrupt to interrupt", "ns" },
	[PING_WORK] = { "IKC round trip, thread to thread", "ns" },
	[PING_POLL] = { "IKC round trip, polled", "ns" },
	[PAGES_ONE] = { "4 KiB page allocated and freed, one CPU", "ns" },
	[PAGES_ALL] = { "4 KiB page allocated and freed, all CPUs at once", "ns" },
	[LARGE_ONE] = { "2 MiB page allocated and freed, one CPU", "ns" },
};

static double samples[NMEASURES][MAX_ROUNDS];
static int nsamples[NMEASURES];

/**
 * struct bench - what every round needs
 * @image: LWK image
 * @cpus: Linux numbers of the CPUs that are taken
 * @ncpus: how many
 */
struct bench {
	const char *image;
	int cpus[MAX_CPUS];
	int ncpus;
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void record(enum measure m, double value)
{
	samples[m][nsamples[m]++] = value;
}

static void check(int err, const char *what)
{
	if (err >= 0)
		return;
	fprintf(stderr, "measure: %s: %s (%s)\n", what, ihk_error(), strerror(-err));
	exit(1);
}

static void measure_pings(struct ihk_instance *os)
{
	static const struct {
		enum measure measure;
		unsigned int mode;
		unsigned int count;
	} runs[] = {
		{ PING_IRQ, IHK_PING_IRQ, 1000 },
		{ PING_WORK, IHK_PING_WORK, 1000 },
		{ PING_POLL, IHK_PING_POLL, 1000 },
	};
	size_t i;

	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		struct ihk_ping ping = { .mode = runs[i].mode, .count = runs[i].count };

		check(ihk_instance_ping(os, &ping), measures[runs[i].measure].name);
		record(runs[i].measure, (double)ping.total_ns / ping.done);
	}
}

static void measure_pages(struct ihk_instance *os, enum measure m, uint64_t cpu_mask, int order)
{
	uint64_t npages = order ? PAGES / 64 : PAGES;
	struct ihk_test_call call = {
		.test = (unsigned int)ihk_test_number("pages-bench"),
		.timeout_ms = 60000,
		.words = { 0, cpu_mask, npages, (uint64_t)order },
	};

	check(ihk_instance_test(os, &call), measures[m].name);
	record(m, (double)call.words[0] / (double)npages);
}

static void measure_running(struct ihk_instance *os, const struct bench *b)
{
	double start;

	start = now_ns();
	check(ihk_instance_boot(os), "boot");
	record(BOOT, (now_ns() - start) / 1000);
	start = now_ns();
	check(ihk_instance_shutdown(os), "restart");
	check(ihk_instance_boot(os), "restart");
	record(RESTART, (now_ns() - start) / 1000);
	measure_pings(os);
	measure_pages(os, PAGES_ONE, 1, 0);
	measure_pages(os, PAGES_ALL, (1ULL << b->ncpus) - 1, 0);
	measure_pages(os, LARGE_ONE, 1, 9);
	start = now_ns();
	check(ihk_instance_shutdown(os), "shutdown");
	record(SHUTDOWN, (now_ns() - start) / 1000);
}

static void measure_round(struct ihk_dev *dev, const struct bench *b, int node)
{
	struct ihk_mem_chunk mem = { .size = MEM_LEN, .numa_node_number = node };
	struct ihk_instance *os;
	double start;
	int index;

	start = now_ns();
	check(ihk_dev_reserve_cpus(dev, b->cpus, b->ncpus), "reserve CPUs");
	record(TAKE, (now_ns() - start) / 1000 / b->ncpus);
	check(ihk_dev_reserve_mem(dev, &mem, 1, NULL), "reserve memory");
	index = ihk_dev_create_instance(dev);
	check(index, "create");
	check(ihk_instance_open(index, 0, &os), "open");
	check(ihk_instance_assign_cpus(os, b->cpus, b->ncpus), "assign CPUs");
	check(ihk_instance_assign_mem(os, &mem, 1), "assign memory");
	check(ihk_instance_load(os, b->image), "load");
	check(ihk_instance_set_kargs(os, "test_hooks"), "kernel arguments");
	measure_running(os, b);
	ihk_instance_close(os);
	check(ihk_dev_destroy_instance(dev, index), "destroy");
	mem.size = IHK_MEM_ALL;
	check(ihk_dev_release_mem(dev, &mem, 1), "release memory");
	start = now_ns();
	check(ihk_dev_release_cpus(dev, b->cpus, b->ncpus), "release CPUs");
	record(RETURN, (now_ns() - start) / 1000 / b->ncpus);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_results(void)
{
	int m, n;

	for (m = 0; m < NMEASURES; m++) {
		n = nsamples[m];
		qsort(samples[m], (size_t)n, sizeof(double), compare);
		printf("%s;%s;%d;%.1f;%.1f;%.1f\n", measures[m].name, measures[m].unit, n,
		       samples[m][0], samples[m][n / 2], samples[m][n - 1]);
	}
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	struct ihk_dev *dev;
	int rounds, i;

	rounds = argc < 4 ? 0 : atoi(argv[2]);
	if (rounds < 1 || rounds > MAX_ROUNDS || argc - 3 > MAX_CPUS) {
		fprintf(stderr, "usage: measure IMAGE ROUNDS CPU...\n");
		return 2;
	}
	b.image = argv[1];
	for (i = 3; i < argc; i++)
		b.cpus[b.ncpus++] = atoi(argv[i]);
	check(ihk_dev_open(0, 0, &dev), "open /dev/mcd0");
	for (i = 0; i < rounds; i++)
		measure_round(dev, &b, 1);
	print_results();
	ihk_dev_close(dev);
	return 0;
}

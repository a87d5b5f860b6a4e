// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes a partition, boots an LWK on it, exchanges pings with each of its CPUs,
 * stops it and gives everything back, COUNT times, through libihk. The test around it
 * compares what Linux has before and after.
 *
 *   cycle COUNT CPUS MEM IMAGE
 *
 * Each cycle also reads what Linux logged meanwhile: a line of level warning or
 * worse ends the run, with the cycle's number, unless it is about the emulator's speed. So
 * does any failed call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ihk/ihk.h>
#include <ihk/parse.h>

#define MAX_CPUS 64
#define MAX_CHUNKS 8
#define PINGS 20
#define LOG_WARNING 4
#define RECORD_LEN 8192

struct partition {
	int cpus[MAX_CPUS];
	int ncpus;
	struct ihk_mem_chunk mem[MAX_CHUNKS];
	int nmem;
	const char *image;
};

static int failed(const char *what, int err)
{
	printf("cycle: %s: %s (%s)\n", what, ihk_error(), strerror(-err));
	return err;
}

static int ping_all(struct ihk_instance *os, int ncpus)
{
	int cpu;

	for (cpu = 0; cpu < ncpus; cpu++) {
		struct ihk_ping ping = {
			.lwk_cpu = (unsigned int)cpu,
			.mode = cpu % 2 ? IHK_PING_WORK : IHK_PING_IRQ,
			.count = PINGS,
		};
		int err = ihk_instance_ping(os, &ping);

		if (err)
			return failed("ping", err);
	}
	return 0;
}

static int run_instance(int index, const struct partition *part)
{
	struct ihk_instance *os;
	int err;

	err = ihk_instance_open(index, 0, &os);
	if (err)
		return failed("open instance", err);
	err = ihk_instance_assign_cpus(os, part->cpus, part->ncpus);
	if (!err)
		err = ihk_instance_assign_mem(os, part->mem, part->nmem);
	if (!err)
		err = ihk_instance_load(os, part->image);
	if (!err)
		err = ihk_instance_boot(os);
	if (err) {
		failed("boot", err);
		goto out_close;
	}
	err = ping_all(os, part->ncpus);
	if (ihk_instance_shutdown(os))
		err = failed("shutdown", -EIO);
out_close:
	ihk_instance_close(os);
	return err;
}

static int run_cycle(struct ihk_dev *dev, const struct partition *part)
{
	struct ihk_mem_chunk all = { IHK_MEM_ALL, IHK_ANY_NODE };
	int index, err;

	err = ihk_dev_reserve_cpus(dev, part->cpus, part->ncpus);
	if (err)
		return failed("reserve CPUs", err);
	err = ihk_dev_reserve_mem(dev, part->mem, part->nmem, NULL);
	if (err)
		return failed("reserve memory", err);
	index = ihk_dev_create_instance(dev);
	if (index < 0)
		return failed("create", index);
	err = run_instance(index, part);
	if (err)
		return err;
	err = ihk_dev_destroy_instance(dev, index);
	if (err)
		return failed("destroy", err);
	err = ihk_dev_release_mem(dev, &all, 1);
	if (err)
		return failed("release memory", err);
	err = ihk_dev_release_cpus(dev, part->cpus, part->ncpus);
	if (err)
		return failed("release CPUs", err);
	return 0;
}

/*
 * What Linux says of the machine's speed: an emulated CPU that got no time for
 * a while. It tells nothing of what was given back.
 */
static bool is_about_speed(const char *record)
{
	static const char *const words[] = {
		"hrtimer: interrupt took", "clocksource: ", "sched: RT throttling",
		"sched: DL replenish lagged", "perf: interrupt took too long",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(record, words[i]))
			return true;
	return false;
}

/* Records are "level,sequence,time,flags;text"; EPIPE says that some were overwritten. */
static int check_log(int log)
{
	char record[RECORD_LEN];
	ssize_t len;

	for (;;) {
		len = read(log, record, sizeof(record) - 1);
		if (len < 0 && errno == EAGAIN)
			return 0;
		if (len < 0) {
			printf("cycle: /dev/kmsg: %s\n", strerror(errno));
			return -errno;
		}
		record[len] = '\0';
		if ((strtoul(record, NULL, 10) & 7) <= LOG_WARNING && !is_about_speed(record)) {
			printf("cycle: Linux complained: %s", record);
			return -EIO;
		}
	}
}

static int parse(char **argv, struct partition *part)
{
	part->ncpus = ihk_parse_cpus(argv[2], part->cpus, MAX_CPUS);
	part->nmem = ihk_parse_mem(argv[3], 0, part->mem, MAX_CHUNKS);
	part->image = argv[4];
	if (part->ncpus < 0 || part->nmem < 0) {
		printf("cycle: %s\n", ihk_error());
		return -EINVAL;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct partition part;
	struct ihk_dev *dev;
	int count, n, log, err;

	if (argc != 5 || parse(argv, &part)) {
		printf("usage: cycle COUNT CPUS MEM IMAGE\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	count = atoi(argv[1]);
	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (log < 0 || lseek(log, 0, SEEK_END) < 0) {
		perror("/dev/kmsg");
		return 1;
	}
	err = ihk_dev_open(0, 0, &dev);
	if (err) {
		failed("open /dev/mcd0", err);
		return 1;
	}
	for (n = 1; n <= count && !err; n++) {
		err = run_cycle(dev, &part);
		if (!err)
			err = check_log(log);
		if (err)
			printf("cycle: cycle %d failed\n", n);
		else if (n % 20 == 0)
			printf("cycle: %d of %d done\n", n, count);
	}
	ihk_dev_close(dev);
	close(log);
	return err ? 1 : 0;
}

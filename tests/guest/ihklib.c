// SPDX-License-Identifier: GPL-2.0-only
/*
 * libihk against the module, run by tests/boot/tools-library.sh: the functions by number through
 * a whole life of an instance, and several threads on one handle, each with its own sentence.
 *
 *   ihklib CPUS NODE IMAGE
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ihk/ihklib.h>

#define NTHREADS 8
#define ROUNDS 200

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			printf("%s:%d: %s (%s)\n", __FILE__, __LINE__, #cond, ihk_error()); \
			exit(1); \
		} \
	} while (0)

static char env[4096];
static int num_env;

static void add_env(const char *name, const char *value)
{
	static size_t len;

	len += snprintf(env + len, sizeof(env) - len, "%s=%s", name, value) + 1;
	num_env++;
}

/* Everything of ihk_create_os_str() or nothing. */
static int create(const char *image)
{
	char why[IHK_MAX_SIZE_ERR_MSG];
	int os = -1;

	CHECK(ihk_create_os_str(0, &os, env, num_env, "/nowhere", NULL, why) == -ENOENT);
	CHECK(strstr(why, "/nowhere"));
	CHECK(ihk_get_num_os_instances(0) == 0);
	CHECK(ihk_get_num_reserved_cpus(0) == 0);
	CHECK(ihk_get_num_reserved_mem_chunks(0) == 0);

	CHECK(!ihk_create_os_str(0, &os, env, num_env, image, "default", why));
	CHECK(os == 0);
	CHECK(ihk_get_num_os_instances(0) == 1);
	CHECK(ihk_get_num_reserved_cpus(0) == 0);
	CHECK(ihk_os_get_num_assigned_mem_chunks(os) > 0);
	return os;
}

static void query(int os)
{
	int cpus[IHK_MAX_CPUS];
	struct ihk_ikc_cpu_map map[IHK_MAX_CPUS];
	int n = ihk_os_get_num_assigned_cpus(os);

	CHECK(n > 0);
	CHECK(!ihk_os_query_cpu(os, cpus, n));
	CHECK(ihk_os_query_cpu(os, cpus, n + 1) == -EINVAL);
	CHECK(!ihk_os_get_ikc_map(os, map, n));
	CHECK(map[0].src_cpu == cpus[0]);
	CHECK(ihk_os_get_status(63) == -ENOENT);
	CHECK(ihk_os_get_status(-1) == -ENOENT);
	CHECK(ihk_os_get_num_pagesizes(os) == 3);
}

static void live(int os)
{
	unsigned long set = 1UL << os;
	unsigned long total[64];
	unsigned long free_mem[64];
	char log[1 << 16];
	struct pollfd event = { .events = POLLIN };
	int n;

	event.fd = ihk_os_get_eventfd(os, IHK_OS_EVENTFD_TYPE_STATUS);
	CHECK(event.fd >= 0);
	CHECK(ihk_os_get_eventfd(os, IHK_OS_EVENTFD_TYPE_OOM) == -EOPNOTSUPP);
	CHECK(ihk_os_get_status(os) == IHK_STATUS_INACTIVE);
	CHECK(!ihk_os_boot(os));
	CHECK(ihk_os_get_status(os) == IHK_STATUS_RUNNING);
	CHECK(poll(&event, 1, 0) == 1);
	close(event.fd);
	n = ihk_os_get_num_numa_nodes(os);
	CHECK(n > 0 && n <= 64);
	CHECK(!ihk_os_query_total_mem(os, total, n));
	CHECK(!ihk_os_query_free_mem(os, free_mem, n));
	CHECK(free_mem[0] > 0 && free_mem[0] <= total[0]);
	CHECK(ihk_os_kmsg(os, log, sizeof(log)) > 0);
	CHECK(strstr(log, "default"));
	CHECK(!ihk_os_freeze(&set, 64));
	CHECK(ihk_os_get_status(os) == IHK_STATUS_FROZEN);
	CHECK(ihk_os_freeze(&set, 64) == -EINVAL);
	CHECK(!ihk_os_thaw(&set, 64));
	CHECK(ihk_os_get_status(os) == IHK_STATUS_RUNNING);
}

/* Another boot: a reader that had read the log of the one before finds all of the new one. */
static void log_of_next_boot(int index)
{
	struct ihk_instance *os;
	char first[256], again[256];
	uint64_t pos = 0;
	long n;

	CHECK(!ihk_instance_open(index, 0, &os));
	do {
		n = ihk_instance_read_kmsg(os, first, sizeof(first), &pos, NULL);
	} while (n > 0);
	CHECK(!n);
	CHECK(!ihk_instance_shutdown(os));
	while ((n = ihk_instance_read_kmsg(os, first, sizeof(first), &pos, NULL)) > 0)
		;
	CHECK(!n && !ihk_instance_boot(os));
	n = ihk_instance_read_kmsg(os, first, sizeof(first), &pos, NULL);
	CHECK(n == sizeof(first));
	pos = 0;
	CHECK(ihk_instance_read_kmsg(os, again, sizeof(again), &pos, NULL) == n);
	CHECK(!memcmp(first, again, n));
	ihk_instance_close(os);
}

static struct ihk_dev *dev;

/* Each thread provokes a failure of its own on the common handle. */
static void *fail_alone(void *arg)
{
	struct ihk_mem_chunk chunk = { 4096, *(int *)arg };
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "node %d ", chunk.numa_node_number);
	for (int i = 0; i < ROUNDS; i++) {
		CHECK(ihk_dev_reserve_mem(dev, &chunk, 1, NULL) == -EINVAL);
		CHECK(strstr(ihk_dev_error(dev), wanted));
	}
	return NULL;
}

static void threads(void)
{
	pthread_t ids[NTHREADS];
	int nodes[NTHREADS];

	CHECK(!ihk_dev_open(0, 0, &dev));
	for (int i = 0; i < NTHREADS; i++) {
		nodes[i] = 40 + i;
		CHECK(!pthread_create(&ids[i], NULL, fail_alone, &nodes[i]));
	}
	for (int i = 0; i < NTHREADS; i++)
		CHECK(!pthread_join(ids[i], NULL));
	ihk_dev_close(dev);
}

int main(int argc, char **argv)
{
	struct ihk_mem_chunk all = { IHK_MEM_ALL, IHK_ANY_NODE };
	char mem[32];
	int cpus[IHK_MAX_CPUS];
	int n;
	int os;

	CHECK(argc == 4);
	snprintf(mem, sizeof(mem), "64M@%s", argv[2]);
	add_env("IHK_CPUS", argv[1]);
	add_env("IHK_MEM", mem);
	os = create(argv[3]);
	query(os);
	live(os);
	log_of_next_boot(os);
	threads();
	CHECK(ihk_destroy_os(0, os) == -EBUSY);
	CHECK(!ihk_os_shutdown(os));
	CHECK(!ihk_destroy_os(0, os));
	n = ihk_get_num_reserved_cpus(0);
	CHECK(n > 0 && !ihk_query_cpu(0, cpus, n));
	CHECK(!ihk_release_cpu(0, cpus, n));
	CHECK(!ihk_release_mem(0, &all, 1));
	puts("ihklib: all as it should be");
	return 0;
}

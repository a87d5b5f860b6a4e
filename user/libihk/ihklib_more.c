// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihklib's functions that are more than one request: events, nodes, page sizes, sets of
 * instances, everything at once.
 */
#include "internal.h"

#include <ihk/ihklib.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ihk/parse.h>

#include "env.h"

/*
 * Events end when their device is closed, and the caller has nothing to close it by: one
 * handle an instance is kept until the process ends, or replaced when that instance is gone.
 */
static struct {
	pthread_mutex_t lock;
	struct ihk_instance *of[IHK_MAX_OS]; /* lock protects */
} event_handles = { .lock = PTHREAD_MUTEX_INITIALIZER };

EXPORT int ihk_os_get_eventfd(int index, int type)
{
	struct ihk_instance **os;
	int ret;

	if (index < 0 || index >= IHK_MAX_OS)
		return error_set(NULL, -ENOENT, "there is no OS instance %d", index);
	os = &event_handles.of[index];
	pthread_mutex_lock(&event_handles.lock);
	ret = *os ? ihk_instance_eventfd(*os, type) : -ENODEV;
	if (ret == -ENODEV) {
		ihk_instance_close(*os);
		*os = NULL;
		ret = ihk_instance_open(index, 0, os);
		if (!ret)
			ret = ihk_instance_eventfd(*os, type);
	}
	pthread_mutex_unlock(&event_handles.lock);
	return ret;
}

static int query_nodes(int index, struct ihk_node_info *nodes, int max)
{
	struct ihk_instance *os;
	int n = ihk_instance_open(index, 0, &os);

	if (n)
		return n;
	n = ihk_instance_query_nodes(os, nodes, max);
	ihk_instance_close(os);
	return n;
}

EXPORT int ihk_os_get_num_numa_nodes(int index)
{
	return query_nodes(index, NULL, 0);
}

/* Nodes of the instance, which must be @wanted. */
static int expect_nodes(int index, struct ihk_node_info *nodes, const void *out, int wanted)
{
	int n;

	if (!out)
		return error_set(NULL, -EFAULT, "cannot list nodes: no buffer");
	n = query_nodes(index, nodes, IHK_MAX_NODES);
	if (n >= 0 && (n != wanted || n > IHK_MAX_NODES))
		return error_set(NULL, -EINVAL, "cannot list nodes: there are %d, not %d", n,
				 wanted);
	return n;
}

EXPORT int ihk_os_query_free_mem(int index, unsigned long *memfree, int num_numa_nodes)
{
	struct ihk_node_info nodes[IHK_MAX_NODES] = { 0 };
	int n = expect_nodes(index, nodes, memfree, num_numa_nodes);

	for (int i = 0; i < n; i++)
		memfree[i] = nodes[i].free;
	return n < 0 ? n : 0;
}

EXPORT int ihk_os_query_total_mem(int index, unsigned long *memtotal, int num_numa_nodes)
{
	struct ihk_node_info nodes[IHK_MAX_NODES] = { 0 };
	int n = expect_nodes(index, nodes, memtotal, num_numa_nodes);

	for (int i = 0; i < n; i++)
		memtotal[i] = nodes[i].total;
	return n < 0 ? n : 0;
}

static const long page_sizes[] = { 4096, 2L << 20, 1L << 30 };

#define NUM_PAGE_SIZES ((int)(sizeof(page_sizes) / sizeof(page_sizes[0])))

EXPORT int ihk_os_get_num_pagesizes(int index)
{
	int status = ihk_os_get_status(index);

	return status < 0 ? status : NUM_PAGE_SIZES;
}

EXPORT int ihk_os_get_pagesizes(int index, long *pgsizes, int num_pgsizes)
{
	int n = ihk_os_get_num_pagesizes(index);

	if (n < 0)
		return n;
	if (n != num_pgsizes)
		return error_set(NULL, -EINVAL, "there are %d page sizes, not %d", n, num_pgsizes);
	if (!pgsizes)
		return error_set(NULL, -EFAULT, "cannot list page sizes: no buffer");
	memcpy(pgsizes, page_sizes, sizeof(page_sizes));
	return 0;
}

static int freeze_one(int index, int (*fn)(struct ihk_instance *os))
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	if (err)
		return err;
	err = fn(os);
	ihk_instance_close(os);
	return err;
}

static int check_set(const unsigned long *os_set, int n)
{
	if (!os_set)
		return error_set(NULL, -EFAULT, "no set of OS instances");
	if (n < 1 || n > IHK_MAX_OS)
		return error_set(NULL, -EINVAL, "bad set of %d OS instances: 1 to %d are possible",
				 n, IHK_MAX_OS);
	return 0;
}

EXPORT int ihk_os_freeze(unsigned long *os_set, int n)
{
	char why[IHK_MESSAGE_LEN];
	int err = check_set(os_set, n);
	int i;

	if (err)
		return err;
	for (i = 0; i < n && !err; i++)
		if (*os_set & 1UL << i)
			err = freeze_one(i, ihk_instance_freeze);
	if (!err)
		return 0;
	snprintf(why, sizeof(why), "%s", ihk_error());
	for (i -= 2; i >= 0; i--)
		if (*os_set & 1UL << i)
			freeze_one(i, ihk_instance_thaw);
	return error_set(NULL, err, "%s", why);
}

EXPORT int ihk_os_thaw(unsigned long *os_set, int n)
{
	char why[IHK_MESSAGE_LEN];
	int first = check_set(os_set, n);
	int err;

	if (first)
		return first;
	for (int i = 0; i < n; i++) {
		err = *os_set & 1UL << i ? freeze_one(i, ihk_instance_thaw) : 0;
		if (!err || first)
			continue;
		first = err;
		snprintf(why, sizeof(why), "%s", ihk_error());
	}
	return first ? error_set(NULL, first, "%s", why) : 0;
}

/* The steps on the created instance; ihk_destroy_os() undoes them. */
static int fill_os(int os, const char *env, int num_env, const char *image, const char *kargs)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	const char *text;
	int n;
	int err;

	err = ihk_os_assign_cpu_str(os, env, num_env);
	if (err)
		return err;
	err = env_need(env, num_env, "IHK_MEM", &text);
	if (err)
		return err;
	n = ihk_parse_mem(text, 0, chunks, IHK_MAX_CHUNKS);
	err = n < 0 ? n : ihk_os_assign_mem(os, chunks, n);
	if (err)
		return err;
	err = env_find(env, num_env, "IHK_IKC_MAP", &text);
	if (err)
		return err;
	if (text) {
		err = ihk_os_set_ikc_map_str(os, env, num_env);
		if (err)
			return err;
	}
	err = ihk_os_load(os, image);
	return err ? err : ihk_os_kargs_str(os, env, num_env, kargs);
}

/* Give back what IHK_CPUS and IHK_MEM took; the explanation of the failure stays. */
static void undo_reserve(int dev, const char *cpus, const char *mem)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	int numbers[IHK_MAX_CPUS];
	char why[IHK_MESSAGE_LEN];
	int n;

	snprintf(why, sizeof(why), "%s", ihk_error());
	if (mem) {
		n = ihk_parse_mem(mem, 0, chunks, IHK_MAX_CHUNKS);
		if (n > 0)
			ihk_release_mem(dev, chunks, n);
	}
	n = ihk_parse_cpus(cpus, numbers, IHK_MAX_CPUS);
	if (n > 0)
		ihk_release_cpu(dev, numbers, n);
	error_keep(NULL, "%s", why);
}

static int create_all(int dev, int *index, const char *env, int num_env, const char *image,
		      const char *kargs)
{
	const char *cpus;
	const char *mem;
	char why[IHK_MESSAGE_LEN];
	int os;
	int err;

	err = env_need(env, num_env, "IHK_CPUS", &cpus);
	if (err)
		return err;
	err = env_need(env, num_env, "IHK_MEM", &mem);
	if (err)
		return err;
	err = ihk_reserve_cpu_str(dev, env, num_env);
	if (err)
		return err;
	err = ihk_reserve_mem_str(dev, env, num_env);
	if (err) {
		undo_reserve(dev, cpus, NULL);
		return err;
	}
	os = ihk_create_os(dev);
	if (os < 0) {
		undo_reserve(dev, cpus, mem);
		return os;
	}
	err = fill_os(os, env, num_env, image, kargs);
	if (err) {
		snprintf(why, sizeof(why), "%s", ihk_error());
		ihk_destroy_os(dev, os);
		error_keep(NULL, "%s", why);
		undo_reserve(dev, cpus, mem);
		return err;
	}
	*index = os;
	return 0;
}

EXPORT int ihk_create_os_str(int dev_index, int *os_index, const char *env, int num_env,
			     const char *kernel_image, const char *default_kargs, char *err_msg)
{
	int err;

	if (!os_index || !kernel_image)
		err = error_set(NULL, -EFAULT, "cannot create an OS instance: no %s",
				os_index ? "image" : "place for its number");
	else
		err = create_all(dev_index, os_index, env, num_env, kernel_image, default_kargs);
	if (err && err_msg)
		snprintf(err_msg, IHK_MAX_SIZE_ERR_MSG, "%s", ihk_error());
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihklib's functions on the machine, each with a handle of its own.
 */
#include "internal.h"

#include <ihk/ihklib.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <ihk/parse.h>

#include "env.h"

/* For the next ihk_reserve_mem() of this thread. */
static _Thread_local struct ihk_reserve_opts next_reserve;

/* Close the handle and pass a result on. */
static int close_dev(struct ihk_dev *dev, int ret)
{
	ihk_dev_close(dev);
	return ret;
}

static int wrong_count(const char *what, int given, int there)
{
	return error_set(NULL, -EINVAL, "cannot list %s: there are %d, not %d", what, there,
			 given);
}

EXPORT int ihk_reserve_cpu(int index, int *cpus, int num_cpus)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_reserve_cpus(dev, cpus, num_cpus));
}

EXPORT int ihk_reserve_cpu_str(int index, const char *env, int num_env)
{
	int cpus[IHK_MAX_CPUS];
	const char *text;
	int n = env_need(env, num_env, "IHK_CPUS", &text);

	if (!n)
		n = ihk_parse_cpus(text, cpus, IHK_MAX_CPUS);
	return n < 0 ? n : ihk_reserve_cpu(index, cpus, n);
}

/* CPUs that are reserved and not assigned: how many, the first @max of them in @cpus. */
static int unassigned_cpus(int index, int *cpus, int max)
{
	struct ihk_cpu_info info[IHK_MAX_CPUS];
	struct ihk_dev *dev;
	int count = 0;
	int n = ihk_dev_open(index, 0, &dev);

	if (n)
		return n;
	n = close_dev(dev, ihk_dev_query_cpus(dev, info, IHK_MAX_CPUS));
	for (int i = 0; i < n && i < IHK_MAX_CPUS; i++) {
		if (info[i].os != IHK_NO_OS)
			continue;
		if (count < max)
			cpus[count] = info[i].linux_cpu;
		count++;
	}
	return n < 0 ? n : count;
}

EXPORT int ihk_get_num_reserved_cpus(int index)
{
	return unassigned_cpus(index, NULL, 0);
}

EXPORT int ihk_query_cpu(int index, int *cpus, int num_cpus)
{
	int n;

	if (num_cpus > 0 && !cpus)
		return error_set(NULL, -EFAULT, "cannot list CPUs: no buffer");
	n = unassigned_cpus(index, cpus, num_cpus);
	if (n >= 0 && n != num_cpus)
		return wrong_count("CPUs", num_cpus, n);
	return n < 0 ? n : 0;
}

EXPORT int ihk_release_cpu(int index, int *cpus, int num_cpus)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_release_cpus(dev, cpus, num_cpus));
}

static void set_flag(unsigned int flag, int on)
{
	if (on)
		next_reserve.flags |= flag;
	else
		next_reserve.flags &= ~flag;
}

static int set_conf(int key, long long value)
{
	if (value < 0)
		return error_set(NULL, -EINVAL, "bad setting: %lld", value);
	switch (key) {
	case IHK_RESERVE_MEM_BALANCED_ENABLE:
		set_flag(IHK_RESERVE_BALANCED, !!value);
		return 0;
	case IHK_RESERVE_MEM_BALANCED_BEST_EFFORT:
		set_flag(IHK_RESERVE_BEST_EFFORT, !!value);
		return 0;
	case IHK_RESERVE_MEM_BALANCED_VARIANCE_LIMIT:
		/* Balanced amounts are equal: any limit is kept. */
		if (value > 100)
			break;
		return 0;
	case IHK_RESERVE_MEM_MIN_CHUNK_SIZE:
		if (value & (value - 1) || value < 4096)
			break;
		next_reserve.min_chunk = value;
		return 0;
	case IHK_RESERVE_MEM_MAX_SIZE_RATIO_ALL:
		if (!value || value > 100)
			break;
		next_reserve.max_percent = value;
		return 0;
	case IHK_RESERVE_MEM_TIMEOUT:
		if (!value || value > 86400)
			break;
		next_reserve.timeout_s = value;
		return 0;
	default:
		return error_set(NULL, -EINVAL, "there is no setting %d", key);
	}
	return error_set(NULL, -EINVAL, "bad value %lld of setting %d", value, key);
}

EXPORT int ihk_reserve_mem_conf(int index, int key, void *value)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	if (err)
		return err;
	ihk_dev_close(dev);
	if (!value)
		return error_set(NULL, -EFAULT, "no value");
	return set_conf(key, *(const int *)value);
}

EXPORT int ihk_reserve_mem_conf_str(int index, const char *env, int num_env)
{
	static const struct {
		const char *name;
		int key;
	} settings[] = {
		{ "IHK_RESERVE_MEM_BALANCED_ENABLE", IHK_RESERVE_MEM_BALANCED_ENABLE },
		{ "IHK_RESERVE_MEM_BALANCED_BEST_EFFORT", IHK_RESERVE_MEM_BALANCED_BEST_EFFORT },
		{ "IHK_RESERVE_MEM_BALANCED_VARIANCE_LIMIT",
		  IHK_RESERVE_MEM_BALANCED_VARIANCE_LIMIT },
		{ "IHK_RESERVE_MEM_MIN_CHUNK_SIZE", IHK_RESERVE_MEM_MIN_CHUNK_SIZE },
		{ "IHK_RESERVE_MEM_MAX_SIZE_RATIO_ALL", IHK_RESERVE_MEM_MAX_SIZE_RATIO_ALL },
		{ "IHK_RESERVE_MEM_TIMEOUT", IHK_RESERVE_MEM_TIMEOUT },
	};
	const char *text;
	struct ihk_dev *dev;
	uint64_t value;
	int err = ihk_dev_open(index, 0, &dev);

	if (err)
		return err;
	ihk_dev_close(dev);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		err = env_find(env, num_env, settings[i].name, &text);
		if (err)
			return err;
		if (!text)
			continue;
		err = ihk_parse_number(text, INT_MAX, settings[i].name, &value);
		if (!err)
			err = set_conf(settings[i].key, value);
		if (err)
			return err;
	}
	return 0;
}

EXPORT int ihk_reserve_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	struct ihk_reserve_opts opts = next_reserve;
	struct ihk_dev *dev;
	int err;

	next_reserve = (struct ihk_reserve_opts){ 0 };
	err = ihk_dev_open(index, 0, &dev);
	return err ? err : close_dev(dev, ihk_dev_reserve_mem(dev, mem_chunks, num_mem_chunks,
							      &opts));
}

EXPORT int ihk_reserve_mem_str(int index, const char *env, int num_env)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	const char *text;
	int n = env_need(env, num_env, "IHK_MEM", &text);

	if (!n)
		n = ihk_parse_mem(text, 0, chunks, IHK_MAX_CHUNKS);
	return n < 0 ? n : ihk_reserve_mem(index, chunks, n);
}

/* Memory that is reserved and not assigned: how many pieces, the first @max in @chunks. */
static int unassigned_mem(int index, struct ihk_mem_chunk *chunks, int max)
{
	struct ihk_mem_info *info;
	struct ihk_dev *dev;
	int count = 0;
	int room = IHK_MAX_CHUNKS * 2;
	int n = ihk_dev_open(index, 0, &dev);

	if (n)
		return n;
	info = calloc(room, sizeof(*info));
	if (!info)
		return close_dev(dev, error_set(NULL, -ENOMEM, "out of memory"));
	n = close_dev(dev, ihk_dev_query_mem(dev, info, room));
	for (int i = 0; i < n && i < room; i++) {
		if (info[i].os != IHK_NO_OS)
			continue;
		if (count < max)
			chunks[count] = (struct ihk_mem_chunk){ info[i].size, info[i].node };
		count++;
	}
	free(info);
	return n < 0 ? n : count;
}

EXPORT int ihk_get_num_reserved_mem_chunks(int index)
{
	return unassigned_mem(index, NULL, 0);
}

EXPORT int ihk_query_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	int n;

	if (num_mem_chunks > 0 && !mem_chunks)
		return error_set(NULL, -EFAULT, "cannot list memory: no buffer");
	n = unassigned_mem(index, mem_chunks, num_mem_chunks);
	if (n >= 0 && n != num_mem_chunks)
		return wrong_count("pieces of memory", num_mem_chunks, n);
	return n < 0 ? n : 0;
}

EXPORT int ihk_release_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_release_mem(dev, mem_chunks, num_mem_chunks));
}

EXPORT int ihk_create_os(int index)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_create_instance(dev));
}

EXPORT int ihk_destroy_os(int dev_index, int os_index)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(dev_index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_destroy_instance(dev, os_index));
}

EXPORT int ihk_get_num_os_instances(int index)
{
	struct ihk_dev *dev;
	int err = ihk_dev_open(index, 0, &dev);

	return err ? err : close_dev(dev, ihk_dev_query_instances(dev, NULL, 0));
}

EXPORT int ihk_get_os_instances(int index, int *indices, int num_os_instances)
{
	struct ihk_dev *dev;
	int n = ihk_dev_open(index, 0, &dev);

	if (n)
		return n;
	n = close_dev(dev, ihk_dev_query_instances(dev, indices, num_os_instances));
	if (n >= 0 && n != num_os_instances)
		return wrong_count("OS instances", num_os_instances, n);
	return n < 0 ? n : 0;
}

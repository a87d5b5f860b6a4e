// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihklib's functions on one OS instance, each with a handle of its own.
 */
#include "internal.h"

#include <ihk/ihklib.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/kmsg.h"

#include <ihk/parse.h>

#include "env.h"

static int close_os(struct ihk_instance *os, int ret)
{
	ihk_instance_close(os);
	return ret;
}

static int wrong_count(const char *what, int given, int there)
{
	return error_set(NULL, -EINVAL, "cannot list %s: there are %d, not %d", what, there,
			 given);
}

EXPORT int ihk_os_assign_cpu(int index, int *cpus, int num_cpus)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_assign_cpus(os, cpus, num_cpus));
}

EXPORT int ihk_os_assign_cpu_str(int index, const char *env, int num_env)
{
	int cpus[IHK_MAX_CPUS];
	const char *text;
	int n = env_need(env, num_env, "IHK_CPUS", &text);

	if (!n)
		n = ihk_parse_cpus(text, cpus, IHK_MAX_CPUS);
	return n < 0 ? n : ihk_os_assign_cpu(index, cpus, n);
}

EXPORT int ihk_os_get_num_assigned_cpus(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_query_cpus(os, NULL, 0));
}

EXPORT int ihk_os_query_cpu(int index, int *cpus, int num_cpus)
{
	struct ihk_cpu_info info[IHK_MAX_CPUS];
	struct ihk_instance *os;
	int n = ihk_instance_open(index, 0, &os);

	if (n)
		return n;
	n = close_os(os, ihk_instance_query_cpus(os, info, IHK_MAX_CPUS));
	if (n < 0)
		return n;
	if (n != num_cpus)
		return wrong_count("CPUs", num_cpus, n);
	if (n && !cpus)
		return error_set(NULL, -EFAULT, "cannot list CPUs: no buffer");
	for (int i = 0; i < n; i++)
		cpus[i] = info[i].linux_cpu;
	return 0;
}

EXPORT int ihk_os_release_cpu(int index, int *cpus, int num_cpus)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_release_cpus(os, cpus, num_cpus));
}

EXPORT int ihk_os_set_ikc_map(int index, struct ihk_ikc_cpu_map *map, int num_cpus)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_set_ikc_map(os, map, num_cpus));
}

EXPORT int ihk_os_set_ikc_map_str(int index, const char *env, int num_env)
{
	struct ihk_ikc_cpu_map map[IHK_MAX_CPUS];
	const char *text;
	int n = env_need(env, num_env, "IHK_IKC_MAP", &text);

	if (!n)
		n = ihk_parse_ikc_map(text, map, IHK_MAX_CPUS);
	return n < 0 ? n : ihk_os_set_ikc_map(index, map, n);
}

EXPORT int ihk_os_get_ikc_map(int index, struct ihk_ikc_cpu_map *map, int num_cpus)
{
	struct ihk_instance *os;
	int n = ihk_instance_open(index, 0, &os);

	if (n)
		return n;
	n = close_os(os, ihk_instance_get_ikc_map(os, map, num_cpus));
	if (n >= 0 && n != num_cpus)
		return wrong_count("entries of the IKC map", num_cpus, n);
	return n < 0 ? n : 0;
}

EXPORT int ihk_os_assign_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_assign_mem(os, mem_chunks,
								num_mem_chunks));
}

EXPORT int ihk_os_get_num_assigned_mem_chunks(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_query_mem(os, NULL, 0));
}

EXPORT int ihk_os_query_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	struct ihk_mem_info *info;
	struct ihk_instance *os;
	int n;

	if (num_mem_chunks > 0 && !mem_chunks)
		return error_set(NULL, -EFAULT, "cannot list memory: no buffer");
	n = ihk_instance_open(index, 0, &os);
	if (n)
		return n;
	info = calloc(IHK_MAX_CHUNKS, sizeof(*info));
	if (!info)
		return close_os(os, error_set(NULL, -ENOMEM, "out of memory"));
	n = close_os(os, ihk_instance_query_mem(os, info, IHK_MAX_CHUNKS));
	if (n >= 0 && n != num_mem_chunks)
		n = wrong_count("pieces of memory", num_mem_chunks, n);
	for (int i = 0; i < n; i++)
		mem_chunks[i] = (struct ihk_mem_chunk){ info[i].size, info[i].node };
	free(info);
	return n < 0 ? n : 0;
}

EXPORT int ihk_os_release_mem(int index, struct ihk_mem_chunk *mem_chunks, int num_mem_chunks)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_release_mem(os, mem_chunks,
								 num_mem_chunks));
}

EXPORT int ihk_os_load(int index, const char *image)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_load(os, image));
}

EXPORT int ihk_os_kargs(int index, const char *kargs)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_set_kargs(os, kargs));
}

EXPORT int ihk_os_kargs_str(int index, const char *env, int num_env, const char *default_kargs)
{
	const char *text;
	int err = env_find(env, num_env, "IHK_KARGS", &text);

	if (err)
		return err;
	if (!text)
		text = default_kargs;
	return ihk_os_kargs(index, text ? text : "");
}

EXPORT int ihk_os_boot(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_boot(os));
}

EXPORT int ihk_os_shutdown(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_shutdown(os));
}

EXPORT int ihk_os_get_status(int index)
{
	struct ihk_status_info info;
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	if (err)
		return err;
	err = close_os(os, ihk_instance_get_status(os, &info));
	return err ? err : info.status;
}

EXPORT long ihk_os_get_kmsg_size(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, KMSG_DATA_LEN);
}

EXPORT long ihk_os_kmsg(int index, char *kmsg, long sz_kmsg)
{
	struct ihk_instance *os;
	uint64_t pos = 0;
	long done = 0;
	long n;

	if (!kmsg)
		return error_set(NULL, -EFAULT, "cannot read the log: no buffer");
	if (sz_kmsg <= 0)
		return error_set(NULL, -EINVAL, "cannot read the log into %ld bytes", sz_kmsg);
	n = ihk_instance_open(index, 0, &os);
	if (n)
		return n;
	do {
		n = ihk_instance_read_kmsg(os, kmsg + done, sz_kmsg - done, &pos, NULL);
		if (n > 0)
			done += n;
	} while (n > 0 && done < sz_kmsg);
	ihk_instance_close(os);
	if (n < 0)
		return n;
	if (done < sz_kmsg)
		kmsg[done] = '\0';
	return done;
}

EXPORT int ihk_os_clear_kmsg(int index)
{
	struct ihk_instance *os;
	int err = ihk_instance_open(index, 0, &os);

	return err ? err : close_os(os, ihk_instance_clear_kmsg(os));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mcosN: requests that change nothing: queries, status, the log, eventfds.
 *
 * Status, log and what the LWK says of itself never wait for a boot or shutdown that is
 * under way; what the instance is made of is read under ihk_lock.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/capability.h>
#include <linux/slab.h>

int ihk_mcos_check_alive(struct ihk_os *os)
{
	if (READ_ONCE(os->dead))
		return ihk_report(-ENODEV, "OS instance %d was destroyed", os->index);
	return 0;
}

/* Takes ihk_lock for a query of an instance that is still there. */
static int lock_query(struct ihk_os *os)
{
	int err;

	err = ihk_lock_request();
	if (err)
		return err;
	err = ihk_mcos_check_alive(os);
	if (err)
		mutex_unlock(&ihk_lock);
	return err;
}

static int fill_cpus(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = lock_query(file->os);
	if (ret)
		return ret;
	ret = ihk_cpu_query(file->os, entries, max);
	mutex_unlock(&ihk_lock);
	return ret;
}

int ihk_mcos_query_cpu(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_cpu), fill_cpus);
}

static int fill_mem(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = lock_query(file->os);
	if (ret)
		return ret;
	ret = ihk_mem_query(file->os, entries, max);
	mutex_unlock(&ihk_lock);
	if (!capable(CAP_SYS_ADMIN))
		ihk_mem_hide(entries, min_t(u32, max, ret));
	return ret;
}

int ihk_mcos_query_mem(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_mem), fill_mem);
}

static int fill_ikc_map(struct ihk_file *file, void *entries, u32 max)
{
	struct ihk_ioc_ikc *map = entries;
	struct ihk_os *os = file->os;
	int ret;
	u32 i;

	ret = lock_query(os);
	if (ret)
		return ret;
	for (i = 0; i < min(max, os->ncpus); i++) {
		map[i].lwk_linux_cpu = os->cpus[i]->linux_cpu;
		map[i].linux_cpu = os->cpus[i]->ikc_linux_cpu;
	}
	ret = os->ncpus;
	mutex_unlock(&ihk_lock);
	return ret;
}

int ihk_mcos_get_ikc_map(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_ikc), fill_ikc_map);
}

int ihk_mcos_get_kargs(struct ihk_file *file, void *arg)
{
	struct ihk_os *os = file->os;
	char *kargs;
	int err;

	kargs = kmalloc(sizeof(os->kargs), GFP_KERNEL_ACCOUNT);
	if (!kargs)
		return -ENOMEM;
	err = ihk_os_lock_life(os);
	if (err)
		goto free_kargs;
	memcpy(kargs, os->kargs, sizeof(os->kargs));
	mutex_unlock(&os->lock);
	err = ihk_blob_put(arg, kargs);
free_kargs:
	kfree(kargs);
	return err;
}

int ihk_mcos_get_status(struct ihk_file *file, void *arg)
{
	int err;

	err = ihk_mcos_check_alive(file->os);
	if (err)
		return err;
	ihk_os_status_get(file, arg);
	return 0;
}

int ihk_mcos_read_kmsg(struct ihk_file *file, void *arg)
{
	struct ihk_ioc_kmsg *req = arg;
	int err;

	err = ihk_mcos_check_alive(file->os);
	if (err)
		return err;
	err = ihk_kmsg_read(file->os, req);
	if (err)
		return err;
	spin_lock(&file->lock);
	file->kmsg_pos = req->pos;
	spin_unlock(&file->lock);
	return 0;
}

int ihk_mcos_set_eventfd(struct ihk_file *file, void *arg)
{
	return ihk_event_add(file, arg);
}

static int fill_nodes(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = ihk_mcos_check_alive(file->os);
	if (ret)
		return ret;
	return ihk_boot_nodes(file->os, entries, max);
}

int ihk_mcos_query_nodes(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_node), fill_nodes);
}

static int fill_monitors(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = ihk_mcos_check_alive(file->os);
	if (ret)
		return ret;
	return ihk_boot_monitors(file->os, entries, max);
}

int ihk_mcos_query_monitors(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_monitor), fill_monitors);
}

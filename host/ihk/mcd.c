// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mcd0: requests to the machine: reserve, release, create and destroy OS
 * instances, query all of it.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/module.h>

/* Calls @fn on a user's list of CPUs, with ihk_lock held. */
static int with_cpus(const struct ihk_ioc_list *list, int (*fn)(const u32 *cpus, u32 ncpus))
{
	void *cpus;
	int err;

	err = ihk_list_get(list, IHK_MAX_CPUS, sizeof(u32), &cpus);
	if (err)
		return err;
	err = ihk_lock_request();
	if (err)
		goto free_cpus;
	err = fn(cpus, list->count);
	mutex_unlock(&ihk_lock);
free_cpus:
	kvfree(cpus);
	return err;
}

static int reserve_cpu(struct ihk_file *file, void *arg)
{
	return with_cpus(arg, ihk_cpu_reserve);
}

static int release_cpu(struct ihk_file *file, void *arg)
{
	return with_cpus(arg, ihk_cpu_release);
}

static int fill_cpus(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = ihk_lock_request();
	if (ret)
		return ret;
	ret = ihk_cpu_query(NULL, entries, max);
	mutex_unlock(&ihk_lock);
	return ret;
}

static int query_cpu(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_cpu), fill_cpus);
}

static int reserve_mem(struct ihk_file *file, void *arg)
{
	const struct ihk_ioc_reserve_mem *req = arg;
	struct ihk_ioc_list list = { .addr = req->addr, .count = req->count };
	void *mems;
	int err;

	err = ihk_list_get(&list, IHK_MAX_CHUNKS, sizeof(struct ihk_ioc_mem), &mems);
	if (err)
		return err;
	err = ihk_lock_request();
	if (err)
		goto free_mems;
	err = ihk_mem_reserve(req, mems);
	mutex_unlock(&ihk_lock);
free_mems:
	kvfree(mems);
	return err;
}

static int release_mem(struct ihk_file *file, void *arg)
{
	const struct ihk_ioc_list *list = arg;
	void *mems;
	int err;

	err = ihk_list_get(list, IHK_MAX_CHUNKS, sizeof(struct ihk_ioc_mem), &mems);
	if (err)
		return err;
	err = ihk_lock_request();
	if (err)
		goto free_mems;
	err = ihk_mem_release(mems, list->count);
	mutex_unlock(&ihk_lock);
free_mems:
	kvfree(mems);
	return err;
}

static int fill_mem(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = ihk_lock_request();
	if (ret)
		return ret;
	ret = ihk_mem_query(NULL, entries, max);
	mutex_unlock(&ihk_lock);
	if (!capable(CAP_SYS_ADMIN))
		ihk_mem_hide(entries, min_t(u32, max, ret));
	return ret;
}

static int query_mem(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(struct ihk_ioc_mem), fill_mem);
}

static int create_os(struct ihk_file *file, void *arg)
{
	return ihk_os_create();
}

static int destroy_os(struct ihk_file *file, void *arg)
{
	return ihk_os_destroy(*(unsigned long *)arg);
}

static int fill_os_instances(struct ihk_file *file, void *entries, u32 max)
{
	int ret;

	ret = ihk_lock_request();
	if (ret)
		return ret;
	ret = ihk_os_indices(entries, max);
	mutex_unlock(&ihk_lock);
	return ret;
}

static int get_os_instances(struct ihk_file *file, void *arg)
{
	return ihk_list_query(file, arg, sizeof(u32), fill_os_instances);
}

static const struct ihk_ioctl rows[] = {
	{ IHK_IOC_RESERVE_CPU, true, reserve_cpu },
	{ IHK_IOC_RELEASE_CPU, true, release_cpu },
	{ IHK_IOC_QUERY_CPU, false, query_cpu },
	{ IHK_IOC_RESERVE_MEM, true, reserve_mem },
	{ IHK_IOC_RELEASE_MEM, true, release_mem },
	{ IHK_IOC_QUERY_MEM, false, query_mem },
	{ IHK_IOC_CREATE_OS, true, create_os },
	{ IHK_IOC_DESTROY_OS, true, destroy_os },
	{ IHK_IOC_GET_OS_INSTANCES, false, get_os_instances },
};

static int mcd_open(struct inode *inode, struct file *filp)
{
	return ihk_file_open(filp, NULL);
}

static int mcd_release(struct inode *inode, struct file *filp)
{
	ihk_file_close(filp->private_data);
	return 0;
}

static long mcd_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return ihk_ioctl_run(filp->private_data, rows, ARRAY_SIZE(rows), cmd, arg);
}

const struct file_operations ihk_mcd_fops = {
	.owner = THIS_MODULE,
	.open = mcd_open,
	.release = mcd_release,
	.unlocked_ioctl = mcd_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

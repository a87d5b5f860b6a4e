// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mcosN: requests that change one OS instance, and its file operations.
 *
 * Queries are in mcos_query.c. What an instance is made of changes with both
 * ihk_lock and os->lock held, its life with os->lock alone. Closing the last file
 * stops nothing.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

/* Calls @fn on a user's list of CPUs, with the instance open to changes. */
static int with_cpus(struct ihk_file *file, const struct ihk_ioc_list *list,
		     int (*fn)(struct ihk_os *os, const u32 *cpus, u32 ncpus))
{
	void *cpus;
	int err;

	err = ihk_list_get(list, IHK_MAX_CPUS, sizeof(u32), &cpus);
	if (err)
		return err;
	err = ihk_os_lock_config(file->os);
	if (err)
		goto free_cpus;
	err = fn(file->os, cpus, list->count);
	ihk_os_unlock_config(file->os);
free_cpus:
	kvfree(cpus);
	return err;
}

static int assign_cpus(struct ihk_file *file, void *arg)
{
	return with_cpus(file, arg, ihk_cpu_assign);
}

static int unassign_cpus(struct ihk_file *file, void *arg)
{
	return with_cpus(file, arg, ihk_cpu_unassign);
}

/* Calls @fn on a user's list of amounts of memory, with the instance open to changes. */
static int with_mems(struct ihk_file *file, const struct ihk_ioc_list *list,
		     int (*fn)(struct ihk_os *os, const struct ihk_ioc_mem *mems, u32 n))
{
	void *mems;
	int err;

	err = ihk_list_get(list, IHK_MAX_CHUNKS, sizeof(struct ihk_ioc_mem), &mems);
	if (err)
		return err;
	err = ihk_os_lock_config(file->os);
	if (err)
		goto free_mems;
	err = fn(file->os, mems, list->count);
	ihk_os_unlock_config(file->os);
free_mems:
	kvfree(mems);
	return err;
}

static int assign_mem(struct ihk_file *file, void *arg)
{
	return with_mems(file, arg, ihk_mem_assign);
}

static int unassign_mem(struct ihk_file *file, void *arg)
{
	return with_mems(file, arg, ihk_mem_unassign);
}

static int check_map_status(struct ihk_os *os)
{
	enum ihk_status status = ihk_os_status(os);

	if (status == IHK_STATUS_INACTIVE || status == IHK_STATUS_RUNNING)
		return 0;
	return ihk_report(-EBUSY,
			  "OS instance %d is %s: its IKC map changes in INACTIVE and RUNNING only",
			  os->index, ihk_status_name(status));
}

static int set_map_locked(struct ihk_os *os, const struct ihk_ioc_ikc *map, u32 n)
{
	int err;

	err = check_map_status(os);
	if (!err)
		err = ihk_ikc_map_set(os, map, n);
	if (err || ihk_os_status(os) == IHK_STATUS_INACTIVE)
		return err;
	return ihk_os_ikc_moved(os);
}

static int set_ikc_map(struct ihk_file *file, void *arg)
{
	const struct ihk_ioc_list *list = arg;
	void *map;
	int err;

	err = ihk_list_get(list, IHK_MAX_CPUS, sizeof(struct ihk_ioc_ikc), &map);
	if (err)
		return err;
	/* Do not wait for the end of a boot with ihk_lock held. */
	err = check_map_status(file->os);
	if (err)
		goto free_map;
	err = ihk_lock_request();
	if (err)
		goto free_map;
	err = ihk_os_lock_life(file->os);
	if (err)
		goto unlock_machine;
	err = set_map_locked(file->os, map, list->count);
	mutex_unlock(&file->os->lock);
unlock_machine:
	mutex_unlock(&ihk_lock);
free_map:
	kvfree(map);
	return err;
}

/* Takes os->lock of an instance that does not run. */
static int lock_inactive(struct ihk_os *os)
{
	enum ihk_status status;
	int err;

	err = ihk_os_lock_life(os);
	if (err)
		return err;
	status = ihk_os_status(os);
	if (status == IHK_STATUS_INACTIVE)
		return 0;
	mutex_unlock(&os->lock);
	return ihk_report(-EBUSY, "OS instance %d is %s: this can be changed in INACTIVE only",
			  os->index, ihk_status_name(status));
}

static int copy_image(const struct ihk_ioc_blob *blob, void **out)
{
	void *image;

	if (!blob->len)
		return ihk_report(-ENOEXEC, "The image is empty");
	if (blob->len > IHK_IMAGE_MAX_LEN)
		return ihk_report(-E2BIG, "The image has %llu bytes, the limit is %llu",
				  blob->len, IHK_IMAGE_MAX_LEN);
	image = vmalloc(blob->len);
	if (!image)
		return -ENOMEM;
	if (copy_from_user(image, u64_to_user_ptr(blob->addr), blob->len)) {
		vfree(image);
		return -EFAULT;
	}
	*out = image;
	return 0;
}

static int load_image(struct ihk_file *file, void *arg)
{
	const struct ihk_ioc_blob *blob = arg;
	struct ihk_os *os = file->os;
	void *image;
	int err;

	err = copy_image(blob, &image);
	if (err)
		return err;
	err = ihk_image_check(image, blob->len);
	if (err)
		goto free_image;
	err = lock_inactive(os);
	if (err)
		goto free_image;
	swap(os->image, image); /* the old one is freed below */
	os->image_len = blob->len;
	mutex_unlock(&os->lock);
free_image:
	vfree(image);
	return err;
}

/* Printable text, since it appears in logs of both kernels. */
static bool is_text(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

static int set_kargs(struct ihk_file *file, void *arg)
{
	const struct ihk_ioc_blob *blob = arg;
	struct ihk_os *os = file->os;
	char *kargs;
	int err;

	if (blob->len >= IHK_KARGS_LEN)
		return ihk_report(-E2BIG, "The kernel arguments have %llu characters, the limit is %d",
				  blob->len, IHK_KARGS_LEN - 1);
	kargs = memdup_user_nul(u64_to_user_ptr(blob->addr), blob->len);
	if (IS_ERR(kargs))
		return PTR_ERR(kargs);
	if (!is_text(kargs, blob->len)) {
		err = ihk_report(-EINVAL, "The kernel arguments are not printable text");
		goto free_kargs;
	}
	err = lock_inactive(os);
	if (err)
		goto free_kargs;
	strscpy_pad(os->kargs, kargs, sizeof(os->kargs));
	mutex_unlock(&os->lock);
free_kargs:
	kfree(kargs);
	return err;
}

static int boot(struct ihk_file *file, void *arg)
{
	struct ihk_os *os = file->os;
	int err;

	err = ihk_os_lock_config(os);
	if (err)
		return err;
	ihk_mem_mark_used(os);
	ihk_ikc_map_refresh(os);
	mutex_unlock(&ihk_lock);
	err = ihk_os_boot(os);
	mutex_unlock(&os->lock);
	return err;
}

/* Calls @fn with os->lock held, in any state but INACTIVE. */
static int with_booted(struct ihk_os *os, int (*fn)(struct ihk_os *os))
{
	int err;

	err = ihk_os_lock_life(os);
	if (err)
		return err;
	if (ihk_os_status(os) == IHK_STATUS_INACTIVE)
		err = ihk_report(-EINVAL, "OS instance %d is not booted", os->index);
	else
		err = fn(os);
	mutex_unlock(&os->lock);
	return err;
}

static int shutdown(struct ihk_file *file, void *arg)
{
	return with_booted(file->os, ihk_os_shutdown);
}

static int freeze(struct ihk_file *file, void *arg)
{
	return with_booted(file->os, ihk_os_freeze);
}

static int thaw(struct ihk_file *file, void *arg)
{
	return with_booted(file->os, ihk_os_thaw);
}

static int clear_kmsg(struct ihk_file *file, void *arg)
{
	int err;

	err = ihk_os_lock_life(file->os);
	if (err)
		return err;
	ihk_kmsg_clear(file->os);
	mutex_unlock(&file->os->lock);
	return 0;
}

/* Both without os->lock: they may wait for an answer that never comes, which a shutdown ends. */
static int ping(struct ihk_file *file, void *arg)
{
	int err;

	err = ihk_mcos_check_alive(file->os);
	if (err)
		return err;
	return ihk_ping(file->os, arg);
}

static int test(struct ihk_file *file, void *arg)
{
	int err;

	err = ihk_mcos_check_alive(file->os);
	if (err)
		return err;
	return ihk_test(file->os, arg);
}

static const struct ihk_ioctl rows[] = {
	{ IHK_IOC_ASSIGN_CPU, true, assign_cpus },
	{ IHK_IOC_UNASSIGN_CPU, true, unassign_cpus },
	{ IHK_IOC_OS_QUERY_CPU, false, ihk_mcos_query_cpu },
	{ IHK_IOC_ASSIGN_MEM, true, assign_mem },
	{ IHK_IOC_UNASSIGN_MEM, true, unassign_mem },
	{ IHK_IOC_OS_QUERY_MEM, false, ihk_mcos_query_mem },
	{ IHK_IOC_SET_IKC_MAP, true, set_ikc_map },
	{ IHK_IOC_GET_IKC_MAP, false, ihk_mcos_get_ikc_map },
	{ IHK_IOC_LOAD, true, load_image },
	{ IHK_IOC_SET_KARGS, true, set_kargs },
	{ IHK_IOC_GET_KARGS, false, ihk_mcos_get_kargs },
	{ IHK_IOC_BOOT, true, boot },
	{ IHK_IOC_SHUTDOWN, true, shutdown },
	{ IHK_IOC_GET_STATUS, false, ihk_mcos_get_status },
	{ IHK_IOC_READ_KMSG, false, ihk_mcos_read_kmsg },
	{ IHK_IOC_CLEAR_KMSG, true, clear_kmsg },
	{ IHK_IOC_SET_EVENTFD, false, ihk_mcos_set_eventfd },
	{ IHK_IOC_QUERY_NODES, false, ihk_mcos_query_nodes },
	{ IHK_IOC_QUERY_MONITORS, false, ihk_mcos_query_monitors },
	{ IHK_IOC_FREEZE, true, freeze },
	{ IHK_IOC_THAW, true, thaw },
	{ IHK_IOC_PING, true, ping },
	{ IHK_IOC_TEST, true, test },
};

static int mcos_open(struct inode *inode, struct file *filp)
{
	struct ihk_os *os = container_of(inode->i_cdev, struct ihk_os, cdev);
	int err;

	get_device(&os->dev);
	err = ihk_file_open(filp, os);
	if (err)
		put_device(&os->dev);
	return err;
}

static int mcos_release(struct inode *inode, struct file *filp)
{
	struct ihk_file *file = filp->private_data;
	struct ihk_os *os = file->os;

	ihk_events_remove(file);
	ihk_file_close(file);
	put_device(&os->dev);
	return 0;
}

static long mcos_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	if (ihk_delegate_serves(cmd))
		return ihk_ioctl_delegate(filp->private_data, cmd, arg);
	return ihk_ioctl_run(filp->private_data, rows, ARRAY_SIZE(rows), cmd, arg);
}

/* Does the log go on behind what this file has read? */
static bool kmsg_pending(struct ihk_file *file)
{
	u64 pos;

	spin_lock(&file->lock);
	pos = file->kmsg_pos;
	spin_unlock(&file->lock);
	return ihk_kmsg_pending(file->os, pos);
}

static __poll_t mcos_poll(struct file *filp, struct poll_table_struct *table)
{
	struct ihk_file *file = filp->private_data;
	__poll_t events;

	poll_wait(filp, &file->os->wait, table);
	if (READ_ONCE(file->os->dead))
		return EPOLLHUP | EPOLLERR;
	events = 0;
	if (ihk_os_status_changed(file))
		events |= EPOLLPRI;
	if (kmsg_pending(file))
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}

const struct file_operations ihk_mcos_fops = {
	.owner = THIS_MODULE,
	.open = mcos_open,
	.release = mcos_release,
	.unlocked_ioctl = mcos_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = mcos_poll,
	.llseek = noop_llseek,
};

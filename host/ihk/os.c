// SPDX-License-Identifier: GPL-2.0-only
/*
 * OS instances: creation, end, and the locks that requests on one take.
 *
 * An instance is in the table until it is destroyed; from then on it is dead, and
 * only open files keep the structure. The device is taken down under
 * ihk_lock, so that a new instance may have the number at once.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/module.h>
#include <linux/poll.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

DEFINE_MUTEX(ihk_lock);

static struct ihk_os *instances[IHK_MAX_OS]; /* protected by ihk_lock */

static ssize_t status_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ihk_os *os = container_of(dev, struct ihk_os, dev);

	return sysfs_emit(buf, "%s\n", ihk_status_name(ihk_os_status(os)));
}
static DEVICE_ATTR_RO(status);

static ssize_t reason_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct ihk_os *os = container_of(dev, struct ihk_os, dev);
	char reason[IHK_REASON_LEN];

	spin_lock_irq(&os->status_lock);
	memcpy(reason, os->reason, sizeof(reason));
	spin_unlock_irq(&os->status_lock);
	return sysfs_emit(buf, "%s\n", reason);
}
/* Text of the LWK's, with addresses: who may open the node asks there. */
static DEVICE_ATTR_ADMIN_RO(reason);

static struct attribute *ihk_os_attrs[] = {
	&dev_attr_status.attr,
	&dev_attr_reason.attr,
	NULL,
};
ATTRIBUTE_GROUPS(ihk_os);

static void release_os(struct device *dev)
{
	kfree(container_of(dev, struct ihk_os, dev));
}

static struct ihk_os *alloc_os(int index)
{
	struct ihk_os *os;
	int err;

	os = kzalloc(sizeof(*os), GFP_KERNEL);
	if (!os)
		return ERR_PTR(-ENOMEM);
	os->index = index;
	mutex_init(&os->lock);
	INIT_LIST_HEAD(&os->chunks);
	spin_lock_init(&os->status_lock);
	os->status = IHK_STATUS_INACTIVE;
	INIT_LIST_HEAD(&os->events);
	init_waitqueue_head(&os->wait);

	device_initialize(&os->dev);
	os->dev.class = &ihk_dev_class;
	os->dev.type = &ihk_dev_type;
	os->dev.groups = ihk_os_groups;
	os->dev.devt = ihk_devt(index);
	os->dev.release = release_os;
	cdev_init(&os->cdev, &ihk_mcos_fops);
	os->cdev.owner = THIS_MODULE;
	err = dev_set_name(&os->dev, "mcos%d", index);
	if (err) {
		put_device(&os->dev);
		return ERR_PTR(err);
	}
	return os;
}

static int create_locked(void)
{
	struct ihk_os *os;
	int index;
	int err;

	for (index = 0; index < IHK_MAX_OS && instances[index]; index++)
		;
	if (index == IHK_MAX_OS)
		return ihk_report(-ENOSPC, "All %d OS instances are in use", IHK_MAX_OS);
	os = alloc_os(index);
	if (IS_ERR(os))
		return PTR_ERR(os);
	err = cdev_device_add(&os->cdev, &os->dev);
	if (err) {
		put_device(&os->dev);
		return ihk_report(err, "The device of OS instance %d could not be made (error %d)",
				  index, err);
	}
	instances[index] = os;
	return index;
}

int ihk_os_create(void)
{
	int ret;

	ret = ihk_lock_request();
	if (ret)
		return ret;
	ret = create_locked();
	mutex_unlock(&ihk_lock);
	return ret;
}

/* Frees what the instance has; it stays in the table. ihk_lock held. */
static int retire(struct ihk_os *os)
{
	enum ihk_status status;

	mutex_lock(&os->lock);
	status = ihk_os_status(os);
	if (status != IHK_STATUS_INACTIVE) {
		mutex_unlock(&os->lock);
		return ihk_report(-EBUSY, "OS instance %d is %s: shut it down first", os->index,
				  ihk_status_name(status));
	}
	os->dead = true;
	ihk_boot_free(os);
	ihk_cpu_unassign_all(os);
	ihk_mem_unassign_all(os);
	vfree(os->image);
	os->image = NULL;
	mutex_unlock(&os->lock);
	return 0;
}

static void remove_device(struct ihk_os *os)
{
	cdev_device_del(&os->cdev, &os->dev);
	instances[os->index] = NULL;
	wake_up_interruptible_poll(&os->wait, EPOLLHUP);
	put_device(&os->dev);
}

static int destroy_locked(unsigned long index)
{
	struct ihk_os *os;
	enum ihk_status status;
	int err;

	os = index < IHK_MAX_OS ? instances[index] : NULL;
	if (!os)
		return ihk_report(-ENOENT, "There is no OS instance %lu", index);
	/* Do not wait for the end of its boot with ihk_lock held. */
	status = ihk_os_status(os);
	if (status != IHK_STATUS_INACTIVE)
		return ihk_report(-EBUSY, "OS instance %lu is %s: shut it down first", index,
				  ihk_status_name(status));
	err = retire(os);
	if (err)
		return err;
	remove_device(os);
	return 0;
}

int ihk_os_destroy(unsigned long index)
{
	int err;

	err = ihk_lock_request();
	if (err)
		return err;
	err = destroy_locked(index);
	mutex_unlock(&ihk_lock);
	return err;
}

void ihk_os_destroy_all(void)
{
	struct ihk_os *os;

	mutex_lock(&ihk_lock);
	/* The module cannot go while one is not INACTIVE, see status.c. */
	while ((os = ihk_os_next(0)) && !WARN_ON(retire(os)))
		remove_device(os);
	mutex_unlock(&ihk_lock);
}

struct ihk_os *ihk_os_next(int from)
{
	int i;

	lockdep_assert_held(&ihk_lock);
	for (i = from; i < IHK_MAX_OS; i++)
		if (instances[i])
			return instances[i];
	return NULL;
}

int ihk_os_indices(u32 *indices, u32 max)
{
	struct ihk_os *os;
	u32 n;

	n = 0;
	for (os = ihk_os_next(0); os; os = ihk_os_next(os->index + 1)) {
		if (n < max)
			indices[n] = os->index;
		n++;
	}
	return n;
}

int ihk_os_lock_life(struct ihk_os *os)
{
	int err;

	err = mutex_lock_killable(&os->lock);
	if (err)
		return err;
	if (os->dead) {
		mutex_unlock(&os->lock);
		return ihk_report(-ENODEV, "OS instance %d was destroyed", os->index);
	}
	return 0;
}

static int check_inactive(struct ihk_os *os)
{
	enum ihk_status status = ihk_os_status(os);

	if (status == IHK_STATUS_INACTIVE)
		return 0;
	return ihk_report(-EBUSY, "OS instance %d is %s: this can be changed in INACTIVE only",
			  os->index, ihk_status_name(status));
}

int ihk_os_lock_config(struct ihk_os *os)
{
	int err;

	/* Do not wait for the end of a boot with ihk_lock held. */
	err = check_inactive(os);
	if (err)
		return err;
	err = ihk_lock_request();
	if (err)
		return err;
	err = ihk_os_lock_life(os);
	if (err)
		goto unlock_machine;
	err = check_inactive(os);
	if (err)
		goto unlock_os;
	return 0;

unlock_os:
	mutex_unlock(&os->lock);
unlock_machine:
	mutex_unlock(&ihk_lock);
	return err;
}

void ihk_os_unlock_config(struct ihk_os *os)
{
	mutex_unlock(&os->lock);
	mutex_unlock(&ihk_lock);
}

void ihk_os_recount(struct ihk_os *os)
{
	struct ihk_chunk *chunk;
	struct ihk_cpu *cpu;
	nodemask_t nodes;
	unsigned long flags;
	u32 nchunks;
	u32 ncpus;
	u64 mem;

	nodes_clear(nodes);
	nchunks = 0;
	mem = 0;
	list_for_each_entry(chunk, &os->chunks, link) {
		node_set(chunk->node, nodes);
		nchunks++;
		mem += chunk->end - chunk->start;
	}
	ncpus = 0;
	for (cpu = ihk_cpu_next(0); cpu; cpu = ihk_cpu_next(cpu->linux_cpu + 1)) {
		if (cpu->os != os)
			continue;
		node_set(cpu->node, nodes);
		cpu->lwk_cpu = ncpus;
		os->cpus[ncpus++] = cpu;
	}
	spin_lock_irqsave(&os->status_lock, flags);
	os->ncpus = ncpus;
	os->nchunks = nchunks;
	os->nnodes = nodes_weight(nodes);
	os->mem = mem;
	spin_unlock_irqrestore(&os->status_lock, flags);
}

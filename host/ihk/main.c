// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ihk module: gives some of the machine's CPUs and memory to other kernels.
 *
 * Loading it changes nothing in the machine. Removing it is possible when no
 * instance runs and no file is open, and gives back whatever is still reserved.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/module.h>

#include "build_id.h"
#include "compat.h"

static uint gid;
module_param(gid, uint, 0444);
MODULE_PARM_DESC(gid, "group that may run programs, query states and read logs (0: root only)");

static dev_t first_devt;
static struct cdev mcd_cdev;
static struct device mcd_dev;

struct class ihk_dev_class = {
	.name = "ihk",
};

static char *ihk_devnode(compat_const_device *dev, umode_t *mode, kuid_t *node_uid,
			 kgid_t *node_gid)
{
	/* Reading the node is enough to query; to change anything takes CAP_SYS_ADMIN. */
	if (mode)
		*mode = gid ? 0640 : 0600;
	if (node_gid)
		*node_gid = KGIDT_INIT(gid);
	return NULL;
}

const struct device_type ihk_dev_type = {
	.name = "ihk",
	.devnode = ihk_devnode,
};

dev_t ihk_devt(int index)
{
	return MKDEV(MAJOR(first_devt), MINOR(first_devt) + 1 + index);
}

static void release_mcd(struct device *dev)
{
	/* Static: gone with the module, which waits for the last open file. */
}

static int __init add_mcd(void)
{
	int err;

	device_initialize(&mcd_dev);
	mcd_dev.class = &ihk_dev_class;
	mcd_dev.type = &ihk_dev_type;
	mcd_dev.devt = ihk_devt(IHK_NO_OS);
	mcd_dev.release = release_mcd;
	cdev_init(&mcd_cdev, &ihk_mcd_fops);
	mcd_cdev.owner = THIS_MODULE;
	err = dev_set_name(&mcd_dev, "mcd0");
	if (err)
		goto put_dev;
	err = cdev_device_add(&mcd_cdev, &mcd_dev);
	if (err)
		goto put_dev;
	return 0;

put_dev:
	put_device(&mcd_dev);
	return err;
}

static void remove_mcd(void)
{
	cdev_device_del(&mcd_cdev, &mcd_dev);
	put_device(&mcd_dev);
}

static int __init ihk_init(void)
{
	int err;

	err = ihk_park_init();
	if (err)
		return err;
	err = ihk_boot_init();
	if (err)
		goto exit_park;
	err = ihk_cpu_init();
	if (err)
		goto exit_boot;
	err = class_register(&ihk_dev_class);
	if (err)
		goto exit_cpu;
	err = alloc_chrdev_region(&first_devt, 0, 1 + IHK_MAX_OS, "ihk");
	if (err)
		goto unregister_class;
	err = add_mcd();
	if (err)
		goto unregister_region;
	pr_info("ready, build %s\n", MCK_BUILD_ID);
	return 0;

unregister_region:
	unregister_chrdev_region(first_devt, 1 + IHK_MAX_OS);
unregister_class:
	class_unregister(&ihk_dev_class);
exit_cpu:
	ihk_cpu_exit();
exit_boot:
	ihk_boot_exit();
exit_park:
	ihk_park_exit();
	return err;
}

static void __exit ihk_exit(void)
{
	remove_mcd();
	ihk_os_destroy_all();
	ihk_mem_exit();
	ihk_cpu_exit();
	unregister_chrdev_region(first_devt, 1 + IHK_MAX_OS);
	class_unregister(&ihk_dev_class);
	ihk_boot_exit();
	ihk_park_exit();
}

module_init(ihk_init);
module_exit(ihk_exit);
MODULE_DESCRIPTION("Partitions the machine and boots lightweight kernels beside Linux");
MODULE_LICENSE("GPL");
MODULE_VERSION(MCK_VERSION);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs of an LWK that somebody has for himself, as far as others ask: MCCTRL_IOC_TAKE_CPUS. They
 * are held by an open file, which the children of who took them inherit, and free when its last
 * descriptor is closed, however that comes.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "share.h"

#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "abi/mcctrl_ioctl.h"
#include "peer.h"

/**
 * struct share - CPUs that are taken
 * @link:	in peer->shares; peer->lock
 * @peer:	whose CPUs
 * @cpus:	a bit each
 */
struct share {
	struct list_head link;
	struct peer *peer;
	struct mcctrl_cpus cpus;
};

static int share_release(struct inode *inode, struct file *file)
{
	struct share *share = file->private_data;

	mutex_lock(&share->peer->lock);
	list_del(&share->link);
	mutex_unlock(&share->peer->lock);
	peer_put(share->peer);
	kfree(share);
	return 0;
}

static const struct file_operations share_fops = {
	.owner = THIS_MODULE,
	.release = share_release,
	.llseek = noop_llseek,
};

static bool overlap(const struct mcctrl_cpus *a, const struct mcctrl_cpus *b)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(a->cpus); i++) {
		if (a->cpus[i] & b->cpus[i])
			return true;
	}
	return false;
}

/* Some, and none that the LWK has not. */
static bool cpus_exist(const struct mcctrl_cpus *cpus, u32 ncpus)
{
	bool any = false;
	u32 cpu;

	for (cpu = 0; cpu < IHK_MAX_CPUS; cpu++) {
		if (!(cpus->cpus[cpu / 64] >> cpu % 64 & 1))
			continue;
		if (cpu >= ncpus)
			return false;
		any = true;
	}
	return any;
}

static int share_add(struct share *share)
{
	struct peer *peer = share->peer;
	struct share *other;
	int err = 0;

	mutex_lock(&peer->lock);
	list_for_each_entry(other, &peer->shares, link) {
		if (overlap(&other->cpus, &share->cpus))
			err = -EBUSY;
	}
	if (!err)
		list_add(&share->link, &peer->shares);
	mutex_unlock(&peer->lock);
	return err;
}

long share_take(struct ihk_os *ihk, const void __user *arg)
{
	struct share *share;
	int fd;
	int err;

	share = kzalloc(sizeof(*share), GFP_KERNEL_ACCOUNT);
	if (!share)
		return -ENOMEM;
	err = -EFAULT;
	if (copy_from_user(&share->cpus, arg, sizeof(share->cpus)))
		goto free_share;
	err = peer_get(ihk, &share->peer);
	if (err)
		goto free_share;
	err = -EINVAL;
	if (!cpus_exist(&share->cpus, share->peer->ncpus))
		goto put_peer;
	err = share_add(share);
	if (err)
		goto put_peer;
	fd = anon_inode_getfd("[mckernel-cpus]", &share_fops, share, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	err = fd;
	mutex_lock(&share->peer->lock);
	list_del(&share->link);
	mutex_unlock(&share->peer->lock);
put_peer:
	peer_put(share->peer);
free_share:
	kfree(share);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: their files, and the processes that have them in common.
 *
 * Each file has an inode of its own, so that unmap_mapping_range() reaches the mappings of one
 * address space and no others. The LWK knows a space by each of its processes, so messages about
 * it name any that it has not forgotten yet.
 */
#include "core.h"
#include "image.h"
#include "proxy.h"

#include <linux/file.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>

#define MCCTRL_FS_MAGIC 0x4d434346

static struct vfsmount *space_mount; /* with its uses, one for each file */
static int space_mounts;

/*
 * Life
 */

static void space_free(struct work_struct *work)
{
	struct space *space = container_of(work, struct space, free_work);

	lend_exit(space);
	image_set(space, NULL);
	map_exit(&space->map);
	if (space->map.inode) {
		iput(space->map.inode);
		simple_release_fs(&space_mount, &space_mounts);
	}
	peer_put(space->peer);
	kfree_rcu(space, rcu);
	module_put(THIS_MODULE);
}

static void space_release(struct kref *ref)
{
	struct space *space = container_of(ref, struct space, ref);

	queue_work(mcctrl_wq, &space->free_work);
}

void space_put(struct space *space)
{
	kref_put(&space->ref, space_release);
}

int space_create(struct peer *peer, struct space **out)
{
	struct space *space;
	int err;

	space = kzalloc(sizeof(*space), GFP_KERNEL_ACCOUNT);
	if (!space)
		return -ENOMEM;
	kref_init(&space->ref);
	kref_get(&peer->ref);
	space->peer = peer;
	space->mm = current->mm;
	spin_lock_init(&space->lock);
	INIT_LIST_HEAD(&space->members);
	init_waitqueue_head(&space->named_wait);
	INIT_WORK(&space->free_work, space_free);
	map_init(&space->map);
	err = lend_init(space);
	if (err)
		goto free_space;
	/* A file, or the caller, has one already. */
	__module_get(THIS_MODULE);
	*out = space;
	return 0;

free_space:
	map_exit(&space->map);
	peer_put(peer);
	kfree(space);
	return err;
}

/*
 * Processes
 */

bool space_add(struct space *space, struct proxy *proxy)
{
	unsigned long flags;
	bool added;

	spin_lock_irqsave(&space->lock, flags);
	added = !space->ended;
	if (added) {
		if (list_empty(&space->members))
			rcu_assign_pointer(space->first, proxy);
		list_add_tail(&proxy->member, &space->members);
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return added;
}

bool space_know(struct space *space, struct proxy *proxy)
{
	unsigned long flags;
	bool known;

	spin_lock_irqsave(&space->lock, flags);
	known = !space->ended;
	if (known) {
		proxy->known = true;
		space->nlive++;
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return known;
}

/* While a request names it, its id is not another's: the LWK might take that one for it. */
void space_leave(struct space *space, struct proxy *proxy)
{
	spin_lock_irq(&space->lock);
	wait_event_lock_irq(space->named_wait, !proxy->named, space->lock);
	if (rcu_access_pointer(space->first) == proxy)
		RCU_INIT_POINTER(space->first, NULL);
	list_del_init(&proxy->member);
	spin_unlock_irq(&space->lock);
}

/*
 * The LWK gives the memory to others when the last of the processes has ended there, so nothing of
 * it may be mapped before it is told of that one. Whoever it has adopted, but mcctrl does not know
 * yet, comes too late: meanwhile nobody could be asked for the memory, nor be told to give it back.
 */
void space_end_one(struct space *space, struct proxy *proxy)
{
	struct file *file = NULL;
	unsigned long flags;
	bool last;

	spin_lock_irqsave(&space->lock, flags);
	if (proxy->known)
		space->nlive--;
	last = !space->nlive;
	if (last) {
		space->ended = true;
		file = space->file;
		WRITE_ONCE(space->file, NULL);
	}
	spin_unlock_irqrestore(&space->lock, flags);
	if (last)
		map_die(space);
	if (file)
		fput(file);
}

void space_keep(struct space *space, struct file *file)
{
	unsigned long flags;
	bool keep;

	spin_lock_irqsave(&space->lock, flags);
	keep = !space->ended;
	if (keep)
		WRITE_ONCE(space->file, file);
	spin_unlock_irqrestore(&space->lock, flags);
	if (!keep)
		fput(file);
}

/* Return: with a reference; NULL: its processes have a descriptor, or have ended. */
static struct file *kept_file(struct space *space)
{
	struct file *file;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	file = space->file;
	if (file)
		get_file(file);
	spin_unlock_irqrestore(&space->lock, flags);
	return file;
}

void space_end_all(struct space *space)
{
	struct proxy *proxy;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	list_for_each_entry(proxy, &space->members, member) {
		proxy_limit_restore(proxy);
		proxy_end(proxy);
	}
	spin_unlock_irqrestore(&space->lock, flags);
}

struct proxy *space_name(struct space *space, bool fault)
{
	struct proxy *proxy, *named = NULL;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	list_for_each_entry(proxy, &space->members, member) {
		if (proxy->known && !proxy->lost && !(fault && proxy->deaf)) {
			proxy->named++;
			named = proxy;
			break;
		}
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return named;
}

bool space_named(struct proxy *proxy, bool fault, int err)
{
	struct space *space = proxy->space;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	if (err == -ESRCH && fault)
		proxy->deaf = true;
	else if (err == -ESRCH)
		proxy->lost = true;
	if (!--proxy->named)
		wake_up(&space->named_wait);
	spin_unlock_irqrestore(&space->lock, flags);
	return err == -ESRCH;
}

/*
 * File
 */

static int space_close(struct inode *inode, struct file *file)
{
	struct space *space = file->private_data;

	space_end_all(space);
	space_put(space);
	return 0;
}

static int space_flush(struct file *file, fl_owner_t id)
{
	proxy_left(file->private_data);
	return 0;
}

static long space_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct space *space = file->private_data;
	struct proxy *proxy;

	if (cmd == MCCTRL_IOC_FORK_PROXY)
		return proxy_fork(space, (void __user *)arg);
	proxy = proxy_of_caller(space);
	if (!proxy)
		return -EPERM;
	switch (cmd) {
	case MCCTRL_IOC_PREPARE_IMAGE:
		return proxy_prepare(proxy, (void __user *)arg);
	case MCCTRL_IOC_FILL_IMAGE:
		return proxy_fill(proxy, (void __user *)arg);
	case MCCTRL_IOC_SHOW:
		return proxy_show((void __user *)arg);
	case MCCTRL_IOC_START_IMAGE:
		return proxy_start(proxy);
	case MCCTRL_IOC_WAIT_SYSCALL:
		return twin_wait(proxy, (void __user *)arg);
	case MCCTRL_IOC_SEND_SIGNAL:
		return signal_send(proxy, (void __user *)arg);
	case MCCTRL_IOC_ADD_TWIN:
		return twin_add(proxy, (void __user *)arg);
	case MCCTRL_IOC_END_TWIN:
		return twin_end(proxy);
	case MCCTRL_IOC_SPARE_TWIN:
		return spare_wait(proxy);
	case MCCTRL_IOC_DROP_SPARES:
		return spare_drop_all(proxy);
	case MCCTRL_IOC_AWAIT_CHILD:
		return proxy_await(proxy, (const void __user *)arg);
	case MCCTRL_IOC_CORE:
		return core_take(proxy, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}

/* By another's file: what is mapped is the caller's own memory. */
static int set_own_file(struct space *space, struct vm_area_struct *vma)
{
	struct file *file = kept_file(space);

	if (!file)
		return -EPERM;
	vma_set_file(vma, file);
	fput(file);
	return 0;
}

static int space_mmap(struct file *file, struct vm_area_struct *vma)
{
	const struct proxy *proxy = proxy_of_caller(file->private_data);
	int err = 0;

	if (!proxy)
		return -EPERM;
	if (proxy->space != file->private_data)
		err = set_own_file(proxy->space, vma);
	return err ? : map_mmap(vma, rcu_access_pointer(proxy->core));
}

static const struct file_operations space_fops = {
	.owner = THIS_MODULE,
	.release = space_close,
	.flush = space_flush,
	.unlocked_ioctl = space_ioctl,
	.mmap = space_mmap,
	.llseek = noop_llseek,
};

/*
 * The file system that the inodes belong to. Mounted only while there are files: it
 * pins the module.
 */

/* Memory that is not a file's has no name in the list of files that a core file has. */
static char *space_dname(struct dentry *dentry, char *buf, int len)
{
	static const char name[] = "/mcctrl (deleted)";

	if (current->flags & PF_DUMPCORE)
		return ERR_PTR(-ENOENT);
	if (len < (int)sizeof(name))
		return ERR_PTR(-ENAMETOOLONG);
	return memcpy(buf + len - sizeof(name), name, sizeof(name));
}

static const struct dentry_operations space_dops = {
	.d_dname = space_dname,
};

static int space_fs_init(struct fs_context *fc)
{
	struct pseudo_fs_context *pseudo = init_pseudo(fc, MCCTRL_FS_MAGIC);

	if (!pseudo)
		return -ENOMEM;
	pseudo->dops = &space_dops;
	return 0;
}

static struct file_system_type space_fs = {
	.name = "mcctrl",
	.owner = THIS_MODULE,
	.init_fs_context = space_fs_init,
	.kill_sb = kill_anon_super,
};

/* The space keeps the inode, and with it the file system. */
static int inode_create(struct space *space)
{
	struct inode *inode;
	int err;

	err = simple_pin_fs(&space_fs, &space_mount, &space_mounts);
	if (err)
		return err;
	inode = alloc_anon_inode(space_mount->mnt_sb);
	if (IS_ERR(inode)) {
		simple_release_fs(&space_mount, &space_mounts);
		return PTR_ERR(inode);
	}
	space->map.inode = inode;
	return 0;
}

struct file *space_open(struct space *space)
{
	struct inode *inode;
	struct file *file;
	int err;

	err = inode_create(space);
	if (err)
		return ERR_PTR(err);
	inode = space->map.inode;
	ihold(inode);
	/* The file's. */
	__module_get(THIS_MODULE);
	file = alloc_file_pseudo(inode, space_mount, "mcctrl", O_RDWR, &space_fops);
	if (IS_ERR(file)) {
		module_put(THIS_MODULE);
		iput(inode);
		return file;
	}
	kref_get(&space->ref);
	file->private_data = space;
	return file;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A /proc has the numbers of the pid namespace that it was mounted for, which may be neither the
 * first one nor the caller's: see first_id.h.
 */
#include "first_id.h"

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>

#include "abi/mcctrl_ioctl.h"

long first_id(const struct mcctrl_id __user *arg)
{
	struct super_block *sb;
	struct mcctrl_id req;
	struct file *file;
	long id;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	file = fget(req.proc);
	if (!file)
		return -EBADF;
	sb = file_inode(file)->i_sb;
	if (sb->s_magic != PROC_SUPER_MAGIC) {
		fput(file);
		return -EINVAL;
	}
	rcu_read_lock();
	id = pid_nr(find_pid_ns(req.pid, proc_pid_ns(sb)));
	rcu_read_unlock();
	fput(file);
	return id ? id : -ESRCH;
}

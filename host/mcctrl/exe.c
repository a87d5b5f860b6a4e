// SPDX-License-Identifier: GPL-2.0-only
/*
 * The executable of a proxy's address space, mm->exe_file: see exe.h.
 *
 * prctl(PR_SET_MM_EXE_FILE) would refuse, because mcexec runs from the old file. That rule keeps a
 * process from hiding what it runs; here the file is the one that its image comes from, which the
 * caller might as well have executed. All else is as fs/exec.c and replace_mm_exe_file() have it.
 */

#include "exe.h"

#include <linux/fs.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>

#include "abi/mcctrl_ioctl.h"
#include "compat.h"

/* The checks of do_open_execat(), for who has opened the file already. */
static int exe_permission(struct file *file)
{
	const struct vfsmount *mnt = file->f_path.mnt;

	if (!(file->f_mode & FMODE_READ))
		return -EBADF;
	if (!S_ISREG(file_inode(file)->i_mode) || (mnt->mnt_flags & MNT_NOEXEC) ||
	    (mnt->mnt_sb->s_iflags & SB_I_NOEXEC))
		return -EACCES;
	return file_permission(file, MAY_EXEC);
}

int exe_set(struct file *file)
{
	struct mm_struct *mm = current->mm;
	struct file *old;
	int err;

	/* Else a count would be wrong for ever: mcexec it is, then. */
	if (!COMPAT_EXE_KNOWN)
		return 0;
	err = exe_permission(file);
	if (err)
		return err;
	err = compat_exe_deny_write(file);
	if (err)
		return err;
	get_file(file);
	/* fork(2) copies it with the lock held, and denies writing once more. */
	mmap_write_lock(mm);
	old = unrcu_pointer(xchg(&mm->exe_file, RCU_INITIALIZER(file)));
	mmap_write_unlock(mm);
	if (old) {
		compat_exe_allow_write(old);
		fput(old);
	}
	return 0;
}

long exe_check(const struct mcctrl_exe __user *arg)
{
	struct mcctrl_exe req;
	struct file *file;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.reserved)
		return -EINVAL;
	file = fget(req.fd);
	if (!file)
		return -EBADF;
	err = exe_permission(file);
	if (!err && COMPAT_EXE_KNOWN) {
		err = compat_exe_deny_write(file);
		if (!err)
			compat_exe_allow_write(file);
	}
	fput(file);
	return err;
}

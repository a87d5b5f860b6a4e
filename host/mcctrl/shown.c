// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where Linux shows the program's code, data, arguments and environment to be (proc(5)): in the
 * fields of the proxy's address space that say it. prctl(PR_SET_MM_MAP) would set them, if it was
 * told all others, too, which mcexec would have to read out of a text before.
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/uaccess.h>

#include "proxy.h"

static bool range_ok(const struct mcctrl_range *range)
{
	return range->start <= range->end && range->end < TASK_SIZE_MAX;
}

long proxy_show(const struct mcctrl_show __user *arg)
{
	struct mm_struct *mm = current->mm;
	struct mcctrl_show req;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (!range_ok(&req.code) || !range_ok(&req.data) || !range_ok(&req.args) ||
	    !range_ok(&req.env))
		return -EINVAL;
	spin_lock(&mm->arg_lock);
	if (req.code.end) {
		mm->start_code = req.code.start;
		mm->end_code = req.code.end;
		mm->start_data = req.data.start;
		mm->end_data = req.data.end;
	}
	mm->arg_start = req.args.start;
	mm->arg_end = req.args.end;
	mm->env_start = req.env.start;
	mm->env_end = req.env.end;
	spin_unlock(&mm->arg_lock);
	return 0;
}

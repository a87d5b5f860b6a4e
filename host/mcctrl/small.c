// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small arguments between a slot and mcexec.
 */
#include "small.h"

#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "check.h"

static u32 begin_of(const struct small *small)
{
	return offload_small(small->mark, OFFLOAD_SMALL_IN) * OFFLOAD_DATA_UNIT;
}

static u32 end_of(const struct small *small)
{
	return offload_small(small->mark, OFFLOAD_SMALL_ALL) * OFFLOAD_DATA_UNIT;
}

static struct mcctrl_small __user *place_of(struct mcctrl_wait __user *arg)
{
	return (void __user *)arg + offsetof(struct mcctrl_request, small);
}

int small_read(struct small *small, const struct offload_slot *slot)
{
	if (!check_small(small->mark)) {
		small->mark = 0;
		return -EPROTO;
	}
	memcpy(small->data, slot->data, begin_of(small));
	return 0;
}

void small_write(const struct small *small, struct offload_slot *slot)
{
	u32 begin = begin_of(small);

	memcpy(slot->data + begin, small->data + begin, end_of(small) - begin);
}

int small_give(const struct small *small, struct mcctrl_wait __user *arg,
	       struct mcctrl_wait *wait)
{
	struct mcctrl_small __user *to = place_of(arg);
	u32 i, place;

	if (copy_to_user(to->args, wait->args, sizeof(wait->args)) ||
	    copy_to_user(to->data, small->data, begin_of(small)))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(wait->args); i++) {
		place = offload_small(small->mark, i);
		if (place)
			wait->args[i] = (unsigned long)to->data + (place - 1) * OFFLOAD_DATA_UNIT;
	}
	wait->flags |= MCCTRL_WAIT_SMALL;
	return 0;
}

int small_fetch(struct small *small, struct mcctrl_wait __user *arg, s64 ret)
{
	u32 begin = begin_of(small);

	if (ret < 0)
		return 0;
	return copy_from_user(small->data + begin, place_of(arg)->data + begin,
			      end_of(small) - begin) ? -EFAULT : 0;
}

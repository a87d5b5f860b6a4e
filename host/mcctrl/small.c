// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small arguments between a slot and mcexec.
 */
#include "small.h"

#include <linux/kernel.h>
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

u64 small_read(struct small *small, const struct offload_slot *slot)
{
	u64 mark = READ_ONCE(slot->small);

	small->mark = mark && check_small(mark) ? mark : 0;
	if (small->mark)
		memcpy(small->data, slot->data, begin_of(small));
	return mark;
}

void small_write(const struct small *small, struct offload_slot *slot)
{
	u32 begin = begin_of(small);

	memcpy(slot->data + begin, small->data + begin, end_of(small) - begin);
}

int small_give(const struct small *small, u64 to)
{
	return copy_to_user(u64_to_user_ptr(to), small->data, begin_of(small)) ? -EFAULT : 0;
}

int small_fetch(struct small *small, u64 from)
{
	u32 begin = begin_of(small);

	return copy_from_user(small->data + begin, u64_to_user_ptr(from + begin),
			      end_of(small) - begin) ? -EFAULT : 0;
}

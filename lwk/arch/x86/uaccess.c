// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checked access to a program's memory, and the table of the instructions that do it.
 */
#include "lwk/include/uaccess.h"

#include <extable.h>

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/direct_map.h"
#include "lwk/lib/string.h"

u64 x86_copy_user(void *dst, const void *src, u64 len);
u64 x86_clear_user(void *dst, u64 len);
int x86_load_user(u32 *dst, const u32 *src);
int x86_cmpxchg_user(u32 *ptr, u32 *old, u32 new);

struct extable_entry {
	u64 insn;
	u64 fixup;
};

/* From mckernel.lds. */
extern const struct extable_entry extable_start[], extable_end[];

u64 extable_find(u64 rip)
{
	const struct extable_entry *entry;

	for (entry = extable_start; entry < extable_end; entry++) {
		if (entry->insn == rip)
			return entry->fixup;
	}
	return 0;
}

bool user_range_ok(vaddr_t addr, u64 len)
{
	return len <= LWK_TASK_END && addr <= LWK_TASK_END - len;
}

int copy_from_user(void *dst, vaddr_t src, u64 len)
{
	ASSERT(arch_irqs_enabled());
	if (!user_range_ok(src, len))
		return -EFAULT;
	return x86_copy_user(dst, (const void *)src, len) ? -EFAULT : 0;
}

int user_peek(void *dst, vaddr_t src, u64 len)
{
	ASSERT(!arch_irqs_enabled());
	if (!user_range_ok(src, len))
		return -EFAULT;
	return x86_copy_user(dst, (const void *)src, len) ? -EFAULT : 0;
}

int user_peek_u32(vaddr_t addr, u32 *value)
{
	ASSERT(!arch_irqs_enabled());
	if (!user_range_ok(addr, sizeof(u32)) || !IS_ALIGNED(addr, sizeof(u32)))
		return -EFAULT;
	return x86_load_user(value, (const u32 *)addr) ? -EFAULT : 0;
}

int copy_to_user(vaddr_t dst, const void *src, u64 len)
{
	ASSERT(arch_irqs_enabled());
	if (!user_range_ok(dst, len))
		return -EFAULT;
	return x86_copy_user((void *)dst, src, len) ? -EFAULT : 0;
}

int clear_user(vaddr_t dst, u64 len)
{
	ASSERT(arch_irqs_enabled());
	if (!user_range_ok(dst, len))
		return -EFAULT;
	return x86_clear_user((void *)dst, len) ? -EFAULT : 0;
}

/* Page by page, so that nothing behind the string's last page is touched. */
s64 strncpy_from_user(char *dst, vaddr_t src, u64 len)
{
	u64 done = 0;

	while (done < len) {
		u64 chunk = MIN(len - done, PAGE_LEN - (src + done) % PAGE_LEN);
		u64 found;

		if (copy_from_user(dst + done, src + done, chunk))
			return -EFAULT;
		found = strnlen(dst + done, chunk);
		done += found;
		if (found < chunk)
			return (s64)done;
	}
	return -ENAMETOOLONG;
}

int user_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new)
{
	ASSERT(arch_irqs_enabled());
	if (!user_range_ok(addr, sizeof(u32)) || !IS_ALIGNED(addr, sizeof(u32)))
		return -EFAULT;
	return x86_cmpxchg_user((u32 *)addr, old, new) ? -EFAULT : 0;
}

int user_try_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new)
{
	ASSERT(!arch_irqs_enabled());
	if (!user_range_ok(addr, sizeof(u32)) || !IS_ALIGNED(addr, sizeof(u32)))
		return -EFAULT;
	return x86_cmpxchg_user((u32 *)addr, old, new) ? -EFAULT : 0;
}

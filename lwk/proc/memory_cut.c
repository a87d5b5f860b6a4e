// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of Linux's in huge pages, hugetlbfs and segments: a page of theirs is not cut. The LWK
 * does not know them from others, so it asks, about a place where such a page might be cut.
 */
#include "abi/errno.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/memory_internal.h"

/* The huge pages of Linux's. */
#define HUGETLB_LEN (2ULL << 20)
#define HUGETLB_LEN_MAX (1ULL << 30)

/* May the range have pages that reach across the address? */
static int may_be_huge(const struct vm_range *range, void *ctx)
{
	const vaddr_t *at = ctx;
	u64 len = IS_ALIGNED(*at, HUGETLB_LEN) ? HUGETLB_LEN_MAX : HUGETLB_LEN;

	return range->ops == &linux_range_ops && range->node.start < *at &&
	       IS_ALIGNED(range->node.start, len) && IS_ALIGNED(range->node.end, len);
}

/* To move nothing to where it is, is refused inside a huge page, and has no effect elsewhere. */
static bool is_inside_page(struct vm *vm, vaddr_t at)
{
	return at < WINDOW_END && vm_for_each_in(vm, at, at + PAGE_LEN, may_be_huge, &at) &&
	       offload_request3(SYSCALL_mremap, at, PAGE_LEN, PAGE_LEN) == -EINVAL;
}

int memory_check_cut(struct process *process, vaddr_t start, vaddr_t end)
{
	return is_inside_page(process->vm, start) || is_inside_page(process->vm, end) ? -EINVAL : 0;
}

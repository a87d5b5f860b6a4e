// SPDX-License-Identifier: GPL-2.0-only
/*
 * Judging what an LWK, or mcexec, tells mcctrl; see check.h.
 */
#include "check.h"

#include "abi/errno.h"

/* Highest number that x86-64 may ever give to a system call: the rest is x32's, or ours. */
#define MAX_SYSCALL 0xffff

/* Codes of SIGCHLD: CLD_EXITED to CLD_CONTINUED. With others siginfo_t says something else. */
#define MIN_CHILD_CODE 1
#define MAX_CHILD_CODE 6

int check_init(const struct msg_init_channel *answer, _Bool control)
{
	if (answer->version != OFFLOAD_VERSION || answer->slot_len != sizeof(struct offload_slot) ||
	    answer->desc_len != sizeof(struct program_load_desc) ||
	    answer->buffer_len != (control ? OFFLOAD_BUFFER_LEN : 0) ||
	    answer->ncaches > (control ? IHK_MAX_CACHES : 0))
		return -EPROTO;
	return 0;
}

/* [start, end) is page-aligned and lies above what a program may use, or is nothing. */
static _Bool is_vdso_range(u64 start, u64 end)
{
	if (!start && !end)
		return 1;
	return !(start & CHECK_PAGE_MASK) && !(end & CHECK_PAGE_MASK) && start < end &&
	       start >= LWK_USER_END && end <= LWK_TASK_END;
}

int check_desc(const struct program_load_desc *desc)
{
	if (desc->magic != PROGRAM_MAGIC || desc->version != PROGRAM_VERSION ||
	    desc->len != sizeof(*desc))
		return -EPROTO;
	if (!is_vdso_range(desc->vvar_start, desc->vvar_end) ||
	    !is_vdso_range(desc->vdso_start, desc->vdso_end))
		return -EINVAL;
	return 0;
}

int check_layout(const struct program_layout *layout, u32 ncpus)
{
	if (layout->cpu >= ncpus || layout->slot & CHECK_PAGE_MASK || layout->reserved0 ||
	    layout->reserved[0] || layout->reserved[1])
		return -EPROTO;
	return 0;
}

_Bool check_user_range(u64 start, u64 end)
{
	return !(start & CHECK_PAGE_MASK) && !(end & CHECK_PAGE_MASK) && start < end &&
	       start >= LWK_USER_START && end <= LWK_USER_END;
}

int check_extent(const struct msg_fault_answer *answer, u64 addr, _Bool write,
		 struct extent *out)
{
	u64 len = (u64)answer->npages << LWK_PAGE_SHIFT;

	if (!answer->npages || answer->npages > 512 || answer->write > 1 ||
	    (write && !answer->write) || answer->paddr & CHECK_PAGE_MASK)
		return -EPROTO;
	/* Below LWK_USER_END the sum cannot overflow. */
	if (answer->start >= LWK_USER_END || !check_user_range(answer->start, answer->start + len))
		return -EPROTO;
	if (addr < answer->start || addr >= answer->start + len)
		return -EPROTO;
	*out = (struct extent){
		.start = answer->start,
		.paddr = answer->paddr,
		.npages = answer->npages,
		.write = answer->write,
	};
	return 0;
}

int check_child(const struct msg_child *child)
{
	if (child->code < MIN_CHILD_CODE || child->code > MAX_CHILD_CODE)
		return -EPROTO;
	return 0;
}

int check_maps(const struct maps_range *ranges, u32 len, u64 from)
{
	u64 low = 0;
	u32 i;

	if (len % sizeof(*ranges) || (len && ranges[0].end <= from))
		return -EPROTO;
	for (i = 0; i < len / sizeof(*ranges); i++) {
		const struct maps_range *range = &ranges[i];

		if ((range->start | range->end | range->offset) & CHECK_PAGE_MASK ||
		    range->start < low || range->start >= range->end ||
		    range->end > LWK_TASK_END || range->offset >= LWK_TASK_END ||
		    range->kind >= MAPS_NKINDS)
			return -EPROTO;
		low = range->end;
	}
	return 0;
}

_Bool check_small(u64 small)
{
	u32 all = offload_small(small, OFFLOAD_SMALL_ALL);
	u32 i;

	if (all > OFFLOAD_DATA_LEN / OFFLOAD_DATA_UNIT ||
	    offload_small(small, OFFLOAD_SMALL_IN) > all)
		return 0;
	for (i = 0; i < 6; i++)
		if (offload_small(small, i) > all)
			return 0;
	return 1;
}

int check_request(const struct mcctrl_wait *wait)
{
	if (wait->nr <= MAX_SYSCALL)
		return 0;
	if (wait->nr < OFFLOAD_NR_FAULT || wait->nr > OFFLOAD_NR_LAST)
		return -EPROTO;
	if (wait->nr == OFFLOAD_NR_RESTORE && !check_user_range(wait->args[0], wait->args[1]))
		return -EPROTO;
	return 0;
}

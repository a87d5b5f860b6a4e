// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freeing what was mapped: collect, flush the TLBs, have Linux unmap it, and only then let go.
 *
 * The list of blocks is a page, or a few words on the stack if there is none: so
 * unmapping needs no memory, only more flushes without.
 */
#include "lwk/include/arch_user.h"
#include "lwk/include/assert.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/mm/vm_pt.h"

void vm_gather_begin(struct vm_gather *gather, struct vm *vm)
{
	ASSERT(vm_lock_is_write_held(&vm->lock));
	gather->vm = vm;
	gather->start = VM_TASK_END;
	gather->end = 0;
	gather->touched_start = VM_TASK_END;
	gather->touched_end = 0;
	gather->count = 0;
	gather->max = 0;
	gather->page = NULL;
	list_init(&gather->tables);
}

static void flush(struct vm_gather *gather)
{
	struct vm *vm = gather->vm;
	struct list_node *link;
	u32 i;

	/* What is out of the tables may be in TLBs still. */
	perturb_point();
	if (gather->start < gather->end)
		arch_tlb_flush_user(&vm->cpus, vm->pt.root, gather->start,
				    gather->end - gather->start);
	gather->start = VM_TASK_END;
	gather->end = 0;
	if (gather->touched_start < gather->touched_end && vm->revoke)
		vm->revoke(vm, gather->touched_start, gather->touched_end);
	gather->touched_start = VM_TASK_END;
	gather->touched_end = 0;
	for (i = 0; i < gather->count; i++)
		page_put(gather->blocks[i]);
	gather->count = 0;
	while ((link = list_pop(&gather->tables)))
		page_free(list_entry(link, struct page, link), PAGE_ORDER_4K);
}

void vm_gather_room(struct vm_gather *gather)
{
	if (gather->max) {
		flush(gather);
		return;
	}
	gather->page = page_alloc(PAGE_THIS_NODE, PAGE_ORDER_4K, 0);
	gather->blocks = gather->page ? page_virt(gather->page) : gather->few;
	gather->max = gather->page ? VM_GATHER_MAX : VM_GATHER_FEW;
}

void vm_gather_table(struct vm_gather *gather, paddr_t table)
{
	list_add(&page_of_paddr(table)->link, &gather->tables);
}

void vm_gather_end(struct vm_gather *gather)
{
	flush(gather);
	if (gather->page)
		page_free(gather->page, PAGE_ORDER_4K);
}

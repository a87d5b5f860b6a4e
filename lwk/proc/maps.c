// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ranges of a process, for /proc/mcosN/PID/maps: see abi/maps.h.
 */
#include "lwk/proc/maps.h"

#include "abi/maps.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/proc/memory_internal.h"
#include "lwk/proc/text.h"

_Static_assert(MAPS_READ == VM_READ && MAPS_WRITE == VM_WRITE && MAPS_EXEC == VM_EXEC &&
	       MAPS_SHARED == VM_SHARED, "flags are copied");

struct maps {
	struct text *text;
	vaddr_t brk_start;
	vaddr_t brk;
};

static enum maps_kind range_kind(const struct maps *maps, const struct vm_range *range)
{
	if (range->node.start >= WINDOW_END)
		return range->flags & VM_EXEC ? MAPS_VDSO : MAPS_VVAR;
	if (range->ops)
		return MAPS_LINUX;
	if (range->flags & VM_GROWSDOWN)
		return MAPS_STACK;
	if (memory_is_own_shared(range))
		return MAPS_OWN_SHARED;
	if (range->flags & VM_IMAGE)
		return MAPS_IMAGE;
	if (range->node.start <= maps->brk && range->node.end > maps->brk_start &&
	    maps->brk > maps->brk_start)
		return MAPS_HEAP;
	return MAPS_ANON;
}

static int print_range(const struct vm_range *range, void *ctx)
{
	struct maps *maps = ctx;
	const struct maps_range out = {
		.start = range->node.start,
		.end = range->node.end,
		.offset = range->flags & VM_IMAGE ? range->offset : 0,
		.flags = range->flags & (VM_ACCESS | VM_SHARED),
		.kind = range_kind(maps, range),
	};

	if (maps->text->len - maps->text->pos < sizeof(out))
		return 1;
	text_put(maps->text, &out, sizeof(out));
	return 0;
}

void maps_print(struct process *process, struct text *text)
{
	struct maps maps = {
		.text = text,
		.brk_start = READ_ONCE(process->vm->brk_start),
		.brk = READ_ONCE(process->vm->brk),
	};
	vaddr_t from = MIN(text->offset, VM_TASK_END);

	text->offset = 0;
	(void)vm_for_each_in(process->vm, from, VM_TASK_END, print_range, &maps);
}

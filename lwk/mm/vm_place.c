// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where mappings go.
 *
 * Without an address: below mmap_base as high as it fits, else anywhere. What
 * holds a 2 MiB page is aligned to it, if there is such a place.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"

/* Where Linux puts MAP_32BIT: signed 32-bit addresses, clear of the program. */
#define LOW_START 0x40000000ULL
#define LOW_END 0x80000000ULL

static int check_fixed(const struct vm *vm, const struct vm_place *place)
{
	if (place->addr > VM_TASK_END - place->len)
		return -ENOMEM;
	if (!IS_ALIGNED(place->addr, place->align))
		return -EINVAL;
	if (place->addr < VM_TASK_START)
		return -EPERM;
	/* Outside the window is what the host's side of the process uses. */
	if (place->addr < vm->start ||
	    place->addr + place->len > (place->end ? place->end : vm->end))
		return -ENOMEM;
	return 0;
}

/* Is [addr, addr + len) free, and no stack's guard near? */
static bool is_free(const struct vm *vm, vaddr_t addr, u64 len)
{
	const struct vm_range *next = vm_range_find(vm, addr);
	u64 guard;

	if (!next)
		return true;
	guard = next->flags & VM_GROWSDOWN ? VM_GUARD_LEN : 0;
	return next->node.start >= guard && addr + len <= next->node.start - guard;
}

static bool hint_fits(const struct vm *vm, const struct vm_place *place, vaddr_t end,
		      vaddr_t *addr)
{
	vaddr_t hint = ALIGN_DOWN(place->addr, PAGE_LEN);

	if (!hint)
		return false;
	hint = MAX(hint, VM_TASK_START);
	if (hint > end)
		return false;
	*addr = ALIGN_UP(hint, place->align);
	return *addr >= vm->start && *addr <= end && place->len <= end - *addr &&
	       is_free(vm, *addr, place->len);
}

static bool find_gap(const struct vm *vm, const struct vm_place *place, u64 align, vaddr_t *addr)
{
	struct vm_gap gap = {
		.low = vm->start,
		.high = vm->mmap_base,
		.len = place->len,
		.align = align,
	};

	if (place->flags & MAP_32BIT) {
		gap.low = MAX(vm->start, LOW_START);
		gap.high = MIN(vm->end, LOW_END);
		gap.bottom_up = true;
		return vm_tree_find_gap(&vm->ranges, &gap, addr);
	}
	if (vm_tree_find_gap(&vm->ranges, &gap, addr))
		return true;
	gap.high = vm->end;
	gap.bottom_up = true;
	return vm_tree_find_gap(&vm->ranges, &gap, addr);
}

int vm_find_place(const struct vm *vm, const struct vm_place *place, vaddr_t *addr)
{
	vaddr_t end = place->flags & MAP_32BIT ? MIN(vm->end, LOW_END) : vm->end;

	if (place->len > VM_TASK_END)
		return -ENOMEM;
	if (place->flags & MAP_FIXED) {
		*addr = place->addr;
		return check_fixed(vm, place);
	}
	if (hint_fits(vm, place, end, addr))
		return 0;
	if (place->len >= LARGE_PAGE_LEN && place->align < LARGE_PAGE_LEN &&
	    find_gap(vm, place, LARGE_PAGE_LEN, addr))
		return 0;
	return find_gap(vm, place, place->align, addr) ? 0 : -ENOMEM;
}

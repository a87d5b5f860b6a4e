// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping memory: mmap(2). The checks come in the order of Linux's do_mmap(), so
 * that of several errors the same one is reported.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"

_Static_assert(VM_READ == PROT_READ && VM_WRITE == PROT_WRITE && VM_EXEC == PROT_EXEC,
	       "access is copied");

/* A mapping in the making. */
struct mapping {
	struct vm *vm;
	const struct vm_map_args *args;
	u32 map_flags;
	u32 flags;
	u64 align;
	vaddr_t start;
	vaddr_t end;
};

/* Shared anonymous mappings are distinct objects: their offsets never meet. */
static u64 new_object_offset(void)
{
	static u64 next;

	return __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED) << 48;
}

static int hugetlb_flags(struct mapping *map)
{
	u32 shift = map->map_flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;

	map->align = PAGE_LEN;
	if (!(map->map_flags & MAP_HUGETLB))
		return 0;
	if (shift == 30) {
		map->flags |= VM_HUGETLB_1G;
		map->align = HUGE_PAGE_LEN;
	} else if (!shift || shift == 21) {
		map->flags |= VM_HUGETLB_2M;
		map->align = LARGE_PAGE_LEN;
	} else {
		return -EINVAL;
	}
	return 0;
}

static void access_flags(struct mapping *map)
{
	map->flags |= map->args->prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	if (map->map_flags & MAP_GROWSDOWN)
		map->flags |= VM_GROWSDOWN;
	if (map->map_flags & MAP_LOCKED)
		map->flags |= VM_LOCKED;
	if (map->map_flags & MAP_NORESERVE)
		map->flags |= VM_NORESERVE;
	map->flags |= map->vm->def_flags;
	/* Huge pages are never swapped and do not count as locked. */
	if (map->flags & VM_HUGETLB)
		map->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
}

static int type_flags(struct mapping *map)
{
	switch (map->map_flags & MAP_TYPE) {
	case MAP_SHARED:
		if (map->flags & VM_GROWSDOWN)
			return -EINVAL;
		map->flags |= VM_SHARED;
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (vm_accounts(map->flags, map->args->ops))
		map->flags |= VM_ACCOUNT;
	return 0;
}

static int choose_address(struct mapping *map, u64 len)
{
	const struct vm_place place = {
		.addr = map->args->addr,
		.len = len,
		.flags = map->map_flags,
		.align = map->align,
	};
	int err = vm_find_place(map->vm, &place, &map->start);

	map->end = map->start + len;
	return err;
}

static bool overlaps(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range = vm_range_find(vm, start);

	return range && range->node.start < end;
}

/* Pages that are mapped already, which MAP_FIXED replaces. */
static u64 covered_pages(const struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_range *range;
	u64 npages = 0;

	vm_range_for_each(range, vm, start, end)
		npages += (MIN(range->node.end, end) - MAX(range->node.start, start)) >>
			  PAGE_SHIFT;
	return npages;
}

static int check_limits(const struct mapping *map)
{
	u64 npages = (map->end - map->start) >> PAGE_SHIFT;

	if (vm_may_expand(map->vm, map->flags, npages))
		return 0;
	npages -= covered_pages(map->vm, map->start, map->end);
	return vm_may_expand(map->vm, map->flags, npages) ? 0 : -ENOMEM;
}

/* Everything that depends on the space but cannot change it. */
static int check(struct mapping *map, u64 len)
{
	struct vm *vm = map->vm;
	int err;

	if (vm->ranges.count > VM_MAX_RANGES)
		return -ENOMEM;
	err = choose_address(map, len);
	if (err)
		return err;
	if ((map->map_flags & MAP_FIXED_NOREPLACE) && overlaps(vm, map->start, map->end))
		return -EEXIST;
	access_flags(map);
	if ((map->map_flags & MAP_LOCKED) && !vm_may_lock(vm))
		return -EPERM;
	if (!vm_may_lock_more(vm, map->flags, len >> PAGE_SHIFT))
		return -EAGAIN;
	err = type_flags(map);
	if (err)
		return err;
	return check_limits(map);
}

static struct vm_range *make_range(const struct mapping *map)
{
	struct vm_range *range = vm_range_new(map->start, map->end, map->flags);

	if (!range)
		return NULL;
	range->ops = map->args->ops;
	range->object = map->args->object;
	range->offset = map->args->offset;
	if (!range->ops && (range->flags & VM_SHARED))
		range->offset = new_object_offset();
	return range;
}

/* Replace what is there by the new range, or change nothing. */
static int replace(const struct mapping *map)
{
	struct vm *vm = map->vm;
	u64 npages = map->flags & VM_ACCOUNT ? (map->end - map->start) >> PAGE_SHIFT : 0;
	struct vm_range *range = make_range(map);
	u64 released;
	int err;

	if (!range)
		return -ENOMEM;
	err = vm_unmap_prepare(vm, map->start, map->end);
	if (err)
		goto free_range;
	released = vm_booked(vm, map->start, map->end);
	err = vm_charge_net(npages, released);
	if (err)
		goto merge;
	vm_unmap_commit(vm, map->start, map->end);
	vm_settle(npages, released);
	vm_range_add(vm, range);
	vm_range_merge(vm, map->start, map->end);
	return 0;

merge:
	vm_range_merge(vm, map->start, map->end);
free_range:
	kfree(range);
	return err;
}

static bool wants_pages(const struct mapping *map)
{
	if (map->flags & VM_LOCKED)
		return !(map->flags & VM_LOCKONFAULT);
	return (map->map_flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

int vm_map(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr)
{
	struct mapping map = { .vm = vm, .args = args, .map_flags = args->flags };
	u64 len;
	int err;

	err = hugetlb_flags(&map);
	if (err)
		return err;
	if (!args->len)
		return -EINVAL;
	len = ALIGN_UP(args->len, map.align);
	if (!len)
		return -ENOMEM;
	if (map.map_flags & MAP_FIXED_NOREPLACE)
		map.map_flags |= MAP_FIXED;
	vm_lock_write(&vm->lock);
	err = check(&map, len);
	if (!err)
		err = replace(&map);
	vm_unlock_write(&vm->lock);
	if (err)
		return err;

	*addr = map.start;
	/* As on Linux, a page that is not to be had now is faulted in later. */
	if (wants_pages(&map))
		vm_populate_any(vm, map.start, map.end, true);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping memory: mmap(2). The checks come in the order of Linux's do_mmap(), so
 * that of several errors the same one is reported.
 */
#include "abi/errno.h"
#include "lwk/include/assert.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_cow.h"
#include "lwk/mm/vm_internal.h"
#include "lwk/mm/vm_shmem.h"

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

/*
 * Threads come by the thousand, each with a stack of 8 MiB of which it touches a few KiB: so what
 * is meant for one is charged as it is touched. Linux ignores the word where it means nothing.
 */
static bool is_thread_stack(const struct mapping *map)
{
	return (map->map_flags & MAP_STACK) && (map->map_flags & MAP_TYPE) == MAP_PRIVATE &&
	       !map->args->ops && !(map->flags & VM_HUGETLB);
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
	if (is_thread_stack(map))
		map->flags |= VM_NORESERVE | VM_MAP_STACK;
	map->flags |= map->args->kind | READ_ONCE(map->vm->def_flags);
	/* What is never swapped does not count as locked. */
	if (map->flags & VM_UNLOCKABLE)
		map->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
}

static bool is_shared_memory(const struct mapping *map)
{
	return !map->args->ops && (map->flags & VM_SHARED);
}

static int type_flags(struct mapping *map)
{
	switch (map->map_flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		/* Linux knows what there is to validate. */
		if (!map->args->ops)
			return -EINVAL;
		/* fall through */
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
	if (vm_accounts(map->flags) ||
	    (is_shared_memory(map) && !(map->flags & VM_NORESERVE)))
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
		.end = map->args->limit,
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

static struct vm_range *make_range(const struct mapping *map, struct vm_shmem *shmem)
{
	struct vm_range *range = vm_range_new(map->start, map->end, map->flags);

	if (!range)
		return NULL;
	range->ops = map->args->ops;
	range->object = map->args->object;
	range->offset = map->args->offset;
	if (shmem) {
		/* It is the object whose pages are promised. */
		range->flags &= ~VM_ACCOUNT;
		range->object = shmem;
		range->offset = 0;
	}
	return range;
}

static void count_own(pte_t *entry, vaddr_t va, u32 level, void *ctx)
{
	const struct page *block = vm_page_block(pte_paddr(*entry));
	u64 *npages = ctx;

	(void)va;
	if (block && READ_ONCE(block->booked) && block->order == 9 * level &&
	    !vm_cow_is_shared(block))
		*npages += 1ULL << block->order;
}

/*
 * Promise the new pages in exchange for @released. If there is no room for them beside the booked
 * blocks that they replace, these count, too: they leave the ledger when they are free.
 */
static int charge(const struct mapping *map, u64 npages, u64 released)
{
	int err = vm_charge_net(npages, released);
	u64 own = 0;

	if (!err)
		return 0;
	vm_pt_for_each(map->vm, map->start, map->end, count_own, &own);
	own = MIN(own, npages - released);
	err = vm_ledger_charge(npages - released - own);
	if (!err)
		vm_ledger_force(own);
	return err;
}

/* Replace what is there by the new range, or change nothing; @shmem: what it maps, or NULL. */
static int replace(const struct mapping *map, struct vm_shmem *shmem)
{
	struct vm *vm = map->vm;
	u64 npages = map->flags & VM_ACCOUNT ? (map->end - map->start) >> PAGE_SHIFT : 0;
	struct vm_range *range = make_range(map, shmem);
	u64 released;
	int err;

	if (!range)
		return -ENOMEM;
	err = vm_unmap_prepare(vm, map->start, map->end);
	if (err)
		goto free_range;
	released = vm_promised(vm, map->start, map->end);
	err = charge(map, npages, released);
	if (err)
		goto merge;
	vm_unmap_commit(vm, map->start, map->end);
	vm_settle(npages, released);
	if (shmem && npages)
		vm_shmem_promise(shmem);
	vm_range_add(vm, range);
	vm_range_merge(vm, map->start, map->end);
	return 0;

merge:
	vm_range_merge(vm, map->start, map->end);
free_range:
	kfree(range);
	return err;
}

static int map_locked(const struct mapping *map)
{
	struct vm_shmem *shmem;
	int err;

	if (!is_shared_memory(map))
		return replace(map, NULL);
	err = vm_shmem_create(map->vm, map->end - map->start, map->map_flags, &shmem);
	if (err)
		return err;
	err = replace(map, shmem);
	/* The range has a reference of its own. */
	vm_shmem_put(shmem);
	return err;
}

static bool wants_pages(const struct mapping *map)
{
	if (map->flags & VM_LOCKED)
		return !(map->flags & VM_LOCKONFAULT);
	return (map->map_flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE;
}

/* What can be said without a look at the space. */
static int init_mapping(struct mapping *map, struct vm *vm, const struct vm_map_args *args,
			u64 *len)
{
	int err;

	*map = (struct mapping){ .vm = vm, .args = args, .map_flags = args->flags };
	err = hugetlb_flags(map);
	if (err)
		return err;
	if (!args->len)
		return -EINVAL;
	*len = ALIGN_UP(args->len, map->align);
	if (!*len)
		return -ENOMEM;
	if (map->map_flags & MAP_FIXED_NOREPLACE)
		map->map_flags |= MAP_FIXED;
	return 0;
}

int vm_map_check(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr)
{
	struct mapping map;
	u32 token;
	u64 len;
	int err;

	err = init_mapping(&map, vm, args, &len);
	if (err)
		return err;
	token = vm_lock_read(&vm->lock);
	err = check(&map, len);
	vm_unlock_read(&vm->lock, token);
	*addr = map.start;
	return err;
}

void vm_hold_places(struct vm *vm)
{
	/* Relaxed: the holder looks at ranges next, with the lock that vm_places_held() needs. */
	__atomic_store_n(&vm->places_held, true, __ATOMIC_RELAXED);
}

void vm_release_places(struct vm *vm)
{
	/* Release: what was mapped comes before; partner is vm_places_held(). */
	if (__atomic_load_n(&vm->places_held, __ATOMIC_RELAXED))
		__atomic_store_n(&vm->places_held, false, __ATOMIC_RELEASE);
}

bool vm_places_held(const struct vm *vm)
{
	/* Acquire: pairs with the release in vm_release_places(). */
	return __atomic_load_n(&vm->places_held, __ATOMIC_ACQUIRE);
}

static bool may_be_others(const struct mapping *map)
{
	return vm_places_held(map->vm) || vm_has_foreign(map->vm, map->start, map->end);
}

static int map_empty(struct vm *vm, const struct vm_map_args *args, bool own, vaddr_t *addr)
{
	struct mapping map;
	u64 len;
	int err;

	err = init_mapping(&map, vm, args, &len);
	if (err)
		return err;
	vm_lock_write(&vm->lock);
	err = check(&map, len);
	if (!err && own && may_be_others(&map))
		err = -EXDEV;
	if (args->pkey)
		map.flags |= args->pkey << VM_PKEY_SHIFT;
	else if (!err && args->prot == PROT_EXEC)
		map.flags |= vm_pkey_exec_only(vm) << VM_PKEY_SHIFT;
	if (!err)
		err = map_locked(&map);
	vm_unlock_write(&vm->lock);
	if (!err)
		*addr = map.start;
	return err;
}

int vm_map_empty(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr)
{
	return map_empty(vm, args, false, addr);
}

int vm_map_own(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr)
{
	return map_empty(vm, args, true, addr);
}

void vm_map_populate(struct vm *vm, const struct vm_map_args *args, vaddr_t addr)
{
	struct mapping map;
	u64 len;

	if (init_mapping(&map, vm, args, &len))
		return;
	access_flags(&map);
	if (wants_pages(&map))
		vm_populate_any(vm, addr, addr + len, true);
}

int vm_map(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr)
{
	int err = vm_map_empty(vm, args, addr);

	if (!err)
		vm_map_populate(vm, args, *addr);
	return err;
}

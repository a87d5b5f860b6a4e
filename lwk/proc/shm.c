// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory: segments are Linux's, and the proxy attaches them where the LWK says.
 *
 * All ranges of one attachment have the same object, and offsets that count from where it began:
 * that is what shmdt(2) looks for, among what munmap(2), mremap(2) and fork(2) left of it.
 * Detaching is nothing else than unmapping, of which Linux keeps the books.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/memory_internal.h"

/* Linux's flags of shmat(2). */
#define SHM_RDONLY 010000
#define SHM_RND 020000
#define SHM_REMAP 040000
#define SHM_EXEC 0100000

/* Of a huge page of Linux's. */
#define LARGE_LEN (1ULL << 21)

void linux_object_get(void *object)
{
	struct linux_object *counted = object;

	/* Relaxed: the caller's own reference orders everything. */
	if (counted)
		__atomic_fetch_add(&counted->refs, 1, __ATOMIC_RELAXED);
}

void linux_object_put(void *object)
{
	struct linux_object *counted = object;

	/* Each owner's accesses come before the last owner frees it. */
	if (counted && __atomic_fetch_sub(&counted->refs, 1, __ATOMIC_ACQ_REL) == 1)
		kfree(counted);
}

struct linux_object *linux_object_create(enum linux_kind kind, u64 len)
{
	struct linux_object *object = kzalloc(sizeof(*object));

	if (!object)
		return NULL;
	object->refs = 1;
	object->kind = kind;
	object->len = len;
	return object;
}

/* Linux's checks of the address; without one it becomes 0. */
static int check_address(u64 *addr, int *flags)
{
	if (!*addr)
		return *flags & SHM_REMAP ? -EINVAL : 0;
	if (*addr % PAGE_LEN) {
		if (!(*flags & SHM_RND))
			return -EINVAL;
		*addr = ALIGN_DOWN(*addr, PAGE_LEN);
		/* Rounded to 0 it is still an address, of which no program may have the page. */
		if (!*addr)
			return *flags & SHM_REMAP ? -EINVAL : -EPERM;
	}
	*flags &= ~SHM_RND;
	return 0;
}

/* Choose the place of @map; a mapping without an address keeps off what suits huge pages. */
static int choose_place(struct process *process, struct vm_map_args *map)
{
	bool odd = !map->addr && map->len % LARGE_LEN;
	vaddr_t addr;
	int err;

	if (odd)
		map->len += PAGE_LEN;
	err = vm_map_check(process->vm, map, &addr);
	if (odd)
		map->len -= PAGE_LEN;
	if (odd && IS_ALIGNED(addr, LARGE_LEN))
		addr += PAGE_LEN;
	if (!err)
		map->addr = addr;
	/* Linux's word for a place that is taken. */
	return err == -EEXIST ? -EINVAL : err;
}

/* The place is chosen here, then Linux attaches the segment there, then it is noted here. */
static s64 attach(struct process *process, int id, int flags, struct vm_map_args *map)
{
	u64 theirs[6] = { (u32)id, 0, (u32)flags, map->len };
	vaddr_t addr;
	s64 ret;
	int err;

	err = choose_place(process, map);
	if (err)
		return err;
	theirs[1] = map->addr;
	ret = syscall_offload(SYSCALL_shmat, theirs);
	if (ret < 0)
		return ret;
	map->flags = MAP_SHARED | MAP_FIXED;
	err = vm_map(process->vm, map, &addr);
	/* Nothing better can be done if that fails, too. */
	if (err)
		(void)!memory_restore(map->addr, memory_end(map->addr, map->len));
	else
		memory_lock_new(process, addr, map->len);
	return err ? err : (s64)addr;
}

static u32 access_of(int flags)
{
	return PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
	       (flags & SHM_EXEC ? PROT_EXEC : 0);
}

static s64 attach_locked(struct process *process, int id, u64 addr, int flags)
{
	struct vm_map_args map = {
		.addr = addr,
		.prot = access_of(flags),
		.flags = MAP_SHARED,
		.ops = &linux_range_ops,
	};
	struct linux_object *attachment;
	s64 ret;

	if (addr)
		map.flags |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	ret = offload_request3(OFFLOAD_NR_SHM_LEN, (u32)id, (u32)flags, 0);
	if (ret < 0)
		return ret;
	map.len = ALIGN_UP((u64)ret, PAGE_LEN);
	if (addr && addr + map.len < addr)
		return -EINVAL;
	attachment = linux_object_create(LINUX_SEGMENT, map.len);
	if (!attachment)
		return -ENOMEM;
	map.object = attachment;
	ret = attach(process, id, flags, &map);
	linux_object_put(attachment);
	return ret;
}

s64 memory_attach(int id, u64 addr, int flags)
{
	struct process *process;
	s64 ret;
	int err;

	if (id < 0)
		return -EINVAL;
	err = check_address(&addr, &flags);
	if (err)
		return err;
	process = memory_begin_places();
	ret = attach_locked(process, id, addr, flags);
	memory_finish(process);
	return ret;
}

/*
 * A search for what is left of an attachment.
 * addr: where it began
 * from: look from here on
 * object: of it, or NULL: the first that began at @addr
 */
struct search {
	vaddr_t addr;
	vaddr_t from;
	struct linux_object *object;
	struct memory_part found;
	u64 len;
};

static int match(const struct vm_range *range, void *ctx)
{
	struct linux_object *object = range->object;
	struct search *search = ctx;

	if (range->ops != &linux_range_ops || !object || object->kind != LINUX_SEGMENT ||
	    range->node.start < search->from ||
	    range->node.start - range->offset != search->addr ||
	    (search->object && object != search->object))
		return 0;
	search->object = object;
	search->len = search->object->len;
	search->found.start = range->node.start;
	search->found.end = range->node.end;
	return 1;
}

/* The object of the search is kept by the ranges that are yet to be found: none is looked into. */
static s64 detach_locked(struct process *process, vaddr_t addr)
{
	struct search search = { .addr = addr, .from = addr };
	vaddr_t end = WINDOW_END;
	s64 ret = -EINVAL;
	s64 err;

	while (search.from < end &&
	       vm_for_each_in(process->vm, search.from, end, match, &search)) {
		if (ret == -EINVAL)
			end = MIN(WINDOW_END, addr + search.len);
		if (search.found.end > end)
			break;
		err = memory_unmap_locked(process, search.found.start,
					  search.found.end - search.found.start);
		if (err)
			return err;
		ret = 0;
		search.from = search.found.end;
	}
	return ret;
}

s64 memory_detach(u64 addr)
{
	struct process *process;
	s64 ret;

	if (addr % PAGE_LEN)
		return -EINVAL;
	process = memory_begin_places();
	ret = detach_locked(process, addr);
	memory_finish(process);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Contexts of asynchronous I/O: they are Linux's, of the proxy's address space, and a program reads
 * and writes a context's ring of completions itself.
 *
 * Linux makes the ring where it likes, among what is the proxy's own. From there it is moved
 * to a place of the LWK's choice, and the context is called by that address then. A context is
 * destroyed only while its ring lies there in one piece: Linux unmaps that many bytes, whatever
 * they have become. Before that the ring is moved away again.
 */
#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/aio.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/memory_internal.h"

/* Have Linux move the ring to @to, or forget the context if that is 0. */
static s64 move_ring(u64 theirs, u64 len, vaddr_t to)
{
	return offload_insist(SYSCALL_io_setup, (u64[6]){ 0, theirs, len, to });
}

static s64 place_ring(struct process *process, u64 theirs, struct vm_map_args *map)
{
	vaddr_t addr;
	s64 ret;

	ret = vm_map_check(process->vm, map, &addr);
	if (ret) {
		(void)move_ring(theirs, map->len, 0);
		return ret;
	}
	ret = move_ring(theirs, map->len, addr);
	if (!ret) {
		map->addr = addr;
		map->flags |= MAP_FIXED;
		ret = vm_map(process->vm, map, &addr);
		if (!ret) {
			memory_lock_new(process, addr, map->len);
			return (s64)addr;
		}
		(void)offload_insist(SYSCALL_io_destroy, (u64[6]){ addr });
	}
	/* Nothing better can be done if that fails, too. */
	(void)!memory_restore(addr, memory_end(addr, map->len));
	return ret;
}

static s64 setup_locked(struct process *process, u32 nevents)
{
	const u64 args[6] = { nevents };
	struct vm_map_args map = {
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_SHARED,
		.ops = &linux_range_ops,
	};
	struct linux_object *object;
	u64 theirs;
	s64 ret;

	ret = syscall_offload(SYSCALL_io_setup, args);
	if (ret < 0)
		return ret;
	theirs = ((u64)ret & OFFLOAD_AIO_PAGE_MASK) << PAGE_SHIFT;
	map.len = (u64)ret >> OFFLOAD_AIO_LEN_SHIFT << PAGE_SHIFT;
	object = linux_object_create(LINUX_AIO_RING, map.len);
	if (!object) {
		(void)move_ring(theirs, map.len, 0);
		return -ENOMEM;
	}
	map.object = object;
	ret = place_ring(process, theirs, &map);
	linux_object_put(object);
	return ret;
}

/* A ring that is looked at piece by piece: how far it goes on as it was made. */
struct ring {
	vaddr_t start;
	vaddr_t end;
	const struct linux_object *object;
};

static int extend(const struct vm_range *range, void *ctx)
{
	const struct linux_object *object = range->object;
	struct ring *ring = ctx;

	if (range->ops != &linux_range_ops || !object || object->kind != LINUX_AIO_RING ||
	    (ring->object && object != ring->object) || range->node.start != ring->end ||
	    range->offset != ring->end - ring->start)
		return 1;
	ring->object = object;
	ring->end = range->node.end;
	return ring->end - ring->start == object->len;
}

/* Return: how long the ring is that lies at @addr in one piece; 0: there is none. */
static u64 ring_len(struct process *process, vaddr_t addr)
{
	struct ring ring = { .start = addr, .end = addr };

	if (addr >= WINDOW_END)
		return 0;
	vm_for_each_in(process->vm, addr, WINDOW_END, extend, &ring);
	/* The object is kept by its ranges, which are there until the memory lock is released. */
	return ring.object && ring.end - addr == ring.object->len ? ring.object->len : 0;
}

/* Have the ring moved out of the program's memory. Return: the context's name then. */
static s64 take_away_locked(struct process *process, u64 context)
{
	u64 len = ring_len(process, context);
	s64 theirs;

	if (!len)
		return -EINVAL;
	theirs = syscall_offload(SYSCALL_io_setup, (u64[6]){ 1, context, len });
	/* The ranges are gone whatever comes of it: at worst the proxy's mappings are too many. */
	if (theirs > 0)
		(void)!memory_unmap_locked(process, context, len);
	return theirs;
}

/* Linux waits for the requests under way, for which others are not to wait. */
s64 aio_destroy(u64 context)
{
	struct process *process = memory_begin_places();
	s64 theirs = take_away_locked(process, context);

	memory_finish(process);
	if (theirs <= 0)
		return theirs;
	return offload_insist(SYSCALL_io_destroy, (u64[6]){ (u64)theirs });
}

s64 aio_setup(u32 nevents, vaddr_t context_at)
{
	struct process *process;
	u64 context;
	s64 ret;

	if (copy_from_user(&context, context_at, sizeof(context)))
		return -EFAULT;
	if (context || !nevents)
		return -EINVAL;
	process = memory_begin_places();
	ret = setup_locked(process, nevents);
	memory_finish(process);
	if (ret < 0)
		return ret;
	context = (u64)ret;
	if (!copy_to_user(context_at, &context, sizeof(context)))
		return 0;
	(void)aio_destroy(context);
	return -EFAULT;
}

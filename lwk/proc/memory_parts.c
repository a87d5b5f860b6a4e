// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory calls on ranges of which parts may be Linux's: what lwk/mm says of the whole, and then
 * Linux of each of its parts.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/proc/memory_internal.h"

#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4

#define MINCORE_BATCH 512U

/* Have Linux do @nr to each part of [addr, end) that is its own; the first error counts. */
static s64 each_linux_part(struct process *process, u64 nr, const u64 args[3])
{
	vaddr_t addr = args[0];
	vaddr_t end = memory_end(args[0], args[1]);
	struct memory_part part;
	s64 ret = 0;

	while (!ret && addr < end && memory_next_linux(process->vm, addr, end, &part)) {
		ret = offload_request3(nr, part.start, part.end - part.start, args[2]);
		addr = part.end;
	}
	return ret;
}

s64 memory_advise(u64 addr, u64 len, int advice)
{
	const u64 args[3] = { addr, len, (u64)advice };
	struct process *process = memory_begin();
	s64 ret = vm_advise(process->vm, addr, len, advice);
	s64 theirs = 0;

	/* At a hole the others have been advised all the same. */
	if (!ret || ret == -ENOMEM)
		theirs = each_linux_part(process, SYSCALL_madvise, args);
	memory_finish(process);
	return ret ? ret : theirs;
}

s64 memory_bind(const struct vm_bind *bind, const u64 args[6])
{
	u64 theirs[6] = { 0, 0, args[2], args[3], args[4], args[5] };
	struct process *process = memory_begin();
	s64 ret = vm_bind(process->vm, bind);
	vaddr_t addr = bind->start;
	struct memory_part part;

	while (!ret && memory_next_linux(process->vm, addr, bind->end, &part)) {
		theirs[0] = part.start;
		theirs[1] = part.end - part.start;
		ret = offload_request(SYSCALL_mbind, theirs);
		addr = part.end;
	}
	memory_finish(process);
	return ret;
}

s64 memory_lock(u64 addr, u64 len, u32 flags)
{
	const u64 args[3] = { addr, len, flags };
	struct process *process = memory_begin();
	s64 ret = vm_mlock(process->vm, addr, len, flags);

	if (!ret)
		ret = each_linux_part(process, SYSCALL_mlock2, args);
	memory_finish(process);
	return ret;
}

s64 memory_unlock(u64 addr, u64 len)
{
	const u64 args[3] = { addr, len };
	struct process *process = memory_begin();
	s64 ret = vm_munlock(process->vm, addr, len);

	if (!ret)
		ret = each_linux_part(process, SYSCALL_munlock, args);
	memory_finish(process);
	return ret;
}

/*
 * Linux locks its parts one by one: all at once would be the proxy, too. What it cannot fault in is
 * no failure, as with the LWK's.
 */
static void lock_linux_parts(struct process *process, u64 nr, u32 flags)
{
	struct memory_part part = { 0 };

	while (memory_next_linux(process->vm, part.end, WINDOW_END, &part))
		(void)offload_insist(nr, (u64[6]){ part.start, part.end - part.start, flags });
}

s64 memory_lock_all(u32 flags)
{
	struct process *process = memory_begin();
	s64 ret = vm_mlockall(process->vm, flags);

	if (!ret && (flags & MCL_CURRENT))
		lock_linux_parts(process, SYSCALL_mlock2,
				 flags & MCL_ONFAULT ? MLOCK_ONFAULT : 0);
	memory_finish(process);
	return ret;
}

s64 memory_unlock_all(void)
{
	struct process *process = memory_begin();
	s64 ret = vm_munlockall(process->vm);

	lock_linux_parts(process, SYSCALL_munlock, 0);
	memory_finish(process);
	return ret;
}

/* How far the ranges from @addr on go without a hole. */
struct coverage {
	vaddr_t addr;
};

static int extend(const struct vm_range *range, void *ctx)
{
	struct coverage *coverage = ctx;

	if (range->node.start > coverage->addr)
		return 1;
	coverage->addr = range->node.end;
	return 0;
}

s64 memory_sync(u64 addr, u64 len, u64 flags)
{
	const u64 args[3] = { addr, len, flags };
	vaddr_t end = memory_end(addr, len);
	struct coverage coverage = { addr };
	struct process *process;
	s64 ret;

	if ((flags & ~(u64)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || !IS_ALIGNED(addr, PAGE_LEN) ||
	    ((flags & MS_ASYNC) && (flags & MS_SYNC)))
		return -EINVAL;
	if (end < addr)
		return -ENOMEM;
	if (end == addr)
		return 0;
	process = memory_begin();
	ret = each_linux_part(process, SYSCALL_msync, args);
	vm_for_each_in(process->vm, addr, end, extend, &coverage);
	memory_finish(process);
	return !ret && coverage.addr < end ? -ENOMEM : ret;
}

/* The LWK knows of its own pages, and of those of Linux's that it has borrowed. */
static s64 mincore_batches(struct process *process, u64 addr, u64 len, vaddr_t vec, u8 *batch)
{
	s64 ret = 0;

	while (len && !ret) {
		u64 part = MIN(len, MINCORE_BATCH * PAGE_LEN);
		u64 npages = DIV_ROUND_UP(part, PAGE_LEN);

		ret = vm_mincore(process->vm, addr, part, batch);
		if (!ret)
			ret = copy_to_user(vec, batch, npages);
		addr += part;
		vec += npages;
		len -= part;
	}
	return ret;
}

static s64 mincore_linux(struct process *process, u64 addr, u64 len, vaddr_t vec)
{
	vaddr_t end = memory_end(addr, len);
	vaddr_t at = addr;
	struct memory_part part;
	s64 ret = 0;

	while (!ret && at < end && memory_next_linux(process->vm, at, end, &part)) {
		ret = offload_request3(SYSCALL_mincore, part.start, part.end - part.start,
				       vec + ((part.start - addr) >> PAGE_SHIFT));
		at = part.end;
	}
	return ret;
}

s64 memory_mincore(u64 addr, u64 len, u64 vec)
{
	struct process *process;
	u8 *batch;
	s64 ret;

	if (!IS_ALIGNED(addr, PAGE_LEN))
		return -EINVAL;
	if (addr > VM_TASK_END || len > VM_TASK_END - addr)
		return -ENOMEM;
	if (!user_range_ok(vec, DIV_ROUND_UP(len, PAGE_LEN)))
		return -EFAULT;
	batch = kmalloc(MINCORE_BATCH);
	if (!batch)
		return -EAGAIN;
	process = memory_begin();
	ret = mincore_batches(process, addr, len, vec, batch);
	if (!ret)
		ret = mincore_linux(process, addr, len, vec);
	memory_finish(process);
	kfree(batch);
	return ret;
}

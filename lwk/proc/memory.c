// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory calls of which a part may be Linux's. The space's memory lock is held from the first
 * look at the ranges until both sides agree again; the vm's lock never while Linux is asked.
 */
#include "lwk/proc/memory_internal.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/internal.h"

void memory_look_at_limits(struct process *process)
{
	bool may_lock = offload_capable(OFFLOAD_CAP_IPC_LOCK);
	struct vm_limits limits;

	if (likely(may_lock == process->may_lock && READ_ONCE(process->vm->owner) == process))
		return;
	mutex_lock(&process->space->limits);
	process->may_lock = may_lock;
	process->vm->owner = process;
	process_limits(process, &limits);
	vm_set_limits(process->vm, &limits);
	mutex_unlock(&process->space->limits);
}

struct process *memory_begin(void)
{
	struct process *process = task_current()->process;

	mutex_lock(&process->space->memory);
	memory_look_at_limits(process);
	return process;
}

struct process *memory_begin_places(void)
{
	struct process *process = memory_begin();

	vm_hold_places(process->vm);
	return process;
}

void memory_finish(struct process *process)
{
	vm_release_places(process->vm);
	mutex_unlock(&process->space->memory);
}

/* A search for ranges that are Linux's. */
struct search {
	vaddr_t start;
	vaddr_t end;
	struct memory_part found;
};

static int match_linux(const struct vm_range *range, void *ctx)
{
	struct search *search = ctx;

	if (range->ops != &linux_range_ops)
		return 0;
	search->found.start = MAX(range->node.start, search->start);
	search->found.end = MIN(range->node.end, search->end);
	return 1;
}

bool memory_next_linux(struct vm *vm, vaddr_t start, vaddr_t end, struct memory_part *part)
{
	struct search search = { .start = start, .end = MIN(end, WINDOW_END) };

	vm_for_each_in(vm, search.start, search.end, match_linux, &search);
	*part = search.found;
	return part->start < part->end;
}

static bool any_linux(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct memory_part part;

	return start < end && memory_next_linux(vm, start, end, &part);
}

int memory_restore(vaddr_t start, vaddr_t end)
{
	int err = (int)offload_request3(OFFLOAD_NR_RESTORE, MAX(start, WINDOW_START),
					MIN(end, WINDOW_END), 0);

	if (err && !process_is_gone(task_current()->process))
		log_err("proc: %u: Linux keeps [%#llx, %#llx): error %d", task_current()->tid, start,
			end, err);
	return err;
}

static s64 map_anonymous(struct process *process, const struct vm_map_args *args)
{
	bool fixed = args->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	vaddr_t end = memory_end(args->addr, args->len);
	bool linux_part = fixed && any_linux(process->vm, args->addr, end);
	vaddr_t addr;
	int err;

	if (linux_part) {
		/* Linux's word here. */
		if (memory_check_cut(process, args->addr, end))
			return -ENOMEM;
		vm_hold_places(process->vm);
	}
	err = vm_map_empty(process->vm, args, &addr);
	if (err)
		return err;
	/* It was a file's: have the proxy forget that. */
	if (linux_part && memory_restore(addr, end)) {
		vm_unmap(process->vm, addr, args->len);
		return -ENOMEM;
	}
	return (s64)addr;
}

int memory_wait(u64 len)
{
	u64 npages = ((len - 1) >> PAGE_SHIFT) + 1;
	u64 limit = vm_ledger_limit();

	if (npages > limit)
		return -ENOMEM;
	return vm_ledger_used() + npages > limit ? process_wait_ended() : 0;
}

/* Where Linux has nothing, and is about to map nothing, the lock is not needed. */
static s64 map_own(struct process *process, const struct vm_map_args *args)
{
	vaddr_t addr;
	s64 ret;

	memory_look_at_limits(process);
	ret = vm_map_own(process->vm, args, &addr);
	if (ret == -ENOMEM) {
		ret = memory_wait(args->len);
		if (!ret)
			ret = vm_map_own(process->vm, args, &addr);
	}
	if (!ret)
		return (s64)addr;
	if (ret != -EXDEV)
		return ret;
	memory_begin();
	ret = map_anonymous(process, args);
	memory_finish(process);
	return ret;
}

void memory_lock_new(const struct process *process, vaddr_t addr, u64 len)
{
	u32 flags = READ_ONCE(process->vm->def_flags);
	const u64 args[6] = { addr, len, flags & VM_LOCKONFAULT ? MLOCK_ONFAULT : 0 };

	/* As on Linux, what cannot be faulted in is no failure. */
	if (flags & VM_LOCKED)
		(void)offload_insist(SYSCALL_mlock2, args);
}

/* What a range is that Linux says @mapped of: OFFLOAD_MAPPED_*, as VM_*. */
static u32 range_kind(u32 mapped)
{
	return (mapped & OFFLOAD_MAPPED_IO ? VM_IO : 0) |
	       (mapped & OFFLOAD_MAPPED_SPECIAL ? VM_SPECIAL : 0) |
	       (mapped & OFFLOAD_MAPPED_DONTFORK ? VM_DONTFORK : 0);
}

/*
 * A mapping that Linux has made at its place is noted, with what Linux says of it. Return: the
 * address or -errno.
 */
static s64 note_file(struct process *process, struct vm_map_args *ours, u32 mapped)
{
	vaddr_t addr = ours->addr;
	int err;

	ours->flags |= MAP_FIXED;
	ours->kind = range_kind(mapped);
	err = vm_map(process->vm, ours, &addr);
	/* Nothing better can be done if that fails, too. */
	if (err)
		(void)!memory_restore(addr, memory_end(addr, ours->len));
	else
		memory_lock_new(process, addr, ours->len);
	return err ? err : (s64)addr;
}

/* A search for a gap among ranges that are looked at in ascending order. */
struct gap {
	vaddr_t start;
	u64 len;
};

static int end_gap(const struct vm_range *range, void *ctx)
{
	struct gap *gap = ctx;

	if (range->node.start >= gap->start + gap->len)
		return 1;
	gap->start = range->node.end;
	return 0;
}

/*
 * A file that Linux lets nobody place, io_uring's: with MAP_32BIT there is one place for it, since
 * mcexec has the rest of those addresses mapped.
 */
static s64 map_unplaced(struct process *process, const struct memory_map_args *args,
			struct vm_map_args *ours)
{
	struct gap gap = { LWK_LOW_START, ALIGN_UP(args->len, PAGE_LEN) };
	u64 theirs[6] = { 0, args->len, args->prot, args->flags | MAP_32BIT, args->fd,
			  args->offset };
	s64 ret;

	vm_for_each_in(process->vm, LWK_LOW_START, LWK_LOW_END, end_gap, &gap);
	if (gap.len > LWK_LOW_END - LWK_LOW_START || gap.start > LWK_LOW_END - gap.len)
		return -ENOMEM;
	theirs[0] = gap.start;
	ret = syscall_offload(SYSCALL_mmap, theirs);
	if (ret < 0)
		return ret;
	ours->addr = gap.start;
	return note_file(process, ours, ret % PAGE_LEN);
}

/* Linux says EINVAL of any place for such a file. */
static bool may_be_unplaced(const struct memory_map_args *args)
{
	return !args->addr && (args->flags & MAP_TYPE) == MAP_SHARED &&
	       !(args->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
}

/* The place is chosen here, then Linux maps the file there, then it is noted here. */
static s64 map_file(struct process *process, const struct memory_map_args *args,
		    struct vm_map_args *ours)
{
	u64 theirs[6] = { 0, args->len, args->prot, args->flags | MAP_FIXED, args->fd,
			  args->offset };
	vaddr_t addr;
	s64 ret;
	int err;

	err = vm_map_check(process->vm, ours, &addr);
	if (err)
		return err;
	theirs[0] = addr;
	theirs[3] &= ~(u64)MAP_FIXED_NOREPLACE;
	ret = syscall_offload(SYSCALL_mmap, theirs);
	if (ret == -EINVAL && may_be_unplaced(args))
		return map_unplaced(process, args, ours);
	if (ret < 0)
		return ret;
	ours->addr = addr;
	return note_file(process, ours, ret % PAGE_LEN);
}

/* What neither side would map is told in Linux's order: of a bad file first. */
static bool for_linux_to_refuse(const struct memory_map_args *args)
{
	return !args->len || args->offset % PAGE_LEN;
}

s64 memory_map(const struct memory_map_args *args)
{
	struct vm_map_args ours = {
		.addr = args->addr,
		.len = args->len,
		.prot = (u32)args->prot,
		.flags = (u32)args->flags,
		.offset = args->offset,
	};
	struct process *process;
	s64 ret;

	if (args->flags & MAP_ANONYMOUS) {
		ours.offset = 0;
		process = task_current()->process;
		ret = map_own(process, &ours);
		/* Pages are faulted in beside other threads' calls. */
		if (ret > 0)
			vm_map_populate(process->vm, &ours, (vaddr_t)ret);
	} else {
		/* A place inside the window, so that the proxy lets Linux have a look. */
		const u64 refused[6] = { LWK_USER_START, args->len, args->prot,
					 args->flags | MAP_FIXED, args->fd, args->offset };

		ours.ops = &linux_range_ops;
		process = memory_begin_places();
		ret = for_linux_to_refuse(args) ? syscall_offload(SYSCALL_mmap, refused) :
						  map_file(process, args, &ours);
		memory_finish(process);
	}
	return ret;
}

s64 memory_unmap_locked(struct process *process, u64 addr, u64 len)
{
	vaddr_t end = memory_end(addr, len);
	bool linux_part = any_linux(process->vm, addr, end);
	int err = linux_part ? memory_check_cut(process, addr, end) : 0;

	if (!err)
		err = vm_unmap(process->vm, addr, len);
	/* The range is gone here whatever Linux says, and nobody maps anything there unasked. */
	if (!err && linux_part)
		err = memory_restore(addr, end);
	return err;
}

s64 memory_unmap(u64 addr, u64 len)
{
	struct process *process;
	s64 ret;

	/* What Linux knows nothing of needs no lock that is held while Linux is asked. */
	ret = vm_unmap_own(task_current()->process->vm, addr, len);
	if (ret != -EXDEV)
		return ret;
	process = memory_begin_places();
	ret = memory_unmap_locked(process, addr, len);
	memory_finish(process);
	return ret;
}

s64 memory_each_part(struct process *process, vaddr_t addr, vaddr_t end, memory_part_fn act,
		     const void *ctx)
{
	struct memory_part linux_part, part;
	s64 ret = 0;

	for (; !ret && addr < end; addr = part.end) {
		bool found = memory_next_linux(process->vm, addr, end, &linux_part);
		bool theirs = found && linux_part.start == addr;

		part.start = addr;
		part.end = theirs ? linux_part.end : found ? linux_part.start : end;
		ret = act(process, &part, theirs, ctx);
	}
	return ret;
}

struct protection {
	u32 prot;
	s32 pkey;
};

/* Its own parts are Linux's to judge. */
static s64 protect_part(struct process *process, const struct memory_part *part, bool theirs,
			const void *ctx)
{
	const struct protection *to = ctx;
	u64 len = part->end - part->start;
	s64 ret = 0;

	if (theirs)
		ret = offload_request3(SYSCALL_mprotect, part->start, len, to->prot);
	return ret ? ret : vm_protect_key(process->vm, part->start, len, to->prot, to->pkey);
}

static s64 protect_any(u64 addr, u64 len, u64 prot, s32 pkey)
{
	const u64 known = PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM;
	struct process *process = memory_begin();
	const struct protection to = { (u32)prot, pkey };
	vaddr_t end = memory_end(addr, len);
	s64 ret;

	if (IS_ALIGNED(addr, PAGE_LEN) && end > addr && !(prot & ~known) &&
	    vm_pkey_usable(process->vm, pkey) && any_linux(process->vm, addr, end))
		ret = memory_each_part(process, addr, end, protect_part, &to);
	else
		ret = vm_protect_key(process->vm, addr, len, (u32)prot, pkey);
	memory_finish(process);
	return ret;
}

static s64 protect(u64 addr, u64 len, u64 prot, s32 pkey)
{
	struct process *process = task_current()->process;
	s64 ret;

	memory_look_at_limits(process);
	ret = vm_protect_own(process->vm, addr, len, (u32)prot, pkey);
	return ret == -EXDEV ? protect_any(addr, len, prot, pkey) : ret;
}

s64 memory_protect(u64 addr, u64 len, u64 prot, s32 pkey)
{
	s64 ret = protect(addr, len, prot, pkey);

	if (ret == -ENOMEM) {
		ret = memory_wait(len);
		if (!ret)
			ret = protect(addr, len, prot, pkey);
	}
	return ret;
}

s64 memory_free_pkey(s32 pkey)
{
	struct process *process = memory_begin();
	s64 ret = vm_pkey_free(process->vm, pkey);

	memory_finish(process);
	return ret;
}

/* The vDSO is moved by nobody, since Linux finds it where it is. */
static bool is_beyond(u64 addr, u64 len)
{
	return addr >= WINDOW_END || len > WINDOW_END - addr;
}

/*
 * Linux unmaps what is at the new place before it finds that nothing can be moved there. Then the
 * place is the LWK's, as it was or without what was Linux's.
 */
static void remap_failed(struct process *process, vaddr_t addr, u64 len)
{
	vaddr_t end = memory_end(addr, len);
	struct memory_part part;

	while (memory_next_linux(process->vm, addr, end, &part))
		vm_unmap(process->vm, part.start, part.end - part.start);
	(void)!memory_restore(addr, end);
}

/*
 * A file's mapping grows or moves to a place of its own, always: what lies behind it in the proxy
 * is never free. Its old place is the LWK's again.
 */
static s64 remap_linux(struct process *process, const struct vm_remap_args *args,
		       const struct vm_range *old)
{
	struct vm_map_args ours = {
		.addr = args->new_addr,
		.len = args->new_len,
		.prot = old->flags & VM_ACCESS,
		.flags = old->flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE,
		.ops = &linux_range_ops,
		.object = old->object,
		.offset = old->offset + (args->addr - old->node.start),
		.pkey = old->flags >> VM_PKEY_SHIFT,
		.kind = old->flags & (VM_IO | VM_SPECIAL | VM_DONTFORK | VM_DONTDUMP),
	};
	u64 theirs[6] = { args->addr, args->old_len, args->new_len, args->flags | MREMAP_FIXED };
	vaddr_t addr;
	s64 ret;
	int err;

	if (!(args->flags & MREMAP_MAYMOVE) && args->flags)
		return -EINVAL;
	if (!(args->flags & MREMAP_MAYMOVE))
		return old->flags & VM_SPECIAL ? -EFAULT : -ENOMEM;
	if (args->flags & MREMAP_FIXED)
		ours.flags |= MAP_FIXED;
	err = vm_map_check(process->vm, &ours, &addr);
	if (err)
		return err;
	theirs[4] = addr;
	ret = syscall_offload(SYSCALL_mremap, theirs);
	if (ret < 0) {
		if (ret != OFFLOAD_RET_RESTART)
			remap_failed(process, addr, args->new_len);
		return ret;
	}
	ours.addr = addr;
	ours.flags |= MAP_FIXED;
	err = vm_map(process->vm, &ours, &addr);
	if (err)
		(void)!memory_restore(addr, memory_end(addr, args->new_len));
	/* A second mapping of the same has no old place. */
	if (args->old_len && !(args->flags & MREMAP_DONTUNMAP)) {
		vm_unmap(process->vm, args->addr, args->old_len);
		(void)!memory_restore(args->addr, memory_end(args->addr, args->old_len));
	}
	return err ? err : (s64)addr;
}

static int copy_range(const struct vm_range *range, void *ctx)
{
	struct vm_range *copy = ctx;

	*copy = *range;
	return 1;
}

/* @refused: set if memory was: then nothing has changed. */
static s64 remap_local(struct process *process, const struct vm_remap_args *args, bool *refused)
{
	bool fixed = args->flags & MREMAP_FIXED;
	vaddr_t end = memory_end(args->new_addr, args->new_len);
	bool linux_part = fixed && any_linux(process->vm, args->new_addr, end);
	vaddr_t addr;
	int err;

	if (linux_part && memory_check_cut(process, args->new_addr, end))
		return -EINVAL;
	err = vm_remap(process->vm, args, &addr);
	*refused = err == -ENOMEM;
	if (err)
		return err;
	if (linux_part && memory_restore(addr, end)) {
		vm_unmap(process->vm, addr, args->new_len);
		return -ENOMEM;
	}
	return (s64)addr;
}

/* As Linux says it of a place that is named, be it only as a hint. */
static bool is_bad_target(const struct vm_remap_args *args)
{
	u64 to = args->new_addr;

	return !IS_ALIGNED(to, PAGE_LEN) || is_beyond(to, args->new_len) ||
	       (args->addr + args->old_len > to && to + args->new_len > args->addr);
}

static s64 remap_locked(struct process *process, const struct vm_remap_args *args, bool *refused)
{
	vaddr_t old_end = memory_end(args->addr, args->old_len);
	u64 new_len = ALIGN_UP(args->new_len, PAGE_LEN);
	struct vm_range old = { .node.start = args->addr };

	if (is_beyond(args->addr, args->old_len) ||
	    ((args->flags & MREMAP_FIXED) && is_beyond(args->new_addr, args->new_len)))
		return -EINVAL;
	vm_for_each_in(process->vm, args->addr, args->addr + 1, copy_range, &old);
	/* What is wrong with the arguments is said by the one who knows all of it. */
	if (old.ops != &linux_range_ops || old.node.start > args->addr ||
	    old.node.end < old_end || old_end < args->addr || !new_len ||
	    !IS_ALIGNED(args->addr, PAGE_LEN) ||
	    (!args->old_len && !(old.flags & VM_SHARED)))
		return remap_local(process, args, refused);
	if ((args->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && is_bad_target(args))
		return -EINVAL;
	if (!args->old_len || (args->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)))
		return remap_linux(process, args, &old);
	if (new_len < old_end - args->addr) {
		s64 ret = memory_unmap_locked(process, args->addr + new_len,
					      old_end - args->addr - new_len);

		return ret ? ret : (s64)args->addr;
	}
	return new_len == old_end - args->addr ? (s64)args->addr :
						 remap_linux(process, args, &old);
}

static s64 remap(const struct vm_remap_args *args, bool *refused)
{
	struct process *process = memory_begin_places();
	s64 ret;

	*refused = false;
	ret = remap_locked(process, args, refused);
	memory_finish(process);
	return ret;
}

s64 memory_remap(const struct vm_remap_args *args)
{
	bool grows = args->new_len > args->old_len && !(args->flags & MREMAP_DONTUNMAP);
	bool refused;
	s64 ret = remap(args, &refused);

	/* Linux's ENOMEM may come from half-way: what is at the addresses by now is not moved. */
	if (refused) {
		ret = memory_wait(grows ? args->new_len - args->old_len : args->new_len);
		if (!ret)
			ret = remap(args, &refused);
	}
	return ret;
}

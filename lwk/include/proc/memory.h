/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of programs, of which some is Linux's: lwk/mm does what concerns the LWK, the twin what
 * concerns Linux, and these see that both agree. Arguments are the program's, unchecked.
 *
 * Context of all, unless said otherwise: the calling task, interrupts enabled, no lock held.
 */
#ifndef LWK_PROC_MEMORY_H
#define LWK_PROC_MEMORY_H

#include "abi/offload.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/mm/vm_policy.h"

/** linux_range_ops - operations of ranges that are Linux's. */
extern const struct vm_range_ops linux_range_ops;

/** memory_is_own_shared() - is it shared memory of the LWK's? Context: @range is kept. */
static inline bool memory_is_own_shared(const struct vm_range *range)
{
	return range->ops != &linux_range_ops && (range->flags & VM_SHARED);
}

/**
 * struct memory_map_args - arguments of mmap(2).
 * @addr: hint or address
 * @len: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @fd: file
 * @offset: in it
 */
struct memory_map_args {
	u64 addr;
	u64 len;
	u64 prot;
	u64 flags;
	u64 fd;
	u64 offset;
};

/** memory_map() - mmap(2). Return: the address or -errno. */
s64 memory_map(const struct memory_map_args *args);

/** memory_attach() - shmat(2). Return: the address or -errno. */
s64 memory_attach(int id, u64 addr, int flags);

/** memory_detach() - shmdt(2). Return: 0 or -errno. */
s64 memory_detach(u64 addr);

/** memory_unmap() - munmap(2). Return: 0 or -errno. */
s64 memory_unmap(u64 addr, u64 len);

/** memory_protect() - pkey_mprotect(2); mprotect(2) with VM_PKEY_SAME. Return: 0 or -errno. */
s64 memory_protect(u64 addr, u64 len, u64 prot, s32 pkey);

/** memory_free_pkey() - pkey_free(2). Return: 0 or -errno. */
s64 memory_free_pkey(s32 pkey);

/** memory_remap() - mremap(2). Return: the address or -errno. */
s64 memory_remap(const struct vm_remap_args *args);

/** memory_brk() - the brk system call. Return: the end of the heap. */
s64 memory_brk(u64 addr);

/** memory_advise() - madvise(2). Return: 0 or -errno. */
s64 memory_advise(u64 addr, u64 len, int advice);

/** memory_sync() - msync(2). Return: 0 or -errno. */
s64 memory_sync(u64 addr, u64 len, u64 flags);

/** memory_mincore() - mincore(2). Return: 0 or -errno. */
s64 memory_mincore(u64 addr, u64 len, u64 vec);

/**
 * memory_bind() - mbind(2).
 * @bind: the LWK's part
 * @args: of the call, for Linux's parts
 *
 * Return: 0 or -errno.
 */
s64 memory_bind(const struct vm_bind *bind, const u64 args[6]);

/** memory_lock() - mlock(2), mlock2(2). Return: 0 or -errno. */
s64 memory_lock(u64 addr, u64 len, u32 flags);

/** memory_unlock() - munlock(2). Return: 0 or -errno. */
s64 memory_unlock(u64 addr, u64 len);

/** memory_lock_all() - mlockall(2). Return: 0 or -errno. */
s64 memory_lock_all(u32 flags);

/** memory_unlock_all() - munlockall(2). Return: 0 or -errno. */
s64 memory_unlock_all(void);

/**
 * memory_revoke() - have Linux let go of pages: for struct vm.revoke.
 * @vm: the calling task's
 * @start: first address
 * @end: end
 *
 * Context: the task, writer of the vm's lock, or reader since.
 */
void memory_revoke(struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * memory_in_vain() - has the calling thread to end? For struct vm.in_vain.
 *
 * Context: any thread.
 * Return: true if it is one of a program, and has.
 */
bool memory_in_vain(void);

/**
 * memory_revoke_done() - REVOKE_DONE: Linux has let go.
 * @msg: unchecked
 *
 * Context: any but NMI.
 */
void memory_revoke_done(const struct msg_revoke *msg);

/**
 * memory_pin() - PINNED, UNPINNED: Linux uses frames that it has unmapped, or has done with them.
 * @msg: copy of the payload
 * @pin: which of the two
 *
 * Context: interrupt.
 * Return: 0; -EINVAL for frames that are none of a program's, or are not pinned.
 */
int memory_pin(const struct msg_frames *msg, bool pin);

#endif

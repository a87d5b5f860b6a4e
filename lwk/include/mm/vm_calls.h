/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory calls of a program. Linux's man pages are the specification; arguments
 * are the program's, unchecked. lwk/include/mm/vm_mman.h has the numbers.
 *
 * Where Linux stops half-way at a hole (mprotect, mlock, madvise), so do these.
 * For want of memory they never stop half-way: they have their effect, or -ENOMEM
 * and none.
 *
 * Those that end in _own() do it only if nothing in the range is somebody else's, which they find
 * out and act upon at once; else they return -EXDEV and have no effect.
 *
 * Context of all: process context, interrupts enabled, no lock held.
 */
#ifndef LWK_MM_VM_CALLS_H
#define LWK_MM_VM_CALLS_H

#include "lwk/include/mm/vm.h"

/**
 * struct vm_map_args - arguments of vm_map().
 * @addr: hint, or address with MAP_FIXED
 * @len: bytes
 * @prot: PROT_*
 * @flags: MAP_*
 * @ops: NULL for anonymous memory, else MAP_ANONYMOUS is not set
 * @object: for @ops; vm_map() takes references of its own
 * @offset: in @object
 * @limit: 0, or the kernel maps this: it may lie outside the window, below this address
 * @pkey: protection key; 0: as mmap(2) gives it
 * @kind: VM_* of struct vm_range in addition
 */
struct vm_map_args {
	vaddr_t addr;
	u64 len;
	u32 prot;
	u32 flags;
	const struct vm_range_ops *ops;
	void *object;
	u64 offset;
	vaddr_t limit;
	u32 pkey;
	u32 kind;
};

/**
 * vm_map() - mmap(2).
 * @vm: address space
 * @args: arguments
 * @addr: result
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_map(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr) __must_check;

/**
 * vm_map_empty() - mmap(2), but that no page is faulted in.
 * @vm: address space
 * @args: arguments
 * @addr: result
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_map_empty(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr) __must_check;

/**
 * vm_map_own() - vm_map_empty() of anonymous memory, in a place that is nobody else's.
 * @vm: address space
 * @args: arguments
 * @addr: result
 *
 * Context: see above.
 * Return: 0 or -errno; -EXDEV, also from vm_hold_places() to vm_release_places().
 */
int vm_map_own(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr) __must_check;

/**
 * vm_map_populate() - fault in what mmap(2) has to.
 * @vm: address space
 * @args: as for vm_map_empty()
 * @addr: what that found
 *
 * As on Linux, a page that is not to be had now is faulted in later.
 *
 * Context: see above.
 */
void vm_map_populate(struct vm *vm, const struct vm_map_args *args, vaddr_t addr);

/**
 * vm_map_check() - would vm_map() do it, and where?
 * @vm: address space
 * @args: arguments
 * @addr: result
 *
 * Context: see above.
 * Return: 0 or -errno; what vm_map() would say now, but for want of memory.
 */
int vm_map_check(struct vm *vm, const struct vm_map_args *args, vaddr_t *addr) __must_check;

/**
 * vm_hold_places() - the owner of foreign pages is about to map or unmap some.
 * @vm: address space
 *
 * Until vm_release_places() vm_map_own() and vm_brk_own() take no place, as it might be one of
 * those.
 *
 * Context: no lock of the vm held; one at a time.
 */
void vm_hold_places(struct vm *vm);

/**
 * vm_release_places() - ranges and the owner of foreign pages agree again.
 * @vm: address space; nothing happens if no places are held
 *
 * Context: the holder, no lock of the vm held.
 */
void vm_release_places(struct vm *vm);

/**
 * vm_unmap() - munmap(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_unmap(struct vm *vm, vaddr_t addr, u64 len);

/**
 * vm_unmap_own() - munmap(2) of what is nobody else's.
 * @vm: address space
 * @addr: first address
 * @len: bytes
 *
 * Other threads may fault while CPUs, and Linux, are made to forget the pages.
 *
 * Context: see above.
 * Return: 0 or -errno; -EXDEV.
 */
int vm_unmap_own(struct vm *vm, vaddr_t addr, u64 len);

/**
 * vm_protect() - mprotect(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes
 * @prot: PROT_*
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_protect(struct vm *vm, vaddr_t addr, u64 len, u32 prot);

/** VM_PKEY_SAME - for vm_protect_key(): the pages keep their keys, as for mprotect(2). */
#define VM_PKEY_SAME (-1)

/**
 * vm_protect_key() - pkey_mprotect(2).
 * @vm: the calling thread's address space
 * @addr: first address
 * @len: bytes
 * @prot: PROT_*
 * @pkey: protection key; VM_PKEY_SAME
 *
 * With VM_PKEY_SAME and PROT_EXEC alone the pages get a key that the calling thread may not
 * read by, if the processor has keys and one is free.
 *
 * Context: see above.
 * Return: 0 or -errno; -EINVAL for a key that is not allocated.
 */
int vm_protect_key(struct vm *vm, vaddr_t addr, u64 len, u32 prot, s32 pkey);

/**
 * vm_protect_own() - vm_protect_key() of what is nobody else's.
 * @vm: the calling thread's address space
 * @addr: first address
 * @len: bytes
 * @prot: PROT_*
 * @pkey: protection key; VM_PKEY_SAME
 *
 * Context: see above.
 * Return: 0 or -errno; -EXDEV.
 */
int vm_protect_own(struct vm *vm, vaddr_t addr, u64 len, u32 prot, s32 pkey);

/**
 * vm_pkey_alloc() - pkey_alloc(2), but for the rights.
 * @vm: address space
 *
 * Context: see above.
 * Return: the key, -ENOSPC if there is none, or the processor has no keys.
 */
int vm_pkey_alloc(struct vm *vm);

/**
 * vm_pkey_free() - pkey_free(2).
 * @vm: address space
 * @pkey: key; pages that have it keep it
 *
 * Context: see above.
 * Return: 0, -EINVAL if it is not allocated.
 */
int vm_pkey_free(struct vm *vm, s32 pkey);

/**
 * vm_pkey_usable() - may vm_protect_key() be asked for a protection key?
 * @vm: address space
 * @pkey: key, or VM_PKEY_SAME
 *
 * Context: see above.
 * Return: true if so; until the key is freed.
 */
bool vm_pkey_usable(struct vm *vm, s32 pkey);

/**
 * vm_pkey_of() - protection key of an address.
 * @vm: address space
 * @addr: address
 *
 * Context: see above.
 * Return: the key; 0 if nothing is mapped there.
 */
u32 vm_pkey_of(struct vm *vm, vaddr_t addr);

/**
 * struct vm_remap_args - arguments of vm_remap().
 * @addr: first address
 * @old_len: bytes
 * @new_len: bytes
 * @flags: MREMAP_*
 * @new_addr: with MREMAP_FIXED; with MREMAP_DONTUNMAP a hint
 */
struct vm_remap_args {
	vaddr_t addr;
	u64 old_len;
	u64 new_len;
	u32 flags;
	vaddr_t new_addr;
};

/**
 * vm_remap() - mremap(2).
 * @vm: address space
 * @args: arguments
 * @addr: result
 *
 * A second mapping (@old_len 0) of what is not anonymous is refused with -EINVAL.
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_remap(struct vm *vm, const struct vm_remap_args *args, vaddr_t *addr) __must_check;

/**
 * vm_brk() - the brk system call, which differs from brk(3).
 * @vm: address space
 * @addr: wanted end of the heap
 *
 * Context: see above.
 * Return: the end of the heap, which is @addr on success and the old one else.
 */
vaddr_t vm_brk(struct vm *vm, vaddr_t addr);

/**
 * vm_brk_own() - vm_brk() over what is nobody else's.
 * @vm: address space
 * @addr: wanted end of the heap
 * @brk: result: as vm_brk() returns it
 *
 * Context: see above.
 * Return: 0; -EXDEV, if the heap is to grow also from vm_hold_places() to vm_release_places().
 */
int vm_brk_own(struct vm *vm, vaddr_t addr, vaddr_t *brk) __must_check;

/**
 * vm_advise() - madvise(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes
 * @advice: MADV_*
 *
 * MADV_FREE frees at once. Memory of MAP_SHARED keeps its content under
 * MADV_DONTNEED and loses it under MADV_REMOVE, for all who map it.
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_advise(struct vm *vm, vaddr_t addr, u64 len, int advice);

/**
 * vm_advise_own() - vm_advise() about what is nobody else's.
 * @vm: address space
 * @addr: first address
 * @len: bytes
 * @advice: MADV_*
 *
 * Context: see above.
 * Return: 0 or -errno; -EXDEV.
 */
int vm_advise_own(struct vm *vm, vaddr_t addr, u64 len, int advice);

/**
 * vm_mincore() - mincore(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes; all of it is answered, so callers ask piece by piece
 * @vec: result: a byte for each page, 1 if it is resident
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_mincore(struct vm *vm, vaddr_t addr, u64 len, u8 *vec);

/**
 * vm_mlock() - mlock(2) and mlock2(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes
 * @flags: 0 or MLOCK_ONFAULT
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_mlock(struct vm *vm, vaddr_t addr, u64 len, u32 flags);

/**
 * vm_mlock_own() - vm_mlock() of what is nobody else's.
 * @vm: address space
 * @addr: first address
 * @len: bytes
 * @flags: 0 or MLOCK_ONFAULT
 *
 * Context: see above.
 * Return: 0 or -errno; -EXDEV.
 */
int vm_mlock_own(struct vm *vm, vaddr_t addr, u64 len, u32 flags);

/**
 * vm_munlock() - munlock(2).
 * @vm: address space
 * @addr: first address
 * @len: bytes
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_munlock(struct vm *vm, vaddr_t addr, u64 len);

/**
 * vm_mlockall() - mlockall(2).
 * @vm: address space
 * @flags: MCL_*
 *
 * Context: see above.
 * Return: 0 or -errno.
 */
int vm_mlockall(struct vm *vm, u32 flags);

/**
 * vm_munlockall() - munlockall(2).
 * @vm: address space
 *
 * Context: see above.
 * Return: 0.
 */
int vm_munlockall(struct vm *vm);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory calls, between the files of lwk/proc/.
 */
#ifndef LWK_PROC_MEMORY_INTERNAL_H
#define LWK_PROC_MEMORY_INTERNAL_H

#include "abi/layout.h"
#include "lwk/include/proc/memory.h"

struct process;

/** WINDOW_START - where what the program, and the proxy for it, may map begins. */
#define WINDOW_START ((vaddr_t)LWK_USER_START)
/** WINDOW_END - end of it. */
#define WINDOW_END ((vaddr_t)LWK_PROGRAM_END)

/** struct memory_part - a part of a range that is Linux's */
struct memory_part {
	vaddr_t start;
	vaddr_t end;
};

/** enum linux_kind - ranges of Linux's that other calls than those on memory know, too */
enum linux_kind {
	LINUX_SEGMENT, /* System V shared memory: all ranges of one attachment */
	LINUX_AIO_RING, /* completions of asynchronous I/O: all ranges of one ring */
};

/**
 * struct linux_object - what such ranges have in common.
 * @refs: ranges, and who is making it
 * @kind: set at creation
 * @len: bytes; set at creation
 */
struct linux_object {
	u32 refs;
	enum linux_kind kind;
	u64 len;
};

/**
 * linux_object_create() - for ranges that are about to be made.
 * @kind: of which kind
 * @len: bytes that they have together at first
 *
 * Context: process context.
 * Return: the object, with one reference, the caller's; NULL: no memory.
 */
struct linux_object *linux_object_create(enum linux_kind kind, u64 len);

/**
 * linux_object_get() - one more range is part of it.
 * @object: of the range; NULL for files
 *
 * Context: any.
 */
void linux_object_get(void *object);

/**
 * linux_object_put() - one range less is.
 * @object: of the range; NULL for files
 *
 * Context: any but NMI, no spinlock held.
 */
void linux_object_put(void *object);

/**
 * memory_look_at_limits() - have the vm know the calling process's limits.
 * @process: the calling task's
 *
 * The caller may have gained or dropped privileges on Linux, and another process with the same
 * memory may have other limits.
 *
 * Context: the task, interrupts enabled; the memory lock held or not.
 */
void memory_look_at_limits(struct process *process);

/**
 * memory_wait() - after a refusal: wait for the memory of processes that have ended.
 * @len: bytes that were wanted
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: 0: there may be so much by now; -ENOMEM: there never is; -ERESTARTNOINTR.
 */
int memory_wait(u64 len) __must_check;

/**
 * memory_begin() - take the calling task's memory lock.
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: its process.
 */
struct process *memory_begin(void);

/**
 * memory_begin_places() - memory_begin() of a call by which Linux maps or unmaps.
 *
 * Others take no place of the program's meanwhile, not even without the lock.
 *
 * Context: the task, interrupts enabled, no lock held.
 * Return: its process.
 */
struct process *memory_begin_places(void);

/**
 * memory_finish() - give it back.
 * @process: from memory_begin() or memory_begin_places()
 *
 * Context: the task.
 */
void memory_finish(struct process *process);

/**
 * memory_lock_new() - have Linux lock a new part of its own, if mlockall(2) said MCL_FUTURE.
 * @process: from memory_begin()
 * @addr: first address
 * @len: bytes
 *
 * Context: the task, its memory lock held.
 */
void memory_lock_new(const struct process *process, vaddr_t addr, u64 len);

/**
 * memory_end() - the end of a program's range, as Linux rounds it.
 * @addr: first address
 * @len: bytes, unchecked
 *
 * Context: any.
 * Return: it; may have wrapped, then nothing lies in the range.
 */
static inline vaddr_t memory_end(u64 addr, u64 len)
{
	return addr + ALIGN_UP(len, PAGE_LEN);
}

/**
 * memory_next_linux() - find the first part of [start, end) that is Linux's.
 * @vm: address space
 * @start: first address
 * @end: end
 * @part: result
 *
 * What lies above the program's window, the vDSO, does not count: the proxy needs it itself.
 *
 * Context: the memory lock held.
 * Return: false if there is none.
 */
bool memory_next_linux(struct vm *vm, vaddr_t start, vaddr_t end, struct memory_part *part);

/** memory_part_fn - what to do to a part, which is Linux's if @theirs. Return: 0 or -errno. */
typedef s64 (*memory_part_fn)(struct process *process, const struct memory_part *part, bool theirs,
			      const void *ctx);

/**
 * memory_each_part() - do something to the parts of [addr, end), ascending, as Linux does to its
 * ranges: a failure ends it, and leaves what lies below done.
 * @process: from memory_begin()
 * @addr: first address, aligned
 * @end: end
 * @act: to each part, whether it is Linux's or the LWK's
 * @ctx: for @act
 *
 * Context: the memory lock held.
 * Return: 0, or what @act returned.
 */
s64 memory_each_part(struct process *process, vaddr_t addr, vaddr_t end, memory_part_fn act,
		     const void *ctx);

/**
 * memory_unmap_locked() - munmap(2).
 * @process: the calling task's
 * @addr: first address
 * @len: bytes
 *
 * Context: the task, the memory lock held.
 * Return: 0 or -errno.
 */
s64 memory_unmap_locked(struct process *process, u64 addr, u64 len);

/**
 * memory_check_cut() - may what is Linux's be cut at both ends of a range?
 * @process: the task's
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Context: the task, memory lock held.
 * Return: 0; -EINVAL: not inside a huge page.
 */
int memory_check_cut(struct process *process, vaddr_t start, vaddr_t end) __must_check;

/**
 * memory_restore() - Linux's half of giving [start, end) back to the LWK.
 * @start: first address
 * @end: end
 *
 * Context: the task, the memory lock held, not the vm's.
 * Return: 0 or -errno.
 */
int memory_restore(vaddr_t start, vaddr_t end) __must_check;

#endif

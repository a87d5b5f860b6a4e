/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of memory calls with two owners share: a Linux that maps and lends what it is
 * asked for, or refuses one call.
 */
#ifndef UNIT_PROCESS_MEMORY_FIXTURE_H
#define UNIT_PROCESS_MEMORY_FIXTURE_H

#include <errno.h>

#include "lwk/include/mm/vm_mman.h"
#include "tests/unit/process_fixture.h"

#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)
#define FD 5
#define SEGMENT_LEN 20000
/* Where Linux makes the ring of a context, above the program. */
#define RING 0x7f1234567000ULL

static u64 frames_lent;
static s64 refuse_nr, refuse_err;
static struct vm *vm;

/* Frames are numbered, beyond granted memory. */
static __maybe_unused s64 lend(struct offload_slot *slot)
{
	u64 n = MIN(slot->args[2], 4ULL);

	for (u64 i = 0; i < n; i++)
		slot->loan[i] = (0x8000000000ULL + P(frames_lent++)) | OFFLOAD_LOAN_WRITE;
	slot->loan_seq = 0;
	slot->loan_start = slot->args[0];
	return (s64)n;
}

static __maybe_unused s64 answer(struct offload_slot *slot)
{
	if ((s64)slot->nr == refuse_nr)
		return refuse_err;
	if (slot->nr == OFFLOAD_NR_FAULT)
		return lend(slot);
	if (slot->nr == SYSCALL_mmap)
		return (s64)slot->args[0];
	if (slot->nr == OFFLOAD_NR_SHM_LEN)
		return SEGMENT_LEN;
	if (slot->nr == SYSCALL_shmat)
		return (s64)slot->args[1];
	if (slot->nr == SYSCALL_io_setup && !slot->args[1])
		return (s64)(RING >> PAGE_SHIFT | 3ULL << OFFLOAD_AIO_LEN_SHIFT);
	if (slot->nr == SYSCALL_io_setup && slot->args[0])
		return RING;
	if (slot->nr == SYSCALL_mremap)
		return (s64)slot->args[4];
	return 0;
}

static __maybe_unused void init(void)
{
	vm = fixture_run()->vm;
	linux_answer = answer;
	nheard = 0;
}

static __maybe_unused void end(void)
{
	vm_check(vm);
	fixture_stop();
}

static __maybe_unused s64 map(u64 addr, u64 len, u64 prot, u64 flags, u64 fd)
{
	const struct memory_map_args args = { addr, len, prot, flags, fd, 0 };

	return memory_map(&args);
}

static __maybe_unused vaddr_t map_file(u64 addr, u64 npages, u64 flags)
{
	s64 ret = map(addr, P(npages), RW, MAP_PRIVATE | flags, FD);

	CHECK(ret > 0);
	return (vaddr_t)ret;
}

static __maybe_unused vaddr_t map_memory(u64 addr, u64 npages, u64 flags)
{
	s64 ret = map(addr, P(npages), RW, MAP_PRIVATE | MAP_ANONYMOUS | flags, ~0ULL);

	CHECK(ret > 0);
	return (vaddr_t)ret;
}

/* EXPECT() - the next request that Linux got. */
#define EXPECT(number, first, second)                          \
	do {                                                   \
		CHECK(next < nheard);                          \
		CHECK_EQ(heard[next].nr, number);              \
		CHECK_EQ(heard[next].args[0], first);          \
		CHECK_EQ(heard[next].args[1], second);         \
		next++;                                        \
	} while (0)

static __maybe_unused bool is_linux(vaddr_t addr)
{
	return user_memory_fault(addr, VM_READ) == 0 &&
	       vm_share(vm, addr, false, &(struct vm_extent){ 0 }) == -EFAULT;
}

static __maybe_unused bool is_own(vaddr_t addr)
{
	return !vm_share(vm, addr, true, &(struct vm_extent){ 0 });
}

static __maybe_unused bool is_hole(vaddr_t addr)
{
	return user_memory_fault(addr, VM_READ) == -EFAULT;
}

#endif /* UNIT_PROCESS_MEMORY_FIXTURE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of forked address spaces share: one space, its child, and the use of both
 * as a program would.
 */
#ifndef UNIT_VM_FORK_FIXTURE_H
#define UNIT_VM_FORK_FIXTURE_H

#include "lwk/include/mm/vm_calls.h"
#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x40000000ULL
#define PRIVATE (MAP_PRIVATE | MAP_FIXED)
#define SHARED (MAP_SHARED | MAP_FIXED)
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)
#define LARGE LARGE_PAGE_LEN

static struct fixture fixture;
static struct vm *vm;

static __maybe_unused void init(u64 node_len)
{
	fixture = fixture_create(1, node_len);
	vm = fixture.vm;
}

static __maybe_unused int map(vaddr_t addr, u64 len, u32 prot, u32 flags)
{
	vaddr_t out;

	return fixture_map(vm, addr, len, prot, flags, &out);
}

static __maybe_unused struct vm *fork_vm(struct vm *parent)
{
	struct vm *child;

	CHECK_EQ(vm_fork(parent, true, &child), 0);
	return child;
}

static __maybe_unused void check_both(struct vm *child)
{
	struct vm *vms[] = { vm, child };

	fixture_check_all(vms, 2);
}

static __maybe_unused paddr_t where(const struct vm *space, vaddr_t addr)
{
	u32 level;
	pte_t pte = vm_pt_lookup(space, addr, &level);

	return vm_pte_is_leaf(pte, level) ? pte_paddr(pte) + (addr & (level_len(level) - 1)) : 0;
}

/* As a program: fault, then use what the page tables say. */
static __maybe_unused void put(struct vm *space, vaddr_t addr, u64 value)
{
	CHECK_EQ(vm_fault(space, addr, VM_WRITE), 0);
	*(u64 *)phys_to_virt(where(space, addr)) = value;
}

static __maybe_unused u64 get(struct vm *space, vaddr_t addr)
{
	CHECK_EQ(vm_fault(space, addr, VM_READ), 0);
	return *(u64 *)phys_to_virt(where(space, addr));
}

/* Promised or not, as the range says. */
static __maybe_unused u32 flags_at(const struct vm *space, vaddr_t addr)
{
	const struct vm_range *range = vm_range_find(space, addr);

	CHECK(range && range->node.start <= addr);
	return range->flags & (VM_ACCOUNT | VM_NORESERVE);
}

static __maybe_unused u64 blocks(struct vm *space, u32 level)
{
	struct vm_stats stats;

	vm_get_stats(space, &stats);
	return stats.resident[level];
}

#endif

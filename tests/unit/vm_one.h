/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that work on one address space after the other: the space, and short words for what
 * they map in it. Included by the test's only file.
 */
#ifndef UNIT_VM_ONE_H
#define UNIT_VM_ONE_H

#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x40000000ULL
#define PRIVATE (MAP_PRIVATE | MAP_FIXED)
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)

/* A test makes them by init(), and ends by fixture_destroy(). */
static struct fixture fixture;
static struct vm *vm;

static void init(void)
{
	fixture = fixture_create(1, NODE_LEN);
	vm = fixture.vm;
}

/* With MAP_FIXED, or where the place does not matter. */
static int map(vaddr_t addr, u64 len, u32 prot, u32 flags)
{
	vaddr_t out;

	return fixture_map(vm, addr, len, prot, flags, &out);
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of devices: what Linux says of them with their address, and memory calls on them.
 */
#include <errno.h>

#include "lwk/include/mm/vm_mman.h"
#include "tests/unit/process_fixture.h"

#define P(n) ((n) * PAGE_LEN)
#define FD 5
#define KIND (VM_IO | VM_SPECIAL | VM_DONTFORK)

static u32 mapped; /* OFFLOAD_MAPPED_* */
static struct vm *vm;

static s64 answer(struct offload_slot *slot)
{
	if (slot->nr == SYSCALL_mmap)
		return (s64)slot->args[0] | mapped;
	return slot->nr == SYSCALL_mremap ? (s64)slot->args[4] : 0;
}

static void init(u32 kind)
{
	vm = fixture_run()->vm;
	linux_answer = answer;
	nheard = 0;
	mapped = kind;
}

static void end(void)
{
	vm_check(vm);
	fixture_stop();
}

static vaddr_t map_file(u64 npages)
{
	const struct memory_map_args args = {
		.len = P(npages), .prot = PROT_READ | PROT_WRITE, .flags = MAP_SHARED, .fd = FD,
	};
	s64 ret = memory_map(&args);

	CHECK(ret > 0);
	CHECK(IS_ALIGNED((vaddr_t)ret, PAGE_LEN));
	return (vaddr_t)ret;
}

static int copy_flags(const struct vm_range *range, void *ctx)
{
	*(u32 *)ctx = range->flags & (KIND | VM_LOCKED);
	return 1;
}

static u32 flags_at(vaddr_t addr)
{
	u32 flags = 0;

	vm_for_each_in(vm, addr, addr + 1, copy_flags, &flags);
	return flags;
}

static void linux_says_what_it_has_mapped(void)
{
	init(OFFLOAD_MAPPED_IO);
	CHECK_EQ(flags_at(map_file(1)), VM_IO);
	mapped = OFFLOAD_MAPPED_SPECIAL;
	CHECK_EQ(flags_at(map_file(1)), VM_SPECIAL);
	mapped = OFFLOAD_MAPPED_DONTFORK;
	CHECK_EQ(flags_at(map_file(1)), VM_DONTFORK);
	mapped = 0;
	CHECK_EQ(flags_at(map_file(1)), 0);
	end();
}

static void devices_are_not_locked(void)
{
	vaddr_t device, file;

	init(OFFLOAD_MAPPED_IO | OFFLOAD_MAPPED_SPECIAL);
	device = map_file(4);
	CHECK_EQ(memory_lock(device, P(4), 0), 0);
	CHECK_EQ(vm->locked, 0);
	mapped = 0;
	file = map_file(2);
	CHECK_EQ(memory_lock_all(MCL_CURRENT | MCL_FUTURE), 0);
	CHECK_EQ(flags_at(device) & VM_LOCKED, 0);
	CHECK_EQ(flags_at(file), VM_LOCKED);
	mapped = OFFLOAD_MAPPED_SPECIAL;
	CHECK_EQ(flags_at(map_file(1)), VM_SPECIAL);
	end();
}

static void devices_move_but_do_not_grow(void)
{
	struct vm_remap_args move = { .old_len = P(4), .new_len = P(8) };

	init(OFFLOAD_MAPPED_IO | OFFLOAD_MAPPED_SPECIAL | OFFLOAD_MAPPED_DONTFORK);
	move.addr = map_file(4);
	CHECK_EQ(memory_remap(&move), -EFAULT);
	move.new_len = P(4);
	move.flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	move.new_addr = move.addr + P(1024);
	CHECK_EQ(memory_remap(&move), (s64)move.new_addr);
	CHECK_EQ(flags_at(move.new_addr), KIND);
	CHECK_EQ(flags_at(move.addr), 0);
	mapped = 0;
	move = (struct vm_remap_args){ .addr = map_file(4), .old_len = P(4), .new_len = P(8) };
	CHECK_EQ(memory_remap(&move), -ENOMEM);
	end();
}

static void children_get_what_is_no_devices(void)
{
	vaddr_t a;

	init(OFFLOAD_MAPPED_IO | OFFLOAD_MAPPED_DONTFORK);
	a = map_file(1);
	CHECK_EQ(memory_advise(a, P(1), MADV_DOFORK), -EINVAL);
	CHECK_EQ(flags_at(a), VM_IO | VM_DONTFORK);
	mapped = OFFLOAD_MAPPED_DONTFORK;
	a = map_file(1);
	CHECK_EQ(memory_advise(a, P(1), MADV_DOFORK), 0);
	CHECK_EQ(flags_at(a), 0);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(linux_says_what_it_has_mapped),
	UNIT_TEST(devices_are_not_locked),
	UNIT_TEST(devices_move_but_do_not_grow),
	UNIT_TEST(children_get_what_is_no_devices),
};

UNIT_MAIN(tests)

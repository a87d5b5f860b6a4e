// SPDX-License-Identifier: GPL-2.0-only
/* Memory calls that Linux hears of only where a file lies in the heap, or memory is short. */
#include <errno.h>

#include "lwk/include/mm/vm_mman.h"
#include "tests/unit/process_fixture.h"

#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)
#define FD 5

static struct vm *vm;
/* What other threads have. */
static vaddr_t others;

static s64 answer(struct offload_slot *slot)
{
	return slot->nr == SYSCALL_mmap ? (s64)slot->args[0] : 0;
}

static void init(void)
{
	vm = fixture_run()->vm;
	linux_answer = answer;
	nheard = 0;
}

static void end(void)
{
	vm_check(vm);
	fixture_stop();
}

static vaddr_t map_file(u64 addr, u64 npages, u64 flags)
{
	const struct memory_map_args args = { addr, P(npages), RW, MAP_PRIVATE | flags, FD, 0 };
	s64 ret = memory_map(&args);

	CHECK(ret > 0);
	return (vaddr_t)ret;
}

static vaddr_t map_memory(u64 npages)
{
	const struct memory_map_args args = { 0, P(npages), RW, MAP_PRIVATE | MAP_ANONYMOUS,
					      ~0ULL, 0 };
	s64 ret = memory_map(&args);

	CHECK(ret > 0);
	return (vaddr_t)ret;
}

static bool is_own(vaddr_t addr)
{
	return !vm_share(vm, addr, true, &(struct vm_extent){ 0 });
}

static bool is_hole(vaddr_t addr)
{
	return user_memory_fault(addr, VM_READ) == -EFAULT;
}

/* While one thread has Linux map something, others change what is their own. */
static s64 change_beside(struct offload_slot *slot)
{
	vaddr_t a = others;

	if (slot->nr != SYSCALL_mmap)
		return answer(slot);
	CHECK(task_current()->process->space->memory.owner);
	CHECK_EQ(memory_protect(a, P(1), PROT_READ, VM_PKEY_SAME), 0);
	CHECK_EQ(memory_advise(a, P(4), MADV_DONTNEED), 0);
	CHECK_EQ(memory_advise(a, P(4), MADV_NOHUGEPAGE), 0);
	CHECK_EQ(memory_advise(a, P(4), MADV_POPULATE_READ), 0);
	CHECK_EQ(memory_advise(a + P(1), P(2), MADV_POPULATE_WRITE), 0);
	CHECK_EQ(memory_lock(a + P(3), P(1), 0), 0);
	CHECK_EQ(memory_unmap(a, P(1)), 0);
	return answer(slot);
}

static void own_memory_waits_for_nobody(void)
{
	init();
	others = map_memory(4);
	linux_answer = change_beside;
	(void)map_file(0, 1, 0);
	CHECK(is_hole(others) && is_own(others + P(1)));
	end();
}

/* A file over the heap is Linux's to unmap when the heap shrinks. */
static void heap_shrinks_over_a_file(void)
{
	vaddr_t heap;
	u32 before;

	init();
	heap = map_memory(16);
	CHECK_EQ(memory_unmap(heap, P(16)), 0);
	vm_set_brk(vm, heap, 0);
	CHECK_EQ(memory_brk(heap + P(8)), heap + P(8));
	CHECK_EQ(nheard, 0);
	CHECK_EQ(map_file(heap + P(4), 2, MAP_FIXED), heap + P(4));
	before = nheard;
	CHECK_EQ(memory_brk(heap + P(7)), heap + P(7));
	CHECK_EQ(nheard, before);
	CHECK_EQ(memory_brk(heap + P(2)), heap + P(2));
	CHECK_EQ(nheard, before + 1);
	CHECK_EQ(heard[before].nr, OFFLOAD_NR_RESTORE);
	CHECK_EQ(heard[before].args[0], heap + P(2));
	CHECK_EQ(heard[before].args[1], heap + P(7));
	CHECK(is_hole(heap + P(4)) && is_own(heap + P(1)));
	end();
}

/* What may be promised once all that have ended are forgotten. */
static u64 limit_then;

static s64 forget(struct offload_slot *slot)
{
	if (slot->nr == OFFLOAD_NR_ENDED)
		vm_ledger_set_limit(limit_then);
	return slot->nr == SYSCALL_mremap ? -ENOMEM : answer(slot);
}

/* Nothing more may be promised until Linux was asked. */
static void run_short(void)
{
	vm_ledger_set_limit(vm_ledger_used());
	nheard = 0;
}

#define EXPECT_WAIT() CHECK(nheard == 1 && heard[0].nr == OFFLOAD_NR_ENDED)

static void memory_of_the_ended_is_waited_for(void)
{
	struct vm_remap_args remap = { .old_len = P(2), .new_len = P(3),
				       .flags = MREMAP_MAYMOVE };
	vaddr_t a, heap;

	init();
	linux_answer = forget;
	limit_then = vm_ledger_limit();
	a = map_memory(2);
	heap = map_memory(16);
	CHECK_EQ(memory_unmap(heap, P(16)), 0);
	vm_set_brk(vm, heap, 0);
	CHECK_EQ(memory_protect(a, P(2), PROT_READ, VM_PKEY_SAME), 0);
	run_short();
	CHECK_EQ(memory_protect(a, P(2), RW, VM_PKEY_SAME), 0);
	EXPECT_WAIT();
	run_short();
	CHECK_EQ(memory_brk(heap + P(1)), heap + P(1));
	EXPECT_WAIT();
	run_short();
	remap.addr = a;
	CHECK(memory_remap(&remap) > 0);
	EXPECT_WAIT();
	/* It was in vain, or whoever ends, there is never so much. */
	limit_then = vm_ledger_used();
	run_short();
	CHECK_EQ(memory_brk(heap + P(2)), heap + P(1));
	EXPECT_WAIT();
	CHECK_EQ(memory_brk(heap + (limit_then + 2) * PAGE_LEN), heap + P(1));
	EXPECT_WAIT();
	end();
}

/* Nothing of that is the LWK's memory, and what Linux has begun is not begun again. */
static void refusal_of_linux_is_final(void)
{
	struct vm_remap_args remap = { .old_len = P(1), .new_len = P(2),
				       .flags = MREMAP_MAYMOVE };

	init();
	linux_answer = forget;
	remap.addr = map_file(0, 1, 0);
	limit_then = vm_ledger_used();
	run_short();
	CHECK_EQ(memory_remap(&remap), -ENOMEM);
	CHECK(nheard == 2 && heard[0].nr == SYSCALL_mremap && heard[1].nr == OFFLOAD_NR_RESTORE);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(own_memory_waits_for_nobody),
	UNIT_TEST(heap_shrinks_over_a_file),
	UNIT_TEST(memory_of_the_ended_is_waited_for),
	UNIT_TEST(refusal_of_linux_is_final),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory calls with two owners: what Linux is asked for, in which order, what its errors undo.
 */
#include <errno.h>

#include "lwk/include/mm/page_pin.h"
#include "tests/unit/process_memory_fixture.h"

static void own_memory_asks_nobody(void)
{
	vaddr_t a;

	init();
	a = map_memory(0, 8, 0);
	CHECK(is_own(a));
	CHECK_EQ(memory_protect(a + P(4), P(2), PROT_READ, VM_PKEY_SAME), 0);
	CHECK_EQ(memory_advise(a + P(4), P(2), MADV_DONTNEED), 0);
	/* Linux was shown the first page alone. */
	CHECK_EQ(nheard, 0);
	CHECK_EQ(memory_unmap(a, P(8)), 0);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, HEARD_REVOKE);
	CHECK(heard[0].args[0] <= a && heard[0].args[1] > a);
	end();
}

static u32 slept;

/* First the proxy ends, then Linux answers. */
static void cleanup_overtakes_revoke_done(void)
{
	static struct ikc_channel chan;
	const struct msg_process msg = { .pid = task_current()->process->pid };

	if (slept++)
		memory_revoke_done(&revoke);
	else
		CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
}

/* The answer is for nobody else who has the ids later, nor is the page anybody's before. */
static void a_revoke_outlives_the_proxy(void)
{
	struct thread *thread;
	vaddr_t a;

	init();
	thread = current_thread;
	a = map_memory(0, 8, 0);
	CHECK(is_own(a));
	revokes_wait = true;
	asleep = cleanup_overtakes_revoke_done;
	slept = 0;
	CHECK_EQ(memory_unmap(a, P(8)), 0);
	CHECK_EQ(slept, 2);
	revokes_wait = false;
	asleep = NULL;
	linux_answer = NULL;
	current_thread = NULL;
	answers = 0;
	thread->ended(thread);
	CHECK_EQ(answers, 1);
	fixture_end();
}

static void a_file_is_mapped_by_linux_first(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	a = map_file(0, 6, 0);
	EXPECT(SYSCALL_mmap, a, P(6));
	CHECK_EQ(heard[0].args[3], MAP_PRIVATE | MAP_FIXED);
	CHECK_EQ(heard[0].args[4], FD);
	CHECK_EQ(user_memory_fault(a + P(1), VM_WRITE), 0);
	EXPECT(OFFLOAD_NR_FAULT, a + P(1), VM_WRITE);
	CHECK_EQ(user_memory_fault(a + P(4), VM_READ), 0);
	CHECK_EQ(user_memory_fault(a + P(5), VM_READ), 0);
	EXPECT(OFFLOAD_NR_FAULT, a + P(5), VM_READ);
	CHECK_EQ(memory_unmap(a, P(6)), 0);
	EXPECT(OFFLOAD_NR_RESTORE, a, a + P(6));
	CHECK(is_hole(a));
	CHECK_EQ(next, nheard);
	end();
}

static void linux_may_refuse_a_file(void)
{
	vaddr_t a;

	init();
	a = map_memory(0, 4, 0);
	refuse_nr = SYSCALL_mmap;
	refuse_err = -EACCES;
	CHECK_EQ(map(0, P(1), RW, MAP_SHARED, FD), -EACCES);
	CHECK_EQ(map(a, P(4), RW, MAP_PRIVATE | MAP_FIXED, FD), -EACCES);
	CHECK(is_own(a));
	/* What is wrong at first sight, Linux says too: it may know of something worse. */
	refuse_err = -EBADF;
	CHECK_EQ(map(0, 0, RW, MAP_PRIVATE, FD), -EBADF);
	end();
}

static void replacing_files(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	a = map_file(0, 6, 0);
	nheard = 0;
	CHECK_EQ(map_memory(a + P(2), 2, MAP_FIXED), a + P(2));
	EXPECT(OFFLOAD_NR_RESTORE, a + P(2), a + P(4));
	CHECK(is_linux(a) && is_own(a + P(2)) && is_own(a + P(3)) && is_linux(a + P(4)));
	next = nheard = 0;
	CHECK_EQ(map_file(a + P(3), 1, MAP_FIXED), a + P(3));
	EXPECT(SYSCALL_mmap, a + P(3), P(1));
	/* Linux had seen the page that was there. */
	EXPECT(HEARD_REVOKE, a + P(3), a + P(4));
	CHECK(is_linux(a + P(3)));
	/* Linux cannot give the place back: then nothing is there. */
	refuse_nr = OFFLOAD_NR_RESTORE;
	refuse_err = -ENOMEM;
	CHECK_EQ(map(a + P(3), P(1), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), -ENOMEM);
	CHECK(is_hole(a + P(3)) && is_own(a + P(2)));
	end();
}

static void protecting_part_by_part(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	a = map_memory(0, 6, 0);
	map_file(a + P(2), 2, MAP_FIXED);
	nheard = 0;
	CHECK_EQ(memory_protect(a, P(6), PROT_READ, VM_PKEY_SAME), 0);
	EXPECT(SYSCALL_mprotect, a + P(2), P(2));
	CHECK_EQ(next, nheard);
	CHECK_EQ(user_memory_fault(a + P(3), VM_WRITE), -EACCES);
	CHECK_EQ(user_memory_fault(a + P(5), VM_WRITE), -EACCES);
	refuse_nr = SYSCALL_mprotect;
	refuse_err = -EACCES;
	CHECK_EQ(memory_protect(a, P(6), RW, VM_PKEY_SAME), -EACCES);
	CHECK_EQ(user_memory_fault(a, VM_WRITE), 0);
	CHECK_EQ(user_memory_fault(a + P(2), VM_WRITE), -EACCES);
	CHECK_EQ(user_memory_fault(a + P(5), VM_WRITE), -EACCES);
	end();
}

static void calls_on_each_part(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	a = map_memory(0, 9, 0);
	CHECK_EQ(memory_unmap(a + P(8), P(1)), 0);
	map_file(a + P(1), 2, MAP_FIXED);
	map_file(a + P(5), 1, MAP_FIXED);
	nheard = 0;
	CHECK_EQ(memory_sync(a, P(8), 4), 0);
	EXPECT(SYSCALL_msync, a + P(1), P(2));
	EXPECT(SYSCALL_msync, a + P(5), P(1));
	CHECK_EQ(memory_sync(a + P(2), P(1), 4), 0);
	EXPECT(SYSCALL_msync, a + P(2), P(1));
	CHECK_EQ(memory_sync(a, P(9), 4), -ENOMEM);
	next = nheard;
	CHECK_EQ(memory_advise(a, P(8), MADV_DONTNEED), 0);
	EXPECT(SYSCALL_madvise, a + P(1), P(2));
	EXPECT(SYSCALL_madvise, a + P(5), P(1));
	CHECK_EQ(heard[next - 1].args[2], MADV_DONTNEED);
	CHECK_EQ(memory_advise(a, P(8), 12345), -EINVAL);
	CHECK_EQ(next, nheard);
	end();
}

/* Linux says what is a huge page, and is asked only about what may be one. */
static void huge_pages_are_not_cut(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	a = map_file(0, 1024, 0);
	CHECK_EQ(a % LARGE_PAGE_LEN, 0);
	refuse_nr = SYSCALL_mremap;
	refuse_err = -EINVAL;
	nheard = 0;
	CHECK_EQ(memory_unmap(a, P(1)), -EINVAL);
	EXPECT(SYSCALL_mremap, a + P(1), P(1));
	CHECK_EQ(map(a + P(1), P(1), RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), -ENOMEM);
	EXPECT(SYSCALL_mremap, a + P(1), P(1));
	CHECK_EQ(next, nheard);
	CHECK(is_linux(a) && is_linux(a + P(1)));
	nheard = next = 0;
	CHECK_EQ(memory_unmap(a, P(512)), 0);
	EXPECT(OFFLOAD_NR_RESTORE, a, a + P(512));
	refuse_nr = 0;
	end();
}

/* What another thread unmaps while Linux writes the file, in [0] to [1]. */
static vaddr_t unmapped[2];

static s64 write_file(struct offload_slot *slot)
{
	if (slot->nr != SYSCALL_msync)
		return answer(slot);
	CHECK(!task_current()->process->space->memory.owner);
	if (!unmapped[1])
		return 0;
	CHECK_EQ(vm_unmap(vm, unmapped[0], unmapped[1] - unmapped[0]), 0);
	unmapped[1] = 0;
	return -EINVAL;
}

static void others_map_while_a_file_is_written(void)
{
	u32 next = 0;
	vaddr_t a;

	init();
	linux_answer = write_file;
	a = map_memory(0, 8, 0);
	map_file(a + P(1), 3, MAP_FIXED);
	map_file(a + P(5), 1, MAP_FIXED);
	nheard = 0;
	CHECK_EQ(memory_sync(a, P(8), 4), 0);
	nheard = 0;
	unmapped[0] = a + P(1);
	unmapped[1] = a + P(2);
	CHECK_EQ(memory_sync(a, P(8), 4), -ENOMEM);
	EXPECT(SYSCALL_msync, a + P(1), P(3));
	EXPECT(SYSCALL_msync, a + P(2), P(2));
	EXPECT(SYSCALL_msync, a + P(5), P(1));
	/* What stays as it was has the error that it has. */
	refuse_nr = SYSCALL_msync;
	refuse_err = -EIO;
	linux_answer = answer;
	CHECK_EQ(memory_sync(a + P(2), P(2), 4), -EIO);
	refuse_nr = 0;
	end();
}

static void moving_files(void)
{
	struct vm_remap_args args = { .old_len = P(4), .new_len = P(8), .flags = MREMAP_MAYMOVE };
	vaddr_t a, b;

	init();
	a = map_file(0, 4, 0);
	nheard = 0;
	args.addr = a;
	b = (vaddr_t)memory_remap(&args);
	CHECK_EQ(nheard, 2);
	CHECK_EQ(heard[0].nr, SYSCALL_mremap);
	CHECK(heard[0].args[3] & MREMAP_FIXED);
	CHECK_EQ(heard[0].args[4], b);
	CHECK_EQ(heard[1].nr, OFFLOAD_NR_RESTORE);
	CHECK_EQ(heard[1].args[0], a);
	CHECK(is_hole(a) && is_linux(b + P(7)));
	args = (struct vm_remap_args){ b, P(8), P(2), 0, 0 };
	CHECK_EQ(memory_remap(&args), b);
	CHECK(is_linux(b + P(1)) && is_hole(b + P(2)));
	args = (struct vm_remap_args){ b, P(2), P(3), 0, 0 };
	CHECK_EQ(memory_remap(&args), -ENOMEM);
	refuse_nr = SYSCALL_mremap;
	refuse_err = -EFAULT;
	args.flags = MREMAP_MAYMOVE;
	CHECK_EQ(memory_remap(&args), -EFAULT);
	CHECK(is_linux(b));
	end();
}

/* The old place stays as it is, and is Linux's. */
static void keeping_files(void)
{
	struct vm_remap_args args = { .old_len = P(2), .new_len = P(2),
				      .flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP };
	vaddr_t a, b;

	init();
	a = map_file(0, 4, 0);
	nheard = 0;
	args.addr = a + P(1);
	b = (vaddr_t)memory_remap(&args);
	CHECK(nheard == 1 && b != a + P(1));
	CHECK(heard[0].nr == SYSCALL_mremap && heard[0].args[4] == b);
	CHECK(is_linux(a + P(1)) && is_linux(b + P(1)));
	args.flags = MREMAP_DONTUNMAP;
	CHECK_EQ(memory_remap(&args), -EINVAL);
	/* No old length: once more, but what is private is not to be had twice. */
	args = (struct vm_remap_args){ a, 0, P(2), MREMAP_MAYMOVE, 0 };
	CHECK_EQ(memory_remap(&args), -EINVAL);
	a = (vaddr_t)map(0, P(4), RW, MAP_SHARED, FD);
	args.addr = a + P(1);
	nheard = 0;
	b = (vaddr_t)memory_remap(&args);
	CHECK(nheard == 1 && heard[0].args[4] == b);
	CHECK(is_linux(a + P(1)) && is_linux(b + P(1)));
	end();
}

/* mlockall(2): Linux's parts one by one, and what is mapped later. */
static void locking_all(void)
{
	u32 next = 0;
	vaddr_t a, b;

	init();
	task_current()->process->may_lock = true;
	a = map_file(0, 4, 0);
	nheard = 0;
	CHECK_EQ(memory_lock_all(MCL_CURRENT | MCL_FUTURE), 0);
	CHECK(nheard == 1 && heard[0].nr == SYSCALL_mlock2 && heard[0].args[0] == a);
	nheard = 0;
	b = map_file(0, 2, 0);
	EXPECT(SYSCALL_mmap, b, P(2));
	EXPECT(SYSCALL_mlock2, b, P(2));
	CHECK_EQ(memory_unlock_all(), 0);
	CHECK(nheard > next && heard[next].nr == SYSCALL_munlock);
	end();
}

/* The vDSO is mapped where the proxy has its own: no request may name it. */
static void the_vdso_stays_linux(void)
{
	const struct program_load_desc desc = sample_dynamic();
	struct vm_remap_args args = { desc.vdso_start, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED,
				      0x10000000 };

	init();
	CHECK(is_linux(desc.vdso_start) && is_linux(desc.vvar_start));
	nheard = 0;
	CHECK_EQ(memory_remap(&args), -EINVAL);
	CHECK_EQ(memory_protect(desc.vdso_start, P(1), PROT_READ, VM_PKEY_SAME), 0);
	CHECK_EQ(map(desc.vdso_start, P(1), RW, MAP_PRIVATE | MAP_FIXED, FD), -ENOMEM);
	CHECK_EQ(map(desc.vdso_start, P(1), RW, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, FD),
		 -ENOMEM);
	CHECK_EQ(memory_unmap(desc.vvar_start, desc.vvar_end - desc.vvar_start), 0);
	CHECK_EQ(nheard, 0);
	CHECK(is_hole(desc.vvar_start));
	end();
}

static void segments(void)
{
	u32 next = 0;
	s64 a, b;

	init();
	a = memory_attach(7, 0, 0);
	CHECK(a > 0);
	EXPECT(OFFLOAD_NR_SHM_LEN, 7, 0);
	EXPECT(SYSCALL_shmat, 7, (u64)a);
	CHECK_EQ(heard[next - 1].args[3], P(5));
	CHECK(is_linux((vaddr_t)a + P(4)) && is_hole((vaddr_t)a + P(5)));
	next = nheard;
	/* A hole that another segment fills. */
	CHECK_EQ(memory_unmap((vaddr_t)a + P(1), P(3)), 0);
	next++;
	CHECK_EQ(memory_attach(7, (u64)a + P(2), 0), -EINVAL);
	CHECK_EQ(memory_attach(7, (u64)a + P(2) + 1, 0), -EINVAL);
	next++;
	refuse_nr = SYSCALL_shmat;
	refuse_err = -ENOMEM;
	CHECK_EQ(memory_attach(7, 0, 0), -ENOMEM);
	refuse_nr = 0;
	b = memory_attach(7, (u64)map_memory(0, 9, 0) + 5, 060000);
	CHECK(b > 0 && is_linux((vaddr_t)b + P(4)) && is_own((vaddr_t)b + P(5)));
	CHECK_EQ(memory_detach((u64)b + P(1)), -EINVAL);
	/* Both parts go, each by itself. */
	next = nheard;
	CHECK_EQ(memory_detach((u64)a), 0);
	EXPECT(OFFLOAD_NR_RESTORE, (u64)a, (u64)a + P(1));
	EXPECT(OFFLOAD_NR_RESTORE, (u64)a + P(4), (u64)a + P(5));
	CHECK_EQ(next, nheard);
	CHECK_EQ(memory_detach((u64)a), -EINVAL);
	CHECK_EQ(memory_detach((u64)b), 0);
	CHECK(is_hole((vaddr_t)b) && is_own((vaddr_t)b + P(5)));
	end();
}

/* Linux has unmapped what was there all the same. */
static void moving_fails(void)
{
	struct vm_remap_args args = {
		.old_len = P(1),
		.new_len = P(2),
		.flags = MREMAP_MAYMOVE,
	};
	vaddr_t a, target;
	u32 next;

	init();
	a = map_file(0, 1, 0);
	target = map_file(0, 1, 0);
	(void)map_memory(target + P(1), 1, MAP_FIXED);
	refuse_nr = SYSCALL_mremap;
	refuse_err = -EFAULT;
	args.addr = a;
	next = nheard;
	CHECK_EQ(memory_remap(&args), -EFAULT);
	next++;
	EXPECT(OFFLOAD_NR_RESTORE, heard[next - 1].args[4], heard[next - 1].args[4] + P(2));
	CHECK(is_linux(a));
	args.flags |= MREMAP_FIXED;
	args.new_addr = target;
	next = nheard;
	CHECK_EQ(memory_remap(&args), -EFAULT);
	next++;
	EXPECT(OFFLOAD_NR_RESTORE, target, target + P(2));
	CHECK(is_hole(target) && is_own(target + P(1)) && is_linux(a));
	/* Not begun: nothing has changed. */
	target = map_file(target, 1, MAP_FIXED);
	refuse_err = OFFLOAD_RET_RESTART;
	next = nheard + 1;
	CHECK_EQ(memory_remap(&args), OFFLOAD_RET_RESTART);
	CHECK_EQ(next, nheard);
	CHECK(is_linux(target));
	refuse_nr = 0;
	end();
}

static u64 loan_frame, loan_shift;

static s64 bad_loan(struct offload_slot *slot)
{
	if (slot->nr != OFFLOAD_NR_FAULT)
		return answer(slot);
	slot->loan[0] = loan_frame;
	slot->loan_start = slot->args[0] + loan_shift;
	return refuse_nr;
}

static void impossible_loans(void)
{
	static const u64 bad_starts[] = { P(1), -P(1), 1, -8ULL, 1ULL << 63 };
	vaddr_t a;

	init();
	a = map_file(0, 2, 0);
	linux_answer = bad_loan;
	loan_shift = 0;
	loan_frame = page_paddr(task_current()->slot_page); /* a page of the LWK's own */
	refuse_nr = 1;
	CHECK_EQ(user_memory_fault(a, VM_READ), -EIO);
	refuse_nr = OFFLOAD_MAX_LOAN + 1;
	CHECK_EQ(user_memory_fault(a, VM_READ), -EIO);
	refuse_nr = 0;
	CHECK_EQ(user_memory_fault(a, VM_READ), -EIO);
	/* Not what was asked for, or crooked. */
	loan_frame = 0x8000000000ULL;
	refuse_nr = 1;
	for (u32 i = 0; i < ARRAY_SIZE(bad_starts); i++) {
		loan_shift = bad_starts[i];
		CHECK_EQ(user_memory_fault(a, VM_READ), -EIO);
	}
	refuse_nr = -EFAULT;
	CHECK_EQ(user_memory_fault(a, VM_READ), -ENXIO);
	end();
}

/* Frames of the program's that Linux uses, and messages about them that cannot be right. */
static void frames_in_use(void)
{
	struct vm_extent extent;
	struct msg_frames msg;
	vaddr_t a;

	init();
	a = map_memory(0, 4, 0);
	CHECK_EQ(vm_share(vm, a, true, &extent), 0);
	msg = (struct msg_frames){ .paddr = extent.paddr, .npages = 1 };
	CHECK_EQ(memory_pin(&msg, false), -EINVAL);
	msg.npages = 0;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.npages = OFFLOAD_MAX_PINNED + 1;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.npages = OFFLOAD_MAX_PINNED;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.npages = 1;
	msg.reserved = 1;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.reserved = 0;
	msg.paddr += 8;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.paddr = 0x8000000000ULL;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	msg.paddr = -PAGE_LEN;
	CHECK_EQ(memory_pin(&msg, true), -EINVAL);
	CHECK_EQ(page_pinned(0), 0);

	msg.paddr = extent.paddr;
	CHECK_EQ(memory_pin(&msg, true), 0);
	CHECK_EQ(memory_unmap(a, P(4)), 0);
	CHECK_EQ(page_pinned(0), 1);
	CHECK_EQ(memory_pin(&msg, false), 0);
	CHECK_EQ(memory_pin(&msg, false), -EINVAL);
	CHECK_EQ(page_pinned(0), 0);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(own_memory_asks_nobody),
	UNIT_TEST(a_file_is_mapped_by_linux_first),
	UNIT_TEST(linux_may_refuse_a_file),
	UNIT_TEST(replacing_files),
	UNIT_TEST(protecting_part_by_part),
	UNIT_TEST(calls_on_each_part),
	UNIT_TEST(huge_pages_are_not_cut),
	UNIT_TEST(others_map_while_a_file_is_written),
	UNIT_TEST(moving_files),
	UNIT_TEST(keeping_files),
	UNIT_TEST(locking_all),
	UNIT_TEST(the_vdso_stays_linux),
	UNIT_TEST(segments),
	UNIT_TEST(moving_fails),
	UNIT_TEST(impossible_loans),
	UNIT_TEST(frames_in_use),
	UNIT_TEST(a_revoke_outlives_the_proxy),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings that Linux places: the rings of asynchronous I/O, and of io_uring.
 */
#include <errno.h>

#include "lwk/include/proc/aio.h"
#include "tests/unit/process_memory_fixture.h"

static u64 word_at(vaddr_t addr)
{
	u64 word = 0;

	CHECK_EQ(copy_from_user(&word, addr, sizeof(word)), 0);
	return word;
}

static void rings(void)
{
	vaddr_t word, ring, other;
	u32 next = 0;

	init();
	word = map_memory(0, 1, 0);
	CHECK_EQ(aio_setup(0, word), -EINVAL);
	CHECK_EQ(aio_setup(8, 8), -EFAULT);
	CHECK_EQ(aio_setup(8, word), 0);
	ring = word_at(word);
	EXPECT(SYSCALL_io_setup, 8, 0);
	EXPECT(SYSCALL_io_setup, 0, RING);
	CHECK_EQ(heard[next - 1].args[2], P(3));
	CHECK_EQ(heard[next - 1].args[3], ring);
	CHECK(is_linux(ring + P(2)) && is_own(ring + P(3)));
	CHECK_EQ(aio_setup(8, word), -EINVAL);
	/* It is no segment, and destroyed whole, or not. */
	next = nheard;
	CHECK_EQ(memory_detach(ring), -EINVAL);
	CHECK_EQ(aio_destroy(ring + P(1)), -EINVAL);
	CHECK_EQ(memory_protect(ring + P(1), P(1), PROT_READ, VM_PKEY_SAME), 0);
	EXPECT(SYSCALL_mprotect, ring + P(1), P(1));
	CHECK_EQ(aio_destroy(ring), 0);
	EXPECT(SYSCALL_io_setup, 1, ring);
	CHECK_EQ(heard[next - 1].args[2], P(3));
	EXPECT(OFFLOAD_NR_RESTORE, ring, ring + P(3));
	/* Others may map and unmap meanwhile. */
	EXPECT(SYSCALL_io_destroy, RING, 0);
	CHECK_EQ(next, nheard);
	CHECK(is_hole(ring) && is_hole(ring + P(2)));
	CHECK_EQ(aio_destroy(ring), -EINVAL);

	word += 8;
	CHECK_EQ(aio_setup(8, word), 0);
	ring = word_at(word);
	CHECK_EQ(memory_unmap(ring + P(2), P(1)), 0);
	other = map_file(ring + P(2), 1, MAP_FIXED);
	next = nheard;
	CHECK_EQ(aio_destroy(ring), -EINVAL);
	CHECK_EQ(next, nheard);
	CHECK_EQ(memory_unmap(other, P(1)), 0);
	end();
}

static void rings_that_are_none(void)
{
	vaddr_t word;
	u32 next = 0;

	init();
	word = map_memory(0, 1, 0);
	refuse_nr = SYSCALL_io_setup;
	refuse_err = -EAGAIN;
	CHECK_EQ(aio_setup(8, word), -EAGAIN);
	refuse_nr = SYSCALL_io_destroy;
	CHECK_EQ(memory_protect(word, P(1), PROT_READ, VM_PKEY_SAME), 0);
	/* Its name cannot be told, so it goes at once; Linux does not let it. */
	next = nheard;
	CHECK_EQ(aio_setup(8, word), -EFAULT);
	next += 4;
	CHECK_EQ(heard[next].nr, SYSCALL_io_destroy);
	refuse_nr = 0;
	end();
}

/* Files that Linux maps where it likes: io_uring's. */
static s64 answer_unplaced(struct offload_slot *slot)
{
	if (slot->nr == SYSCALL_mmap && slot->args[3] & MAP_FIXED)
		return -EINVAL;
	return answer(slot);
}

static void files_without_a_place(void)
{
	u32 next = 0;
	s64 a, b;

	init();
	linux_answer = answer_unplaced;
	a = map(0, P(3) - 1, RW, MAP_SHARED, FD);
	next++;
	EXPECT(SYSCALL_mmap, LWK_LOW_START, P(3) - 1);
	CHECK_EQ(heard[next - 1].args[3], MAP_SHARED | MAP_32BIT);
	CHECK_EQ(a, LWK_LOW_START);
	CHECK(is_linux((vaddr_t)a + P(2)) && is_hole((vaddr_t)a + P(3)));
	/* What lies there is kept clear of. */
	(void)map_memory((u64)a + P(4), 1, MAP_FIXED);
	CHECK_EQ(map(0, P(1), RW, MAP_SHARED, FD), a + (s64)P(3));
	b = map(0, P(2), RW, MAP_SHARED, FD);
	CHECK_EQ(b, a + (s64)P(5));
	/* Nobody asks for such places. */
	next = nheard;
	CHECK_EQ(map(LWK_LOW_START + P(50), P(1), RW, MAP_SHARED, FD), -EINVAL);
	CHECK_EQ(map(0, P(1), RW, MAP_PRIVATE, FD), -EINVAL);
	CHECK_EQ(nheard, next + 2);
	CHECK_EQ(map(0, 1ULL << 31, RW, MAP_SHARED, FD), -ENOMEM);
	CHECK_EQ(memory_unmap((u64)a, P(1)), 0);
	CHECK_EQ(map(0, P(1), RW, MAP_SHARED, FD), a);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(rings),
	UNIT_TEST(rings_that_are_none),
	UNIT_TEST(files_without_a_place),
};

UNIT_MAIN(tests)

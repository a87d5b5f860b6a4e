// SPDX-License-Identifier: GPL-2.0-only
/* One address space on several CPUs at once: faults, maps, unmaps, pins, spans. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "lwk/include/mm/vm_span.h"
#include "tests/unit/vm_fixture.h"

#define CPUS 4
#define NODE_LEN (96ULL << 20)
#define BASE 0x40000000ULL

static struct fixture fixture;
static struct vm *vm;

/* All CPUs touch the same pages at once: each exists once afterwards. */
#define SHARED_PAGES (16 * 512U + 60)
#define STEP 37U

static pthread_barrier_t together;

static void touch_all(u32 cpu)
{
	struct page *page;

	(void)cpu;
	for (u32 i = 0; i < SHARED_PAGES; i += STEP) {
		pthread_barrier_wait(&together);
		CHECK(!vm_get_page(vm, BASE + i * PAGE_LEN, true, &page));
		__atomic_fetch_add((u32 *)page_virt(page) + 1, 1, __ATOMIC_RELAXED);
		vm_put_page(page);
	}
}

/* With large pages, and again without. */
static void same_pages(void)
{
	struct page *page;
	struct vm_stats stats;
	vaddr_t addr;

	fixture = fixture_create(CPUS, NODE_LEN);
	vm = fixture.vm;
	CHECK(!pthread_barrier_init(&together, NULL, CPUS));
	for (u32 small = 0; small < 2; small++) {
		CHECK(!fixture_map(vm, BASE, SHARED_PAGES * PAGE_LEN, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_FIXED, &addr));
		if (small)
			CHECK(!vm_advise(vm, BASE, SHARED_PAGES * PAGE_LEN, MADV_NOHUGEPAGE));
		unit_threads(CPUS, touch_all);
		vm_get_stats(vm, &stats);
		CHECK_EQ(stats.resident[1], small ? 0 : 16);
		for (u32 i = 0; i < SHARED_PAGES; i += STEP) {
			CHECK(!vm_get_page(vm, BASE + i * PAGE_LEN, false, &page));
			CHECK_EQ(((u32 *)page_virt(page))[1], CPUS);
			vm_put_page(page);
		}
		fixture_check(vm);
	}
	fixture_destroy(&fixture);
}

/* CPUs change the layout of one window while they use it. */
#define WINDOW_PAGES 2048U
#define ROUNDS 400

static void change(struct unit_random *rng)
{
	vaddr_t start = BASE + unit_random(rng, WINDOW_PAGES) * PAGE_LEN;
	u64 len = (unit_random(rng, 600) + 1) * PAGE_LEN;
	struct vm_remap_args remap = {
		.addr = start, .old_len = len, .new_len = len,
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED,
		.new_addr = BASE + unit_random(rng, WINDOW_PAGES) * PAGE_LEN,
	};
	vaddr_t addr;
	int err;

	switch (unit_random(rng, 8)) {
	case 0:
	case 1:
		err = fixture_map(vm, start, len, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_FIXED, &addr);
		break;
	case 2:
		err = vm_unmap(vm, start, len);
		break;
	case 3:
		err = vm_unmap_own(vm, start, len);
		break;
	case 4:
		err = vm_protect_own(vm, start, len, (u32)unit_random(rng, 8), VM_PKEY_SAME);
		break;
	case 5:
	case 6:
		err = vm_advise_own(vm, start, len, MADV_DONTNEED);
		break;
	default:
		err = vm_remap(vm, &remap, &addr);
		break;
	}
	CHECK(!err || err == -ENOMEM || err == -EFAULT || err == -EINVAL);
}

/* This CPU's word of memory that is kept. */
static void use_word(void *memory, bool write)
{
	u32 *word = (u32 *)memory + arch_cpu_id() + 1;

	if (write)
		__atomic_store_n(word, 1, __ATOMIC_RELAXED);
	CHECK(__atomic_load_n(word, __ATOMIC_RELAXED) <= 1);
}

static void use_span(vaddr_t addr, bool write)
{
	struct vm_span span;
	int err = vm_span_get(vm, addr, write, &span);

	if (err) {
		CHECK(err == -EFAULT || err == -ENOMEM);
		return;
	}
	use_word(span.at, write);
	use_word(span.at + span.len - PAGE_LEN, write);
	vm_span_put(&span);
}

static void use(struct unit_random *rng)
{
	vaddr_t addr = BASE + unit_random(rng, WINDOW_PAGES) * PAGE_LEN;
	bool write = unit_random(rng, 2);
	struct page *page;
	int err;

	if (unit_random(rng, 2)) {
		use_span(addr, write);
		return;
	}

	err = vm_get_page(vm, addr, write, &page);
	if (err) {
		CHECK(err == -EFAULT || err == -EACCES || err == -ENOMEM);
		return;
	}
	use_word(page_virt(page), write);
	vm_put_page(page);
}

static void change_and_use(u32 cpu)
{
	struct unit_random rng = { 1000 + cpu };

	for (u32 round = 0; round < ROUNDS; round++) {
		for (u32 i = 0; i < 20; i++)
			use(&rng);
		change(&rng);
	}
}

static void layout_changes(void)
{
	fixture = fixture_create(CPUS, NODE_LEN);
	vm = fixture.vm;
	unit_threads(CPUS, change_and_use);
	fixture_destroy(&fixture);
}

/* The lock by itself: readers see no half-made change, writers are alone. */
static struct vm_lock lock;
static u64 pair[2];

static void read_and_write(u32 cpu)
{
	for (u32 round = 0; round < 3000; round++) {
		u32 token;

		if (round % 4 == cpu) {
			vm_lock_write(&lock);
			pair[0]++;
			pair[1]++;
			/* What this CPU wrote stays while it reads: other writers wait. */
			if (round % 8 == cpu) {
				u64 written = pair[0];

				token = vm_lock_downgrade(&lock);
				CHECK(pair[0] == written && pair[1] == written);
				vm_unlock_read(&lock, token);
			} else {
				vm_unlock_write(&lock);
			}
		} else {
			token = vm_lock_read(&lock);
			CHECK(pair[0] == pair[1]);
			vm_unlock_read(&lock, token);
		}
	}
}

static void lock_excludes(void)
{
	unit_threads(CPUS, read_and_write);
	CHECK_EQ(pair[0], CPUS * 750);
}

static const struct unit_test tests[] = {
	UNIT_TEST(lock_excludes),
	UNIT_TEST(same_pages),
	UNIT_TEST(layout_changes),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/* Forked address spaces on several CPUs at once: first writes, forks, ends, shared memory. */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "tests/unit/vm_fixture.h"

#define CPUS 4
#define NODE_LEN (192ULL << 20)
#define BASE 0x40000000ULL
#define PAGES (4 * 512U + 60)
#define RW (PROT_READ | PROT_WRITE)

static struct fixture fixture;
static struct vm *vm;
static struct vm *child;

static void init(void)
{
	fixture = fixture_create(CPUS, NODE_LEN);
	vm = fixture.vm;
}

static void map(u32 flags)
{
	vaddr_t addr;

	CHECK(!fixture_map(vm, BASE, PAGES * PAGE_LEN, RW, flags | MAP_FIXED, &addr));
}

static void check_both(void)
{
	struct vm *vms[] = { vm, child };

	fixture_check_all(vms, 2);
}

static u32 *word_of(struct page *page, u32 cpu)
{
	return (u32 *)page_virt(page) + 1 + cpu;
}

/* Add to this CPU's word of a page. */
static void add(struct vm *space, u64 i, u32 cpu)
{
	struct page *page;

	CHECK(!vm_get_page(space, BASE + i * PAGE_LEN, true, &page));
	__atomic_fetch_add(word_of(page, cpu), 1, __ATOMIC_RELAXED);
	vm_put_page(page);
}

static u32 read_word(struct vm *space, u64 i, u32 cpu)
{
	struct page *page;
	u32 value;

	CHECK(!vm_get_page(space, BASE + i * PAGE_LEN, false, &page));
	value = __atomic_load_n(word_of(page, cpu), __ATOMIC_RELAXED);
	vm_put_page(page);
	return value;
}

/* Two CPUs of each space write for the first time to the same pages. */
#define STEP 41U

static pthread_barrier_t together;

static void write_all(u32 cpu)
{
	for (u32 i = 0; i < PAGES; i += STEP) {
		pthread_barrier_wait(&together);
		add(cpu % 2 ? child : vm, i, cpu);
	}
}

static void first_writes(void)
{
	init();
	CHECK(!pthread_barrier_init(&together, NULL, CPUS));
	for (u32 small = 0; small < 2; small++) {
		map(MAP_PRIVATE);
		if (small)
			CHECK(!vm_advise(vm, BASE, PAGES * PAGE_LEN, MADV_NOHUGEPAGE));
		for (u32 i = 0; i < PAGES; i += STEP)
			add(vm, i, CPUS);
		CHECK(!vm_fork(vm, true, &child));
		unit_threads(CPUS, write_all);
		check_both();
		for (u32 i = 0; i < PAGES; i += STEP) {
			for (u32 cpu = 0; cpu < CPUS; cpu++) {
				CHECK_EQ(read_word(vm, i, cpu), cpu % 2 == 0);
				CHECK_EQ(read_word(child, i, cpu), cpu % 2 == 1);
			}
			CHECK_EQ(read_word(child, i, CPUS), 1);
		}
		vm_put(child);
	}
	fixture_destroy(&fixture);
}

/*
 * One CPU forks, looks at the child and ends it, the others go on. Fork copies what
 * is kept as it finds it, as from under a device. So that what it finds is well-defined
 * here, pages are written between forks; faults come at any time.
 */
#define FORKS 60

static pthread_rwlock_t writing = PTHREAD_RWLOCK_INITIALIZER;
static bool done;

static void fork_and_look(void)
{
	struct unit_random rng = { 77 };
	struct vm *copy;
	u64 i;

	for (u32 n = 0; n < FORKS; n++) {
		CHECK(!pthread_rwlock_wrlock(&writing));
		CHECK(!vm_fork(vm, true, &copy));
		CHECK(!pthread_rwlock_unlock(&writing));
		i = unit_random(&rng, PAGES);
		for (u32 round = 0; round < 30; round++) {
			i = (i + 37) % PAGES;
			/* Both are written between the same two forks, or both lost. */
			CHECK_EQ(read_word(copy, i, 1), read_word(copy, i, 2));
			CHECK_EQ(read_word(copy, i, 3), 0);
			add(copy, i, 3);
		}
		if (n % 8 == 0)
			vm_check(copy);
		vm_put(copy);
	}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
}

static void write_twice(struct unit_random *rng)
{
	vaddr_t addr = BASE + unit_random(rng, PAGES) * PAGE_LEN;
	struct page *page;

	CHECK(!pthread_rwlock_rdlock(&writing));
	CHECK(!vm_get_page(vm, addr, true, &page));
	__atomic_fetch_add(word_of(page, 1), 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(word_of(page, 2), 1, __ATOMIC_RELAXED);
	vm_put_page(page);
	CHECK(!pthread_rwlock_unlock(&writing));
}

static void use_and_change(u32 cpu)
{
	struct unit_random rng = { 500 + cpu };
	u64 i, count;

	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		i = unit_random(&rng, PAGES);
		count = unit_random(&rng, MIN(50ULL, PAGES - i)) + 1;
		CHECK_EQ(vm_fault(vm, BASE + i * PAGE_LEN, VM_WRITE), 0);
		CHECK_EQ(vm_fault(vm, BASE + i * PAGE_LEN, VM_READ), 0);
		if (cpu == 1 && !unit_random(&rng, 20))
			CHECK(!vm_advise(vm, BASE + i * PAGE_LEN, count * PAGE_LEN,
					 unit_random(&rng, 2) ? MADV_DONTNEED : MADV_RANDOM));
		if (cpu != 1)
			write_twice(&rng);
	}
}

static void fork_or_use(u32 cpu)
{
	if (cpu == 0)
		fork_and_look();
	else
		use_and_change(cpu);
}

static void forks_and_faults(void)
{
	init();
	map(MAP_PRIVATE);
	CHECK(!vm_populate(vm, BASE, BASE + PAGES * PAGE_LEN, VM_WRITE));
	unit_threads(CPUS, fork_or_use);
	CHECK_EQ(vm_populate(vm, BASE, BASE + PAGES * PAGE_LEN, VM_WRITE), 0);
	fixture_destroy(&fixture);
}

/*
 * Two spaces that share all they have are forked at once, neither with a promise: each shared block
 * is booked by one of them. Others break copies meanwhile, as far as the ledger lets them.
 */
static void fork_or_break(u32 cpu)
{
	struct vm *space = cpu % 2 ? child : vm;
	struct vm *copy;
	int err;

	pthread_barrier_wait(&together);
	if (cpu < 2) {
		CHECK(!vm_fork(space, false, &copy));
		vm_put(copy);
		return;
	}
	for (u32 i = 0; i < PAGES; i += STEP) {
		err = vm_fault(space, BASE + i * PAGE_LEN, VM_WRITE);
		CHECK(!err || err == -ENOMEM);
	}
}

static void forks_without_promise(void)
{
	u64 limit;

	init();
	limit = vm_ledger_limit();
	CHECK(!pthread_barrier_init(&together, NULL, CPUS));
	for (u32 round = 0; round < 40; round++) {
		map(MAP_PRIVATE);
		if (round % 2)
			CHECK(!vm_advise(vm, BASE, PAGES * PAGE_LEN, MADV_NOHUGEPAGE));
		CHECK(!vm_populate(vm, BASE, BASE + PAGES * PAGE_LEN, VM_WRITE));
		CHECK(!vm_fork(vm, true, &child));
		vm_ledger_set_limit(vm_ledger_used());
		unit_threads(CPUS, fork_or_break);
		vm_ledger_set_limit(limit);
		check_both();
		CHECK(!vm_promised(vm, 0, VM_TASK_END) && !vm_promised(child, 0, VM_TASK_END));
		vm_put(child);
	}
	fixture_destroy(&fixture);
}

/* The same memory in two spaces, and twice in one. */
#define SHARED_ROUNDS 600
static vaddr_t twin;

static void share(u32 cpu)
{
	struct vm *space = cpu % 2 ? child : vm;
	struct unit_random rng = { 900 + cpu };
	struct page *page;
	vaddr_t at;

	for (u32 round = 0; round < SHARED_ROUNDS; round++) {
		at = (cpu == 2 ? twin : BASE) + unit_random(&rng, PAGES) * PAGE_LEN;
		CHECK(!vm_get_page(space, at, true, &page));
		__atomic_fetch_add(word_of(page, 0), 1, __ATOMIC_RELAXED);
		vm_put_page(page);
	}
}

static void remove_or_fault(u32 cpu)
{
	struct vm *space = cpu % 2 ? child : vm;
	struct unit_random rng = { 950 + cpu };
	u64 i, len;

	for (u32 round = 0; round < SHARED_ROUNDS; round++) {
		i = unit_random(&rng, PAGES);
		len = (unit_random(&rng, MIN(600ULL, PAGES - i)) + 1) * PAGE_LEN;
		CHECK(!vm_fault(space, BASE + i * PAGE_LEN, VM_WRITE));
		if (round % 16 == cpu)
			CHECK(!vm_advise(space, BASE + i * PAGE_LEN, len, MADV_REMOVE));
	}
}

static void shared_memory(void)
{
	u64 sum = 0;

	init();
	map(MAP_SHARED);
	CHECK(!vm_fork(vm, true, &child));
	CHECK(!vm_remap(vm, &(struct vm_remap_args){ BASE, 0, PAGES * PAGE_LEN, MREMAP_MAYMOVE,
			0 }, &twin));
	unit_threads(CPUS, share);
	check_both();
	for (u32 i = 0; i < PAGES; i++)
		sum += read_word(child, i, 0);
	CHECK_EQ(sum, CPUS * SHARED_ROUNDS);
	unit_threads(CPUS, remove_or_fault);
	check_both();
	CHECK(!vm_unmap(vm, twin, PAGES * PAGE_LEN));
	vm_put(child);
	CHECK(!vm_advise(vm, BASE, PAGES * PAGE_LEN, MADV_REMOVE));
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(first_writes),
	UNIT_TEST(forks_and_faults),
	UNIT_TEST(forks_without_promise),
	UNIT_TEST(shared_memory),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/* What process_check() says of books that are not right: each mistake on its own. */
#include "lwk/include/mm/vm_mman.h"
#include "lwk/mm/vm_internal.h"
#include "tests/unit/process_fixture.h"

#include "lwk/proc/check.c"

#define BASE 0x40000000ULL

static u32 queues_checked;

/* test_sched_check.c has those. */
void sched_check(void)
{
	queues_checked++;
}

/* A mistake: a field of a struct that gets a value. */
struct mistake {
	void *field;
	u64 len;
	u64 value;
	const char *says;
};

#define MISTAKE(field, value, says) { &(field), sizeof(field), (u64)(value), says }

static void make(void *arg)
{
	const struct mistake *mistake = arg;

	memcpy(mistake->field, &mistake->value, mistake->len);
	process_check();
}

static void check_all(struct mistake *mistakes, u32 n)
{
	process_check();
	for (u32 i = 0; i < n; i++)
		CHECK(unit_panics(make, &mistakes[i], mistakes[i].says));
	process_check();
}

/* A process that runs. The fixture's threads are none of the scheduler's, which would say so. */
static struct process *begin(void)
{
	struct process *process = fixture_run();

	current_thread->user = true;
	return process;
}

static void tasks(void)
{
	struct process *process = begin();
	struct task *task = task_current();
	struct mistake mistakes[] = {
		MISTAKE(process->ntasks, 2, "ntasks == process->ntasks"),
		MISTAKE(process->nlive, 0, "nlive == process->nlive"),
		MISTAKE(task->leaving, true, "nlive == process->nlive"),
		MISTAKE(process->refs, 1, "process->refs"),
		MISTAKE(task->thread.user, false, "task->thread.user"),
	};

	check_all(mistakes, ARRAY_SIZE(mistakes));
	CHECK_EQ(queues_checked, 2);
	fixture_stop();
}

/* Of two pages that are there, a counter or a range says something else. */
static void memory(void)
{
	struct vm *vm = begin()->vm;
	const struct vm_map_args args = {
		.addr = BASE, .len = 2 * PAGE_LEN, .prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
	};
	struct vm_range *range;
	vaddr_t addr;

	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	CHECK_EQ(user_memory_fault(BASE, VM_WRITE), 0);
	CHECK_EQ(user_memory_fault(BASE + PAGE_LEN, VM_WRITE), 0);
	range = vm_range_find(vm, BASE);
	CHECK(range && range->node.start == BASE);
	struct mistake mistakes[] = {
		MISTAKE(vm->total, vm->total + 1, "total == vm->total"),
		MISTAKE(vm->locked, 1, "locked == vm->locked"),
		MISTAKE(vm->ranges.count, vm->ranges.count + 1, "count == tree->count"),
		MISTAKE(range->flags, range->flags & ~VM_WRITE, "(expected | free)"),
		MISTAKE(range->flags, range->flags | VM_LOCKED, "locked == vm->locked"),
		MISTAKE(range->node.end, BASE + PAGE_LEN, "copy.max_gap == node->max_gap"),
		MISTAKE(range->node.start, BASE + 2 * PAGE_LEN, "node->start < node->end"),
	};

	check_all(mistakes, ARRAY_SIZE(mistakes));
	fixture_stop();
}

/* A page beyond its range; one that is counted, and is not there. */
static void put_beyond(void *vm)
{
	u32 level;
	pte_t pte = vm_pt_lookup(vm, BASE + PAGE_LEN, &level);

	CHECK_EQ(vm_pt_install(vm, BASE + 2 * PAGE_LEN, pte), 0);
	process_check();
}

static void count_one_more(void *vm)
{
	vm_pt_count(vm, 0, 1);
	process_check();
}

static void pages(void)
{
	struct vm *vm = begin()->vm;
	const struct vm_map_args args = {
		.addr = BASE, .len = 2 * PAGE_LEN, .prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
	};
	vaddr_t addr;

	CHECK_EQ(vm_map(vm, &args, &addr), 0);
	CHECK_EQ(user_memory_fault(BASE + PAGE_LEN, VM_WRITE), 0);
	process_check();
	CHECK(unit_panics(put_beyond, vm, "vm_range_covered(found->vm, va, end) == end"));
	CHECK(unit_panics(count_one_more, vm, "found.blocks[level]"));
	process_check();
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(tasks),
	UNIT_TEST(memory),
	UNIT_TEST(pages),
};

UNIT_MAIN(tests)

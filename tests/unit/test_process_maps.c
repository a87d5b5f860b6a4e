// SPDX-License-Identifier: GPL-2.0-only
/* What Linux is told of a process' ranges, for /proc/mcosN/PID/maps. */
#include "abi/maps.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/proc/maps.h"
#include "lwk/proc/text.h"
#include "tests/unit/process_fixture.h"

#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)

static struct process *process;
static struct program_plan plan;
static struct maps_range got[64];

/* What there is from an address on, in so much room. Returns how many. */
static u32 look(vaddr_t from, u64 len)
{
	struct text text = { .buf = (u8 *)got, .offset = from, .len = len };

	memset(got, 0xff, sizeof(got));
	maps_print(process, &text);
	CHECK_EQ(text_kept(&text) % sizeof(got[0]), 0);
	CHECK(text_kept(&text) <= len);
	return (u32)(text_kept(&text) / sizeof(got[0]));
}

/* The range of an address. */
static struct maps_range at(vaddr_t addr)
{
	CHECK(look(addr, sizeof(got[0])) == 1);
	CHECK(got[0].start <= addr && addr < got[0].end);
	return got[0];
}

static void check_range(vaddr_t start, vaddr_t end, u64 offset, enum maps_kind kind)
{
	struct maps_range range = at(start);

	CHECK_EQ(range.start, start);
	CHECK_EQ(range.end, end);
	CHECK_EQ(range.offset, offset);
	CHECK_EQ(range.kind, kind);
}

static void init(void)
{
	process = fixture_run();
	plan = process->start->plan;
}

static void end(void)
{
	vm_check(process->vm);
	fixture_stop();
}

static void what_is_loaded(void)
{
	const struct program_region *data;
	vaddr_t middle;
	u32 n;

	init();
	data = &plan.regions[2];
	middle = ALIGN_UP(data->file_end, PAGE_LEN);
	CHECK(data->start < middle && middle < data->end);
	/* Neighbours are one, and what follows the file's bytes is none of them. */
	check_range(plan.regions[0].start, plan.regions[1].end, plan.regions[0].start, MAPS_IMAGE);
	check_range(data->start, middle, data->start, MAPS_IMAGE);
	check_range(middle, data->end, 0, MAPS_ANON);
	CHECK_EQ(at(plan.stack_top - 1).kind, MAPS_STACK);
	n = look(0, sizeof(got));
	CHECK_EQ(got[n - 1].kind, MAPS_VDSO);
	CHECK_EQ(got[n - 1].flags, MAPS_READ | MAPS_EXEC);
	CHECK_EQ(got[n - 2].kind, MAPS_VVAR);
	for (u32 i = 1; i < n; i++)
		CHECK(got[i - 1].end <= got[i].start);
	end();
}

static void part_by_part(void)
{
	struct maps_range all[ARRAY_SIZE(got)];
	vaddr_t from = 0;
	u32 n, done = 0;

	init();
	n = look(0, sizeof(got));
	CHECK(n > 4 && n < ARRAY_SIZE(got));
	memcpy(all, got, sizeof(all));
	/* Room for one and a half. */
	while (look(from, 3 * sizeof(got[0]) / 2)) {
		CHECK(done < n && !memcmp(&got[0], &all[done], sizeof(got[0])));
		from = got[0].end;
		done++;
	}
	CHECK_EQ(done, n);
	CHECK_EQ(look(all[n - 1].end, sizeof(got)), 0);
	CHECK_EQ(look(~0ULL - sizeof(got), sizeof(got)), 0);
	CHECK_EQ(look(0, sizeof(got[0]) - 1), 0);
	/* One that has begun below. */
	CHECK_EQ(look(all[0].start + P(1), sizeof(got)), n);
	end();
}

/* Memory keeps where it was loaded, and what takes its place is not of the file. */
static void moved_and_replaced(void)
{
	const vaddr_t loaded = plan.regions[3].start, place = 0x10000000;
	const struct vm_map_args over = {
		.addr = loaded + P(2),
		.len = P(1),
		.prot = RW,
		.flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
	};
	struct vm_remap_args move = {
		.addr = loaded + P(4),
		.old_len = P(2),
		.new_len = P(2),
		.flags = MREMAP_MAYMOVE | MREMAP_FIXED,
		.new_addr = place,
	};
	vaddr_t addr;

	CHECK(!vm_map(process->vm, &over, &addr));
	check_range(loaded, loaded + P(2), loaded, MAPS_IMAGE);
	check_range(loaded + P(2), loaded + P(3), 0, MAPS_ANON);
	check_range(loaded + P(3), plan.regions[3].end, loaded + P(3), MAPS_IMAGE);
	CHECK(!vm_remap(process->vm, &move, &addr));
	check_range(place, place + P(2), loaded + P(4), MAPS_IMAGE);
	check_range(loaded + P(3), loaded + P(4), loaded + P(3), MAPS_IMAGE);
	check_range(loaded + P(6), plan.regions[3].end, loaded + P(6), MAPS_IMAGE);
	/* Side by side, but not in this order in the file. */
	move.addr = loaded + P(8);
	move.new_addr = place + P(2);
	CHECK(!vm_remap(process->vm, &move, &addr));
	check_range(place, place + P(2), loaded + P(4), MAPS_IMAGE);
	check_range(place + P(2), place + P(4), loaded + P(8), MAPS_IMAGE);
	/* Back again, they are one. */
	move = (struct vm_remap_args){ place, P(2), P(2), move.flags, loaded + P(4) };
	CHECK(!vm_remap(process->vm, &move, &addr));
	check_range(loaded + P(3), loaded + P(8), loaded + P(3), MAPS_IMAGE);
	CHECK(!vm_protect(process->vm, loaded + P(6), P(1), PROT_READ));
	check_range(loaded + P(6), loaded + P(7), loaded + P(6), MAPS_IMAGE);
	CHECK_EQ(at(loaded + P(6)).flags, MAPS_READ);
}

static void what_becomes_of_it(void)
{
	init();
	moved_and_replaced();
	end();
}

static void heap_and_shared(void)
{
	const struct vm_map_args shared = {
		.len = P(1),
		.prot = PROT_READ,
		.flags = MAP_SHARED | MAP_ANONYMOUS,
	};
	vaddr_t addr;

	init();
	CHECK(!vm_map(process->vm, &shared, &addr));
	check_range(addr, addr + P(1), 0, MAPS_OWN_SHARED);
	CHECK_EQ(at(addr).flags, MAPS_READ | MAPS_SHARED);
	CHECK_EQ(vm_brk(process->vm, plan.brk + P(3)), plan.brk + P(3));
	CHECK_EQ(at(plan.brk + P(1)).kind, MAPS_HEAP);
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(what_is_loaded),
	UNIT_TEST(part_by_part),
	UNIT_TEST(what_becomes_of_it),
	UNIT_TEST(heap_and_shared),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mcctrl accepts from an LWK and from mcexec: one good example of each, and then each of
 * its fields wrong.
 */
#include "host/mcctrl/check.c"

#include <string.h>

#include "tests/unit/unit.h"

#define NCPUS 4

static struct msg_init_channel good_init(bool control)
{
	return (struct msg_init_channel){
		.version = OFFLOAD_VERSION,
		.slot_len = sizeof(struct offload_slot),
		.desc_len = sizeof(struct program_load_desc),
		.buffer_len = control ? OFFLOAD_BUFFER_LEN : 0,
		.buffer = control ? 0x100000 : 0,
		.ncaches = control ? IHK_MAX_CACHES : 0,
	};
}

static void init_answers(void)
{
	struct msg_init_channel init;

	for (int control = 0; control < 2; control++) {
		init = good_init(control);
		CHECK_EQ(check_init(&init, control), 0);
		CHECK_EQ(check_init(&init, !control), -EPROTO);
		init.version++;
		CHECK_EQ(check_init(&init, control), -EPROTO);
		init = good_init(control);
		init.slot_len--;
		CHECK_EQ(check_init(&init, control), -EPROTO);
		init = good_init(control);
		init.desc_len++;
		CHECK_EQ(check_init(&init, control), -EPROTO);
		init = good_init(control);
		init.ncaches++;
		CHECK_EQ(check_init(&init, control), -EPROTO);
	}
}

static struct program_load_desc good_desc(void)
{
	return (struct program_load_desc){
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.len = sizeof(struct program_load_desc),
		.vvar_start = LWK_USER_END,
		.vvar_end = LWK_USER_END + 0x4000,
		.vdso_start = LWK_TASK_END - 0x2000,
		.vdso_end = LWK_TASK_END,
	};
}

static void descriptors(void)
{
	struct program_load_desc desc = good_desc();

	CHECK_EQ(check_desc(&desc), 0);
	desc.magic++;
	CHECK_EQ(check_desc(&desc), -EPROTO);
	desc = good_desc();
	desc.version++;
	CHECK_EQ(check_desc(&desc), -EPROTO);
	desc = good_desc();
	desc.len--;
	CHECK_EQ(check_desc(&desc), -EPROTO);
	/* No vDSO at all is fine. */
	desc = good_desc();
	desc.vvar_start = desc.vvar_end = desc.vdso_start = desc.vdso_end = 0;
	CHECK_EQ(check_desc(&desc), 0);
}

static void vdso_ranges(void)
{
	static const u64 bad[][2] = {
		{ LWK_USER_END - 0x1000, LWK_USER_END + 0x1000 },
		{ LWK_TASK_END - 0x1000, LWK_TASK_END + 0x1000 },
		{ LWK_USER_END + 1, LWK_USER_END + 0x1000 },
		{ LWK_USER_END, LWK_USER_END + 0xfff },
		{ LWK_USER_END, LWK_USER_END },
		{ LWK_USER_END + 0x1000, LWK_USER_END },
		{ LWK_USER_END, ~0xfffULL },
		{ 0, 0x1000 },
		{ LWK_USER_END, 0 },
	};
	struct program_load_desc desc;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		desc = good_desc();
		desc.vvar_start = bad[i][0];
		desc.vvar_end = bad[i][1];
		CHECK_EQ(check_desc(&desc), -EINVAL);
		desc = good_desc();
		desc.vdso_start = bad[i][0];
		desc.vdso_end = bad[i][1];
		CHECK_EQ(check_desc(&desc), -EINVAL);
	}
}

static void layouts(void)
{
	const struct program_layout good = { .slot = 0x200000, .cpu = NCPUS - 1 };
	struct program_layout layout = good;

	CHECK_EQ(check_layout(&layout, NCPUS), 0);
	layout.cpu = NCPUS;
	CHECK_EQ(check_layout(&layout, NCPUS), -EPROTO);
	layout = good;
	layout.slot += 8;
	CHECK_EQ(check_layout(&layout, NCPUS), -EPROTO);
	layout = good;
	layout.reserved0 = 1;
	CHECK_EQ(check_layout(&layout, NCPUS), -EPROTO);
	layout = good;
	layout.reserved[1] = 1;
	CHECK_EQ(check_layout(&layout, NCPUS), -EPROTO);
}

static void extents(void)
{
	const struct msg_fault_answer good = {
		.start = 0x400000, .paddr = 0x10000000, .npages = 512, .write = 1,
	};
	struct msg_fault_answer answer = good;
	struct extent extent;

	CHECK_EQ(check_extent(&answer, 0x400000, true, &extent), 0);
	CHECK_EQ(check_extent(&answer, 0x5fffff, false, &extent), 0);
	CHECK_EQ(extent.start, 0x400000);
	CHECK_EQ(extent.paddr, 0x10000000);
	CHECK_EQ(extent.npages, 512);
	CHECK_EQ(extent.write, 1);
	/* Not that address. */
	CHECK_EQ(check_extent(&answer, 0x3fffff, false, &extent), -EPROTO);
	CHECK_EQ(check_extent(&answer, 0x600000, false, &extent), -EPROTO);
	answer.write = 0;
	CHECK_EQ(check_extent(&answer, 0x400000, false, &extent), 0);
	CHECK_EQ(check_extent(&answer, 0x400000, true, &extent), -EPROTO);
	answer.write = 2;
	CHECK_EQ(check_extent(&answer, 0x400000, true, &extent), -EPROTO);
	answer = good;
	answer.npages = 0;
	CHECK_EQ(check_extent(&answer, 0x400000, false, &extent), -EPROTO);
	answer.npages = 513;
	CHECK_EQ(check_extent(&answer, 0x400000, false, &extent), -EPROTO);
	answer = good;
	answer.paddr += 0x800;
	CHECK_EQ(check_extent(&answer, 0x400000, false, &extent), -EPROTO);
}

static void extents_at_the_limits(void)
{
	struct msg_fault_answer answer = { .paddr = 0x10000000, .npages = 1 };
	struct extent extent;

	answer.start = LWK_USER_START;
	CHECK_EQ(check_extent(&answer, LWK_USER_START, false, &extent), 0);
	answer.start = LWK_USER_START - 0x1000;
	CHECK_EQ(check_extent(&answer, answer.start, false, &extent), -EPROTO);
	answer.start = LWK_USER_END - 0x1000;
	CHECK_EQ(check_extent(&answer, answer.start, false, &extent), 0);
	answer.npages = 2;
	CHECK_EQ(check_extent(&answer, answer.start, false, &extent), -EPROTO);
	answer.start = LWK_USER_END;
	CHECK_EQ(check_extent(&answer, answer.start, false, &extent), -EPROTO);
	/* The sum would wrap around. */
	answer.start = ~0xfffULL;
	CHECK_EQ(check_extent(&answer, answer.start, false, &extent), -EPROTO);
}

static void requests(void)
{
	static const u64 bad[] = { 0x10000 - 1 + 0x30000000ULL, 0x40000001, 1ULL << 32, ~0ULL,
				   OFFLOAD_NR_LAST + 1 };
	struct mcctrl_wait wait = { 0 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		wait.nr = bad[i];
		CHECK_EQ(check_request(&wait), -EPROTO);
	}
	wait.nr = 0xffff;
	CHECK_EQ(check_request(&wait), 0);
	wait.nr = OFFLOAD_NR_RESTORE;
	CHECK_EQ(check_request(&wait), -EPROTO);
	wait.args[0] = LWK_USER_START;
	wait.args[1] = LWK_USER_END;
	CHECK_EQ(check_request(&wait), 0);
	wait.args[1] += LWK_PAGE_SIZE;
	CHECK_EQ(check_request(&wait), -EPROTO);
	wait.args[1] = LWK_USER_START;
	CHECK_EQ(check_request(&wait), -EPROTO);
	wait.nr = OFFLOAD_NR_DIE;
	CHECK_EQ(check_request(&wait), 0);
}

static void small_arguments(void)
{
	const u64 units = OFFLOAD_DATA_LEN / OFFLOAD_DATA_UNIT;
	const u64 all = units << 8 * OFFLOAD_SMALL_ALL;

	CHECK(check_small(all));
	CHECK(check_small(all | units << 8 * OFFLOAD_SMALL_IN | units));
	CHECK(check_small(all | 1ULL << 8 | units << 40));
	/* More than there is; filled in beyond what is in use; places behind that. */
	CHECK(!check_small((units + 1) << 8 * OFFLOAD_SMALL_ALL));
	CHECK(!check_small(1ULL << 8 * OFFLOAD_SMALL_IN));
	CHECK(!check_small(all | 0xffULL << 8 * OFFLOAD_SMALL_IN));
	CHECK(!check_small(1));
	CHECK(!check_small(all | (units + 1) << 40));
	CHECK(!check_small(~0ULL));
}

static void children(void)
{
	/* SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_TKILL among them. */
	static const s32 bad[] = { 0, 0x80, -1, -2, -6, 7, 0x7fffffff, -0x7fffffff };
	struct msg_child child = { 0 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		child.code = bad[i];
		CHECK_EQ(check_child(&child), -EPROTO);
	}
	for (child.code = 1; child.code <= 6; child.code++)
		CHECK_EQ(check_child(&child), 0);
}

static void maps(void)
{
	const struct maps_range good[] = {
		{ LWK_USER_START, 0x20000, 0, MAPS_READ, MAPS_HEAP },
		{ 0x20000, 0x30000, LWK_TASK_END - LWK_PAGE_SIZE, 0, MAPS_IMAGE },
		{ LWK_TASK_END - LWK_PAGE_SIZE, LWK_TASK_END, 0, MAPS_EXEC, MAPS_NKINDS - 1 },
	};
	struct maps_range bad[ARRAY_SIZE(good)];
	u64 *words[] = { &bad[1].start, &bad[1].end, &bad[1].offset };
	const u64 wrong[] = { 0x20001, 0x10000, 0x2fff8, LWK_TASK_END, ~0ULL << 12, ~0ULL };

	CHECK_EQ(check_maps(good, sizeof(good), 0), 0);
	CHECK_EQ(check_maps(good, 0, 0), 0);
	CHECK_EQ(check_maps(good, sizeof(good) - 8, 0), -EPROTO);
	/* The first ends above what was asked for; it may have begun below. */
	CHECK_EQ(check_maps(good, sizeof(good), good[0].end - LWK_PAGE_SIZE), 0);
	CHECK_EQ(check_maps(good, sizeof(good), good[0].end), -EPROTO);
	for (u32 i = 0; i < ARRAY_SIZE(words); i++) {
		for (u32 j = 0; j < ARRAY_SIZE(wrong); j++) {
			/* Any page may be where something was loaded. */
			if (i == 2 && wrong[j] == 0x10000)
				continue;
			memcpy(bad, good, sizeof(bad));
			*words[i] = wrong[j];
			CHECK_EQ(check_maps(bad, sizeof(bad), 0), -EPROTO);
		}
	}
	memcpy(bad, good, sizeof(bad));
	bad[1].kind = MAPS_NKINDS;
	CHECK_EQ(check_maps(bad, sizeof(bad), 0), -EPROTO);
}

static const struct unit_test tests[] = {
	UNIT_TEST(init_answers),
	UNIT_TEST(descriptors),
	UNIT_TEST(vdso_ranges),
	UNIT_TEST(layouts),
	UNIT_TEST(extents),
	UNIT_TEST(extents_at_the_limits),
	UNIT_TEST(requests),
	UNIT_TEST(small_arguments),
	UNIT_TEST(children),
	UNIT_TEST(maps),
};

UNIT_MAIN(tests)

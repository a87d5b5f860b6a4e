// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever an LWK answers, an extent that mcctrl accepts lies in the program's range, holds the
 * address and is as writable as was asked; ranges that it accepts are some, one after the other.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "host/mcctrl/check.c"

static void try_extent(const struct msg_fault_answer *answer, u64 addr, _Bool write)
{
	struct extent extent;
	u64 len;

	if (check_extent(answer, addr, write, &extent))
		return;
	len = (u64)extent.npages * LWK_PAGE_SIZE;
	FUZZ_CHECK(extent.npages >= 1 && extent.npages <= 512);
	FUZZ_CHECK(extent.start >= LWK_USER_START && extent.start + len <= LWK_USER_END);
	FUZZ_CHECK(addr >= extent.start && addr - extent.start < len);
	FUZZ_CHECK(extent.write || !write);
	FUZZ_CHECK(!(extent.paddr % LWK_PAGE_SIZE) && !(extent.start % LWK_PAGE_SIZE));
}

static void try_request(const struct mcctrl_wait *wait)
{
	if (check_request(wait))
		return;
	FUZZ_CHECK(wait->nr < (1U << 17));
	if (wait->nr == OFFLOAD_NR_RESTORE)
		FUZZ_CHECK(wait->args[0] >= LWK_USER_START && wait->args[0] < wait->args[1] &&
			   wait->args[1] <= LWK_USER_END);
}

static void try_maps(const struct maps_range *ranges, u64 from)
{
	if (check_maps(ranges, 2 * sizeof(*ranges), from))
		return;
	FUZZ_CHECK(from < ranges[0].end && ranges[0].end <= ranges[1].start);
	for (u32 i = 0; i < 2; i++) {
		FUZZ_CHECK(ranges[i].start < ranges[i].end && ranges[i].end <= LWK_TASK_END);
		FUZZ_CHECK(ranges[i].kind < MAPS_NKINDS && ranges[i].offset < LWK_TASK_END);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct {
		struct msg_fault_answer answer;
		struct mcctrl_wait wait;
		u64 addr;
		u64 write;
		struct maps_range maps[2];
	} input = { 0 };

	memcpy(&input, data, len < sizeof(input) ? len : sizeof(input));
	try_extent(&input.answer, input.addr, input.write & 1);
	/* Near enough to be accepted now and then. */
	input.answer.npages = input.answer.npages % 514;
	input.answer.start = input.answer.start % (LWK_USER_END + 0x2000) & ~CHECK_PAGE_MASK;
	input.answer.paddr &= ~CHECK_PAGE_MASK;
	input.answer.write &= 1;
	try_extent(&input.answer, input.answer.start + input.addr % 0x400000, input.write & 1);
	try_maps(input.maps, input.addr);
	for (u32 i = 0; i < 2; i++) {
		input.maps[i].start &= 0xf000;
		input.maps[i].end &= 0xf000;
		input.maps[i].offset &= ~CHECK_PAGE_MASK;
		input.maps[i].kind %= MAPS_NKINDS + 1;
	}
	try_maps(input.maps, input.addr & 0xffff);
	try_request(&input.wait);
	input.wait.nr = OFFLOAD_NR_FAULT + input.wait.nr % 10;
	try_request(&input.wait);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whatever an LWK answers, an extent that mcctrl accepts lies in the program's range, holds the
 * address and is as writable as was asked; a range that it accepts is one.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct {
		struct msg_fault_answer answer;
		struct mcctrl_wait wait;
		u64 addr;
		u64 write;
	} input = { 0 };

	memcpy(&input, data, len < sizeof(input) ? len : sizeof(input));
	try_extent(&input.answer, input.addr, input.write & 1);
	/* Near enough to be accepted now and then. */
	input.answer.npages = input.answer.npages % 514;
	input.answer.start = input.answer.start % (LWK_USER_END + 0x2000) & ~CHECK_PAGE_MASK;
	input.answer.paddr &= ~CHECK_PAGE_MASK;
	input.answer.write &= 1;
	try_extent(&input.answer, input.answer.start + input.addr % 0x400000, input.write & 1);
	try_request(&input.wait);
	input.wait.small = 0;
	input.wait.nr = OFFLOAD_NR_FAULT + input.wait.nr % 10;
	try_request(&input.wait);
	return 0;
}

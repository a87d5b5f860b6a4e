// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults on purpose, for the test port.
 */
#include "lwk/include/arch_core.h"

void arch_test_write_text(void)
{
	volatile u8 *text = (volatile u8 *)(u64)arch_test_write_text;

	*text = 0xcc;
}

void arch_test_exec_data(void)
{
	static u8 data[] = { 0xc3 }; /* RET */
	void (*fn)(void) = (void (*)(void))(u64)data;

	fn();
}

void arch_test_triple_fault(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed empty;

	__asm__ volatile("lidt %0; int3" : : "m"(empty));
}

/* By way of a pointer, lest the compiler see that this never ends. */
static u64 (*volatile recurse)(volatile u64 *below);

static u64 descend(volatile u64 *below)
{
	volatile u64 here[64];

	here[0] = below[0] + 1;
	return recurse(here) + here[0];
}

void arch_test_stack_overflow(void)
{
	volatile u64 start = 0;

	recurse = descend;
	(void)recurse(&start);
}

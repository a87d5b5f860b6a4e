// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoint registers of traced programs.
 */
#include <debug.h>

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_ptrace.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/sched/thread.h"
#include "x86.h"

#define NBREAKPOINTS 4
#define STATUS 6
#define CONTROL 7

#define STATUS_BITS 0xe00fULL		/* breakpoints; BD, BS, BT */
#define CONTROL_ENABLE 0xffULL		/* two bits for each breakpoint */
#define CONTROL_RESERVED 0x400ULL	/* is always 1 */
#define CONTROL_FIELD(control, n) ((control) >> (16 + 4 * (n)) & 0xf)
#define FIELD_TYPE 3
#define FIELD_LEN 0xc
#define TYPE_EXECUTE 0
#define TYPE_IO 2

static void write_address(u32 n, u64 value)
{
	switch (n) {
	case 0:
		__asm__ volatile("movq %0, %%dr0" : : "r"(value));
		break;
	case 1:
		__asm__ volatile("movq %0, %%dr1" : : "r"(value));
		break;
	case 2:
		__asm__ volatile("movq %0, %%dr2" : : "r"(value));
		break;
	default:
		__asm__ volatile("movq %0, %%dr3" : : "r"(value));
	}
}

static void write_control(u64 value)
{
	__asm__ volatile("movq %0, %%dr7" : : "r"(value | CONTROL_RESERVED));
}

void debug_load(const struct thread *thread)
{
	struct percpu *cpu = this_cpu();
	u64 control = thread->arch.debug[CONTROL];

	if (likely(!control && !cpu->arch.debug_control))
		return;
	write_control(0);
	cpu->arch.debug_control = control;
	if (!control)
		return;
	for (u32 n = 0; n < NBREAKPOINTS; n++)
		write_address(n, thread->arch.debug[n]);
	write_control(control);
}

void debug_note(u64 dr6)
{
	thread_current()->arch.debug[STATUS] |= dr6 & STATUS_BITS;
}

u64 arch_debug_get(struct thread *thread, u32 n)
{
	return n == 4 || n == 5 ? 0 : thread->arch.debug[n];
}

/* Bytes less one: 1, 2, 8, 4 of them. */
static u64 length_mask(u64 field)
{
	static const u8 masks[] = { 0, 1, 7, 3 };

	return masks[(field & FIELD_LEN) >> 2];
}

/* What Linux refuses: ports, instructions that are longer than a byte, data that is not aligned. */
static bool control_ok(const struct thread *thread, u64 control)
{
	for (u32 n = 0; n < NBREAKPOINTS; n++) {
		u64 field = CONTROL_FIELD(control, n);

		if (!(control >> 2 * n & 3))
			continue;
		if ((field & FIELD_TYPE) == TYPE_IO ||
		    ((field & FIELD_TYPE) == TYPE_EXECUTE && (field & FIELD_LEN)))
			return false;
		if (thread->arch.debug[n] >= LWK_TASK_END ||
		    (thread->arch.debug[n] & length_mask(field)))
			return false;
	}
	return true;
}

/* One that is in use keeps its length. */
static bool address_ok(const struct thread *thread, u32 n, u64 value)
{
	u64 control = thread->arch.debug[CONTROL];

	if (value >= LWK_TASK_END)
		return false;
	return !(control >> 2 * n & 3) || !(value & length_mask(CONTROL_FIELD(control, n)));
}

int arch_debug_set(struct thread *thread, u32 n, u64 value)
{
	if (n == 4 || n == 5)
		return -EIO;
	if (n < NBREAKPOINTS && !address_ok(thread, n, value))
		return -EINVAL;
	if (n == CONTROL) {
		value &= 0xffff0000ULL | CONTROL_ENABLE;
		if (!control_ok(thread, value))
			return -EINVAL;
		if (!(value & CONTROL_ENABLE))
			value = 0;
	}
	thread->arch.debug[n] = value;
	return 0;
}

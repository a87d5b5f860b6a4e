// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exceptions, NMI, interrupts. A program's exceptions are its own affair (user.c). One in the
 * kernel, but on a program's memory by a checked accessor, is a bug in the kernel and ends in
 * panic() with registers and back-trace.
 *
 * The NMI handler runs on a stack of its own and takes no exception except to panic,
 * so no IRET can open NMI while that stack is in use; see arch_halt_for_good() for
 * the one that does so on purpose.
 */
#include <trap.h>

#include <apic.h>
#include <backtrace.h>
#include <cpu.h>
#include <extable.h>
#include <user.h>

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/panic.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/user_entry.h"
#include "x86.h"

#define SEL_RPL 3 /* bits of a selector: privilege level */

static const char *const names[X86_VEC_FIRST_IRQ] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bound range", "invalid opcode",
	"device not available", "double fault", "coprocessor segment", "invalid TSS",
	"segment not present", "stack segment", "general protection", "page fault", "reserved",
	"x87 error", "alignment check", "machine check", "SIMD error", "virtualization",
	"control protection", "reserved", "reserved", "reserved", "reserved", "reserved",
	"reserved", "hypervisor injection", "VMM communication", "security", "reserved",
};

static void dump_registers(const struct arch_regs *f)
{
	log_crit("trap: rip %016llx rsp %016llx rflags %08llx cs %llx ss %llx err %llx", f->rip,
		 f->rsp, f->rflags, f->cs, f->ss, f->err);
	log_crit("trap: rax %016llx rbx %016llx rcx %016llx rdx %016llx", f->rax, f->rbx, f->rcx,
		 f->rdx);
	log_crit("trap: rsi %016llx rdi %016llx rbp %016llx r8  %016llx", f->rsi, f->rdi, f->rbp,
		 f->r8);
	log_crit("trap: r9  %016llx r10 %016llx r11 %016llx r12 %016llx", f->r9, f->r10, f->r11,
		 f->r12);
	log_crit("trap: r13 %016llx r14 %016llx r15 %016llx", f->r13, f->r14, f->r15);
	log_crit("trap: cr0 %08llx cr2 %016llx cr3 %010llx cr4 %08llx", x86_read_cr0(),
		 x86_read_cr2(), x86_read_cr3(), x86_read_cr4());
}

static void dump_frame(const void *arg)
{
	const struct arch_regs *frame = arg;

	dump_registers(frame);
	backtrace_log(frame->rip, frame->rbp);
}

/* For a CPU that is stopped because another one panicked: where it was, no more. */
static void dump_briefly(const void *arg)
{
	const struct arch_regs *frame = arg;

	backtrace_log(frame->rip, frame->rbp);
}

/* Linux loses patience with this CPU: if it was busy, say with what. */
static __noreturn void on_halt(const struct arch_regs *frame)
{
	if (READ_ONCE(this_cpu()->monitor->state) == MONITOR_KERNEL) {
		log_err("trap: halted by Linux");
		dump_briefly(frame);
	}
	arch_park();
}

static void on_nmi(const struct arch_regs *frame)
{
	struct percpu *cpu = this_cpu();

	cpu->nmi_depth++;
	if (cpu->monitor) {
		WRITE_ONCE(cpu->monitor->nmis, cpu->monitor->nmis + 1);
		if (boot_command() == BOOT_COMMAND_HALT)
			on_halt(frame);
		panic_on_nmi(dump_briefly, frame);
	}
	cpu->nmi_depth--;
}

/* No room for a page fault's frame: the fault was in the guard page of the stack. */
static bool is_stack_overflow(const struct arch_regs *frame)
{
	const struct thread *thread = thread_current();
	u64 guard = thread ? arch_thread_guard(thread) : cpu_stack_guard(this_cpu());

	return frame->vector == X86_VEC_DF && x86_read_cr2() - guard < PAGE_LEN;
}

static __noreturn void on_exception(const struct arch_regs *frame)
{
	u32 vector = (u32)frame->vector;

	if (is_stack_overflow(frame))
		panic_with_dump(dump_frame, frame, "trap: kernel stack overflow at %llx",
				frame->rip);
	if (vector == X86_VEC_PF)
		panic_with_dump(dump_frame, frame, "trap: %s: %s address %llx at %llx",
				names[vector],
				frame->err & 16 ? "executing" : frame->err & 2 ? "writing" :
										 "reading",
				x86_read_cr2(), frame->rip);
	panic_with_dump(dump_frame, frame, "trap: %s (error code %llx) at %llx", names[vector],
			frame->err, frame->rip);
}

static void on_machine_check(const struct arch_regs *frame)
{
	bool passes;

	/* It may have interrupted anything, a line of the log too. */
	this_cpu()->nmi_depth++;
	passes = machine_check_passes();
	this_cpu()->nmi_depth--;
	if (!passes)
		on_exception(frame);
}

/* A checked accessor (uaccess.S) met a page that is not there, or may never be. */
static bool on_user_access(struct arch_regs *frame)
{
	u64 fixup = extable_find(frame->rip);
	u64 addr = x86_read_cr2();

	/* XRSTOR refuses some areas: SDM 1, 13.8.1. */
	if (frame->vector == X86_VEC_GP && frame->rip == (u64)x86_xrstor_user_at) {
		frame->rip = fixup;
		return true;
	}
	if (frame->vector != X86_VEC_PF || !fixup || addr >= LWK_TASK_END)
		return false;
	/* Who disabled interrupts only wants to know what is there: user_peek_u32(). */
	if (!(frame->rflags & X86_RFLAGS_IF)) {
		frame->rip = fixup;
		return true;
	}
	arch_irq_enable();
	if ((frame->err & X86_PF_KEY) ||
	    user_memory_fault(addr, frame->err & X86_PF_WRITE ? VM_WRITE : VM_READ))
		frame->rip = fixup;
	(void)arch_irq_save();
	return true;
}

/* Single steps and breakpoints that a program left behind and that hit the kernel's entry. */
static bool is_stray_debug(const struct arch_regs *frame)
{
	if (frame->vector != X86_VEC_DB)
		return false;
	x86_write_dr6(X86_DR6_CLEAR);
	return true;
}

static void on_irq(u32 vector)
{
	/* Acknowledged first: a handler may leave this CPU for the park page. */
	if (vector != LWK_VEC_SPURIOUS)
		apic_eoi();
	irq_dispatch(vector);
}

static void from_user(struct arch_regs *frame)
{
	u32 vector = (u32)frame->vector;

	x86_enter_from_user();
	if (vector >= X86_VEC_FIRST_IRQ)
		on_irq(vector);
	else
		user_exception(frame);
	x86_exit_to_user(frame);
}

void trap_dispatch(struct arch_regs *frame)
{
	u32 vector = (u32)frame->vector;

	if (vector == X86_VEC_NMI)
		on_nmi(frame);
	else if (vector == X86_VEC_MC)
		on_machine_check(frame);
	else if ((frame->cs & SEL_RPL) && vector != X86_VEC_DF)
		from_user(frame);
	else if (vector >= X86_VEC_FIRST_IRQ)
		on_irq(vector);
	else if (!on_user_access(frame) && !is_stray_debug(frame))
		on_exception(frame);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Into user mode and out of it: system calls, exceptions of programs, what is due before the
 * return.
 */
#include "lwk/include/user_entry.h"

#include <debug.h>
#include <fpu.h>
#include <user.h>

#include "abi/boot.h"
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/sched/thread.h"
#include "x86.h"

#define RFLAGS_USER 0x202 /* interrupts on, and the bit that is always 1 */

/* What SYSCALL clears: all flags that a program could disturb the kernel with, as Linux does. */
#define SYSCALL_FLAGS 0x257fd5ULL

#define CPUNODE_CPU_BITS 12 /* Linux's VDSO_CPUNODE_BITS */
#define CPUID_EXT_RDTSCP (1U << 27)
#define CPUID_7C_RDPID (1U << 22)

#define TRAP_BRKPT 1
#define TRAP_TRACE 2
#define TRAP_HWBKPT 4

void x86_syscall_entry(void); /* trap_entry.S */

/*
 * Where the vDSO's getcpu() finds CPU and node: in TSC_AUX, by RDPID, or in the limit of a
 * segment, by LSL. Linux's encoding, and Linux's numbers.
 */
static void set_number(struct percpu *cpu)
{
	u64 number = cpu->linux_cpu | (u64)cpu->linux_node << CPUNODE_CPU_BITS;

	/* Data, accessed, read-only, expand-down, ring 3, present, 32 bits, limit in bytes. */
	cpu->arch.gdt[X86_SEL_CPUNODE / 8] = 0x0040f50000000000ULL | (number & 0xffff) |
					     (number >> 16 & 0xf) << 48;
	if ((x86_cpuid(0x80000001, 0).d & CPUID_EXT_RDTSCP) ||
	    (x86_cpuid(7, 0).c & CPUID_7C_RDPID))
		x86_wrmsr(MSR_TSC_AUX, number);
}

void user_init_cpu(void)
{
	set_number(this_cpu());
	x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | X86_EFER_SCE);
	x86_wrmsr(MSR_STAR, (u64)X86_SEL_USER_BASE << 48 | (u64)LWK_CODE_SEL << 32);
	x86_wrmsr(MSR_LSTAR, (u64)x86_syscall_entry);
	x86_wrmsr(MSR_FMASK, SYSCALL_FLAGS);
	/* INIT leaves Linux's, to whose entry SYSENTER would go; without a selector it faults. */
	x86_wrmsr(MSR_SYSENTER_CS, 0);
}

static inline void enter_from_user(void)
{
	monitor_set(MONITOR_KERNEL);
	thread_account_user(this_cpu()->runq.current, x86_rdtsc());
}

void x86_enter_from_user(void)
{
	enter_from_user();
}

/* Is there anything to do before user mode? Interrupts are off. */
static inline bool is_due(void)
{
	const struct runq *rq = &this_cpu()->runq;

	return READ_ONCE(rq->resched) || READ_ONCE(rq->current->attention);
}

static void do_due(struct arch_regs *regs)
{
	struct thread *thread = thread_current();

	sched_preempt();
	/* Acquire: what was announced; partner of the release in thread_notify(). */
	if (!__atomic_exchange_n(&thread->attention, 0, __ATOMIC_ACQUIRE))
		return;
	arch_irq_enable();
	user_resume(regs);
	(void)arch_irq_save();
}

void x86_exit_to_user(struct arch_regs *regs)
{
	struct thread *self = thread_current();

	(void)arch_irq_save();
	for (;;) {
		/* It may have waited in the middle of a restartable sequence, here too. */
		if (unlikely(self->switched && self->restarts))
			WRITE_ONCE(self->attention, 1);
		if (!is_due())
			break;
		do_due(regs);
	}
	thread_account_kernel(thread_current(), x86_rdtsc());
	monitor_set(MONITOR_USER);
}

/*
 * SYSRET takes RIP from RCX and flags from R11. It must not see a non-canonical address (on
 * Intel it faults in the kernel, on the program's stack) nor RF or TF, which it does not restore.
 */
static bool sysret_ok(const struct arch_regs *regs)
{
	return regs->rcx == regs->rip && regs->r11 == regs->rflags && regs->rip < LWK_TASK_END &&
	       regs->cs == X86_SEL_USER_CODE && regs->ss == X86_SEL_USER_DATA &&
	       !(regs->rflags & (X86_RFLAGS_RF | X86_RFLAGS_TF));
}

bool x86_syscall(struct arch_regs *regs)
{
	enter_from_user();
	arch_irq_enable();
	regs->rax = (u64)-ENOSYS;
	/* Accounts the call's time: mostly nothing is left to do. */
	user_syscall(regs);
	(void)arch_irq_save();
	if (unlikely(is_due())) {
		/* Restartable sequences make no calls: that it waited here is nothing to them. */
		do {
			do_due(regs);
		} while (is_due());
		thread_account_kernel(thread_current(), x86_rdtsc());
	}
	monitor_set(MONITOR_USER);
	return sysret_ok(regs);
}

static void page_fault(struct arch_regs *regs, struct user_trap_info *info)
{
	u32 access = VM_READ;

	info->trap = USER_TRAP_PAGE;
	info->addr = x86_read_cr2();
	/* Linux does not tell programs which kernel addresses are mapped either. */
	if (info->addr >= LWK_TASK_END)
		info->error |= X86_PF_PROT;
	if (regs->err & X86_PF_FETCH)
		access = VM_EXEC;
	else if (regs->err & X86_PF_WRITE)
		access = VM_WRITE;
	arch_irq_enable();
	if (regs->err & X86_PF_KEY)
		info->err = -EKEYREJECTED;
	else
		info->err = info->addr < LWK_TASK_END ? user_memory_fault(info->addr, access) :
							-EFAULT;
	if (info->err)
		user_trap(regs, info);
}

static enum user_trap trap_of(u32 vector)
{
	switch (vector) {
	case X86_VEC_DE:
		return USER_TRAP_DIVIDE;
	case X86_VEC_DB:
		return USER_TRAP_DEBUG;
	case X86_VEC_BP:
		return USER_TRAP_BREAKPOINT;
	case X86_VEC_UD:
		return USER_TRAP_OPCODE;
	case X86_VEC_MF:
	case X86_VEC_XM:
		return USER_TRAP_FPU;
	case X86_VEC_NP:
	case X86_VEC_SS:
		return USER_TRAP_STACK;
	case X86_VEC_AC:
		return USER_TRAP_ALIGNMENT;
	default:
		return USER_TRAP_PROTECTION;
	}
}

static int debug_code(void)
{
	u64 dr6 = x86_read_dr6();

	x86_write_dr6(X86_DR6_CLEAR);
	debug_note(dr6);
	if (dr6 & X86_DR6_STEP)
		return TRAP_TRACE;
	/* Neither step nor breakpoint register: the program used INT1. */
	return dr6 & X86_DR6_BREAKPOINTS ? TRAP_HWBKPT : TRAP_BRKPT;
}

void user_exception(struct arch_regs *regs)
{
	struct user_trap_info info = {
		.vector = (u32)regs->vector,
		.error = regs->err,
		.addr = regs->rip,
	};

	if (info.vector == X86_VEC_PF) {
		page_fault(regs, &info);
		return;
	}
	info.trap = trap_of(info.vector);
	if (info.trap == USER_TRAP_DEBUG)
		info.code = debug_code();
	else if (info.trap == USER_TRAP_FPU)
		info.code = fpu_trap_code(info.vector == X86_VEC_XM);
	arch_irq_enable();
	user_trap(regs, &info);
}

struct arch_regs *arch_user_regs(struct thread *thread)
{
	return (struct arch_regs *)(thread->arch.stack_top - sizeof(struct arch_regs));
}

void arch_regs_init(struct arch_regs *regs, vaddr_t entry, vaddr_t sp)
{
	*regs = (struct arch_regs){
		.vector = X86_VEC_SYSCALL,
		.err = (u64)-1,
		.rip = entry,
		.cs = X86_SEL_USER_CODE,
		.rflags = RFLAGS_USER,
		.rsp = sp,
		.ss = X86_SEL_USER_DATA,
	};
}

s64 arch_syscall_nr(const struct arch_regs *regs)
{
	/* As Linux: a 32-bit number, sign-extended. */
	return regs->vector == X86_VEC_SYSCALL ? (s64)(s32)regs->err : -1;
}

void arch_syscall_args(const struct arch_regs *regs, u64 args[6])
{
	args[0] = regs->rdi;
	args[1] = regs->rsi;
	args[2] = regs->rdx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

void arch_syscall_set_ret(struct arch_regs *regs, s64 ret)
{
	regs->rax = (u64)ret;
}

void arch_syscall_restart(struct arch_regs *regs)
{
	regs->rax = regs->err;
	regs->rip -= 2; /* the length of SYSCALL */
}

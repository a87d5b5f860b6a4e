// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks of threads, and the registers that stay in the processor while a
 * thread is in the kernel.
 */
#include "lwk/include/arch_sched.h"

#include <debug.h>
#include <fpu.h>
#include <user.h>

#include "abi/errno.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/sched/thread.h"
#include "lwk/lib/string.h"
#include "x86.h"

#define SAVED_REGS 6 /* x86_switch() pops so many before it returns */

/* switch.S */
void x86_switch(u64 *save, u64 load);
void x86_start_kernel(void);
void x86_start_user(void);

static int stack_create(struct arch_thread *arch, u32 cpu)
{
	if (!kstack_create(&arch->stack, percpu_of(cpu)->node))
		return -ENOMEM;
	arch->stack_top = (u64)arch->stack.bytes + KSTACK_PAGES * PAGE_LEN;
	return 0;
}

/* What x86_switch() finds: registers, return address. The call of C that follows aligns RSP. */
static void stack_fill(struct arch_thread *arch, u64 top, void (*start)(void), const u64 regs[2])
{
	u64 *sp = (u64 *)top;

	*--sp = (u64)start;
	/* RBP ends a backtrace: nothing of the stack's last owner may be there. */
	sp -= SAVED_REGS;
	memset(sp, 0, SAVED_REGS * sizeof(*sp));
	sp[3] = regs[0]; /* R12 */
	sp[2] = regs[1]; /* R13 */
	arch->ksp = (u64)sp;
}

int arch_thread_init_kernel(struct thread *thread, void (*fn)(void *arg), void *arg)
{
	int err = stack_create(&thread->arch, thread->cpu);

	if (err)
		return err;
	stack_fill(&thread->arch, thread->arch.stack_top, x86_start_kernel,
		   (const u64[]){ (u64)fn, (u64)arg });
	return 0;
}

int arch_thread_init_user(struct thread *thread)
{
	struct arch_thread *arch = &thread->arch;
	u32 order = 0;
	int err = stack_create(arch, thread->cpu);

	if (err)
		return err;
	while (PAGE_LEN << order < fpu_len())
		order++;
	arch->xstate_page = page_alloc(percpu_of(thread->cpu)->node, order, 0);
	if (!arch->xstate_page)
		goto free_stack;
	arch->xstate = page_virt(arch->xstate_page);
	fpu_area_init(arch->xstate);
	arch_regs_init(arch_user_regs(thread), 0, 0);
	stack_fill(arch, (u64)arch_user_regs(thread), x86_start_user, (const u64[]){ 0, 0 });
	return 0;

free_stack:
	kstack_destroy(&arch->stack);
	return -ENOMEM;
}

void arch_thread_destroy(struct thread *thread)
{
	struct arch_thread *arch = &thread->arch;

	if (arch->xstate_page)
		page_free(arch->xstate_page, arch->xstate_page->order);
	arch->xstate_page = NULL;
	kstack_destroy(&arch->stack);
}

u64 arch_thread_guard(const struct thread *thread)
{
	return (u64)thread->arch.stack.bytes - PAGE_LEN;
}

void arch_switch(u64 *save, u64 load)
{
	x86_switch(save, load);
}

void arch_user_save(struct thread *thread)
{
	thread->arch.fs_base = arch_get_fs();
	thread->arch.gs_base = arch_get_gs();
	fpu_save(thread->arch.xstate);
}

void arch_user_load(struct thread *thread)
{
	arch_set_fs(thread->arch.fs_base);
	arch_set_gs(thread->arch.gs_base);
	fpu_load(thread->arch.xstate);
}

void arch_user_stack(const struct thread *thread)
{
	struct percpu *cpu = this_cpu();

	cpu->entry_stack = thread->arch.stack_top;
	cpu->arch.tss.rsp[0] = thread->arch.stack_top;
	debug_load(thread);
}

void arch_load_tables(paddr_t root)
{
	x86_write_cr3(root);
}

void arch_thread_fork(struct thread *child, u64 sp)
{
	struct arch_regs *regs = arch_user_regs(child);
	u64 irq;

	*regs = *arch_user_regs(thread_current());
	arch_syscall_set_ret(regs, 0);
	if (sp)
		regs->rsp = sp;
	/* The caller's are in the processor. */
	irq = arch_irq_save();
	arch_user_save(child);
	arch_irq_restore(irq);
}

void arch_thread_set_fs(struct thread *thread, u64 base)
{
	thread->arch.fs_base = base;
}

/* While the kernel runs GS is its own, and the program's is where SWAPGS finds it. */
void arch_set_fs(u64 base)
{
	x86_wrmsr(MSR_FS_BASE, base);
}

u64 arch_get_fs(void)
{
	return x86_rdmsr(MSR_FS_BASE);
}

void arch_set_gs(u64 base)
{
	x86_wrmsr(MSR_KERNEL_GS_BASE, base);
}

u64 arch_get_gs(void)
{
	return x86_rdmsr(MSR_KERNEL_GS_BASE);
}

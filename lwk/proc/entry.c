// SPDX-License-Identifier: GPL-2.0-only
/*
 * From user mode into the kernel and back: what lwk/include/user_entry.h asks of processes.
 */
#include "lwk/include/user_entry.h"

#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/proc/internal.h"

#define FPE_INTDIV 1
#define ILL_ILLOPN 2
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define SEGV_PKUERR 4
#define BUS_ADRALN 1
#define BUS_ADRERR 2

/* What a call that a signal ended is to do, and what it is to return if not starting again. */
static enum task_restart restart_of(s64 *ret)
{
	enum task_restart restart;

	/* The others are below it, and errnos that programs know above. */
	if (likely(*ret > -ERESTARTSYS))
		return RESTART_NONE;
	switch (*ret) {
	case -ERESTARTSYS:
		restart = RESTART_BY_ACTION;
		break;
	case -ERESTARTNOINTR:
		restart = RESTART_ALWAYS;
		break;
	case -ERESTARTNOHAND:
		restart = RESTART_UNLESS_HANDLER;
		break;
	case -ERESTART_RESTARTBLOCK:
		restart = RESTART_BLOCK;
		break;
	default:
		return RESTART_NONE;
	}
	*ret = -EINTR;
	return restart;
}

static void make_syscall(struct task *task, struct arch_regs *regs)
{
	s64 nr = arch_syscall_nr(regs);
	u64 args[6];
	s64 ret;

	arch_syscall_args(regs, args);
	perturb_point();
	ret = syscall_dispatch(task, nr, args);
	perturb_point();
	if (perturb_wants_check())
		process_check();
	/* It has set all registers itself. */
	if (nr == SYSCALL_rt_sigreturn)
		return;
	task->restart = restart_of(&ret);
	if (task->restart != RESTART_NONE)
		thread_notify(&task->thread);
	arch_syscall_set_ret(regs, ret);
}

/*
 * Its tracer may change what the call is, leave it out, and change what comes of it.
 * Return: is it to be made?
 */
static bool enter_traced(const struct arch_regs *regs)
{
	return trace_syscall_entry() && arch_syscall_nr(regs) != -1;
}

/* make_syscall() in one place only, so that it is part of this: all calls come here. */
void user_syscall(struct arch_regs *regs)
{
	struct task *task = task_current();
	bool traced = unlikely(READ_ONCE(task->trace) != NULL);

	if (likely(!traced) || enter_traced(regs))
		make_syscall(task, regs);
	if (unlikely(traced))
		trace_syscall_exit();
}

void user_resume(struct arch_regs *regs)
{
	struct process *process = task_current()->process;

	perturb_point();
	if (process_is_ending(process))
		task_exit();
	if (process->start) {
		process_begin(regs);
		if (task_current()->trace)
			trace_begin();
	}
	if (unlikely(READ_ONCE(task_current()->trace) != NULL) != process->relays_all)
		trace_sync();
	if (task_current()->fresh)
		task_begin();
	cpu_timers_run();
	rseq_resume(regs);
	signal_resume(regs);
	perturb_point();
	if (process_is_ending(process))
		task_exit();
}

static void page_fault_info(const struct user_trap_info *trap, struct signal_info *info)
{
	info->signo = SIGSEGV;
	info->code = trap->err == -EACCES ? SEGV_ACCERR : SEGV_MAPERR;
	if (trap->err == -EKEYREJECTED) {
		info->code = SEGV_PKUERR;
		/* si_pkey, behind si_addr and what other codes have there. */
		info->fields[2] = vm_pkey_of(task_current()->process->vm, trap->addr);
	}
	/* What Linux does when memory runs out under a program is to kill it. */
	if (trap->err == -ENOMEM)
		info->signo = SIGKILL;
	if (trap->err == -ENXIO || trap->err == -EIO) {
		info->signo = SIGBUS;
		info->code = BUS_ADRERR;
	}
}

static void trap_info(const struct user_trap_info *trap, struct signal_info *info)
{
	static const struct {
		s32 signo;
		s32 code;
		bool has_addr;
	} signals[] = {
		[USER_TRAP_DIVIDE] = { SIGFPE, FPE_INTDIV, true },
		[USER_TRAP_DEBUG] = { SIGTRAP, 0, true },
		[USER_TRAP_BREAKPOINT] = { SIGTRAP, SI_KERNEL, false },
		[USER_TRAP_OPCODE] = { SIGILL, ILL_ILLOPN, true },
		[USER_TRAP_FPU] = { SIGFPE, 0, true },
		[USER_TRAP_PROTECTION] = { SIGSEGV, SI_KERNEL, false },
		[USER_TRAP_STACK] = { SIGBUS, SI_KERNEL, false },
		[USER_TRAP_ALIGNMENT] = { SIGBUS, BUS_ADRALN, false },
		[USER_TRAP_PAGE] = { SIGSEGV, 0, true },
	};

	*info = (struct signal_info){
		.signo = signals[trap->trap].signo,
		.code = signals[trap->trap].code ? signals[trap->trap].code : trap->code,
		.fields[0] = signals[trap->trap].has_addr ? trap->addr : 0,
	};
	if (trap->trap == USER_TRAP_PAGE)
		page_fault_info(trap, info);
}

void user_trap(struct arch_regs *regs, const struct user_trap_info *trap)
{
	struct task *task = task_current();
	struct signal_info info;

	(void)regs;
	/* The thread is about to end: what it could not do does not matter. */
	if (trap->trap == USER_TRAP_PAGE && trap->err == -EINTR)
		return;
	trap_info(trap, &info);
	task->restart = RESTART_NONE;
	task->trap_vector = trap->vector;
	task->trap_error = trap->error;
	if (trap->trap == USER_TRAP_PAGE)
		task->trap_addr = trap->addr;
	signal_force(&info);
}

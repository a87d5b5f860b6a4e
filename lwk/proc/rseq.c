// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restartable sequences. The scheduler notes that a thread gave up its CPU (@switched), which the
 * entry code looks at where it leaves an interrupt, a trap or a page fault, and has it look
 * (@attention) where it comes in on another CPU. Only then is the program's memory touched. Who
 * waited in a system call, or was preempted as it left one, was in no sequence: rseq(2) forbids
 * calls there.
 */
#include "lwk/include/proc/rseq.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/uaccess.h"

#define LEN_ORIGINAL 32U
#define ALIGNMENT 32U
#define CPU_UNINITIALIZED (~0U)
#define NO_CPU (~0U)

/* What Linux's struct rseq begins with; from @node on since 6.3. */
struct words {
	u32 cpu_start;
	u32 cpu;
	u64 sequence;
	u32 flags;
	u32 node;
	u32 mm_cid;
};

/* Linux's struct rseq_cs. */
struct sequence {
	u32 version;
	u32 flags;
	u64 start;
	u64 len;
	u64 abort;
};

_Static_assert(sizeof(struct sequence) == 32, "as Linux has it");

#define OFFSET(field) __builtin_offsetof(struct words, field)

static bool has_node(const struct task *task)
{
	return task->process->rseq_len;
}

/* Linux's rule, which has changed with the length. */
static bool is_sound(const struct task *task, const struct task_rseq *rseq)
{
	if (!IS_ALIGNED(rseq->addr, ALIGNMENT))
		return false;
	return rseq->len == LEN_ORIGINAL ||
	       (has_node(task) && rseq->len > LEN_ORIGINAL);
}

static bool is_same(const struct task_rseq *a, const struct task_rseq *b)
{
	return a->addr == b->addr && a->len == b->len;
}

static void watch(struct task *task)
{
	struct thread *thread = &task->thread;

	thread->restart_cpu = NO_CPU;
	thread->switched = false;
	thread->restarts = true;
}

int rseq_register(const struct task_rseq *rseq)
{
	struct task *task = task_current();

	if (task->rseq.addr) {
		if (!is_same(&task->rseq, rseq))
			return -EINVAL;
		return task->rseq.sig == rseq->sig ? -EBUSY : -EPERM;
	}
	if (!is_sound(task, rseq))
		return -EINVAL;
	if (!user_range_ok(rseq->addr, rseq->len))
		return -EFAULT;
	task->rseq = *rseq;
	if (rseq->addr) {
		watch(task);
		thread_notify(&task->thread);
	}
	return 0;
}

static int write_ids(const struct task *task, u32 cpu, u32 node, u32 mm_cid)
{
	const vaddr_t at = task->rseq.addr;
	const u32 cpus[2] = { cpu == CPU_UNINITIALIZED ? 0 : cpu, cpu };
	const u32 more[2] = { node, mm_cid };

	if (copy_to_user(at, cpus, sizeof(cpus)))
		return -EFAULT;
	if (has_node(task) && copy_to_user(at + OFFSET(node), more, sizeof(more)))
		return -EFAULT;
	return 0;
}

int rseq_unregister(const struct task_rseq *rseq)
{
	struct task *task = task_current();

	if (!rseq->addr || !is_same(&task->rseq, rseq))
		return -EINVAL;
	if (task->rseq.sig != rseq->sig)
		return -EPERM;
	if (write_ids(task, CPU_UNINITIALIZED, 0, 0))
		return -EFAULT;
	task->thread.restarts = false;
	task->rseq.addr = 0;
	return 0;
}

/* A Linux that does not say how much it knows gives the original length, registered or not. */
struct rseq_configuration rseq_configuration(const struct task *task)
{
	const struct task_rseq *rseq = &task->rseq;
	struct rseq_configuration config = { .len = has_node(task) ? 0 : LEN_ORIGINAL };

	if (rseq->addr) {
		config.addr = rseq->addr;
		config.len = rseq->len;
		config.sig = rseq->sig;
	}
	return config;
}

void rseq_inherit(struct task *child, const struct task *parent)
{
	child->rseq = parent->rseq;
	if (child->rseq.addr)
		watch(child);
}

/* Return: 0; 1: the program is in none; -errno. */
static int get_sequence(const struct task *task, struct sequence *sequence)
{
	u64 at;
	u32 sig;

	if (copy_from_user(&at, task->rseq.addr + OFFSET(sequence), sizeof(at)))
		return -EFAULT;
	if (!at)
		return 1;
	if (copy_from_user(sequence, at, sizeof(*sequence)))
		return -EFAULT;
	if (sequence->start >= LWK_TASK_END || sequence->len >= LWK_TASK_END - sequence->start ||
	    sequence->abort >= LWK_TASK_END || sequence->version)
		return -EINVAL;
	if (sequence->abort - sequence->start < sequence->len)
		return -EINVAL;
	if (copy_from_user(&sig, sequence->abort - sizeof(sig), sizeof(sig)))
		return -EFAULT;
	return sig == task->rseq.sig ? 0 : -EINVAL;
}

/* Flags that held restarts back are gone from Linux, too. */
static int check_flags(const struct task *task, const struct sequence *sequence)
{
	u32 flags;

	if (sequence->flags)
		return -EINVAL;
	if (copy_from_user(&flags, task->rseq.addr + OFFSET(flags), sizeof(flags)))
		return -EFAULT;
	return flags ? -EINVAL : 0;
}

/* Something came between: what was begun begins anew, what is over is forgotten. */
static int leave_sequence(struct arch_regs *regs)
{
	struct task *task = task_current();
	struct sequence sequence;
	bool inside;
	int err = get_sequence(task, &sequence);

	if (err)
		return err < 0 ? err : 0;
	inside = arch_user_pc(regs) - sequence.start < sequence.len;
	if (inside) {
		err = check_flags(task, &sequence);
		if (err)
			return err;
	}
	if (clear_user(task->rseq.addr + OFFSET(sequence), sizeof(u64)))
		return -EFAULT;
	if (inside)
		arch_user_set_pc(regs, sequence.abort);
	return 0;
}

int rseq_interrupt(struct arch_regs *regs)
{
	return task_current()->rseq.addr ? leave_sequence(regs) : 0;
}

void rseq_resume(struct arch_regs *regs)
{
	const struct signal_info segv = { .signo = SIGSEGV, .code = SI_KERNEL };
	struct thread *thread = thread_current();
	struct percpu *cpu = this_cpu();
	int err;

	if (!thread->restarts || (!thread->switched && thread->restart_cpu == cpu->id))
		return;
	/* First: if the thread moves while memory is touched, it comes here again. */
	thread->switched = false;
	thread->restart_cpu = cpu->id;
	err = leave_sequence(regs);
	if (!err)
		err = write_ids(task_current(), cpu->linux_cpu, cpu->linux_node, cpu->id);
	if (err)
		signal_force(&segv);
}

static void restart_here(void *arg)
{
	struct thread *thread = this_cpu()->runq.current;

	if (!thread || thread->vm != arg || !thread->restarts)
		return;
	thread->switched = true;
	thread_notify(thread);
}

void rseq_restart_others(struct process *process, u32 cpu)
{
	/* Partner is vm_activate(): who comes later begins no sequence that it was in before. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 id = 0; id < percpu_count(); id++) {
		if (cpumask_test(&process->vm->cpus, id) && (cpu == percpu_count() || cpu == id))
			call_cpu(id, restart_here, process->vm);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

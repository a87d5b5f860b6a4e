// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making a process out of a load descriptor: PREPARE_PROCESS. What Linux is to map is the program's
 * as any file that it maps; the other sections are writable until the program starts, since their
 * content comes from Linux.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/mm/vm_policy.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/mempolicy.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/reach.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/bitmap.h"
#include "lwk/lib/string.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/proc/internal.h"

#define RLIMIT_CPU 0
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS 9
#define RLIMIT_RTTIME 15

/*
 * Where a task begins to count its INTERRUPTs: above all those of whoever had its ids before, of
 * which one may be under way.
 */
static u64 first_interrupt(void)
{
	static u64 last;

	/* Relaxed: it need only grow. */
	return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED) << 32;
}

struct task *task_create(struct process *process, u32 tid, u32 vtid, u32 cpu)
{
	struct task *task = kzalloc(sizeof(*task));
	u64 irq;

	if (!task)
		return NULL;
	task->slot_page = page_alloc(percpu_of(cpu)->node, PAGE_ORDER_4K, PAGE_ALLOC_ZERO);
	if (!task->slot_page)
		goto free_task;
	task->slot = page_virt(task->slot_page);
	task->tid = tid;
	task->vtid = vtid;
	task->process = process;
	task->altstack.flags = SS_DISABLE;
	task->interrupts = first_interrupt();
	task->interrupts_seen = task->interrupts;
	list_init(&task->hash);
	list_init(&task->pi.held);
	signal_pending_init(&task->pending);
	task->thread.name = process->comm;
	task->thread.vm = process->vm;
	task->thread.ended = task_ended;
	if (thread_init_user(&task->thread, cpu))
		goto free_slot;
	/* Relaxed: the creator has a reference. */
	__atomic_fetch_add(&process->refs, 1, __ATOMIC_RELAXED);
	irq = spin_lock_irqsave(&process->lock);
	list_add_tail(&task->link, &process->tasks);
	process->ntasks++;
	process->nlive++;
	spin_unlock_irqrestore(&process->lock, irq);
	return task;

free_slot:
	page_free(task->slot_page, PAGE_ORDER_4K);
free_task:
	kfree(task);
	return NULL;
}

void task_free(struct task *task)
{
	signal_pending_drain(&task->pending);
	vm_policy_put(task->mempolicy);
	kfree(task->permits);
	page_free(task->slot_page, PAGE_ORDER_4K);
	kfree(task);
}

static int map_fixed(struct vm *vm, vaddr_t start, vaddr_t end, u32 prot, u32 flags)
{
	const struct vm_map_args args = {
		.addr = start,
		.len = end - start,
		.prot = prot,
		.flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | flags,
	};
	vaddr_t addr;

	return vm_map(vm, &args, &addr);
}

/* What Linux is going to fill from a file. */
static int map_filled(struct vm *vm, vaddr_t start, vaddr_t end)
{
	const struct vm_map_args args = {
		.addr = start,
		.len = end - start,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
		.offset = start,
		.kind = VM_IMAGE,
	};
	vaddr_t addr;

	return start < end ? vm_map(vm, &args, &addr) : 0;
}

/* Linux's own pages: the program has them where the proxy has them. */
static int map_linux(struct vm *vm, vaddr_t start, vaddr_t end, u64 offset, u32 prot)
{
	const struct vm_map_args args = {
		.addr = start,
		.len = end - start,
		.prot = prot,
		.flags = MAP_FIXED_NOREPLACE | MAP_PRIVATE,
		.offset = offset,
		.ops = &linux_range_ops,
		.limit = LWK_TASK_END,
	};
	vaddr_t addr;

	return start < end ? vm_map(vm, &args, &addr) : 0;
}

static int map_region(struct vm *vm, const struct program_region *region)
{
	vaddr_t middle = region->start;
	int err;

	if (region->mapped)
		return map_linux(vm, region->start, region->end, region->offset, region->prot);
	if (region->file_end > region->file_start)
		middle = ALIGN_UP(region->file_end, PAGE_LEN);
	err = map_filled(vm, region->start, middle);
	if (!err && middle < region->end)
		err = map_fixed(vm, middle, region->end, PROT_READ | PROT_WRITE, 0);
	return err;
}

static int map_images(struct vm *vm, const struct program_plan *plan)
{
	const struct program_region *region = plan->regions;
	int err;

	for (u32 i = 0; i < plan->nregions; i++, region++) {
		err = map_region(vm, region);
		if (err)
			return err;
	}
	/*
	 * Linux is about to fill these: in one piece it finds them sooner. Nobody sees them before:
	 * mcctrl lets nobody map what is not filled, nor start it.
	 */
	for (u32 i = 0; i < plan->nregions; i++) {
		region = &plan->regions[i];
		if (region->mapped)
			continue;
		err = vm_populate_contiguous(vm, region->file_start, region->file_end);
		if (err)
			return err;
	}
	return 0;
}

static int map_stack(struct vm *vm, const struct program_load_desc *desc,
		     const struct program_plan *plan)
{
	u32 prot = PROT_READ | PROT_WRITE;
	vaddr_t low = plan->stack_low;
	int err;

	if (desc->flags & PROGRAM_EXEC_STACK)
		prot |= PROT_EXEC;
	err = map_fixed(vm, low, plan->stack_top, prot, MAP_GROWSDOWN);
	if (err)
		return err;
	/* What cannot be had now is faulted in later. */
	for (u64 left = MIN(desc->stack_premap, plan->stack_top - low); left >= PAGE_LEN;
	     left -= PAGE_LEN) {
		if (vm_fault(vm, plan->stack_top - left, VM_WRITE))
			break;
	}
	return 0;
}

void process_limits(const struct process *process, struct vm_limits *limits)
{
	*limits = (struct vm_limits){
		.as = process->rlimits[RLIMIT_AS].cur,
		.data = process->rlimits[RLIMIT_DATA].cur,
		.stack = process->rlimits[RLIMIT_STACK].cur,
		.memlock = process->rlimits[RLIMIT_MEMLOCK].cur,
		.may_lock = process->may_lock,
		.data_hard = process->rlimits[RLIMIT_DATA].max,
	};
}

static int make_space(struct process *process)
{
	const struct program_load_desc *desc = &process->start->desc;
	const struct program_plan *plan = &process->start->plan;
	struct vm_config config = {
		.kernel = arch_kernel_tables(),
		.start = LWK_USER_START,
		.end = LWK_PROGRAM_END,
		.mmap_base = plan->mmap_base,
		.huge_pages = arch_kernel_tables()->huge_pages,
	};
	struct vm *vm;
	int err;

	process_limits(process, &config.limits);
	err = vm_create(&config, &process->vm);
	if (err)
		return err;
	vm = process->vm;
	vm->owner = process;
	vm->revoke = memory_revoke;
	vm->in_vain = memory_in_vain;
	err = map_images(vm, plan);
	if (!err)
		err = map_stack(vm, desc, plan);
	if (!err)
		err = map_linux(vm, desc->vvar_start, desc->vvar_end, 0, PROT_READ);
	if (!err)
		err = map_linux(vm, desc->vdso_start, desc->vdso_end, 0, PROT_READ | PROT_EXEC);
	if (!err)
		vm_set_brk(vm, plan->brk, plan->data_len);
	/* On failure the process's end frees it. */
	return err;
}

static struct process_space *space_get(struct process_space *space)
{
	if (!space) {
		space = kzalloc(sizeof(*space));
		if (space) {
			mutex_init(&space->memory, "process memory");
			mutex_init(&space->limits, "process limits");
		}
	}
	/* Relaxed: the caller's own, if there is one, orders everything. */
	if (space)
		__atomic_fetch_add(&space->users, 1, __ATOMIC_RELAXED);
	return space;
}

static struct process_handlers *handlers_get(struct process_handlers *handlers)
{
	if (!handlers) {
		handlers = kzalloc(sizeof(*handlers));
		if (handlers)
			spin_lock_init(&handlers->lock, LOCK_RANK_HANDLERS, "signal handlers");
	}
	/* Relaxed: as in space_get(). */
	if (handlers)
		__atomic_fetch_add(&handlers->users, 1, __ATOMIC_RELAXED);
	return handlers;
}

struct process *process_alloc(struct process_space *space, struct process_handlers *handlers)
{
	struct process *process = kzalloc(sizeof(*process));

	if (!process)
		return NULL;
	process->space = space_get(space);
	if (!process->space)
		goto free_process;
	process->refs = 1;
	spin_lock_init(&process->lock, LOCK_RANK_PROCESS, "process");
	mutex_init(&process->telling, "what is done with signals");
	list_init(&process->tasks);
	list_init(&process->link);
	list_init(&process->embryos);
	cpu_timers_init(&process->timers);
	process->start_ns = time_ns();
	process_new_standing(process);
	process->stats = syscall_stats_create();
	process->handlers = handlers_get(handlers);
	if (!process->stats || !process->handlers) {
		process_put(process);
		return NULL;
	}
	return process;

free_process:
	kfree(process);
	return NULL;
}

static struct process *alloc_for_program(const struct program_load_desc *desc)
{
	const struct program_rlimit limits[CPU_NLIMITS] = {
		[CPU_LIMIT_TOTAL] = desc->rlimits[RLIMIT_CPU],
		[CPU_LIMIT_RT] = desc->rlimits[RLIMIT_RTTIME],
	};
	struct process *process = process_alloc(NULL, NULL);

	if (!process)
		return NULL;
	process->start = kmalloc(sizeof(*process->start));
	if (!process->start) {
		process_put(process);
		return NULL;
	}
	process->start->desc = *desc;
	process->pid = desc->pid;
	process->vpid = desc->vpid;
	process->vppid = desc->vppid;
	process->pid_ns = desc->pid_ns;
	process->rseq_len = desc->rseq_len;
	process->clocks = desc->clocks;
	process->clocks_at = desc->vvar_start + desc->clocks.data;
	process->tells_calls = desc->flags & PROGRAM_TELL_CALLS;
	memcpy(process->uid, desc->uid, sizeof(process->uid));
	process->may_lock = !process->uid[1];
	memcpy(process->gid, desc->gid, sizeof(process->gid));
	memcpy(process->comm, desc->comm, sizeof(process->comm));
	memcpy(process->rlimits, desc->rlimits, sizeof(process->rlimits));
	process->ended.user_ns = desc->user_ns;
	process->ended.kernel_ns = desc->kernel_ns;
	cpu_timers_inherit(&process->timers, limits);
	for (u32 sig = 1; sig <= SIGNAL_COUNT; sig++) {
		if (desc->sig_ignored & ~SIGNAL_UNBLOCKABLE & SIGNAL_MASK(sig))
			process->handlers->actions[sig - 1].handler = SIG_IGN;
	}
	return process;
}

static void fill_layout(const struct process *process, const struct task *task,
			struct program_layout *layout)
{
	const struct program_plan *plan = &process->start->plan;

	*layout = (struct program_layout){
		.bias = plan->bias,
		.interp_bias = plan->interp_bias,
		.args_start = plan->args_start,
		.stack_top = plan->stack_top,
		.slot = page_paddr(task->slot_page),
		.cpu = task->thread.cpu,
	};
}

/* A CPU to start on alone is the first of all. */
static void get_cpus(const struct program_load_desc *desc, struct cpumask *cpus)
{
	_Static_assert(sizeof(cpus->words) == sizeof(desc->cpus), "the same sets");

	memcpy(cpus->words, desc->cpus, sizeof(cpus->words));
	if (bitmap_next_set(cpus->words, percpu_count(), 0) == percpu_count())
		thread_all_cpus(cpus);
}

static void set_sched(struct task *task, const struct program_load_desc *desc)
{
	const struct thread_sched sched = {
		.policy = desc->policy & ~SCHED_RESET_ON_FORK,
		.nice = desc->nice,
		.priority = desc->priority,
		.reset_on_fork = desc->policy & SCHED_RESET_ON_FORK,
	};

	thread_set_sched(&task->thread, &sched);
}

int process_create(const struct program_load_desc *desc, struct program_layout *layout)
{
	struct process *process = alloc_for_program(desc);
	struct cpumask cpus;
	struct task *task;
	u32 cpu;
	int err;

	if (!process)
		return -ENOMEM;
	err = program_plan(desc, &process->start->plan);
	if (err)
		goto put;
	err = make_space(process);
	if (err)
		goto put;
	get_cpus(desc, &cpus);
	cpu = desc->cpu < 0 ? thread_pick_cpu_among(&cpus) : (u32)desc->cpu;
	task = task_create(process, desc->pid, desc->vpid, cpu);
	if (!task) {
		err = -ENOMEM;
		goto put;
	}
	thread_set_allowed(&task->thread, &cpus);
	set_sched(task, desc);
	process->cpus = cpus;
	task->blocked = desc->sig_blocked & ~SIGNAL_UNBLOCKABLE;
	mempolicy_begin(task, desc);
	fill_layout(process, task, layout);
	err = process_publish(process, task);
	if (!err) {
		trace_executed(task, desc);
		return 0;
	}
	task_destroy(task);
put:
	process_put(process);
	return err;
}

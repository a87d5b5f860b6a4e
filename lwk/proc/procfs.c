// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts about processes, for /proc/mcosN and the log.
 */
#include "lwk/include/proc/procfs.h"

#include "abi/errno.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/core/topology.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/core.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"
#include "lwk/proc/maps.h"
#include "lwk/proc/text.h"

#define NSEC_PER_TICK 10000000ULL
#define STAT_SIGNALS 0x7fffffffULL /* stat shows those below 32 */

/*
 * status and stat
 */

/* What both files show. */
struct summary {
	char state;
	const char *state_name;
	u32 nthreads;
	u32 linux_cpu;
	struct cpumask cpus;
	struct cpu_usage usage;
	u64 pending;
	u64 blocked;
	u64 ignored;
	u64 caught;
	struct vm_stats stats;
	u64 resident;
	u32 tracer;
	struct thread_sched sched;
};

static void summarize_actions(struct process *process, struct summary *sum)
{
	for (u32 sig = 1; sig <= SIGNAL_COUNT; sig++) {
		u64 handler = process_action(process, sig).handler;

		if (handler == SIG_IGN)
			sum->ignored |= SIGNAL_MASK(sig);
		else if (handler != SIG_DFL)
			sum->caught |= SIGNAL_MASK(sig);
	}
}

static void summarize_task(struct task *task, struct summary *sum)
{
	sum->pending |= task->pending.set;
	sum->blocked = READ_ONCE(task->blocked);
	sum->linux_cpu = percpu_of(READ_ONCE(task->thread.cpu))->linux_cpu;
	thread_get_allowed(&task->thread, &sum->cpus);
	if (task->tid == task->process->pid)
		thread_get_sched(&task->thread, &sum->sched);
	if (task->trace && task->tid == task->process->pid)
		sum->tracer = task->trace->tracer_pid;
	if (task->trace && task->trace->state == TRACE_STOPPED) {
		sum->state = 't';
		sum->state_name = "tracing stop";
	} else if (task->stopped) {
		sum->state = 'T';
		sum->state_name = "stopped";
	} else if (sum->state == 'S' && READ_ONCE(task->thread.state) == THREAD_RUNNABLE) {
		sum->state = 'R';
		sum->state_name = "running";
	}
}

static void summarize(struct process *process, const struct msg_person *person,
		      struct summary *sum)
{
	struct task *task;
	u64 irq, traces;

	/* Of a twin that was stopped in a call its thread hears nothing. */
	*sum = person->stopped ? (struct summary){ .state = 'T', .state_name = "stopped" } :
				 (struct summary){ .state = 'S', .state_name = "sleeping" };
	traces = trace_lock();
	irq = spin_lock_irqsave(&process->lock);
	sum->nthreads = process->ntasks;
	summarize_actions(process, sum);
	cpu_usage_of_process(process, &sum->usage);
	list_for_each(task, &process->tasks, link)
		summarize_task(task, sum);
	spin_unlock_irqrestore(&process->lock, irq);
	trace_unlock(traces);
	vm_get_stats(process->vm, &sum->stats);
	for (u32 size = 0; size < VM_SIZES; size++)
		sum->resident += sum->stats.resident[size] << (9 * size);
}

static u64 kib(u64 npages)
{
	return npages << (PAGE_SHIFT - 10);
}

static void print_ids(struct text *text, const char *name, const u32 ids[4])
{
	text_print(text, "%s:\t%u\t%u\t%u\t%u\n", name, ids[0], ids[1], ids[2], ids[3]);
}

/* As Linux prints them: 32 bits each, the highest first. */
static void print_set(struct text *text, const char *name, const u64 *map, u32 nbits)
{
	text_print(text, "%s:\t", name);
	text_bits(text, map, nbits);
	text_print(text, "%s_list:\t", name);
	text_list(text, map, nbits);
}

static void print_cpus(struct text *text, const struct cpumask *cpus)
{
	struct linux_cpus set;

	topology_to_linux(cpus, &set);
	print_set(text, "Cpus_allowed", set.words, topology_linux_ncpus());
}

static void print_nodes(struct text *text)
{
	struct linux_nodes set;

	topology_nodes(&set);
	print_set(text, "Mems_allowed", set.words, topology_linux_nnodes());
}

/* In one line, as Linux does. */
static void print_name(struct text *text, const u8 *name)
{
	text_print(text, "Name:\t");
	for (; *name; name++) {
		if (*name == '\n')
			text_print(text, "\\n");
		else if (*name == '\\')
			text_print(text, "\\\\");
		else
			text_put(text, name, 1);
	}
	text_print(text, "\n");
}

static void print_status(struct process *process, const struct msg_person *person,
			 struct text *text)
{
	struct summary sum;

	summarize(process, person, &sum);
	print_name(text, person->comm);
	text_print(text, "State:\t%c (%s)\n", sum.state, sum.state_name);
	text_print(text, "Tgid:\t%u\nPid:\t%u\nPPid:\t%u\n", process->vpid, process->vpid,
	      person->ppid);
	text_print(text, "TracerPid:\t%u\n", sum.tracer);
	print_ids(text, "Uid", person->uid);
	print_ids(text, "Gid", person->gid);
	text_print(text, "VmPeak:\t%8llu kB\n", kib(sum.stats.peak_total));
	text_print(text, "VmSize:\t%8llu kB\n", kib(sum.stats.total));
	text_print(text, "VmLck:\t%8llu kB\n", kib(sum.stats.locked));
	text_print(text, "VmHWM:\t%8llu kB\n", kib(vm_peak_resident(process->vm)));
	text_print(text, "VmRSS:\t%8llu kB\n", kib(sum.resident));
	text_print(text, "VmData:\t%8llu kB\n", kib(sum.stats.data));
	text_print(text, "VmStk:\t%8llu kB\n", kib(sum.stats.stack));
	for (u32 size = 0; size < VM_SIZES; size++)
		text_print(text, "Pages%uK:\t%8llu\n", 4U << (9 * size), sum.stats.resident[size]);
	text_print(text, "Threads:\t%u\n", sum.nthreads);
	text_print(text, "SigPnd:\t%016llx\n", sum.pending);
	text_print(text, "SigBlk:\t%016llx\n", sum.blocked);
	text_print(text, "SigIgn:\t%016llx\n", sum.ignored);
	text_print(text, "SigCgt:\t%016llx\n", sum.caught);
	print_cpus(text, &sum.cpus);
	print_nodes(text);
	text_print(text, "voluntary_ctxt_switches:\t%llu\n", sum.usage.switches);
	text_print(text, "nonvoluntary_ctxt_switches:\t%llu\n", sum.usage.preempted);
}

/* Of real-time threads below 0, as Linux has it. */
static s32 stat_priority(const struct thread_sched *sched, s32 nice)
{
	return policy_is_realtime(sched->policy) ? -1 - (s32)sched->priority : 20 + nice;
}

/* The 52 fields of proc_pid_stat(5); what the LWK does not know is 0. */
static void print_stat(struct process *process, const struct msg_person *person, struct text *text)
{
	struct summary sum;

	summarize(process, person, &sum);
	text_print(text, "%u (%s) %c %u 0 0 0 0 0 0 0 0 0 ", process->vpid,
		   (const char *)person->comm, sum.state, person->ppid);
	text_print(text, "%llu %llu 0 0 %d %d ", sum.usage.user_ns / NSEC_PER_TICK,
		   sum.usage.kernel_ns / NSEC_PER_TICK, stat_priority(&sum.sched, person->nice),
		   person->nice);
	text_print(text, "%u 0 %llu ", sum.nthreads, process->start_ns / NSEC_PER_TICK);
	text_print(text, "%llu %llu %llu 0 0 %llu 0 0 ", sum.stats.total << PAGE_SHIFT, sum.resident,
	      process->rlimits[5].cur, process->start_stack);
	text_print(text, "%llu %llu %llu %llu 0 0 0 17 ", sum.pending & STAT_SIGNALS,
		   sum.blocked & STAT_SIGNALS, sum.ignored & STAT_SIGNALS,
		   sum.caught & STAT_SIGNALS);
	text_print(text, "%u %u %u 0 0 0 ", sum.linux_cpu, sum.sched.priority, sum.sched.policy);
	text_print(text, "0 0 %llu 0 0 0 0 0\n", process->vm->brk_start);
}

/*
 * The others
 */

static void print_auxv(struct process *process, const struct msg_person *person, struct text *text)
{
	(void)person;
	text_put(text, process->auxv.words, process->auxv.n * sizeof(u64));
}

static void print_syscalls(struct process *process, const struct msg_person *person,
			   struct text *text)
{
	(void)person;
	for (u64 nr = 0; nr < SYSCALL_COUNT; nr++) {
		u64 n = READ_ONCE(process->stats[nr].count);

		if (n)
			text_print(text, "%-24s %12llu calls %16llu ns\n", syscall_name(nr), n,
			      time_tsc_to_ns(READ_ONCE(process->stats[nr].ticks)));
	}
}

static void print_maps(struct process *process, const struct msg_person *person, struct text *text)
{
	(void)person;
	maps_print(process, text);
}

static void print_core_threads(struct process *process, const struct msg_person *person,
			       struct text *text)
{
	(void)person;
	core_print_threads(process, text);
}

static void print_core_ranges(struct process *process, const struct msg_person *person,
			      struct text *text)
{
	(void)person;
	core_print_ranges(process, text);
}

static void (*const files[])(struct process *process, const struct msg_person *person,
			     struct text *text) = {
	[OFFLOAD_FILE_MAPS] = print_maps,
	[OFFLOAD_FILE_STATUS] = print_status,
	[OFFLOAD_FILE_STAT] = print_stat,
	[OFFLOAD_FILE_AUXV] = print_auxv,
	[OFFLOAD_FILE_SYSCALLS] = print_syscalls,
	[OFFLOAD_FILE_CORE_THREADS] = print_core_threads,
	[OFFLOAD_FILE_CORE_RANGES] = print_core_ranges,
};

s64 procfs_read(const struct msg_proc_file *msg, void *buf)
{
	const struct msg_file *file = &msg->file;
	struct text text = { .buf = buf, .offset = file->offset, .len = file->len };
	struct msg_person person = msg->person;
	struct process *process;

	if (file->file >= ARRAY_SIZE(files) || !files[file->file] ||
	    file->offset > ~0ULL - file->len)
		return -ENOENT;
	process = process_find(file->pid);
	if (!process)
		return -ESRCH;
	person.comm[sizeof(person.comm) - 1] = '\0';
	files[file->file](process, &person, &text);
	process_put(process);
	return (s64)text_kept(&text);
}

static void log_task(const struct task *task)
{
	static const char *const states[] = { "new", "runnable", "waiting", "dead" };
	u32 state = READ_ONCE(task->thread.state);
	u64 user_ns, kernel_ns;

	thread_times(&task->thread, &user_ns, &kernel_ns);
	log_info("proc:   thread %u on CPU %u, %s%s, user %llu ms, kernel %llu ms", task->tid,
		 task->thread.cpu, states[state % ARRAY_SIZE(states)],
		 task->stopped ? ", stopped" : "", user_ns / NSEC_PER_MSEC,
		 kernel_ns / NSEC_PER_MSEC);
	log_info("proc:   slot state %u, request %llu, waits %u and %u; pending %llx, blocked %llx",
		 READ_ONCE(task->slot->state), READ_ONCE(task->slot->nr),
		 READ_ONCE(task->slot->lwk_wait), READ_ONCE(task->slot->twin_wait),
		 task->pending.set, READ_ONCE(task->blocked));
}

static void log_process(struct process *process, void *ctx)
{
	static const char *const states[] = { "prepared", "running", "gone" };
	const struct task *task;
	u64 irq;

	(void)ctx;
	log_info("proc: process %u (%s), %s, %u references", process->pid, process->comm,
		 states[process->state % ARRAY_SIZE(states)], READ_ONCE(process->refs));
	irq = spin_lock_irqsave(&process->lock);
	list_for_each(task, &process->tasks, link)
		log_task(task);
	spin_unlock_irqrestore(&process->lock, irq);
}

void procfs_log_all(void)
{
	process_for_each(log_process, NULL);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for processes: one CPU, whose threads never run. A test plays the calling task, whose
 * copies from and to user memory go through the real page tables; and Linux, which answers each
 * request while the task "sleeps".
 */
#ifndef UNIT_PROCESS_FIXTURE_H
#define UNIT_PROCESS_FIXTURE_H

#include <string.h>

#include "lwk/include/core/topology.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_ledger.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/channel.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/ptrace.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/include/user_entry.h"
#include "lwk/mm/vm_pt.h"
#include "tests/unit/boost_fixture.h"
#include "tests/unit/program_sample.h"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NODE_LEN (64ULL << 20)
#define MAX_REQUESTS 64

/* In heard.nr: no request of a twin, but the message REVOKE. */
#define HEARD_REVOKE 0x20000

/* A request that Linux got. */
struct heard {
	u64 nr;
	u64 args[6];
	u64 sigmask;
};

static struct percpu cpu;
static struct pgtable kernel_tables;
static struct thread *current_thread;
static struct heard heard[MAX_REQUESTS];
static u32 nheard;
static s64 (*linux_answer)(struct offload_slot *slot); /* NULL: 0 to everything */
static u32 wakes, notifies, starts, answers;
static s32 answer_err;
static u64 free_pages, live_objects;

void *shim_this_cpu(void)
{
	return &cpu;
}

struct percpu *percpu_of(u32 id)
{
	CHECK_EQ(id, 0);
	return &cpu;
}

u32 topology_nnodes(void)
{
	return 1;
}

u32 topology_node_to_linux(u32 node)
{
	return node;
}

u32 percpu_count(void)
{
	return 1;
}

struct pgtable *arch_kernel_tables(void)
{
	return &kernel_tables;
}

u64 time_ns(void)
{
	static u64 now;

	return now += 1000000;
}

u64 time_tsc_to_ns(u64 ticks)
{
	return ticks;
}

void kmsg_print(enum kmsg_level level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

/* Threads */

int thread_init_user(struct thread *thread, u32 cpu_id)
{
	thread->cpu = cpu_id;
	thread->name = kmalloc(1000);
	return thread->name ? 0 : -12;
}

void thread_destroy(struct thread *thread)
{
	kfree(thread->name);
}

void thread_start(struct thread *thread)
{
	(void)thread;
	starts++;
}

struct thread *thread_current(void)
{
	return current_thread;
}

void thread_notify(struct thread *thread)
{
	thread->attention = 1;
	notifies++;
}

void thread_wake(struct thread *thread)
{
	(void)thread;
	wakes++;
}

/* Nobody else wants to run. */
static bool no_others;

bool thread_should_yield(void)
{
	return !no_others;
}

void thread_prepare_wait(void)
{
}

void thread_finish_wait(void)
{
}

/* What others do while the task sleeps without a request. */
static void (*asleep)(void);

/* The task sleeps: its twin takes the request and answers. */
bool thread_wait(u64 deadline_ns)
{
	struct offload_slot *slot = task_current()->slot;

	(void)deadline_ns;
	if (slot->state != OFFLOAD_REQUEST && asleep) {
		asleep();
		return true;
	}
	CHECK_EQ(slot->state, OFFLOAD_REQUEST);
	CHECK(nheard < MAX_REQUESTS);
	heard[nheard].nr = slot->nr;
	memcpy(heard[nheard].args, slot->args, sizeof(slot->args));
	heard[nheard++].sigmask = slot->sigmask;
	slot->ret = linux_answer ? linux_answer(slot) : 0;
	slot->state = OFFLOAD_DONE;
	return true;
}

static u32 yields;

void thread_yield(void)
{
	yields++;
}

void thread_set_vm(struct vm *vm)
{
	current_thread->vm = vm;
}

__noreturn void thread_exit(void)
{
	CHECK(false);
}

void arch_thread_fork(struct thread *child, u64 sp)
{
	(void)child;
	(void)sp;
}

void arch_thread_set_fs(struct thread *thread, u64 base)
{
	(void)thread;
	(void)base;
}

void sched_unload_vm(struct vm *vm)
{
	(void)vm;
}

u32 thread_pick_cpu_among(const struct cpumask *allowed)
{
	CHECK(cpumask_test(allowed, 0));
	return 0;
}

void thread_all_cpus(struct cpumask *out)
{
	*out = (struct cpumask){ 0 };
	cpumask_set(out, 0);
}

void thread_set_allowed(struct thread *thread, const struct cpumask *cpus)
{
	thread->allowed = *cpus;
}

void thread_set_sched(struct thread *thread, const struct thread_sched *sched)
{
	thread->sched = *sched;
}

u32 thread_pick_cpu(void)
{
	return 0;
}

/* Channels and work: at once */

/* The last REVOKE, and whether it is the test that answers. */
static struct msg_revoke revoke;
static bool revokes_wait;

/* Linux forgets pages at once; what was asked is heard like the twin's requests. */
static void hear_revoke(const struct ikc_packet *packet)
{
	memcpy(&revoke, packet->u.bytes, sizeof(revoke));
	CHECK(nheard < MAX_REQUESTS);
	heard[nheard].nr = HEARD_REVOKE;
	heard[nheard].args[0] = revoke.start;
	heard[nheard++].args[1] = revoke.end;
	if (!revokes_wait)
		memory_revoke_done(&revoke);
}

static u32 child_signals;
/* INTERRUPTs: the last one, and how many. */
static __attribute__((unused)) struct msg_interrupt interrupt;
static u32 ninterrupts;

static void hear_interrupt(const struct ikc_packet *packet)
{
	memcpy(&interrupt, packet->u.bytes, sizeof(interrupt));
	ninterrupts++;
}

int syscall_channel_send(const struct ikc_packet *packet)
{
	if (packet->msg == IKC_MSG_REVOKE)
		hear_revoke(packet);
	else if (packet->msg == IKC_MSG_CHILD_SIGNAL)
		child_signals++;
	else if (packet->msg == IKC_MSG_INTERRUPT)
		hear_interrupt(packet);
	else
		CHECK_EQ(packet->msg, IKC_MSG_SYSCALL_REQUEST);
	return 0;
}

void ikc_answer(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	(void)chan;
	answers++;
	answer_err = packet->err;
}

void ikc_release(struct ikc_channel *chan)
{
	(void)chan;
}

bool work_queue(struct work *work, u32 cpu_id)
{
	(void)cpu_id;
	work->fn(work);
	return true;
}

/* User memory */

static int user_copy(vaddr_t user, void *kernel, u64 len, bool write)
{
	while (len) {
		u64 n = MIN(len, PAGE_LEN - user % PAGE_LEN);
		u32 level;
		pte_t pte;
		void *page;

		if (user >= VM_TASK_END || user_memory_fault(user, write ? VM_WRITE : VM_READ))
			return -14;
		pte = vm_pt_lookup(task_current()->process->vm, user, &level);
		page = phys_to_virt(pte_paddr(pte) + (user & (level_len(level) - 1)));
		memcpy(write ? page : kernel, write ? kernel : page, n);
		user += n;
		kernel = (u8 *)kernel + n;
		len -= n;
	}
	return 0;
}

int copy_from_user(void *dst, vaddr_t src, u64 len)
{
	return user_copy(src, dst, len, false);
}

int copy_to_user(vaddr_t dst, const void *src, u64 len)
{
	return user_copy(dst, (void *)src, len, true);
}

int user_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new)
{
	u32 found;

	if (user_copy(addr, &found, sizeof(found), false))
		return -14;
	/* The processor writes in any case. */
	if (user_copy(addr, found == *old ? &new : &found, sizeof(new), true))
		return -14;
	*old = found;
	return 0;
}

/* Those that do not wait find everything there. */
int user_peek(void *dst, vaddr_t src, u64 len)
{
	bool irqs_off = shim_cpu.irqs_off;
	int err;

	shim_cpu.irqs_off = false;
	err = user_copy(src, dst, len, false);
	shim_cpu.irqs_off = irqs_off;
	return err;
}

int user_peek_u32(vaddr_t addr, u32 *value)
{
	return user_peek(value, addr, sizeof(*value));
}

int user_try_cmpxchg_u32(vaddr_t addr, u32 *old, u32 new)
{
	bool irqs_off = shim_cpu.irqs_off;
	int err;

	shim_cpu.irqs_off = false;
	err = user_cmpxchg_u32(addr, old, new);
	shim_cpu.irqs_off = irqs_off;
	return err;
}

bool user_range_ok(vaddr_t addr, u64 len)
{
	return len <= VM_TASK_END && addr <= VM_TASK_END - len;
}

/* What the tests do without */

static __maybe_unused struct arch_regs {
	s64 nr;
} fixture_regs;

struct arch_regs *arch_user_regs(struct thread *thread)
{
	(void)thread;
	return &fixture_regs;
}

u64 arch_user_pc(const struct arch_regs *regs)
{
	(void)regs;
	return 0;
}

void arch_syscall_set_nr(struct arch_regs *regs, s64 nr)
{
	regs->nr = nr;
}

int arch_trace_create(struct arch_trace *trace)
{
	(void)trace;
	return 0;
}

void arch_trace_destroy(struct arch_trace *trace)
{
	(void)trace;
}

void arch_trace_save(struct arch_trace *trace)
{
	(void)trace;
}

void arch_trace_load(struct arch_trace *trace, bool step)
{
	(void)trace;
	(void)step;
}

void arch_trace_end_step(struct arch_regs *regs)
{
	(void)regs;
}

int arch_debug_set(struct thread *thread, u32 n, u64 value)
{
	(void)thread;
	(void)n;
	(void)value;
	return 0;
}

void signal_force(const struct signal_info *info)
{
	task_current()->forced = *info;
}

void rseq_inherit(struct task *child, const struct task *parent)
{
	child->rseq = parent->rseq;
}

struct syscall_stats *syscall_stats_create(void)
{
	return kcalloc(10, sizeof(struct syscall_stats));
}

s64 syscall_offload(u64 nr, const u64 args[6])
{
	return offload_request(nr, args);
}

static void fixture_begin(void)
{
	shim_page_alloc_init(1, 1, NODE_LEN);
	CHECK(!kmalloc_init());
	vm_ledger_init();
	process_init();
	futex_init();
	pi_init();
	kernel_tables.root = page_paddr(page_alloc(0, 0, PAGE_ALLOC_ZERO));
	kmalloc_drain();
	free_pages = shim_free_pages();
	live_objects = kmalloc_live();
}

static void fixture_end(void)
{
	kmalloc_drain();
	CHECK_EQ(vm_ledger_used(), 0);
	CHECK_EQ(kmalloc_live(), live_objects);
	CHECK_EQ(shim_free_pages(), free_pages);
}

static __maybe_unused struct task *fixture_task(u32 pid)
{
	struct process *process = process_find(pid);
	struct task *task;

	CHECK(process);
	task = list_first(&process->tasks, struct task, link);
	process_put(process);
	return task;
}

/* Another process, which has not begun. */
static __maybe_unused struct thread *fixture_other(u32 pid)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_layout layout;

	desc.pid = pid;
	desc.vpid = pid;
	CHECK_EQ(process_create(&desc, &layout), 0);
	CHECK_EQ(process_schedule(pid), 0);
	return &fixture_task(pid)->thread;
}

/* A process that runs, whose task is the caller. */
static __maybe_unused struct process *fixture_run(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_layout layout;

	fixture_begin();
	CHECK_EQ(process_create(&desc, &layout), 0);
	CHECK_EQ(process_schedule(desc.pid), 0);
	current_thread = &fixture_task(desc.pid)->thread;
	return task_current()->process;
}

/* Its end, as CLEANUP_PROCESS and the worker bring it about. */
static __maybe_unused void fixture_stop(void)
{
	const struct msg_process msg = { .pid = task_current()->process->pid };
	struct ikc_channel chan = { .cpu = 0 };
	struct thread *thread = current_thread;

	answers = 0;
	CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
	CHECK_EQ(answers, 0);
	current_thread = NULL;
	thread->ended(thread);
	CHECK_EQ(answers, 1);
	fixture_end();
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LWK's side of abi/offload.h: a task fills its slot, wakes its twin if that sleeps, and waits:
 * for a moment by looking, unless another thread wants the CPU, then asleep.
 */
#include "lwk/include/proc/offload.h"

#include "abi/errno.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/channel.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"

/* How long to look before sleeping: about what a wake-up costs. */
#define POLL_NS (20 * NSEC_PER_USEC)

/* Time used of which Linux's books may not know yet. */
#define TELL_NS NSEC_PER_MSEC

/* A word of the slot, in the one order of all such accesses that both sides see. */
static u32 slot_load(const u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void slot_store(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static int wake_twin(const struct task *task)
{
	struct ikc_packet packet = { .msg = IKC_MSG_SYSCALL_REQUEST };
	const struct msg_thread body = { task->process->pid, task->tid };

	memcpy(packet.u.bytes, &body, sizeof(body));
	return syscall_channel_send(&packet);
}

/* A call with a mask of its own sets that itself, when it begins to wait. */
static u64 mask_of(const struct task *task)
{
	return task->restore_blocked ? task->saved_blocked : task->blocked;
}

/* Does it end a program or thread? */
static bool may_be_last(u64 nr)
{
	switch (nr) {
	case SYSCALL_execve:
	case SYSCALL_exit:
	case SYSCALL_exit_group:
	case SYSCALL_execveat:
	case OFFLOAD_NR_DIE:
		return true;
	default:
		return false;
	}
}

/* Linux's own clock ticks are longer. What may be the last request tells all. */
static bool usage_is_due(const struct task *task, u64 nr)
{
	u64 used = task->thread.user_tsc + task->thread.kernel_tsc;

	return time_tsc_to_ns(used - task->told_tsc) >= TELL_NS || may_be_last(nr);
}

/* In a line that is the twin's. */
static void tell_maxrss(struct task *task)
{
	u64 maxrss = vm_peak_resident(task->process->vm);

	if (task->slot->maxrss != maxrss)
		task->slot->maxrss = maxrss;
}

/* For Linux's books of the process. */
static void tell_usage(struct task *task)
{
	struct offload_slot *slot = task->slot;
	struct cpu_usage usage = { 0 };

	task->told_tsc = task->thread.user_tsc + task->thread.kernel_tsc;
	cpu_usage_add_task(&usage, task);
	slot->user_ns = usage.user_ns;
	slot->kernel_ns = usage.kernel_ns;
	slot->minflt = usage.minflt;
	slot->switches = usage.switches;
	slot->preempted = usage.preempted;
	tell_maxrss(task);
}

/* Does the twin itself serve it, with the mask that the request has? Else mcctrl does. */
static bool is_for_twin(u64 nr)
{
	return nr != OFFLOAD_NR_FAULT && nr != OFFLOAD_NR_REALTIME && nr != OFFLOAD_NR_TRACE_MAY &&
	       nr != OFFLOAD_NR_ENDED && nr != OFFLOAD_NR_TIME_OFFSET;
}

bool offload_is_calling(const struct task *task)
{
	return slot_load(&task->slot->state) != OFFLOAD_IDLE &&
	       is_for_twin(READ_ONCE(task->slot->nr));
}

void offload_interrupt(const struct msg_interrupt *msg)
{
	struct ikc_packet packet = { .msg = IKC_MSG_INTERRUPT };

	memcpy(packet.u.bytes, msg, sizeof(*msg));
	/* Without channel its process ends, too. */
	(void)!syscall_channel_send(&packet);
}

/* A signal has come since the last look, and its sender saw no call to interrupt, perhaps. */
static void interrupt_own(const struct task *task, u64 seq)
{
	const struct msg_interrupt msg = {
		.pid = task->process->pid,
		.tid = task->tid,
		.seq = seq,
	};

	offload_interrupt(&msg);
}

static int post(struct task *task, u64 nr, const u64 args[6])
{
	struct offload_slot *slot = task->slot;
	u64 interrupts;

	slot->nr = nr;
	__builtin_memcpy(slot->args, args, sizeof(slot->args));
	slot->sigmask = mask_of(task);
	slot->signals = task->relayed_seen;
	/* It is the twin's line otherwise. */
	if (slot->interrupts != task->interrupts_seen)
		slot->interrupts = task->interrupts_seen;
	if (usage_is_due(task, nr))
		tell_usage(task);
	slot_store(&slot->state, OFFLOAD_REQUEST);
	/* After that; the other order is signal_post()'s. */
	interrupts = __atomic_load_n(&task->interrupts, __ATOMIC_SEQ_CST);
	if (unlikely(interrupts != task->interrupts_seen) && is_for_twin(nr))
		interrupt_own(task, interrupts);
	return slot_load(&slot->twin_wait) == OFFLOAD_ASLEEP ? wake_twin(task) : 0;
}

static bool poll(const struct offload_slot *slot)
{
	u64 deadline = time_ns() + POLL_NS;

	while (slot_load(&slot->state) == OFFLOAD_REQUEST) {
		if (thread_should_yield() || time_ns() >= deadline)
			return false;
		arch_cpu_relax();
	}
	return true;
}

static void sleep(struct task *task)
{
	struct offload_slot *slot = task->slot;

	slot_store(&slot->lwk_wait, OFFLOAD_ASLEEP);
	for (;;) {
		thread_prepare_wait();
		if (slot_load(&slot->state) != OFFLOAD_REQUEST ||
		    process_is_gone(task->process))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
	slot_store(&slot->lwk_wait, OFFLOAD_AWAKE);
}

/* What the twin blocks now; perhaps too much, for then it is told when that matters. */
static void note_answer(struct task *task, u64 nr, s64 ret)
{
	u64 mask = mask_of(task);

	if (!is_for_twin(nr))
		return;
	if (ret == OFFLOAD_RET_RESTART) {
		task->twin_blocked |= mask; /* begun and given up, or not begun */
		task->put_off_mask = task->put_off ? task->put_off_mask & mask : mask;
		WRITE_ONCE(task->put_off, task->put_off + 1);
	} else {
		task->twin_blocked = mask;
		/* A call of the signal's handler is not the one that was put off. */
		if (!(mask & ~task->put_off_mask))
			WRITE_ONCE(task->put_off, 0);
	}
}

s64 offload_request(u64 nr, const u64 args[6])
{
	struct task *task = task_current();
	struct offload_slot *slot = task->slot;
	u32 state;
	s64 ret;
	int err;

	if (process_is_gone(task->process))
		return -EINTR;
	err = post(task, nr, args);
	/* Without channel the proxy cannot go on either: its end will be told. */
	if (err)
		log_err("proc: %u cannot reach its twin: error %d", task->tid, err);
	if (!poll(slot))
		sleep(task);
	state = slot_load(&slot->state);
	ret = READ_ONCE(slot->ret);
	/* From now on the twin, if there is one, may not touch the slot. */
	if (process_is_gone(task->process))
		return -EINTR;
	if (state != OFFLOAD_DONE) {
		log_err("proc: the slot of %u is in state %u", task->tid, state);
		ret = -EIO;
	}
	note_answer(task, nr, ret);
	slot_store(&slot->state, OFFLOAD_IDLE);
	return ret;
}

s64 offload_insist(u64 nr, const u64 args[6])
{
	s64 ret;

	do {
		/* Those that came are taken afterwards. */
		(void)signal_deliverable();
		ret = offload_request(nr, args);
	} while (ret == OFFLOAD_RET_RESTART);
	return ret;
}

bool offload_capable(u32 cap)
{
	return READ_ONCE(task_current()->slot->caps) & cap;
}

s64 offload_request3(u64 nr, u64 arg0, u64 arg1, u64 arg2)
{
	const u64 args[6] = { arg0, arg1, arg2 };

	return offload_request(nr, args);
}

void offload_send(u64 nr, u64 arg)
{
	const u64 args[6] = { arg };

	(void)offload_insist(nr, args);
}

static int wake(struct task *task, void *ctx)
{
	(void)ctx;
	thread_wake(&task->thread);
	return 0;
}

void offload_wake(const struct msg_thread *msg)
{
	task_with(msg->pid, msg->tid, wake, NULL);
}

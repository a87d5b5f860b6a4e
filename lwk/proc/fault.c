// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults of programs. In memory of the LWK they are lwk/mm's; in ranges that are
 * Linux's the twin is asked for a window of frames around the address.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/mm/page_pin.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/channel.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/user_entry.h"
#include "lwk/lib/string.h"
#include "lwk/proc/memory_internal.h"

/* Pages asked for at once, those around the address included: what Linux maps at once. */
#define WINDOW_PAGES 16

/* Linux's frames come with the next request of the task, not under the vm's lock. */
static int linux_range_fault(struct vm *vm, const struct vm_range *range, vaddr_t addr, u32 access)
{
	(void)vm;
	(void)range;
	(void)addr;
	(void)access;
	return -EAGAIN;
}

static void linux_range_unmapped(struct vm *vm, void *object, vaddr_t start, vaddr_t end)
{
	(void)vm;
	(void)object;
	(void)start;
	(void)end;
}

const struct vm_range_ops linux_range_ops = {
	.fault = linux_range_fault,
	.unmapped = linux_range_unmapped,
	.get = linux_object_get,
	.put = linux_object_put,
};

/* Take over what the twin put into the slot. */
static int install(struct task *task, vaddr_t addr, s64 npages)
{
	const struct offload_slot *slot = task->slot;
	u64 frames[OFFLOAD_MAX_LOAN];
	struct vm_loan loan = {
		.ops = &linux_range_ops,
		.addr = addr,
		.start = READ_ONCE(slot->loan_start),
		.seq = READ_ONCE(slot->loan_seq),
		.frames = frames,
	};

	_Static_assert(OFFLOAD_LOAN_WRITE == VM_LOAN_WRITE &&
		       OFFLOAD_LOAN_TYPE_MASK == VM_LOAN_TYPE_MASK, "frames are copied");
	if (npages < 1 || npages > OFFLOAD_MAX_LOAN || !IS_ALIGNED(loan.start, PAGE_LEN) ||
	    loan.start > addr || addr - loan.start >= (u64)npages * PAGE_LEN)
		return -EIO;
	loan.npages = (u32)npages;
	memcpy(frames, slot->loan, (u64)npages * sizeof(frames[0]));
	return vm_install_loan(task->process->vm, &loan);
}

/* Return: 0 or -EAGAIN: try again; -ENXIO: Linux has nothing there. */
static int borrow(struct task *task, vaddr_t addr, u32 access)
{
	s64 ret = offload_request3(OFFLOAD_NR_FAULT, addr, access, WINDOW_PAGES);

	if (ret == -EFAULT)
		return -ENXIO;
	if (ret < 0)
		return (int)ret;
	perturb_point();
	ret = install(task, addr, ret);
	/* The range went away meanwhile: the next look says so. */
	return ret == -EFAULT ? -EAGAIN : (int)ret;
}

int user_memory_fault(vaddr_t addr, u32 access)
{
	struct task *task = task_current();
	bool waited = false;
	int err;

	for (;;) {
		if (process_is_gone(task->process))
			return -EINTR;
		perturb_point();
		err = vm_fault(task->process->vm, addr, access);
		perturb_point();
		if (!err)
			WRITE_ONCE(task->minflt, task->minflt + 1);
		if (err == -ENOMEM && !waited) {
			/* Nobody dies for the memory of a child that he has waited for already. */
			waited = true;
			(void)offload_request3(OFFLOAD_NR_ENDED, 0, 0, 0);
			continue;
		}
		if (err != -EAGAIN)
			return err;
		err = borrow(task, ALIGN_DOWN(addr, PAGE_LEN), access);
		perturb_point();
		/* Recalled or unmapped meanwhile: look again what there is. */
		if (err && err != -EAGAIN)
			return err;
	}
}

/*
 * Not by the twin: with the vm's lock held nobody may wait for what the program's owner can
 * stop.
 */
void memory_revoke(struct vm *vm, vaddr_t start, vaddr_t end)
{
	struct ikc_packet packet = { .msg = IKC_MSG_REVOKE };
	struct task *task = task_current();
	const struct msg_revoke msg = {
		.pid = task->process->pid,
		.tid = task->tid,
		.start = start,
		.end = end,
	};

	ASSERT(task->process->vm == vm);
	memcpy(packet.u.bytes, &msg, sizeof(msg));
	WRITE_ONCE(task->revoking, true);
	/* It fails only when the LWK is being stopped. */
	(void)!syscall_channel_send(&packet);
	for (;;) {
		thread_prepare_wait();
		/*
		 * Also of a process that is gone, whose proxy is there as long as this thread: what
		 * came later would be taken for the answer to another, which has the ids by then.
		 */
		if (!READ_ONCE(task->revoking))
			break;
		thread_wait(THREAD_NO_DEADLINE);
	}
	thread_finish_wait();
}

bool memory_in_vain(void)
{
	const struct task *task = task_if_any();

	return task && process_is_ending(task->process);
}

static int revoke_done(struct task *task, void *ctx)
{
	(void)ctx;
	WRITE_ONCE(task->revoking, false);
	thread_wake(&task->thread);
	return 0;
}

void memory_revoke_done(const struct msg_revoke *msg)
{
	task_with(msg->pid, msg->tid, revoke_done, NULL);
}

int memory_pin(const struct msg_frames *msg, bool pin)
{
	if (msg->reserved || !msg->npages || msg->npages > OFFLOAD_MAX_PINNED ||
	    !IS_ALIGNED(msg->paddr, PAGE_LEN) || msg->paddr >= PGT_PADDR_END)
		return -EINVAL;
	return pin ? page_pin(msg->paddr, msg->npages) : page_unpin(msg->paddr, msg->npages);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port SYSCALL: messages that must get through at any time. They are answered in the
 * doorbell handler, but for those that look into an address space and may have to wait: they are
 * put aside for the CPU's worker thread, and the channel goes on.
 */
#include "lwk/include/proc/channel.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/mm/vm_dump.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/signal.h"
#include "lwk/lib/string.h"

/* msg_fault.write */
#define FAULT_FORCED 2
#define FAULT_TOUCHED 3

/* By CPU: its channel, or NULL; own CPU, interrupts off. */
static struct ikc_channel *channels[IHK_MAX_CPUS];

/* A message put aside. */
struct request {
	struct work work;
	struct ikc_channel *chan;
	struct ikc_packet packet;
};

static void syscall_channel_closed(struct ikc_channel *chan)
{
	if (channels[chan->cpu] == chan)
		channels[chan->cpu] = NULL;
}

int syscall_channel_open(struct ikc_channel *chan)
{
	if (channels[chan->cpu])
		return -EEXIST;
	channels[chan->cpu] = chan;
	chan->closed = syscall_channel_closed;
	return 0;
}

/* Interrupts off; a doorbell for space is asked for. It is Linux that hangs, if anybody. */
static void wait_for_space(void)
{
	if (thread_should_yield())
		monitor_touch();
	else
		monitor_halt();
}

int syscall_channel_send(const struct ikc_packet *packet)
{
	struct ikc_channel *chan;
	u64 irq;
	int err;

	for (;;) {
		irq = arch_irq_save();
		chan = channels[arch_cpu_id()];
		err = chan ? ikc_try_send(chan, packet) : -EPIPE;
		if (err == -EAGAIN)
			wait_for_space();
		arch_irq_restore(irq);
		if (err != -EAGAIN)
			return err;
		thread_yield();
	}
}

/* The answer to @request, empty. */
static struct ikc_packet answer_to(const struct ikc_packet *request, u32 msg, int err)
{
	return (struct ikc_packet){
		.msg = msg,
		.err = err,
		.cookie = request->cookie,
	};
}

int process_on_wake_up(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_thread msg;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	offload_wake(&msg);
	return 0;
}

int process_on_send_signal(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet answer;
	struct msg_signal msg;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	answer = answer_to(packet, IKC_MSG_SEND_SIGNAL_ACKED, signal_send(&msg));
	ikc_reply(chan, &answer);
	return 0;
}

int process_on_revoke_done(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_revoke msg;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	memory_revoke_done(&msg);
	return 0;
}

static int pin_or_unpin(struct ikc_channel *chan, const struct ikc_packet *packet, bool pin)
{
	struct ikc_packet answer;
	struct msg_frames msg;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	answer = answer_to(packet, IKC_MSG_PINNED_ACKED, memory_pin(&msg, pin));
	ikc_reply(chan, &answer);
	return 0;
}

int process_on_pinned(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return pin_or_unpin(chan, packet, true);
}

int process_on_unpinned(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return pin_or_unpin(chan, packet, false);
}

static int stop_or_continue(struct ikc_channel *chan, const struct ikc_packet *packet, bool stop)
{
	struct msg_thread msg;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	signal_stop(&msg, stop);
	return 0;
}

int process_on_stop_thread(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return stop_or_continue(chan, packet, true);
}

int process_on_cont_thread(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return stop_or_continue(chan, packet, false);
}

/* Have a message answered by the worker thread. */
static int put_aside(struct ikc_channel *chan, const struct ikc_packet *packet, u32 answer_msg,
		     void (*fn)(struct work *work))
{
	struct request *request;
	struct ikc_packet answer;

	if (chan->port != IKC_PORT_SYSCALL)
		return -ENOSYS;
	request = kzalloc(sizeof(*request));
	if (!request) {
		answer = answer_to(packet, answer_msg, -ENOMEM);
		ikc_reply(chan, &answer);
		return 0;
	}
	ikc_hold(chan);
	request->chan = chan;
	request->packet = *packet;
	request->work.fn = fn;
	work_queue(&request->work, chan->cpu);
	return 0;
}

static void finish(struct request *request, const struct ikc_packet *answer)
{
	ikc_answer(request->chan, answer);
	ikc_release(request->chan);
	kfree(request);
}

static int is_shared(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	return !!(range->flags & VM_SHARED);
}

/* The page is the program's alone once Linux has it: a debugger may write there. */
static int share_forced(struct vm *vm, vaddr_t addr, struct vm_extent *extent)
{
	vaddr_t page = ALIGN_DOWN(addr, PAGE_LEN);
	int err = vm_share(vm, addr, true, extent);

	if (err != -EACCES)
		return err;
	if (vm_for_each_in(vm, page, page + 1, is_shared, NULL))
		return err;
	err = vm_share(vm, addr, false, extent);
	if (err)
		return err;
	*extent = (struct vm_extent){
		.start = page,
		.paddr = extent->paddr + (page - extent->start),
		.npages = 1,
		.write = true,
	};
	return 0;
}

static int share(const struct msg_fault *msg, struct msg_fault_answer *out)
{
	struct process *process = process_find(msg->pid);
	struct vm_extent extent = { 0 };
	int err;

	if (!process)
		return -ESRCH;
	/* If others have its memory, they are asked. */
	if (process_is_gone(process))
		err = -ESRCH;
	else if (msg->addr >= LWK_USER_END)
		err = -EFAULT;
	else if (msg->write == FAULT_FORCED)
		err = share_forced(process->vm, msg->addr, &extent);
	else if (msg->write == FAULT_TOUCHED)
		err = vm_share_touched(process->vm, msg->addr, &extent);
	else
		err = vm_share(process->vm, msg->addr, msg->write, &extent);
	process_put(process);
	if (err == -ENOENT)
		out->start = extent.start;
	if (err)
		return err == -ENOMEM || err == -ESRCH || err == -ENOENT ? err : -EFAULT;
	*out = (struct msg_fault_answer){
		.start = extent.start,
		.paddr = extent.paddr,
		.npages = extent.npages,
		.write = extent.write,
	};
	return 0;
}

static void serve_page_fault(struct work *work)
{
	struct request *request = container_of(work, struct request, work);
	struct ikc_packet answer = answer_to(&request->packet, IKC_MSG_REMOTE_PAGE_FAULT_ANSWER, 0);
	struct msg_fault_answer body = { 0 };
	struct msg_fault msg;

	memcpy(&msg, request->packet.u.bytes, sizeof(msg));
	answer.err = msg.write > FAULT_TOUCHED ? -EINVAL : share(&msg, &body);
	memcpy(answer.u.bytes, &body, sizeof(body));
	finish(request, &answer);
}

int process_on_remote_page_fault(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return put_aside(chan, packet, IKC_MSG_REMOTE_PAGE_FAULT_ANSWER, serve_page_fault);
}

/* What no process has is out of reach already, but others may have the same memory. */
static int recall(const struct msg_recall *msg)
{
	struct process *process;

	if (msg->reserved || !IS_ALIGNED(msg->start | msg->end, PAGE_LEN) ||
	    msg->start > msg->end || msg->end > VM_TASK_END)
		return -EINVAL;
	process = process_find(msg->pid);
	if (!process)
		return -ESRCH;
	vm_recall(process->vm, msg->start, msg->end, msg->seq);
	process_put(process);
	return 0;
}

static void serve_recall(struct work *work)
{
	struct request *request = container_of(work, struct request, work);
	struct ikc_packet answer = answer_to(&request->packet, IKC_MSG_RECALL_DONE, 0);
	struct msg_recall msg;

	memcpy(&msg, request->packet.u.bytes, sizeof(msg));
	answer.err = recall(&msg);
	finish(request, &answer);
}

int process_on_recall(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return put_aside(chan, packet, IKC_MSG_RECALL_DONE, serve_recall);
}

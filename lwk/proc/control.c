// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port CONTROL: making and ending of processes, and questions about them. One message at a
 * time is answered, by the worker thread of the channel's CPU; longer content goes through the
 * channel's transfer buffer.
 */
#include "abi/errno.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/proc/channel.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/procfs.h"
#include "lwk/include/proc/sysfs.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"

#define BUFFER_ORDER 4

_Static_assert(PAGE_LEN << BUFFER_ORDER == OFFLOAD_BUFFER_LEN, "is a block of pages");
_Static_assert(sizeof(struct program_load_desc) <= OFFLOAD_BUFFER_LEN, "fits the buffer");

static struct page *buffer_page(const struct ikc_channel *chan)
{
	return chan->data;
}

static void *buffer_of(const struct ikc_channel *chan)
{
	return page_virt(buffer_page(chan));
}

static void control_channel_closed(struct ikc_channel *chan)
{
	page_free(buffer_page(chan), BUFFER_ORDER);
}

static int control_channel_open(struct ikc_channel *chan, struct msg_init_channel *body)
{
	struct page *page;

	if (chan->data)
		return -EEXIST;
	page = page_alloc(percpu_of(chan->cpu)->node, BUFFER_ORDER, PAGE_ALLOC_ZERO);
	if (!page)
		return -ENOMEM;
	chan->data = page;
	chan->closed = control_channel_closed;
	body->buffer_len = OFFLOAD_BUFFER_LEN;
	body->buffer = page_paddr(page);
	body->ncaches = percpu_of(chan->cpu)->ncaches;
	return 0;
}

static int check_version(const struct msg_init_channel *msg)
{
	if (msg->version == OFFLOAD_VERSION && msg->slot_len == sizeof(struct offload_slot) &&
	    msg->desc_len == sizeof(struct program_load_desc))
		return 0;
	log_err("proc: mcctrl's version %u, slots of %u and descriptors of %u bytes; ours %u, %zu, %zu",
		msg->version, msg->slot_len, msg->desc_len, OFFLOAD_VERSION,
		sizeof(struct offload_slot), sizeof(struct program_load_desc));
	return -EPROTO;
}

int process_on_init_channel(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet answer = {
		.msg = IKC_MSG_INIT_CHANNEL_ACKED,
		.cookie = packet->cookie,
	};
	struct msg_init_channel body = {
		.version = OFFLOAD_VERSION,
		.slot_len = sizeof(struct offload_slot),
		.desc_len = sizeof(struct program_load_desc),
	};
	struct msg_init_channel msg;

	if (chan->port != IKC_PORT_SYSCALL && chan->port != IKC_PORT_CONTROL)
		return -ENOSYS;
	memcpy(&msg, packet->u.bytes, sizeof(msg));
	answer.err = check_version(&msg);
	if (!answer.err)
		answer.err = chan->port == IKC_PORT_SYSCALL ? syscall_channel_open(chan) :
							       control_channel_open(chan, &body);
	memcpy(answer.u.bytes, &body, sizeof(body));
	ikc_reply(chan, &answer);
	return 0;
}

/* Have a message answered by the worker thread; only after the buffer was agreed on. */
static int defer(struct ikc_channel *chan, const struct ikc_packet *packet, ikc_deferred_fn fn)
{
	if (chan->port != IKC_PORT_CONTROL)
		return -ENOSYS;
	if (!chan->data)
		return -EPROTO;
	ikc_defer(chan, packet, fn);
	return 0;
}

static struct msg_process process_of(const struct ikc_packet *packet)
{
	struct msg_process msg;

	memcpy(&msg, packet->u.bytes, sizeof(msg));
	return msg;
}

static void answer(struct ikc_channel *chan, const struct ikc_packet *packet, u32 msg, int err)
{
	const struct ikc_packet reply = {
		.msg = msg,
		.err = err,
		.cookie = packet->cookie,
		.u.words[0] = packet->u.words[0],
	};

	ikc_answer(chan, &reply);
}

static int prepare(struct ikc_channel *chan, const struct msg_process *msg)
{
	/* Linux could change the buffer at any time: look at a copy. */
	struct program_load_desc *desc = kmalloc(sizeof(*desc));
	struct program_layout layout;
	int err;

	if (!desc)
		return -ENOMEM;
	memcpy(desc, buffer_of(chan), sizeof(*desc));
	err = program_check(desc, msg->len, percpu_count());
	if (!err && desc->pid != msg->pid)
		err = -EINVAL;
	if (!err && desc->cpu >= 0 && !percpu_online((u32)desc->cpu))
		err = -EINVAL;
	if (err)
		log_err("proc: descriptor of process %u is refused: error %d", msg->pid, err);
	else
		err = process_create(desc, &layout);
	if (!err)
		memcpy(buffer_of(chan), &layout, sizeof(layout));
	kfree(desc);
	return err;
}

static void do_prepare(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	const struct msg_process msg = process_of(packet);
	int err = prepare(chan, &msg);

	answer(chan, packet,
	       err ? IKC_MSG_PREPARE_PROCESS_NACKED : IKC_MSG_PREPARE_PROCESS_ACKED, err);
}

int process_on_prepare(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_prepare);
}

static void do_adopt(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet reply = { .msg = IKC_MSG_ADOPT_PROCESS_DONE, .cookie = packet->cookie };
	struct msg_adopt_answer body = { 0 };
	struct msg_adopt msg;

	memcpy(&msg, packet->u.bytes, sizeof(msg));
	reply.err = process_adopt(&msg, &body);
	memcpy(reply.u.bytes, &body, sizeof(body));
	ikc_answer(chan, &reply);
}

int process_on_adopt(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_adopt);
}

static void do_schedule(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	answer(chan, packet, IKC_MSG_SCHEDULE_PROCESS_DONE,
	       process_schedule(process_of(packet).pid));
}

int process_on_schedule(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_schedule);
}

/* Answered when its last thread has ended, which other messages must not wait for. */
static void do_cleanup(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	const struct msg_process msg = process_of(packet);
	u64 irq = arch_irq_save();
	int err;

	ikc_hold(chan);
	arch_irq_restore(irq);
	err = process_cleanup(&msg, chan, packet->cookie);
	if (!err)
		return;
	answer(chan, packet, IKC_MSG_CLEANUP_PROCESS_DONE, err == -ESRCH ? 0 : err);
	ikc_release(chan);
}

int process_on_cleanup(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_cleanup);
}

/* @ret: bytes in the buffer, or -errno. */
static void file_answer(struct ikc_channel *chan, const struct ikc_packet *packet, u32 answer,
			struct msg_file *msg, s64 ret)
{
	struct ikc_packet reply = {
		.msg = answer,
		.err = ret < 0 ? (s32)ret : 0,
		.cookie = packet->cookie,
	};

	msg->len = ret < 0 ? 0 : (u32)ret;
	memcpy(reply.u.bytes, msg, sizeof(*msg));
	ikc_answer(chan, &reply);
}

/* Return: -EINVAL for what no part of the buffer can be. */
static int check_file_msg(const struct msg_file *msg)
{
	return msg->reserved || msg->len > OFFLOAD_BUFFER_LEN ? -EINVAL : 0;
}

static int get_file_msg(const struct ikc_packet *packet, struct msg_file *msg)
{
	memcpy(msg, packet->u.bytes, sizeof(*msg));
	return check_file_msg(msg);
}

static void do_procfs(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_proc_file msg;
	s64 ret;

	memcpy(&msg, packet->u.bytes, sizeof(msg));
	ret = check_file_msg(&msg.file);
	if (msg.person.stopped > 1 || msg.person.reserved)
		ret = -EINVAL;
	file_answer(chan, packet, IKC_MSG_PROCFS_ANSWER, &msg.file,
		    ret ? ret : procfs_read(&msg, buffer_of(chan)));
}

int process_on_procfs_request(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_procfs);
}

static void do_debug_log(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	procfs_log_all();
	answer(chan, packet, IKC_MSG_DEBUG_LOG_DONE, 0);
}

int process_on_debug_log(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_debug_log);
}

static void do_sysfs_show(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_file msg;
	s64 ret = get_file_msg(packet, &msg);

	file_answer(chan, packet, IKC_MSG_SYSFS_ANSWER, &msg,
		    ret ? ret : sysfs_show(&msg, buffer_of(chan)));
}

int process_on_sysfs_show(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_sysfs_show);
}

static void do_sysfs_store(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_file msg;
	s64 ret = get_file_msg(packet, &msg);

	file_answer(chan, packet, IKC_MSG_SYSFS_ANSWER, &msg,
		    ret ? ret : sysfs_store(&msg, buffer_of(chan)));
}

int process_on_sysfs_store(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_sysfs_store);
}

static void do_sysfs_release(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct msg_file msg;
	s64 ret = get_file_msg(packet, &msg);

	file_answer(chan, packet, IKC_MSG_SYSFS_ANSWER, &msg,
		    ret ? ret : sysfs_release(&msg));
}

int process_on_sysfs_release(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	return defer(chan, packet, do_sysfs_release);
}

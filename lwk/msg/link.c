// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links: at boot each CPU opens a channel to Linux by itself. That makes sure, before
 * the LWK calls itself running, that interrupts and rings work both ways for
 * each CPU.
 */
#include "lwk/include/msg/link.h"

#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/msg/channel.h"

#define LINK_PACKETS 16

static void (*all_done)(void);
static u32 missing; /* links that are not open yet */

static void run_done(struct work *work)
{
	(void)work;
	all_done();
}

static struct work done_work = { .fn = run_done };

static void on_opened(struct ikc_channel *chan, int err)
{
	if (err)
		panic("ikc: Linux refuses the link of CPU %u: error %d", chan->cpu, err);
	if (!__atomic_sub_fetch(&missing, 1, __ATOMIC_ACQ_REL))
		work_queue(&done_work, arch_cpu_id());
}

static void open_link(struct work *work)
{
	struct ikc_packet packet = { .msg = IKC_MSG_LWK_CONNECT };
	struct ikc_channel *chan;
	int err;

	kfree(work);
	err = channel_create(IKC_PORT_LINK, arch_cpu_id(), LINK_PACKETS, &chan);
	if (err)
		panic("ikc: cannot create the link of CPU %u: error %d", arch_cpu_id(), err);
	chan->opened = on_opened;
	packet.cookie = chan->id;
	connect_fill(chan, &packet);
	/* An answer is accepted from here on, even one that comes before the question. */
	channel_announce(chan, IKC_CONNECTING);
	err = ikc_send(ikc_master(), &packet);
	if (err)
		panic("ikc: cannot ask for the link of CPU %u: error %d", arch_cpu_id(), err);
}

void link_all(void (*done)(void))
{
	all_done = done;
	missing = percpu_count();
	for (u32 id = 0; id < percpu_count(); id++) {
		struct work *work = kzalloc(sizeof(*work));

		if (!work)
			panic("ikc: no memory for the links");
		work->fn = open_link;
		work_queue(work, id);
	}
}

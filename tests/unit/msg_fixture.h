/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the LWK's side of IKC: its CPUs, one after the other on one
 * thread, and the Linux that it talks to.
 *
 * An interrupt is a bit in pending[] until deliver() or settle() runs its handler.
 * Linux rings exactly when the rings ask for it and hears exactly when it was rung,
 * so that a lost doorbell shows as a missing packet.
 *
 * The sources are included, since the tests look at the channels themselves.
 */
#ifndef UNIT_MSG_FIXTURE_H
#define UNIT_MSG_FIXTURE_H

#include <stdarg.h>
#include <string.h>

#include "lwk/msg/channel.c"
#include "lwk/msg/connect.c"
#include "lwk/msg/echo.c"
#include "lwk/msg/ikc.c"
#include "lwk/msg/link.c"
#include "lwk/sched/work.c"
#include "tests/unit/shim/shim.h"
#include "tests/unit/unit.h"

#define NCPUS 3
#define NODES 2
#define NODE_LEN (64ULL << 20)
#define PACKETS 16
#define HOST_ID 21
#define COOKIE 0xc00c1e
#define MAX_HEARD 128
#define SETTLE_ROUNDS 100000 /* more than any test needs, fewer than a hang takes */
#define CLOCK_STEP (10 * NSEC_PER_MSEC)
#define PATIENCE 4 /* halts until Linux closes what the LWK waits for */

#define PENDING_IKC 1U
#define PENDING_WORK 2U

/* The boot block and what it names. */
static struct {
	struct boot_block block;
	u8 to_lwk[3 * PAGE_LEN] __aligned(4096);
	u8 to_host[3 * PAGE_LEN] __aligned(4096);
} area;

static struct percpu cpus[NCPUS];
static struct boot_monitor monitors[NCPUS];
static struct thread workers[NCPUS];
static u32 pending[NCPUS];
static bool offline[NCPUS];
static void (*doorbell)(void);
static u32 bells; /* to Linux, since it listened last */
static u64 clock_ns;
static u32 halts;
static struct kargs kernel_args;

/* Linux's ends of the master rings, and what came out of them. */
static struct ikc_tx master_tx;
static struct ikc_rx master_rx;
static struct ikc_packet heard[MAX_HEARD];
static u32 nheard;

/* What is allocated when nothing is open. */
static u64 live_objects, free_pages;

void *shim_this_cpu(void)
{
	return &cpus[arch_cpu_id()];
}

struct percpu *percpu_of(u32 id)
{
	CHECK(id < NCPUS);
	return &cpus[id];
}

u32 percpu_count(void)
{
	return NCPUS;
}

bool percpu_online(u32 id)
{
	CHECK(id < NCPUS);
	return !offline[id];
}

const struct boot_block *boot_fixed(void)
{
	return &area.block;
}

void *boot_part(u64 off)
{
	return (u8 *)&area + off;
}

const struct kargs *kargs_get(void)
{
	return &kernel_args;
}

void irq_set_handler(u32 vector, void (*handler)(void))
{
	CHECK_EQ(vector, LWK_VEC_IKC);
	doorbell = handler;
}

void command_obey(void)
{
}

void arch_ipi(u32 apic_id, u32 vector)
{
	CHECK(apic_id < NCPUS);
	CHECK(vector == LWK_VEC_IKC);
	pending[apic_id] |= PENDING_IKC;
}

void thread_wake(struct thread *thread)
{
	CHECK(thread == &workers[thread->cpu]);
	pending[thread->cpu] |= PENDING_WORK;
}

void doorbell_ring(void)
{
	bells++;
}

void doorbell_ring_for(u32 cpu)
{
	CHECK(cpu < NCPUS);
	bells++;
}

u64 time_ns(void)
{
	clock_ns += CLOCK_STEP;
	return clock_ns;
}

void kmsg_print(enum kmsg_level level, const char *fmt, ...)
{
	char line[KMSG_LINE_LEN];
	va_list args;

	(void)level;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
}

/* Interrupts of one CPU, as if they came while it does what it does. */
static void deliver(u32 cpu)
{
	struct shim_cpu before = shim_cpu;

	if (!(pending[cpu] & PENDING_IKC))
		return;
	pending[cpu] &= ~PENDING_IKC;
	shim_cpu.id = cpu;
	shim_cpu.irqs_off = true;
	doorbell();
	CHECK(!arch_irqs_enabled());
	CHECK_EQ(lock_rank_depth(), 0);
	shim_cpu = before;
}

static void run_work(u32 cpu)
{
	struct shim_cpu before = shim_cpu;

	pending[cpu] &= ~PENDING_WORK;
	shim_cpu.id = cpu;
	shim_cpu.irqs_off = false;
	(void)work_run();
	CHECK(arch_irqs_enabled());
	shim_cpu = before;
}

/* All that is under way among the LWK's CPUs, until they idle. */
static void settle(void)
{
	bool busy = true;

	for (u32 rounds = 0; busy; rounds++) {
		CHECK(rounds < SETTLE_ROUNDS);
		busy = false;
		for (u32 cpu = 0; cpu < NCPUS; cpu++) {
			busy |= pending[cpu] || cpus[cpu].work_head;
			deliver(cpu);
			run_work(cpu);
		}
	}
}

/* Linux takes what is in a ring, if it was rung; @take may be NULL. */
static u32 hear_from(struct ikc_rx *rx, u32 cpu, void (*take)(const struct ikc_packet *packet))
{
	struct ikc_packet packet;
	u32 count = 0;
	bool bell;

	for (;;) {
		int err = ikc_rx_pop(rx, &packet, &bell);

		CHECK(!err || err == -EAGAIN);
		if (err && ikc_rx_arm(rx))
			return count;
		if (err)
			continue;
		CHECK(bells);
		count++;
		if (bell)
			pending[cpu] |= PENDING_IKC;
		if (take)
			take(&packet);
	}
}

static void note(const struct ikc_packet *packet)
{
	heard[nheard++ % MAX_HEARD] = *packet;
}

static u32 hear(void)
{
	return hear_from(&master_rx, 0, note);
}

/* Linux sends; the ring decides whether it rings. False: no space. */
static bool push(struct ikc_tx *tx, u32 cpu, const struct ikc_packet *packet)
{
	bool bell = false;
	int err = ikc_tx_push(tx, packet, &bell);

	CHECK(!err || err == -EAGAIN);
	if (bell)
		pending[cpu] |= PENDING_IKC;
	return !err;
}

static struct ikc_packet message(u32 msg, int err, const struct ikc_connect *body)
{
	struct ikc_packet packet = { .msg = msg, .err = err, .cookie = COOKIE };

	memcpy(packet.u.bytes, body, sizeof(*body));
	return packet;
}

/* Says one thing on the master channel and returns the one answer, or none. */
static const struct ikc_packet *say(u32 msg, int err, const struct ikc_connect *body)
{
	struct ikc_packet packet = message(msg, err, body);
	u32 before = nheard;

	CHECK(push(&master_tx, 0, &packet));
	settle();
	(void)hear();
	CHECK(nheard - before <= 1);
	return nheard == before ? NULL : &heard[before % MAX_HEARD];
}

static __maybe_unused bool refused(u32 msg, const struct ikc_connect *body, int err)
{
	const struct ikc_packet *answer = say(msg, 0, body);

	return answer && answer->msg == IKC_MSG_UNKNOWN_TO_LWK && answer->err == err &&
	       answer->cookie == COOKIE && answer->u.words[0] == msg;
}

static struct ikc_connect body_in(const struct ikc_packet *packet)
{
	struct ikc_connect body;

	CHECK(packet);
	memcpy(&body, packet->u.bytes, sizeof(body));
	return body;
}

/* A request in which nothing is wrong. */
static struct ikc_connect good(void)
{
	return (struct ikc_connect){
		.version = IKC_RING_VERSION,
		.packet_len = IKC_PACKET_LEN,
		.port = IKC_PORT_ECHO,
		.cpu = 1,
		.npackets = PACKETS,
		.host_id = HOST_ID,
	};
}

static void count_memory(u64 *objects, u64 *pages)
{
	kmalloc_drain();
	for (u32 node = 0; node < NODES; node++) {
		page_drain_caches(node);
		page_check(node);
	}
	*objects = kmalloc_live();
	*pages = shim_free_pages();
}

static void no_leak(void)
{
	u64 objects, pages;

	count_memory(&objects, &pages);
	CHECK_EQ(objects, live_objects);
	CHECK_EQ(pages, free_pages);
	for (u32 id = 0; id < IKC_MAX_CHANNELS; id++)
		CHECK(!channels[id]);
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		CHECK(!cpus[cpu].channels && !cpus[cpu].adopt);
}

static void machine_new(void)
{
	shim_page_alloc_init(NCPUS, NODES, NODE_LEN);
	CHECK(!kmalloc_init());
	for (u32 cpu = 0; cpu < NCPUS; cpu++) {
		cpus[cpu].self = &cpus[cpu];
		cpus[cpu].id = cpu;
		cpus[cpu].apic_id = cpu;
		cpus[cpu].node = cpu % NODES;
		cpus[cpu].monitor = &monitors[cpu];
		spin_lock_init(&cpus[cpu].work_lock, LOCK_RANK_WORK, "work queue");
		cpus[cpu].work_tail = &cpus[cpu].work_head;
		workers[cpu].cpu = cpu;
		cpus[cpu].runq.worker = &workers[cpu];
	}
	area.block.to_lwk_off = (u64)area.to_lwk - (u64)&area;
	area.block.to_host_off = (u64)area.to_host - (u64)&area;
	ikc_ring_init((struct ikc_ring *)area.to_lwk, IKC_MASTER_PACKETS);
	ikc_ring_init((struct ikc_ring *)area.to_host, IKC_MASTER_PACKETS);
	CHECK(!ikc_tx_attach(&master_tx, (struct ikc_ring *)area.to_lwk, IKC_MASTER_PACKETS));
	CHECK(!ikc_rx_attach(&master_rx, (struct ikc_ring *)area.to_host, IKC_MASTER_PACKETS));
	ikc_init();
	count_memory(&live_objects, &free_pages);
}

/* The other side of one channel. */
struct peer {
	struct ikc_connect body;
	struct ikc_ring *rings[2];
	struct ikc_tx tx;
	struct ikc_rx rx;
};

static struct peer peer_of(const struct ikc_connect *body)
{
	struct peer peer = { .body = *body };

	peer.rings[0] = phys_to_virt(body->to_lwk);
	peer.rings[1] = phys_to_virt(body->to_host);
	CHECK(!ikc_tx_attach(&peer.tx, peer.rings[0], body->npackets));
	CHECK(!ikc_rx_attach(&peer.rx, peer.rings[1], body->npackets));
	return peer;
}

static __maybe_unused struct peer connect_ok(u32 cpu)
{
	struct ikc_connect body = good();
	const struct ikc_packet *answer;

	body.cpu = cpu;
	answer = say(IKC_MSG_CONNECT, 0, &body);
	CHECK(answer && answer->msg == IKC_MSG_CONNECT_REPLY && !answer->err);
	CHECK_EQ(answer->cookie, COOKIE);
	body = body_in(answer);
	CHECK(body.host_id == HOST_ID && body.cpu == cpu && body.npackets == PACKETS);
	CHECK(body.lwk_id && body.lwk_id < IKC_MAX_CHANNELS);
	CHECK_EQ(channels[body.lwk_id]->state, IKC_OPEN);
	return peer_of(&body);
}

static __maybe_unused void disconnect_ok(const struct ikc_connect *body)
{
	const struct ikc_packet *answer = say(IKC_MSG_DISCONNECT, 0, body);

	CHECK(answer && answer->msg == IKC_MSG_DISCONNECT_REPLY && !answer->err);
	CHECK_EQ(answer->cookie, COOKIE);
	CHECK_EQ(body_in(answer).lwk_id, body->lwk_id);
	CHECK_EQ(body_in(answer).host_id, body->host_id);
	CHECK(!channels[body->lwk_id]);
}

/* Linux closes whatever is open; its ring may be full. */
static void close_all(void)
{
	for (u32 id = 1; id < IKC_MAX_CHANNELS; id++) {
		struct ikc_channel *chan = channels[id];
		struct ikc_connect body = { .lwk_id = id, .host_id = chan ? chan->host_id : 0 };
		struct ikc_packet packet = message(IKC_MSG_DISCONNECT, 0, &body);

		if (!chan || (chan->state != IKC_OPEN && chan->state != IKC_LEAVING))
			continue;
		if (!push(&master_tx, 0, &packet))
			return;
	}
}

/* The CPU in ikc_send() halts: Linux takes what the master ring has. */
void arch_wait_for_irq(void)
{
	CHECK(!arch_irqs_enabled());
	if (++halts % PATIENCE == 0)
		close_all();
	(void)hear();
	for (u32 cpu = 0; cpu < NCPUS; cpu++)
		deliver(cpu);
	CHECK(halts < SETTLE_ROUNDS);
}

#endif

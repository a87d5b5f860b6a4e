// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets: the doorbell handler that takes them out of the rings and dispatches
 * them, and the ways to send them. Whatever Linux puts into a ring is copied, checked
 * and at worst refused.
 */
#include "lwk/include/msg/ikc.h"

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/command.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/msg/channel.h"

#define RECEIVE_BUDGET 64 /* packets of one channel in one interrupt */

typedef int (*message_handler)(struct ikc_channel *chan, const struct ikc_packet *packet);

static const message_handler handlers[] = {
#define IKC_TO_LWK(number, name, handler, doc) [number] = handler,
#include "abi/messages.def"
};

static struct ikc_channel master;

struct ikc_channel *ikc_master(void)
{
	return &master;
}

/* Linux, or a CPU of ours, wants a look at the rings or the command. */
static void on_doorbell(void)
{
	ikc_receive();
	command_obey();
}

void ikc_init(void)
{
	const struct boot_block *boot = boot_fixed();
	int err;

	master.cpu = boot->boot_cpu;
	master.npackets = IKC_MASTER_PACKETS;
	spin_lock_init(&master.tx_lock, LOCK_RANK_IKC_CHANNEL, "ikc master");
	err = ikc_rx_attach(&master.rx, boot_part(boot->to_lwk_off), IKC_MASTER_PACKETS);
	if (!err)
		err = ikc_tx_attach(&master.tx, boot_part(boot->to_host_off), IKC_MASTER_PACKETS);
	if (err)
		panic("ikc: the master rings are not version %u with packets of %u bytes: error %d",
		      IKC_RING_VERSION, IKC_PACKET_LEN, err);
	master.state = IKC_OPEN;
	irq_set_handler(LWK_VEC_IKC, on_doorbell);
}

/* Acquire: partner of set_state_locked(). */
static bool is_open(const struct ikc_channel *chan)
{
	return __atomic_load_n(&chan->state, __ATOMIC_ACQUIRE) == IKC_OPEN;
}

/* Under the channel's lock. -EAGAIN: the doorbell for space is asked for. */
static int push_locked(struct ikc_channel *chan, const struct ikc_packet *packet, bool *bell)
{
	int err;

	ASSERT(spin_lock_held(&chan->tx_lock));
	if (!is_open(chan))
		return -EPIPE;
	do {
		err = ikc_tx_push(&chan->tx, packet, bell);
		if (err != -EAGAIN)
			return err;
		/* Before arming: whoever serves the doorbell looks for us. */
		cpumask_set(&chan->waiters, arch_cpu_id());
		/* Release: after the set; partner is wake_waiters(). */
		__atomic_store_n(&chan->awaited, 1, __ATOMIC_RELEASE);
	} while (!ikc_tx_arm(&chan->tx));
	return -EAGAIN;
}

int ikc_try_send(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	bool bell = false;
	u64 irq = spin_lock_irqsave(&chan->tx_lock);
	int err = push_locked(chan, packet, &bell);

	spin_unlock_irqrestore(&chan->tx_lock, irq);
	if (bell)
		doorbell_ring_for(chan->cpu);
	if (err == -EBADMSG)
		log_err("ikc: channel %u: Linux broke the index of the ring to it", chan->id);
	return err;
}

int ikc_send(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	u64 irq = arch_irq_save();
	int err;

	ASSERT(chan == &master || chan->cpu == arch_cpu_id());
	while ((err = ikc_try_send(chan, packet)) == -EAGAIN)
		monitor_halt(); /* until the doorbell for space */
	arch_irq_restore(irq);
	return err;
}

/* Linux made space: have the CPUs that ran out of it try again. */
static void wake_waiters(struct ikc_channel *chan)
{
	/* Acquire: the sets that came with it; a later one sets it again. */
	if (!READ_ONCE(chan->awaited) ||
	    !__atomic_exchange_n(&chan->awaited, 0, __ATOMIC_ACQUIRE))
		return;
	for (u32 word = 0; word < CPUMASK_WORDS; word++) {
		u64 bits = cpumask_take_word(&chan->waiters, word);

		for (; bits; bits &= bits - 1) {
			struct percpu *cpu = percpu_of(word * 64 + (u32)__builtin_ctzll(bits));

			if (cpu != this_cpu())
				arch_ipi(cpu->apic_id, LWK_VEC_IKC);
		}
	}
}

void ikc_reply(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	ASSERT(!chan->has_reply);
	chan->reply = *packet;
	chan->has_reply = true;
}

/* Return: whether reception may go on. */
static bool flush_reply(struct ikc_channel *chan)
{
	if (chan->has_reply)
		chan->has_reply = ikc_try_send(chan, &chan->reply) == -EAGAIN;
	return !chan->has_reply;
}

static void run_deferred(struct work *work)
{
	struct ikc_channel *chan = container_of(work, struct ikc_channel, work);
	u64 irq;

	chan->deferred_fn(chan, &chan->deferred);
	irq = arch_irq_save();
	chan->paused = false;
	/* What came meanwhile, and perhaps the end of this channel. */
	ikc_receive();
	arch_irq_restore(irq);
}

void ikc_defer(struct ikc_channel *chan, const struct ikc_packet *packet, ikc_deferred_fn fn)
{
	chan->paused = true;
	chan->deferred = *packet;
	chan->deferred_fn = fn;
	chan->work.fn = run_deferred;
	work_queue(&chan->work, chan->cpu);
}

void ikc_hold(struct ikc_channel *chan)
{
	ASSERT(!arch_irqs_enabled() && chan->cpu == arch_cpu_id());
	chan->holds++;
}

void ikc_release(struct ikc_channel *chan)
{
	u64 irq = arch_irq_save();

	ASSERT(chan->cpu == arch_cpu_id() && chan->holds);
	chan->holds--;
	/* Perhaps this was all that it waited for. */
	if (!is_open(chan))
		ikc_receive();
	arch_irq_restore(irq);
}

void ikc_answer(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	int err = ikc_send(chan, packet);

	/* A peer that closes before the answer is there does not want it. */
	if (err && err != -EPIPE)
		log_err("ikc: channel %u: cannot send message %u: error %d", chan->id, packet->msg,
			err);
}

static void dispatch(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet refusal = {
		.msg = IKC_MSG_UNKNOWN_TO_LWK,
		.cookie = packet->cookie,
		.u.words[0] = packet->msg,
	};
	u32 msg = packet->msg;
	int err = -ENOSYS;

	if (packet->reserved)
		err = -EINVAL;
	else if (msg < ARRAY_SIZE(handlers) && handlers[msg])
		err = handlers[msg](chan, packet);
	/* Never answer a refusal with a refusal. */
	if (!err || msg == IKC_MSG_UNKNOWN_TO_HOST)
		return;
	log_err("ikc: message %u on channel %u is refused: error %d", msg, chan->id, err);
	refusal.err = err;
	ikc_reply(chan, &refusal);
}

/*
 * The rings are beyond repair: close the channel, unless it is the master. Comes here
 * again until Linux has been told.
 */
static void give_up(struct ikc_channel *chan)
{
	struct ikc_packet packet = {
		.msg = IKC_MSG_LWK_DISCONNECT,
		.cookie = chan->id,
	};

	if (!chan->broken)
		log_err("ikc: channel %u: Linux broke the index of the ring from it", chan->id);
	chan->broken = true;
	if (chan == &master || chan->told)
		return;
	/* Before Linux can answer. */
	channel_leave(chan);
	connect_fill(chan, &packet);
	chan->told = ikc_try_send(&master, &packet) != -EAGAIN;
}

/* Return: 0 when the ring is empty and armed, or reception waits for something else. */
static int receive_all(struct ikc_channel *chan)
{
	struct ikc_packet packet;
	u32 budget = RECEIVE_BUDGET;
	bool bell;
	int err;

	while (!chan->paused && flush_reply(chan)) {
		err = ikc_rx_pop(&chan->rx, &packet, &bell);
		if (err == -EAGAIN) {
			if (ikc_rx_arm(&chan->rx))
				return 0;
			continue;
		}
		if (err)
			return err;
		if (bell)
			doorbell_ring_for(chan->cpu);
		dispatch(chan, &packet);
		if (!--budget)
			return -EBUSY;
	}
	return 0;
}

static void serve(struct ikc_channel *chan)
{
	int err;

	wake_waiters(chan);
	if (chan->broken) {
		give_up(chan);
		return;
	}
	if (!is_open(chan))
		return;
	err = receive_all(chan);
	if (err == -EBUSY)
		arch_ipi(this_cpu()->apic_id, LWK_VEC_IKC);
	else if (err)
		give_up(chan);
}

void ikc_receive(void)
{
	struct ikc_channel *chan;

	channel_adopt();
	if (master.state == IKC_OPEN && arch_cpu_id() == master.cpu)
		serve(&master);
	for (chan = this_cpu()->channels; chan; chan = chan->next) {
		monitor_touch();
		serve(chan);
	}
	channel_reap();
}

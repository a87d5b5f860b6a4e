// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests to an LWK and their answers, matched by cookie.
 *
 * A request lives where its caller wants, often on the stack. Whoever completes it does so
 * under the lock of peer->requests and forgets it there, so once request_exit() has
 * taken the request out nobody touches it.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "peer.h"

#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

/* How long to look for an answer before sleeping: about what it takes to sleep and be woken. */
#define POLL_NS 10000

/* Below what Linux calls a hung task. */
#define ANSWER_TIMEOUT_S 60
/* What the watchdog calls hung has stood still before: a last respite for it to move again. */
#define HUNG_TIMEOUT_S 5
/* Who waits looks so often whether the LWK hangs: the watchdog is no faster. */
#define LOOK_INTERVAL HZ

typedef int handler_fn(struct peer_chan *from, const struct ikc_packet *packet);

static handler_fn *const handlers[] = {
#define IKC_TO_MCCTRL(number, name, handler, doc) [number] = handler,
#include "abi/messages.def"
};

int request_init(struct request *request, struct peer *peer)
{
	int err;

	memset(request, 0, sizeof(*request));
	request->peer = peer;
	init_completion(&request->done);
	err = xa_alloc_cyclic_irq(&peer->requests, &request->cookie, request, xa_limit_32b,
				  &peer->next_cookie, GFP_KERNEL);
	return err < 0 ? err : 0;
}

void request_exit(struct request *request)
{
	xa_erase_irq(&request->peer->requests, request->cookie);
}

void *request_begin(struct request *request, u32 msg, u32 answer)
{
	memset(&request->packet, 0, sizeof(request->packet));
	request->packet.msg = msg;
	request->packet.cookie = request->cookie;
	request->answer = answer;
	request->refusal = 0;
	return request->packet.u.bytes;
}

/* An errno of the LWK's, which Linux code is about to use as one. */
static int answer_error(const struct ikc_packet *packet)
{
	int err = packet->err;

	/* -EINTR is what our own callers get when they are killed. */
	return err <= 0 && err >= -MAX_ERRNO && err != -EINTR ? err : -EPROTO;
}

static void request_finish(struct request *request)
{
	lockdep_assert_held(&request->peer->requests.xa_lock);
	request->pending = false;
	if (request->late) {
		request->late(request);
		request->late = NULL;
	} else {
		complete(&request->done);
	}
}

/* Returns whether the LWK is alive to be asked. */
static bool request_arm(struct request *request)
{
	struct peer *peer = request->peer;
	bool alive;

	reinit_completion(&request->done);
	xa_lock_irq(&peer->requests);
	alive = !peer->dead;
	request->pending = alive;
	xa_unlock_irq(&peer->requests);
	return alive;
}

/* The caller does not wait any more. Returns false if the answer is there nevertheless. */
static bool request_abandon(struct request *request, bool sent, late_fn *late)
{
	struct peer *peer = request->peer;
	bool pending;

	xa_lock_irq(&peer->requests);
	pending = request->pending;
	if (pending && sent && late) {
		request->late = late;
	} else {
		request->pending = false;
		if (pending && late)
			late(request);
	}
	xa_unlock_irq(&peer->requests);
	return pending;
}

/*
 * On return the answer is there, or the LWK is dead. Counted in looks, as the watchdog does. While
 * Linux is held up by an LWK that hangs, what waits for Linux does so too: a program that is killed
 * gives its memory back here, and ends no sooner.
 */
static void request_insist(struct request *request, struct peer_chan *chan)
{
	const struct ihk_os *os = chan->peer->ihk;
	unsigned int silent_s = 0;
	unsigned int hung_s = 0;

	/* -EPIPE: the channel has ended, with its LWK. -ETIMEDOUT is noticed below. */
	ikc_send(chan->chan, &request->packet, IKC_NOINTR);
	while (!wait_for_completion_timeout(&request->done, LOOK_INTERVAL)) {
		silent_s = ihk_os_is_frozen(os) ? 0 : silent_s + 1;
		hung_s = ihk_os_is_hung(os) ? hung_s + 1 : 0;
		if (silent_s >= ANSWER_TIMEOUT_S || hung_s >= HUNG_TIMEOUT_S)
			ikc_break(chan->chan, "does not answer what Linux has to know");
	}
}

static void request_poll(struct request *request)
{
	u64 deadline = local_clock() + POLL_NS;

	while (!completion_done(&request->done) && !need_resched() &&
	       !signal_pending(current) && local_clock() < deadline)
		cpu_relax();
}

/* Return: 0: it is there; why not. */
static int wait_answer(struct request *request, enum request_wait wait)
{
	long left;

	if (wait == REQUEST_KILLABLE)
		return wait_for_completion_killable(&request->done) ? -EINTR : 0;
	do {
		left = wait_for_completion_killable_timeout(&request->done, LOOK_INTERVAL);
		if (left < 0)
			return -EINTR;
	} while (!left && !ihk_os_is_hung(request->peer->ihk));
	return left ? 0 : -EHOSTDOWN;
}

static int request_run(struct request *request, struct peer_chan *chan, enum request_wait wait,
		       late_fn *late)
{
	int err;

	if (!request_arm(request))
		return -EPIPE;
	if (wait == REQUEST_ALWAYS) {
		request_insist(request, chan);
		return answer_error(&request->packet);
	}
	err = ikc_send(chan->chan, &request->packet, IKC_KILLABLE);
	if (err == -EINTR)
		return request_abandon(request, false, late) ? -EINTR : -EPIPE;
	request_poll(request);
	/* A channel ends with its LWK, which ends the wait. */
	err = wait_answer(request, wait);
	if (err && request_abandon(request, true, late))
		return err;
	return answer_error(&request->packet);
}

int request_call(struct request *request, struct peer_chan *chan, enum request_wait wait)
{
	return request_run(request, chan, wait, NULL);
}

void request_fail_all(struct peer *peer)
{
	struct request *request;
	unsigned long cookie;
	unsigned long flags;

	xa_lock_irqsave(&peer->requests, flags);
	WRITE_ONCE(peer->dead, true);
	xa_for_each(&peer->requests, cookie, request) {
		if (!request->pending)
			continue;
		request->packet.err = -EPIPE;
		request_finish(request);
	}
	xa_unlock_irqrestore(&peer->requests, flags);
}

/*
 * Control channels
 */

static bool control_try(struct control *control)
{
	struct xarray *requests = &control->chan.peer->requests;
	bool got;

	xa_lock_irq(requests);
	got = !control->busy;
	control->busy = true;
	xa_unlock_irq(requests);
	return got;
}

int control_get(struct peer *peer, u32 cpu, enum request_wait wait, struct control **out)
{
	struct control *control = &peer->cpus[cpu].control;
	int err = 0;

	if (wait == REQUEST_ALWAYS)
		wait_event(control->wait, control_try(control));
	else
		err = wait_event_killable(control->wait, control_try(control));
	if (err)
		return -EINTR;
	*out = control;
	return 0;
}

/* The buffer is the LWK's until the answer comes that nobody waits for. */
static void control_late(struct request *request)
{
	struct control *control = container_of(request, struct control, request);

	control->busy = false;
	wake_up(&control->wait);
}

int control_call(struct control *control, enum request_wait wait)
{
	return request_run(&control->request, &control->chan, wait, control_late);
}

void control_put(struct control *control)
{
	struct xarray *requests = &control->chan.peer->requests;

	xa_lock_irq(requests);
	control->busy = false;
	xa_unlock_irq(requests);
	wake_up(&control->wait);
}

/*
 * Packets from the LWK
 */

static bool is_answer(const struct request *request, u32 msg)
{
	return msg == request->answer || (request->refusal && msg == request->refusal) ||
	       msg == IKC_MSG_UNKNOWN_TO_LWK;
}

int mcctrl_on_answer(struct peer_chan *from, const struct ikc_packet *packet)
{
	struct xarray *requests = &from->peer->requests;
	struct request *request = NULL;
	unsigned long flags;
	int err = 0;

	xa_lock_irqsave(requests, flags);
	if (packet->cookie <= U32_MAX)
		request = xa_load(requests, packet->cookie);
	/* Nobody waits for it any more: he was killed. */
	if (!request || !request->pending)
		goto unlock;
	if (!is_answer(request, packet->msg)) {
		err = -EINVAL;
		goto unlock;
	}
	request->packet = *packet;
	request_finish(request);
unlock:
	xa_unlock_irqrestore(requests, flags);
	return err;
}

static int dispatch(struct peer_chan *from, const struct ikc_packet *packet)
{
	if (packet->reserved)
		return -EINVAL;
	if (packet->msg == IKC_MSG_UNKNOWN_TO_LWK)
		return mcctrl_on_answer(from, packet);
	if (packet->msg >= ARRAY_SIZE(handlers) || !handlers[packet->msg])
		return -ENOSYS;
	return handlers[packet->msg](from, packet);
}

void peer_receive(struct ikc_chan *chan, const struct ikc_packet *packet)
{
	struct peer_chan *from = chan->data;
	struct ikc_packet reply = {
		.msg = IKC_MSG_UNKNOWN_TO_HOST,
		.cookie = packet->cookie,
		.u.words[0] = packet->msg,
	};

	reply.err = dispatch(from, packet);
	if (!reply.err)
		return;
	pr_warn_ratelimited("mcos%d: message %u from LWK CPU %u is refused: error %d\n",
			    ihk_os_index(from->peer->ihk), packet->msg, from->cpu, reply.err);
	/* Never answer a refusal with a refusal. Who does not listen gets no answer. */
	if (packet->msg != IKC_MSG_UNKNOWN_TO_LWK)
		ikc_send(chan, &reply, IKC_NOWAIT);
}

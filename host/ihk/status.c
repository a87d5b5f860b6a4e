// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of OS instances: which transitions there are, and telling
 * those who wait for one (poll, eventfds).
 *
 * An instance that is not INACTIVE holds a reference to the module. It leaves
 * INACTIVE only in a request on an open file, which has a reference of its own, so
 * taking another never races with the module's end.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "compat.h"

/* All are signalled with interrupts off. */
#define FILE_EVENTS_MAX 64

#define S(name) (1U << IHK_STATUS_##name)

static const char *const names[] = {
#define IHK_STATUS(number, name, doc) [number] = #name,
#include "abi/status.def"
};

/* For each state, those that may follow. */
static const u32 followers[] = {
	[IHK_STATUS_INACTIVE] = S(BOOTING),
	/* back to INACTIVE when the boot failed and all of it was undone */
	[IHK_STATUS_BOOTING] = S(RUNNING) | S(INACTIVE) | S(SHUTDOWN) | S(PANIC) | S(HUNGUP),
	[IHK_STATUS_RUNNING] = S(SHUTDOWN) | S(PANIC) | S(HUNGUP) | S(FREEZING),
	[IHK_STATUS_SHUTDOWN] = S(INACTIVE),
	[IHK_STATUS_PANIC] = S(SHUTDOWN),
	/* back to RUNNING when the CPU moves again after all */
	[IHK_STATUS_HUNGUP] = S(RUNNING) | S(PANIC) | S(SHUTDOWN),
	/* back to RUNNING when not all CPUs froze in time */
	[IHK_STATUS_FREEZING] = S(FROZEN) | S(RUNNING) | S(PANIC) | S(HUNGUP) | S(SHUTDOWN),
	[IHK_STATUS_FROZEN] = S(RUNNING) | S(PANIC) | S(HUNGUP) | S(SHUTDOWN),
};

static_assert(ARRAY_SIZE(names) == ARRAY_SIZE(followers));

const char *ihk_status_name(enum ihk_status status)
{
	return status < ARRAY_SIZE(names) ? names[status] : "?";
}

static void signal_events_locked(struct ihk_os *os, u32 type)
{
	struct ihk_event *event;

	lockdep_assert_held(&os->status_lock);
	list_for_each_entry(event, &os->events, os_link)
		if (event->type == type)
			compat_eventfd_signal(event->ctx);
}

/* Returns whether there is such a transition; @old is the state before it. */
static bool change_locked(struct ihk_os *os, enum ihk_status status, const char *reason,
			  enum ihk_status *old)
{
	lockdep_assert_held(&os->status_lock);
	*old = os->status;
	if (status >= ARRAY_SIZE(followers) || !(followers[os->status] & (1U << status)))
		return false;
	os->status = status;
	os->status_seq++;
	strscpy(os->reason, reason ? reason : "", sizeof(os->reason));
	if (*old == IHK_STATUS_INACTIVE)
		__module_get(THIS_MODULE);
	signal_events_locked(os, IHK_EVENT_STATUS);
	return true;
}

bool ihk_os_set_status(struct ihk_os *os, enum ihk_status status, const char *reason)
{
	enum ihk_status old;
	unsigned long flags;
	bool changed;

	spin_lock_irqsave(&os->status_lock, flags);
	changed = change_locked(os, status, reason, &old);
	spin_unlock_irqrestore(&os->status_lock, flags);
	if (!changed) {
		pr_debug("mcos%d: %s does not follow %s\n", os->index, ihk_status_name(status),
			 ihk_status_name(old));
		return false;
	}
	pr_info("mcos%d: %s -> %s%s%s\n", os->index, ihk_status_name(old),
		ihk_status_name(status), reason ? ": " : "", reason ? reason : "");
	wake_up_interruptible_poll(&os->wait, EPOLLPRI);
	if (status == IHK_STATUS_INACTIVE)
		module_put(THIS_MODULE);
	return true;
}

void ihk_os_signal(struct ihk_os *os, u32 type)
{
	unsigned long flags;

	spin_lock_irqsave(&os->status_lock, flags);
	signal_events_locked(os, type);
	spin_unlock_irqrestore(&os->status_lock, flags);
}

enum ihk_status ihk_os_status(struct ihk_os *os)
{
	return READ_ONCE(os->status);
}

void ihk_os_status_get(struct ihk_file *file, struct ihk_ioc_status *status)
{
	struct ihk_os *os = file->os;
	u32 seq;

	memset(status, 0, sizeof(*status));
	/* Written under os->lock, which a boot holds for long; each is one load. */
	status->boots = READ_ONCE(os->boots);
	status->boot_ns = READ_ONCE(os->boot_ns);

	spin_lock_irq(&os->status_lock);
	status->status = os->status;
	status->ncpus = os->ncpus;
	status->nchunks = os->nchunks;
	status->nnodes = os->nnodes;
	status->mem = os->mem;
	strscpy_pad(status->reason, os->reason, sizeof(status->reason));
	seq = os->status_seq;
	spin_unlock_irq(&os->status_lock);

	spin_lock(&file->lock);
	file->status_seq = seq;
	spin_unlock(&file->lock);
}

bool ihk_os_status_changed(struct ihk_file *file)
{
	bool changed;

	spin_lock(&file->lock);
	changed = READ_ONCE(file->os->status_seq) != file->status_seq;
	spin_unlock(&file->lock);
	return changed;
}

/* Returns whether the file may have one more. */
static bool insert_event(struct ihk_file *file, struct ihk_event *event)
{
	struct ihk_os *os = file->os;
	bool room;

	spin_lock_irq(&os->status_lock);
	room = file->nevents < FILE_EVENTS_MAX;
	if (room) {
		file->nevents++;
		list_add_tail(&event->os_link, &os->events);
		list_add_tail(&event->file_link, &file->events);
	}
	spin_unlock_irq(&os->status_lock);
	return room;
}

int ihk_event_add(struct ihk_file *file, const struct ihk_ioc_event *req)
{
	struct ihk_event *event;

	if (req->type == IHK_EVENT_OOM)
		return ihk_report(-EOPNOTSUPP,
				  "An LWK does not tell when its memory runs out: event %u never comes",
				  req->type);
	if (req->type != IHK_EVENT_STATUS && req->type != IHK_EVENT_KMSG)
		return ihk_report(-EINVAL, "There is no event of type %u", req->type);

	event = kzalloc(sizeof(*event), GFP_KERNEL_ACCOUNT);
	if (!event)
		return -ENOMEM;
	event->type = req->type;
	event->ctx = eventfd_ctx_fdget(req->fd);
	if (IS_ERR(event->ctx)) {
		int err = PTR_ERR(event->ctx);

		kfree(event);
		return ihk_report(err, "File descriptor %d is not an eventfd", req->fd);
	}
	if (insert_event(file, event))
		return 0;
	eventfd_ctx_put(event->ctx);
	kfree(event);
	return ihk_report(-ENOSPC, "A file can have %d events, this one has them", FILE_EVENTS_MAX);
}

void ihk_events_remove(struct ihk_file *file)
{
	struct ihk_event *event, *next;

	spin_lock_irq(&file->os->status_lock);
	list_for_each_entry(event, &file->events, file_link)
		list_del(&event->os_link);
	spin_unlock_irq(&file->os->status_lock);

	/* Nobody else reaches them now. */
	list_for_each_entry_safe(event, next, &file->events, file_link) {
		eventfd_ctx_put(event->ctx);
		kfree(event);
	}
}

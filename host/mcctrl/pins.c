// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of the LWK that Linux uses, or may use, after it has unmapped them: a device writes to
 * them, they wait in a pipe, somebody looks at them. The LWK is told of each before it may give the
 * frame to anybody else, and again when the last reference has gone, for which a work item looks
 * now and then while there are any.
 *
 * A frame is Linux's own page, with one reference of ihk's, one of each mapping, and those of its
 * users. How many mappings are ours stands in page->private, which nobody else uses of a page that
 * belongs to no file: Linux's own count has those, too, that users of the frame have made of it
 * elsewhere. A count may be read while a mapping comes or goes. That matters to nobody: as long
 * as another proxy has the frame noted, the LWK keeps it, and who forgets it last sees all users.
 *
 * So that nothing has to be allocated, frames in use are linked by page->lru, which belongs to
 * those who own pages that no list of Linux's has.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/minmax.h>
#include <linux/mm.h>

#include "peer.h"

/* page->private */
#define PIN_LISTED 1UL	/* in @fresh or @kept */
#define PIN_MAPPED 2UL	/* for each proxy that has it noted */

/* Pauses between looks at what is in use: doubled as long as nothing changes. */
#define FIRST_PAUSE (HZ / 100 + 1)
#define LAST_PAUSE HZ

static atomic_long_t *pin_word(struct page *page)
{
	return (atomic_long_t *)&page->private;
}

static bool is_used(struct page *page)
{
	long mapped = atomic_long_read(pin_word(page)) / PIN_MAPPED;

	return page_ref_count(page) > 1 + mapped;
}

void pins_mapped(struct page *page)
{
	atomic_long_add(PIN_MAPPED, pin_word(page));
}

bool pins_unmapped(struct peer *peer, struct page *page)
{
	struct pins *pins = &peer->pins;

	/* Fully ordered: whoever counts down last sees the references that others have left. */
	atomic_long_sub_return(PIN_MAPPED, pin_word(page));
	if (!is_used(page))
		return false;
	spin_lock(&pins->lock);
	if (!(atomic_long_read(pin_word(page)) & PIN_LISTED)) {
		atomic_long_or(PIN_LISTED, pin_word(page));
		list_add_tail(&page->lru, &pins->fresh);
	}
	spin_unlock(&pins->lock);
	return true;
}

static void unlist(struct pins *pins, struct page *page)
{
	spin_lock(&pins->lock);
	list_del(&page->lru);
	atomic_long_andnot(PIN_LISTED, pin_word(page));
	spin_unlock(&pins->lock);
}

static int tell(struct peer *peer, struct peer_chan *chan, u32 msg, u64 pfn, u32 npages)
{
	struct request *request = &peer->pins.request;
	struct msg_frames *body = request_begin(request, msg, IKC_MSG_PINNED_ACKED);
	int err;

	body->paddr = PFN_PHYS(pfn);
	body->npages = npages;
	err = request_call(request, chan, REQUEST_KILLABLE);
	if (err && err != -EPIPE)
		pr_warn("mcos%d: %u frames from %#llx on, which Linux %s: error %d\n",
			ihk_os_index(peer->ihk), npages, PFN_PHYS(pfn),
			msg == IKC_MSG_PINNED ? "uses" : "does not use any more", err);
	return err;
}

/* The next frames of a list, as many as are neighbours, leave it for @to or, without, all lists. */
static u32 take_run(struct pins *pins, struct list_head *from, struct list_head *to, u64 *pfn)
{
	struct page *page = list_first_entry(from, struct page, lru);
	u32 n = 0;

	*pfn = page_to_pfn(page);
	do {
		if (to)
			list_move_tail(&page->lru, to);
		else
			unlist(pins, page);
		n++;
		page = list_first_entry(from, struct page, lru);
	} while (!list_empty(from) && n < OFFLOAD_MAX_PINNED && page_to_pfn(page) == *pfn + n);
	return n;
}

static void unlist_run(struct pins *pins, u64 pfn, u32 n)
{
	while (n--)
		unlist(pins, pfn_to_page(pfn++));
}

static void look_again(struct peer *peer)
{
	struct pins *pins = &peer->pins;

	lockdep_assert_held(&pins->mutex);
	if (!list_empty(&pins->kept) && !peer_is_dead(peer))
		queue_delayed_work(mcctrl_wq, &pins->work, pins->pause);
}

void pins_tell(struct peer *peer, struct peer_chan *chan)
{
	struct pins *pins = &peer->pins;
	LIST_HEAD(fresh);
	u64 pfn;
	u32 n;

	/* Also if another thread tells what we have found: it may not be there yet. */
	mutex_lock(&pins->mutex);
	spin_lock(&pins->lock);
	list_splice_init(&pins->fresh, &fresh);
	spin_unlock(&pins->lock);
	if (!list_empty(&fresh))
		pins->pause = FIRST_PAUSE;
	while (!list_empty(&fresh)) {
		n = take_run(pins, &fresh, &pins->kept, &pfn);
		/* They are none of a program's, says the LWK: then they are not kept. */
		if (tell(peer, chan, IKC_MSG_PINNED, pfn, n) == -EINVAL)
			unlist_run(pins, pfn, n);
	}
	look_again(peer);
	mutex_unlock(&pins->mutex);
}

static void pins_work(struct work_struct *work)
{
	struct pins *pins = container_of(to_delayed_work(work), struct pins, work);
	struct peer *peer = container_of(pins, struct peer, pins);
	struct page *page, *next;
	LIST_HEAD(free);
	u64 pfn;
	u32 n;

	mutex_lock(&pins->mutex);
	list_for_each_entry_safe(page, next, &pins->kept, lru) {
		if (!is_used(page))
			list_move_tail(&page->lru, &free);
	}
	pins->pause = list_empty(&free) ? min_t(unsigned long, 2 * pins->pause, LAST_PAUSE) :
					  FIRST_PAUSE;
	while (!list_empty(&free)) {
		/* Before the LWK hears of it: then they may be in use anew. */
		n = take_run(pins, &free, NULL, &pfn);
		tell(peer, &peer->cpus[0].syscall, IKC_MSG_UNPINNED, pfn, n);
	}
	look_again(peer);
	mutex_unlock(&pins->mutex);
}

void pins_init(struct peer *peer)
{
	struct pins *pins = &peer->pins;

	spin_lock_init(&pins->lock);
	INIT_LIST_HEAD(&pins->fresh);
	mutex_init(&pins->mutex);
	INIT_LIST_HEAD(&pins->kept);
	INIT_DELAYED_WORK(&pins->work, pins_work);
}

void pins_forget(struct peer *peer)
{
	struct pins *pins = &peer->pins;

	mutex_lock(&pins->mutex);
	while (!list_empty(&pins->fresh))
		unlist(pins, list_first_entry(&pins->fresh, struct page, lru));
	while (!list_empty(&pins->kept))
		unlist(pins, list_first_entry(&pins->kept, struct page, lru));
	mutex_unlock(&pins->mutex);
}

void pins_exit(struct peer *peer)
{
	pins_forget(peer);
	cancel_delayed_work_sync(&peer->pins.work);
}

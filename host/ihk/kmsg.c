// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the LWK's log (abi/kmsg.h).
 *
 * The ring is the LWK's to write at any time. Its length is KMSG_DATA_LEN, whatever the
 * ring says, and its head is only ever used modulo that, so no value of it can lead
 * outside. Readers need no lock against each other: positions are theirs, and
 * @kmsg_want is a hint that at worst costs one doorbell more.
 */
#include "boot.h"

#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

/* The line that is being written destroys as much of the oldest text, unannounced. */
#define KMSG_MARGIN 4096

/*
 * What readers keep is @kmsg_base plus a place in the log. Each boot has another base, so that
 * a place in the log of an earlier boot is never taken for one in this.
 */
#define KMSG_PLACE_BITS 40

void ihk_kmsg_setup(struct ihk_boot *boot)
{
	struct kmsg_ring *ring = phys_to_virt(boot->layout.kmsg.start);

	memset(ring, 0, boot->layout.kmsg.end - boot->layout.kmsg.start);
	ring->magic = KMSG_MAGIC;
	ring->data_len = KMSG_DATA_LEN;
	ring->want_bell = 1;
	boot->kmsg = ring;
	boot->kmsg_want = true;
	boot->kmsg_base = (u64)++boot->os->logs << KMSG_PLACE_BITS;
}

static u64 kmsg_head(const struct ihk_boot *boot)
{
	/* Acquire: pairs with the LWK's release store; the text before it is whole. */
	return smp_load_acquire(&boot->kmsg->head) & GENMASK_ULL(KMSG_PLACE_BITS - 1, 0);
}

static u64 kmsg_oldest(u64 head)
{
	u64 kept = KMSG_DATA_LEN - KMSG_MARGIN;

	return head > kept ? head - kept : 0;
}

/* Where a read that asks for @pos begins in this log, lost text left out of account. */
static u64 kmsg_first(const struct ihk_boot *boot, u64 pos, u64 head)
{
	u64 place = pos - boot->kmsg_base;

	/* A position of another boot, or none: the whole log is new. */
	if (place > head)
		place = 0;
	return max(place, READ_ONCE(boot->kmsg_cleared));
}

/* Asks for a doorbell after the next line. Returns false when there is text already. */
static bool kmsg_arm(struct ihk_boot *boot, u64 end)
{
	WRITE_ONCE(boot->kmsg_end, end);
	WRITE_ONCE(boot->kmsg_want, true);
	WRITE_ONCE(boot->kmsg->want_bell, 1);
	/* Pairs with the barrier between head and want_bell in the LWK. */
	smp_mb();
	return kmsg_head(boot) == end;
}

void ihk_kmsg_bell(struct ihk_boot *boot)
{
	if (!READ_ONCE(boot->kmsg_want) || kmsg_head(boot) == READ_ONCE(boot->kmsg_end))
		return;
	WRITE_ONCE(boot->kmsg_want, false);
	WRITE_ONCE(boot->kmsg->want_bell, 0);
	wake_up_interruptible_poll(&boot->os->wait, EPOLLIN | EPOLLRDNORM);
	ihk_os_signal(boot->os, IHK_EVENT_KMSG);
}

/* Copies [from, from + len), at most all of the ring. */
static void kmsg_copy(const struct ihk_boot *boot, void *to, u64 from, u64 len)
{
	u64 at = from & (KMSG_DATA_LEN - 1);
	u64 first = min(len, KMSG_DATA_LEN - at);

	memcpy(to, boot->kmsg->data + at, first);
	memcpy(to + first, boot->kmsg->data, len - first);
}

/*
 * Copies text to @buf and sets what @req returns but for @req->addr. Returns the offset in
 * @buf at which the text begins that is sound.
 */
static u64 boot_kmsg_read(struct ihk_boot *boot, struct ihk_ioc_kmsg *req, void *buf, u64 max_len)
{
	u64 head = kmsg_head(boot);
	u64 asked = kmsg_first(boot, req->pos, head);
	u64 from = min(max(asked, kmsg_oldest(head)), head);
	u64 len = min(head - from, max_len);
	u64 skip;

	kmsg_copy(boot, buf, from, len);
	/* What the LWK has overwritten meanwhile is not what it was. */
	skip = max(kmsg_oldest(kmsg_head(boot)), from) - from;
	skip = min(skip, len);
	req->lost = from + skip - min(asked, from);
	req->len = len - skip;
	req->pos = boot->kmsg_base + from + len;
	if (from + len == head)
		kmsg_arm(boot, head);
	return skip;
}

int ihk_kmsg_read(struct ihk_os *os, struct ihk_ioc_kmsg *req)
{
	u64 max_len = min_t(u64, req->len, KMSG_DATA_LEN);
	struct ihk_boot *boot;
	u64 skip = 0;
	void *buf;
	int idx;
	int err;

	buf = vmalloc(max_t(u64, max_len, 1));
	if (!buf)
		return ihk_report(-ENOMEM, "Cannot allocate %llu bytes to read the log", max_len);
	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot) {
		skip = boot_kmsg_read(boot, req, buf, max_len);
		err = 0;
	} else {
		err = ihk_report(-ENODATA, "OS %d has no log: it was not booted with its present memory",
				 os->index);
	}
	srcu_read_unlock(&ihk_boot_srcu, idx);
	/* Not before: who makes this fault wait would make a boot or destroy wait. */
	if (!err && copy_to_user(u64_to_user_ptr(req->addr), buf + skip, req->len))
		err = -EFAULT;
	vfree(buf);
	return err;
}

void ihk_kmsg_clear(struct ihk_os *os)
{
	struct ihk_boot *boot;
	int idx;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot)
		WRITE_ONCE(boot->kmsg_cleared, kmsg_head(boot));
	srcu_read_unlock(&ihk_boot_srcu, idx);
}

bool ihk_kmsg_pending(struct ihk_os *os, u64 pos)
{
	struct ihk_boot *boot;
	bool pending = false;
	u64 head;
	int idx;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot) {
		head = kmsg_head(boot);
		pending = kmsg_first(boot, pos, head) < head || !kmsg_arm(boot, head);
	}
	srcu_read_unlock(&ihk_boot_srcu, idx);
	return pending;
}

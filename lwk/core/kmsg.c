// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writer of the log ring. One writer at a time under a lock, so lines are whole.
 *
 * Where waiting for the lock is impossible (NMI, panic: the holder may be the
 * interrupted code or a CPU that stands still) the newcomer helps: it finishes the
 * holder's line from the note that the holder left, then appends its own. Should
 * the holder go on after all, it copies the same bytes to the same place again.
 */
#include "lwk/include/core/kmsg.h"

#include "abi/kmsg.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/panic.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/lib/printf.h"
#include "lwk/lib/string.h"

#define TRY_NS (50 * NSEC_PER_MSEC) /* how long a holder on another CPU may take */

static struct kmsg_ring *ring;
static u32 max_level = KMSG_INFO;

static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_KMSG, "kmsg");
/* lock protects, up to the helping described above: */
static u64 reserved;	    /* end of the last line that somebody began to write */
static u64 pending_pos;	    /* where that line begins */
static const char *pending; /* its text */
static u32 pending_len;	    /* its length, 0 once it is complete */

void kmsg_init(void)
{
	struct kmsg_ring *found = boot_part(boot_fixed()->kmsg_off);

	if (found->magic != KMSG_MAGIC || found->data_len != KMSG_DATA_LEN)
		panic("kmsg: ring has magic %llx, %u bytes; expected %llx, %u", found->magic,
		      found->data_len, KMSG_MAGIC, KMSG_DATA_LEN);
	reserved = found->head;
	ring = found;
}

void kmsg_set_level(u32 level)
{
	WRITE_ONCE(max_level, level);
}

u32 kmsg_get_level(void)
{
	return READ_ONCE(max_level);
}

static void copy_to_ring(u64 pos, const char *text, u32 len)
{
	u32 offset = pos & (KMSG_DATA_LEN - 1);
	u32 first = MIN(len, KMSG_DATA_LEN - offset);

	memcpy(ring->data + offset, text, first);
	memcpy(ring->data, text + first, len - first);
}

/* A helper may have come in between, so publish what is reserved now. */
static void publish(void)
{
	u64 head;

	do {
		head = READ_ONCE(reserved);
		/* Release: the text before its head; partner is the host's reader. */
		__atomic_store_n(&ring->head, head, __ATOMIC_RELEASE);
	} while (head != READ_ONCE(reserved));
}

static void append(const char *text, u32 len)
{
	u64 pos = reserved;

	WRITE_ONCE(pending_pos, pos);
	WRITE_ONCE(pending, text);
	barrier();
	WRITE_ONCE(pending_len, len);
	barrier();
	WRITE_ONCE(reserved, pos + len);
	barrier();
	copy_to_ring(pos, text, len);
	barrier();
	WRITE_ONCE(pending_len, 0);
	publish();
}

/* Write without the lock, after completing the line of its holder. */
static void append_helping(const char *text, u32 len)
{
	u32 left = READ_ONCE(pending_len);
	u64 pos = READ_ONCE(pending_pos);

	/* The holder may not have come to reserve its line: then it has no place yet. */
	if (left && reserved == pos + left)
		copy_to_ring(pos, pending, left);
	pos = reserved;
	WRITE_ONCE(reserved, pos + len);
	barrier();
	copy_to_ring(pos, text, len);
	publish();
}

/* Take the lock where its holder may never give it back. */
static bool lock_within_bounds(void)
{
	u64 deadline = time_ns() + TRY_NS;

	do {
		if (spin_trylock(&lock))
			return true;
		if (spin_lock_held(&lock))
			return false;
		arch_cpu_relax();
	} while (time_ns() < deadline);
	return false;
}

static void write_line(const char *text, u32 len)
{
	u64 irq = arch_irq_save();
	bool urgent = this_cpu()->nmi_depth || panic_under_way();
	bool locked = true;

	if (!urgent)
		spin_lock(&lock);
	else
		locked = lock_within_bounds();
	if (locked) {
		append(text, len);
		spin_unlock(&lock);
	} else {
		append_helping(text, len);
	}
	arch_irq_restore(irq);
}

void kmsg_print(enum kmsg_level level, const char *fmt, ...)
{
	char line[KMSG_LINE_LEN];
	u64 now = time_ns();
	u32 len;
	va_list args;

	if (!ring || level > READ_ONCE(max_level))
		return;
	len = (u32)scnprintf(line, sizeof(line), "<%u>[%5llu.%06llu] cpu%u ", (u32)level,
			     now / NSEC_PER_SEC, now % NSEC_PER_SEC / NSEC_PER_USEC,
			     arch_cpu_id());
	va_start(args, fmt);
	len += (u32)vsnprintf(line + len, sizeof(line) - len, fmt, args);
	va_end(args);
	len = MIN(len, (u32)sizeof(line) - 1);
	line[len] = '\n';
	write_line(line, len + 1);
	if (READ_ONCE(ring->want_bell))
		doorbell_ring();
}

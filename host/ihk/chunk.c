// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of memory chunks: sorted by address, neighbours merged, split where a
 * request ends.
 *
 * A chunk's pages are independent order-0 pages of Linux, so it can be split at any
 * page. Whoever owns a list holds the lock that protects it.
 */
#include "partition.h"

#include <linux/slab.h>

struct ihk_chunk *ihk_chunk_new(u64 start, u64 end, int node)
{
	struct ihk_chunk *chunk;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return NULL;
	chunk->start = start;
	chunk->end = end;
	chunk->node = node;
	return chunk;
}

static u64 chunk_len(const struct ihk_chunk *chunk)
{
	return chunk->end - chunk->start;
}

/* Can @b become a part of @a, which ends where @b starts? */
static bool can_merge(const struct ihk_chunk *a, const struct ihk_chunk *b)
{
	return a->end == b->start && a->node == b->node && a->os == b->os && a->used == b->used;
}

void ihk_chunk_insert(struct list_head *list, struct ihk_chunk *chunk)
{
	struct list_head *before;
	struct ihk_chunk *other;

	before = list;
	list_for_each_entry_reverse(other, list, link) {
		if (other->start < chunk->start) {
			before = &other->link;
			break;
		}
	}
	list_add(&chunk->link, before);
	if (!list_is_first(&chunk->link, list)) {
		other = list_prev_entry(chunk, link);
		if (can_merge(other, chunk)) {
			other->end = chunk->end;
			list_del(&chunk->link);
			kfree(chunk);
			chunk = other;
		}
	}
	if (!list_is_last(&chunk->link, list)) {
		other = list_next_entry(chunk, link);
		if (can_merge(chunk, other)) {
			chunk->end = other->end;
			list_del(&other->link);
			kfree(other);
		}
	}
}

u64 ihk_chunk_sum(const struct list_head *list, int node)
{
	struct ihk_chunk *chunk;
	u64 sum;

	sum = 0;
	list_for_each_entry(chunk, list, link)
		if (node == IHK_ANY_NODE || chunk->node == node)
			sum += chunk_len(chunk);
	return sum;
}

/* Is @a the better choice, when @len bytes are still wanted? */
static bool is_better(const struct ihk_chunk *a, const struct ihk_chunk *b, u64 len,
		      enum ihk_take how)
{
	if (how == IHK_TAKE_SMALL)
		return chunk_len(a) < chunk_len(b);
	/* The shortest of those that suffice, else the longest. */
	if (chunk_len(a) >= len && chunk_len(b) >= len)
		return chunk_len(a) < chunk_len(b);
	return chunk_len(a) > chunk_len(b);
}

static struct ihk_chunk *pick(const struct list_head *list, int node, u64 len,
			      enum ihk_take how)
{
	struct ihk_chunk *best;
	struct ihk_chunk *chunk;

	best = NULL;
	list_for_each_entry(chunk, list, link) {
		if (node != IHK_ANY_NODE && chunk->node != node)
			continue;
		if (!best || is_better(chunk, best, len, how))
			best = chunk;
	}
	return best;
}

/* Cuts @len bytes off @chunk and describes them in @part. */
static void cut(struct ihk_chunk *chunk, u64 len, enum ihk_take how, struct ihk_chunk *part)
{
	*part = *chunk;
	if (how == IHK_TAKE_SMALL) {
		chunk->end -= len;
		part->start = chunk->end;
	} else {
		chunk->start += len;
		part->end = chunk->start;
	}
}

int ihk_chunk_take(struct list_head *from, int node, u64 len, enum ihk_take how,
		   struct list_head *to)
{
	struct ihk_chunk *chunk;
	struct ihk_chunk *part;

	/* For the only split that there can be, before anything moves. */
	part = ihk_chunk_new(0, 0, node);
	if (!part)
		return -ENOMEM;
	while (len) {
		chunk = pick(from, node, len, how);
		if (WARN_ON_ONCE(!chunk))
			break;
		if (chunk_len(chunk) > len) {
			cut(chunk, len, how, part);
			ihk_chunk_insert(to, part);
			return 0;
		}
		list_del(&chunk->link);
		len -= chunk_len(chunk);
		ihk_chunk_insert(to, chunk);
	}
	kfree(part);
	return 0;
}

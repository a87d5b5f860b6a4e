// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for the length of a request, each piece a mapping of its own.
 */
#include "scratch.h"

#include <sys/mman.h>

struct piece {
	struct piece *next;
	size_t len;
} __attribute__((aligned(16)));

/* The calling thread's; the last one first. */
static __thread struct piece *pieces;

void *scratch_alloc(size_t len)
{
	struct piece *piece;

	len += sizeof(*piece);
	piece = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (piece == MAP_FAILED)
		return NULL;
	piece->len = len;
	piece->next = pieces;
	pieces = piece;
	return piece + 1;
}

void scratch_free(void *memory)
{
	struct piece *piece = memory ? (struct piece *)memory - 1 : NULL;
	struct piece **at = &pieces;

	if (!piece)
		return;
	while (*at != piece)
		at = &(*at)->next;
	*at = piece->next;
	munmap(piece, piece->len);
}

void scratch_free_all(void)
{
	while (pieces)
		scratch_free(pieces + 1);
}

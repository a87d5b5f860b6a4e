// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts that Linux reads in parts.
 */
#include "lwk/proc/text.h"

#include "lwk/lib/bitmap.h"
#include "lwk/lib/printf.h"
#include "lwk/lib/string.h"

#define LINE_LEN 256

void text_put(struct text *text, const void *bytes, u64 n)
{
	u64 start = MAX(text->pos, text->offset);
	u64 end = MIN(text->pos + n, text->offset + text->len);

	if (start < end)
		memcpy(text->buf + (start - text->offset), (const u8 *)bytes + (start - text->pos),
		       end - start);
	text->pos += n;
}

void text_print(struct text *text, const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_put(text, line, MIN((u64)n, sizeof(line) - 1));
}

void text_bits(struct text *text, const u64 *map, u32 nbits)
{
	u32 width = (nbits - 1) % 32 / 4 + 1;

	for (u32 i = DIV_ROUND_UP(nbits, 32U); i--;) {
		u32 part = (u32)(map[i / 2] >> i % 2 * 32);

		text_print(text, "%0*x%c", width, part, i ? ',' : '\n');
		width = 8;
	}
}

void text_list(struct text *text, const u64 *map, u32 nbits)
{
	const char *before = "";
	u64 start, end;

	for (start = bitmap_next_set(map, nbits, 0); start < nbits;
	     start = bitmap_next_set(map, nbits, end)) {
		end = bitmap_next_zero(map, nbits, start);
		if (end == start + 1)
			text_print(text, "%s%llu", before, start);
		else
			text_print(text, "%s%llu-%llu", before, start, end - 1);
		before = ",";
	}
	text_print(text, "\n");
}

u64 text_kept(const struct text *text)
{
	return text->pos <= text->offset ? 0 : MIN(text->pos - text->offset, text->len);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Look-up in the table of functions, which is sorted by address.
 */
#include "lwk/include/core/symbols.h"

#include "abi/layout.h"
#include "lwk/include/compiler.h"
#include "lwk/lib/printf.h"

/* Made by lwk/tools/symbols: offsets from LWK_IMAGE_VA, offsets into the names, names. */
struct symbol {
	u32 start;
	u32 name;
};

extern const u32 symbol_count;
extern const struct symbol symbol_table[];
extern const char symbol_names[];
extern const u8 image_text_end[];

void symbol_format(char *buf, vaddr_t va)
{
	u32 low = 0, high = symbol_count;
	u64 offset = va - LWK_IMAGE_VA;

	/* The last symbol that starts at or below the address: low - 1 in the end. */
	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (symbol_table[mid].start <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	if (va < LWK_IMAGE_VA || va >= (u64)image_text_end || !low)
		snprintf(buf, SYMBOL_NAME_LEN, "?");
	else
		snprintf(buf, SYMBOL_NAME_LEN, "%s+0x%llx",
			 symbol_names + symbol_table[low - 1].name,
			 offset - symbol_table[low - 1].start);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * As many ranges as the kernel allows, and what is still possible then.
 */
#include <sys/mman.h>

#include "probe.h"

#define PAGE 4096UL
#define PAGES 140000UL

int main(void)
{
	unsigned long splits = 0;
	char *start;
	size_t i;

	probe_init();
	start = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		     -1, 0);
	MUST(start != MAP_FAILED);
	for (i = 1; i < PAGES; i += 2) {
		if (mprotect(start + i * PAGE, PAGE, PROT_READ))
			break;
		splits++;
	}
	printf("%s\n", error_name(errno));
	/* One more may be left, by how many there were before: Linux has used it up half-way. */
	(void)mprotect(start + (i - 1) * PAGE, PAGE, PROT_READ | PROT_EXEC);
	SHOW_TRUE(splits > 30000 && splits < 33000);
	SHOW_PTR(mmap(start, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		      -1, 0));
	SHOW(munmap(start + 2 * splits * PAGE + 2 * PAGE, PAGE));
	SHOW(munmap(start, PAGE));
	SHOW(mprotect(start, PAGES * PAGE, PROT_READ));
	SHOW(mprotect(start + PAGE, (PAGES - 1) * PAGE, PROT_READ));
	SHOW_TRUE(probe_read(start + PAGES / 2 * PAGE));
	SHOW_PTR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	SHOW(munmap(start, PAGES * PAGE));
	return 0;
}

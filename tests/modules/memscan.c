// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts the pages of physical ranges that hold a 64-bit pattern anywhere: the proof
 * that memory comes back from an LWK scrubbed.
 *
 * insmod memscan.ko range=START,END[,START,END...] triple=WORD, three times the pattern; the count
 * is in /sys/module/memscan/parameters/hits, the pages looked at in .../scanned. The pattern itself
 * is in no variable or register, as the module and its stack may lie in the ranges.
 */
#include <linux/highmem.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>

#define MAX_RANGES 256

static unsigned long range[2 * MAX_RANGES];
static int nrange;
module_param_array(range, ulong, &nrange, 0444);
MODULE_PARM_DESC(range, "physical start and end, page-aligned, pairwise");
static unsigned long triple;
module_param(triple, ulong, 0444);
MODULE_PARM_DESC(triple, "three times the word to look for");
static unsigned long hits;
module_param(hits, ulong, 0444);
MODULE_PARM_DESC(hits, "result: pages that hold the pattern");
static unsigned long scanned;
module_param(scanned, ulong, 0444);
MODULE_PARM_DESC(scanned, "result: pages looked at");

static bool page_holds_pattern(struct page *page)
{
	const unsigned long *words = kmap_local_page(page);
	bool found = false;
	int i;

	for (i = 0; i < PAGE_SIZE / sizeof(*words) && !found; i++)
		found = READ_ONCE(words[i]) * 3 == triple;
	kunmap_local(words);
	return found;
}

static int __init memscan_init(void)
{
	unsigned long pfn;
	int i;

	if (!nrange || nrange % 2 || !triple)
		return -EINVAL;
	for (i = 0; i < nrange; i += 2) {
		for (pfn = range[i] >> PAGE_SHIFT; pfn < range[i + 1] >> PAGE_SHIFT; pfn++) {
			struct page *page = pfn_to_online_page(pfn);

			if (!page)
				return -ERANGE;
			hits += page_holds_pattern(page);
			scanned++;
			cond_resched();
		}
	}
	return 0;
}

static void __exit memscan_exit(void)
{
}

module_init(memscan_init);
module_exit(memscan_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("look for a pattern in physical memory");

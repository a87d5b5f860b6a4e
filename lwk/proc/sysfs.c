// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the LWK has in sysfs: abi/sysfs.def. Numbers of CPUs and nodes are the LWK's own, as
 * ihkosctl and mcexec have them.
 */
#include "lwk/include/proc/sysfs.h"

#include "abi/boot.h"
#include "abi/errno.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/mm/page_pin.h"
#include "lwk/include/proc/process.h"
#include "lwk/lib/bitmap.h"
#include "lwk/lib/parse.h"
#include "lwk/lib/string.h"
#include "lwk/proc/text.h"

#define MAX_STORE 32 /* bytes that are worth a look */

/* Does @cpu belong to the set that the file of @index shows? */
typedef bool (*belongs_fn)(const struct percpu *cpu, u32 index);

static bool belongs_always(const struct percpu *cpu, u32 index)
{
	(void)cpu;
	(void)index;
	return true;
}

static bool in_package(const struct percpu *cpu, u32 index)
{
	return cpu->shared->package_id == percpu_of(index)->shared->package_id;
}

static bool in_cache(const struct percpu *cpu, u32 index)
{
	return in_package(cpu, index) && cpu->llc_id == percpu_of(index)->llc_id;
}

static bool in_core(const struct percpu *cpu, u32 index)
{
	/* Where a package has several dies, each may count its cores. */
	return in_cache(cpu, index) && cpu->shared->core_id == percpu_of(index)->shared->core_id;
}

static bool in_node(const struct percpu *cpu, u32 index)
{
	return cpu->node == index;
}

static void show_cpus(struct text *text, u32 index, belongs_fn belongs, bool list)
{
	u64 map[BITMAP_WORDS(IHK_MAX_CPUS)] = { 0 };

	for (u32 id = 0; id < percpu_count(); id++) {
		if (belongs(percpu_of(id), index))
			bitmap_set(map, id);
	}
	if (list)
		text_list(text, map, percpu_count());
	else
		text_bits(text, map, percpu_count());
}

static void sysfs_show_cpus(struct text *text, u32 index)
{
	show_cpus(text, index, belongs_always, true);
}

static void sysfs_show_ncpus(struct text *text, u32 index)
{
	(void)index;
	text_print(text, "%u\n", percpu_count());
}

static void sysfs_show_linux_cpu(struct text *text, u32 index)
{
	text_print(text, "%u\n", percpu_of(index)->linux_cpu);
}

static void sysfs_show_package(struct text *text, u32 index)
{
	text_print(text, "%u\n", percpu_of(index)->shared->package_id);
}

static void sysfs_show_core(struct text *text, u32 index)
{
	text_print(text, "%u\n", percpu_of(index)->shared->core_id);
}

static void sysfs_show_package_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_package, false);
}

static void sysfs_show_package_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_package, true);
}

static void sysfs_show_core_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, false);
}

static void sysfs_show_core_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, true);
}

static void sysfs_show_cache(struct text *text, u32 index)
{
	text_print(text, "%u\n", percpu_of(index)->llc_id);
}

static void sysfs_show_cache_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_cache, true);
}

static void sysfs_show_nodes(struct text *text, u32 index)
{
	u64 map[BITMAP_WORDS(IHK_MAX_NODES)] = { 0 };

	(void)index;
	for (u32 node = 0; node < boot_fixed()->nnodes; node++)
		bitmap_set(map, node);
	text_list(text, map, boot_fixed()->nnodes);
}

static void sysfs_show_linux_node(struct text *text, u32 index)
{
	const struct boot_node *nodes = boot_part(boot_fixed()->nodes_off);

	text_print(text, "%u\n", READ_ONCE(nodes[index].linux_node));
}

static void sysfs_show_node_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_node, false);
}

static void sysfs_show_node_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_node, true);
}

static void sysfs_show_distance(struct text *text, u32 index)
{
	const u32 *distances = boot_part(boot_fixed()->distances_off);
	u32 nnodes = boot_fixed()->nnodes;

	for (u32 node = 0; node < nnodes; node++)
		text_print(text, "%u%c", READ_ONCE(distances[index * nnodes + node]),
			   node + 1 < nnodes ? ' ' : '\n');
}

static void sysfs_show_meminfo(struct text *text, u32 index)
{
	struct page_stats stats;

	page_node_stats(index, &stats);
	text_print(text, "Node %u MemTotal: %llu kB\n", index, stats.total << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemFree: %llu kB\n", index, stats.free << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemUsed: %llu kB\n", index,
		   (stats.total - stats.free) << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemPinned: %llu kB\n", index,
		   page_pinned(index) << (PAGE_SHIFT - 10));
}

static void sysfs_show_loglevel(struct text *text, u32 index)
{
	(void)index;
	text_print(text, "%u\n", kmsg_get_level());
}

/* @word is without a newline. Return: 0 or -EINVAL. */
static int sysfs_store_loglevel(const char *word)
{
	u32 level;

	if (parse_u32(word, &level) || level > KMSG_DEBUG)
		return -EINVAL;
	kmsg_set_level(level);
	return 0;
}

static void sysfs_show_processes(struct text *text, u32 index)
{
	(void)index;
	text_print(text, "%llu\n", process_count_made());
}

enum per { ONE, CPU, NODE };

static const struct row {
	enum per per;
	void (*show)(struct text *text, u32 index);
	int (*store)(const char *word);
} rows[] = {
#define SYSFS_FILE(number, per, folder, name, handler) \
	[number] = { per, sysfs_show_##handler, NULL },
#define SYSFS_FILE_RW(number, per, folder, name, handler) \
	[number] = { per, sysfs_show_##handler, sysfs_store_##handler },
#include "abi/sysfs.def"
};

/* Return: the row of the file that is meant, NULL if there is none. */
static const struct row *find(const struct msg_file *msg)
{
	u32 count = 1;

	if (msg->file >= sizeof(rows) / sizeof(rows[0]) || !rows[msg->file].show)
		return NULL;
	if (rows[msg->file].per == CPU)
		count = percpu_count();
	else if (rows[msg->file].per == NODE)
		count = boot_fixed()->nnodes;
	return msg->pid < count ? &rows[msg->file] : NULL;
}

s64 sysfs_show(const struct msg_file *msg, u8 *buf)
{
	struct text text = { .buf = buf, .offset = msg->offset, .len = msg->len };
	const struct row *row = find(msg);

	if (!row)
		return -ENOENT;
	row->show(&text, msg->pid);
	return (s64)text_kept(&text);
}

s64 sysfs_store(const struct msg_file *msg, const u8 *buf)
{
	const struct row *row = find(msg);
	char word[MAX_STORE];
	u32 len = msg->len;
	int err;

	if (!row)
		return -ENOENT;
	if (!row->store)
		return -EACCES;
	if (!len || len >= sizeof(word) || msg->offset)
		return -EINVAL;
	memcpy(word, buf, len);
	if (word[len - 1] == '\n')
		len--;
	word[len] = '\0';
	err = row->store(word);
	return err ? err : (s64)msg->len;
}

int sysfs_release(const struct msg_file *msg)
{
	return find(msg) ? 0 : -ENOENT;
}

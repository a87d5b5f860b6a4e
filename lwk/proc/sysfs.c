// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the LWK has in sysfs: abi/sysfs.def. Numbers of CPUs and nodes are the LWK's own, as
 * ihkosctl and mcexec have them, or Linux's, as programs have them.
 */
#include "lwk/include/proc/sysfs.h"

#include "abi/boot.h"
#include "abi/errno.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/topology.h"
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

/* How a set of CPUs is written. */
enum form { MASK, LIST, LINUX_MASK, LINUX_LIST };

static void show_set(struct text *text, const u64 *map, u32 nbits, bool list)
{
	if (list)
		text_list(text, map, nbits);
	else
		text_bits(text, map, nbits);
}

static void show_cpus(struct text *text, u32 index, belongs_fn belongs, enum form form)
{
	struct cpumask cpus = { 0 };
	struct linux_cpus numbers;

	for (u32 id = 0; id < percpu_count(); id++) {
		if (belongs(percpu_of(id), index))
			cpumask_set(&cpus, id);
	}
	topology_to_linux(&cpus, &numbers);
	if (form == LINUX_MASK || form == LINUX_LIST)
		show_set(text, numbers.words, topology_linux_ncpus(), form == LINUX_LIST);
	else
		show_set(text, cpus.words, percpu_count(), form == LIST);
}

static void sysfs_show_cpus(struct text *text, u32 index)
{
	show_cpus(text, index, belongs_always, LIST);
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
	show_cpus(text, index, in_package, MASK);
}

static void sysfs_show_package_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_package, LIST);
}

static void sysfs_show_core_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, MASK);
}

static void sysfs_show_core_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, LIST);
}

static void sysfs_show_cache(struct text *text, u32 index)
{
	text_print(text, "%u\n", percpu_of(index)->llc_id);
}

static void sysfs_show_cache_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_cache, LIST);
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
	show_cpus(text, index, in_node, MASK);
}

static void sysfs_show_node_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_node, LIST);
}

static void sysfs_show_distance(struct text *text, u32 index)
{
	const u32 *distances = boot_part(boot_fixed()->distances_off);
	u32 nnodes = boot_fixed()->nnodes;

	for (u32 node = 0; node < nnodes; node++)
		text_print(text, "%u%c", READ_ONCE(distances[index * nnodes + node]),
			   node + 1 < nnodes ? ' ' : '\n');
}

static void show_memory(struct text *text, u32 node, u32 called)
{
	struct page_stats stats;

	page_node_stats(node, &stats);
	text_print(text, "Node %u MemTotal: %llu kB\n", called, stats.total << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemFree: %llu kB\n", called, stats.free << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemUsed: %llu kB\n", called,
		   (stats.total - stats.free) << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemPinned: %llu kB\n", called,
		   page_pinned(node) << (PAGE_SHIFT - 10));
}

static void sysfs_show_meminfo(struct text *text, u32 index)
{
	show_memory(text, index, index);
}

/*
 * The machine as programs see it
 */

static void sysfs_show_linux_cpus(struct text *text, u32 index)
{
	show_cpus(text, index, belongs_always, LINUX_LIST);
}

/* All that there may be; @without: but for the LWK's. */
static void show_all_cpus(struct text *text, bool without)
{
	struct linux_cpus cpus = { 0 };

	for (u32 cpu = 0; cpu < topology_linux_ncpus(); cpu++)
		bitmap_set(cpus.words, cpu);
	for (u32 id = 0; without && id < percpu_count(); id++)
		bitmap_clear(cpus.words, percpu_of(id)->linux_cpu);
	text_list(text, cpus.words, topology_linux_ncpus());
}

static void sysfs_show_all_cpus(struct text *text, u32 index)
{
	(void)index;
	show_all_cpus(text, false);
}

static void sysfs_show_other_cpus(struct text *text, u32 index)
{
	(void)index;
	show_all_cpus(text, true);
}

static void sysfs_show_yes(struct text *text, u32 index)
{
	(void)index;
	text_print(text, "1\n");
}

static void sysfs_show_linux_package_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_package, LINUX_MASK);
}

static void sysfs_show_linux_package_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_package, LINUX_LIST);
}

static void sysfs_show_linux_core_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, LINUX_MASK);
}

static void sysfs_show_linux_core_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_core, LINUX_LIST);
}

static void sysfs_show_linux_node_mask(struct text *text, u32 index)
{
	show_cpus(text, index, in_node, LINUX_MASK);
}

static void sysfs_show_linux_node_list(struct text *text, u32 index)
{
	show_cpus(text, index, in_node, LINUX_LIST);
}

static void sysfs_show_linux_meminfo(struct text *text, u32 index)
{
	show_memory(text, index, topology_node_to_linux(index));
}

static bool has_cpus(u32 node)
{
	for (u32 id = 0; id < percpu_count(); id++) {
		if (percpu_of(id)->node == node)
			return true;
	}
	return false;
}

static bool has_memory(u32 node)
{
	struct page_stats stats;

	page_node_stats(node, &stats);
	return stats.total;
}

static bool is_there(u32 node)
{
	(void)node;
	return true;
}

static void show_nodes(struct text *text, bool (*belongs)(u32 node))
{
	struct linux_nodes nodes = { 0 };

	for (u32 node = 0; node < topology_nnodes(); node++) {
		u32 number = topology_node_to_linux(node);

		/* Checked at boot; but it is the host's memory. */
		if (number < topology_linux_nnodes() && belongs(node))
			bitmap_set(nodes.words, number);
	}
	text_list(text, nodes.words, topology_linux_nnodes());
}

static void sysfs_show_linux_nodes(struct text *text, u32 index)
{
	(void)index;
	show_nodes(text, is_there);
}

static void sysfs_show_nodes_with_cpus(struct text *text, u32 index)
{
	(void)index;
	show_nodes(text, has_cpus);
}

static void sysfs_show_nodes_with_memory(struct text *text, u32 index)
{
	(void)index;
	show_nodes(text, has_memory);
}

/*
 * The LWK itself
 */

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

enum per { ONE, CPU, NODE, LINUX_CPU, LINUX_NODE };

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

static u32 count_of(enum per per)
{
	switch (per) {
	case CPU:
	case LINUX_CPU:
		return percpu_count();
	case NODE:
	case LINUX_NODE:
		return boot_fixed()->nnodes;
	default:
		return 1;
	}
}

/* Return: the row of the file that is meant, NULL if there is none. */
static const struct row *find(const struct msg_file *msg)
{
	if (msg->file >= sizeof(rows) / sizeof(rows[0]) || !rows[msg->file].show)
		return NULL;
	return msg->pid < count_of(rows[msg->file].per) ? &rows[msg->file] : NULL;
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

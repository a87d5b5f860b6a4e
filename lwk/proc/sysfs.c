// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the LWK has in sysfs: abi/sysfs.def. Numbers of CPUs and nodes are the LWK's own, as
 * ihkosctl and mcexec have them, but for the files that programs see, which have Linux's.
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

/**
 * struct subject - what a file is about
 * @index:	the LWK's number of the CPU or node
 * @cache:	of that CPU, below its ncaches
 * @by_linux:	the text has Linux's numbers of CPUs and nodes, not the LWK's
 */
struct subject {
	u32 index;
	u32 cache;
	bool by_linux;
};

static const struct percpu *cpu_of(const struct subject *about)
{
	return percpu_of(about->index);
}

static const struct cpu_cache *cache_of(const struct subject *about)
{
	return &cpu_of(about)->caches[about->cache];
}

/* Does @cpu belong to the set that the file shows? */
typedef bool (*belongs_fn)(const struct percpu *cpu, const struct subject *about);

static bool belongs_always(const struct percpu *cpu, const struct subject *about)
{
	(void)cpu;
	(void)about;
	return true;
}

static bool in_package(const struct percpu *cpu, const struct subject *about)
{
	return cpu->shared->package_id == cpu_of(about)->shared->package_id;
}

static bool in_die(const struct percpu *cpu, const struct subject *about)
{
	return in_package(cpu, about) && cpu->shared->die_id == cpu_of(about)->shared->die_id;
}

static bool in_last_cache(const struct percpu *cpu, const struct subject *about)
{
	return in_package(cpu, about) && cpu->llc_id == cpu_of(about)->llc_id;
}

static bool in_core(const struct percpu *cpu, const struct subject *about)
{
	/* Where a package has several dies, or a die several caches, each may count its cores. */
	return in_die(cpu, about) && in_last_cache(cpu, about) &&
	       cpu->shared->core_id == cpu_of(about)->shared->core_id;
}

static u32 cache_id(const struct percpu *cpu, u32 cache)
{
	return cpu->apic_id >> cpu->caches[cache].id_shift;
}

static bool in_cache(const struct percpu *cpu, const struct subject *about)
{
	/* Cores of different kinds may have more caches, or fewer. */
	if (about->cache >= cpu->ncaches ||
	    cpu->caches[about->cache].level != cache_of(about)->level)
		return false;
	if (cache_of(about)->by_package)
		return in_package(cpu, about);
	return cache_id(cpu, about->cache) == cache_id(cpu_of(about), about->cache);
}

static bool in_node(const struct percpu *cpu, const struct subject *about)
{
	return cpu->node == about->index;
}

enum form { MASK, LIST };

static void show_map(struct text *text, const u64 *map, u32 nbits, enum form form)
{
	if (form == LIST)
		text_list(text, map, nbits);
	else
		text_bits(text, map, nbits);
}

static void show_cpus(struct text *text, const struct subject *about, belongs_fn belongs,
		      enum form form)
{
	struct cpumask cpus = { 0 };
	struct linux_cpus linux_cpus;

	for (u32 id = 0; id < percpu_count(); id++) {
		if (belongs(percpu_of(id), about))
			cpumask_set(&cpus, id);
	}
	if (about->by_linux) {
		topology_to_linux(&cpus, &linux_cpus);
		show_map(text, linux_cpus.words, topology_linux_ncpus(), form);
	} else {
		show_map(text, cpus.words, percpu_count(), form);
	}
}

static void sysfs_show_cpus(struct text *text, const struct subject *about)
{
	show_cpus(text, about, belongs_always, LIST);
}

/* Linux's numbers of CPUs have no gaps. */
static void show_cpus_below(struct text *text, u32 end)
{
	struct linux_cpus cpus = { 0 };

	bitmap_set_range(cpus.words, 0, end);
	text_list(text, cpus.words, end);
}

static void sysfs_show_possible_cpus(struct text *text, const struct subject *about)
{
	(void)about;
	show_cpus_below(text, topology_linux_ncpus());
}

static void sysfs_show_present_cpus(struct text *text, const struct subject *about)
{
	(void)about;
	show_cpus_below(text, topology_linux_present_cpus());
}

/* All that the LWK does not have. */
static void sysfs_show_other_cpus(struct text *text, const struct subject *about)
{
	struct linux_cpus others = { 0 };

	(void)about;
	bitmap_set_range(others.words, 0, topology_linux_ncpus());
	for (u32 id = 0; id < percpu_count(); id++)
		bitmap_clear(others.words, percpu_of(id)->linux_cpu);
	text_list(text, others.words, topology_linux_ncpus());
}

static void sysfs_show_ncpus(struct text *text, const struct subject *about)
{
	(void)about;
	text_print(text, "%u\n", percpu_count());
}

/* Each CPU that has a file is online. */
static void sysfs_show_yes(struct text *text, const struct subject *about)
{
	(void)about;
	text_print(text, "1\n");
}

static void sysfs_show_linux_cpu(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cpu_of(about)->linux_cpu);
}

static void sysfs_show_package(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cpu_of(about)->shared->package_id);
}

static void sysfs_show_die(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cpu_of(about)->shared->die_id);
}

static void sysfs_show_core(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cpu_of(about)->shared->core_id);
}

static void sysfs_show_package_mask(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_package, MASK);
}

static void sysfs_show_package_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_package, LIST);
}

static void sysfs_show_die_mask(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_die, MASK);
}

static void sysfs_show_die_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_die, LIST);
}

static void sysfs_show_core_mask(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_core, MASK);
}

static void sysfs_show_core_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_core, LIST);
}

static void sysfs_show_last_cache(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cpu_of(about)->llc_id);
}

static void sysfs_show_last_cache_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_last_cache, LIST);
}

static void sysfs_show_cache_id(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_id(cpu_of(about), about->cache));
}

static void sysfs_show_cache_level(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_of(about)->level);
}

static void sysfs_show_cache_type(struct text *text, const struct subject *about)
{
	static const char *const names[] = {
		[CPU_CACHE_DATA] = "Data",
		[CPU_CACHE_INSTRUCTION] = "Instruction",
		[CPU_CACHE_UNIFIED] = "Unified",
	};
	u32 type = cache_of(about)->type;

	text_print(text, "%s\n", type <= CPU_CACHE_UNIFIED ? names[type] : "Unknown");
}

static void sysfs_show_cache_size(struct text *text, const struct subject *about)
{
	const struct cpu_cache *cache = cache_of(about);
	u64 len = (u64)cache->line_len * cache->npartitions * cache->nways * cache->nsets;

	text_print(text, "%lluK\n", len >> 10);
}

static void sysfs_show_cache_line(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_of(about)->line_len);
}

static void sysfs_show_cache_partitions(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_of(about)->npartitions);
}

static void sysfs_show_cache_ways(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_of(about)->nways);
}

static void sysfs_show_cache_sets(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", cache_of(about)->nsets);
}

static void sysfs_show_cache_mask(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_cache, MASK);
}

static void sysfs_show_cache_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_cache, LIST);
}

/* Does a node of the LWK belong to the set that the file shows? */
typedef bool (*node_belongs_fn)(u32 node);

static bool node_always(u32 node)
{
	(void)node;
	return true;
}

static bool node_has_cpu(u32 node)
{
	for (u32 id = 0; id < percpu_count(); id++) {
		if (percpu_of(id)->node == node)
			return true;
	}
	return false;
}

static bool node_has_memory(u32 node)
{
	struct page_stats stats;

	page_node_stats(node, &stats);
	return stats.total;
}

static u32 node_number(u32 node, const struct subject *about)
{
	return about->by_linux ? topology_node_to_linux(node) : node;
}

static void show_nodes(struct text *text, const struct subject *about, node_belongs_fn belongs)
{
	struct linux_nodes map = { 0 };

	for (u32 node = 0; node < topology_nnodes(); node++) {
		u32 number = node_number(node, about);

		/* Checked at boot; but Linux's numbers are in the host's memory. */
		if (number < IHK_MAX_LINUX_NODES && belongs(node))
			bitmap_set(map.words, number);
	}
	text_list(text, map.words, IHK_MAX_LINUX_NODES);
}

static void sysfs_show_nodes(struct text *text, const struct subject *about)
{
	show_nodes(text, about, node_always);
}

static void sysfs_show_possible_nodes(struct text *text, const struct subject *about)
{
	struct linux_nodes nodes = { 0 };

	(void)about;
	bitmap_set_range(nodes.words, 0, topology_linux_node_ids());
	text_list(text, nodes.words, topology_linux_node_ids());
}

static void sysfs_show_nodes_with_cpus(struct text *text, const struct subject *about)
{
	show_nodes(text, about, node_has_cpu);
}

static void sysfs_show_nodes_with_memory(struct text *text, const struct subject *about)
{
	show_nodes(text, about, node_has_memory);
}

static void sysfs_show_linux_node(struct text *text, const struct subject *about)
{
	text_print(text, "%u\n", topology_node_to_linux(about->index));
}

static void sysfs_show_node_mask(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_node, MASK);
}

static void sysfs_show_node_list(struct text *text, const struct subject *about)
{
	show_cpus(text, about, in_node, LIST);
}

/* In the order of the LWK's numbers, which is that of Linux's. */
static void sysfs_show_distance(struct text *text, const struct subject *about)
{
	const u32 *distances = boot_part(boot_fixed()->distances_off);
	u32 nnodes = boot_fixed()->nnodes;

	for (u32 node = 0; node < nnodes; node++)
		text_print(text, "%u%c", READ_ONCE(distances[about->index * nnodes + node]),
			   node + 1 < nnodes ? ' ' : '\n');
}

static void sysfs_show_meminfo(struct text *text, const struct subject *about)
{
	u32 number = node_number(about->index, about);
	struct page_stats stats;

	page_node_stats(about->index, &stats);
	text_print(text, "Node %u MemTotal: %llu kB\n", number, stats.total << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemFree: %llu kB\n", number, stats.free << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemUsed: %llu kB\n", number,
		   (stats.total - stats.free) << (PAGE_SHIFT - 10));
	text_print(text, "Node %u MemPinned: %llu kB\n", number,
		   page_pinned(about->index) << (PAGE_SHIFT - 10));
}

static void sysfs_show_loglevel(struct text *text, const struct subject *about)
{
	(void)about;
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

static void sysfs_show_processes(struct text *text, const struct subject *about)
{
	(void)about;
	text_print(text, "%llu\n", process_count_made());
}

/* Those of Linux's numbers behind the others. */
enum per { ONE, CPU, NODE, LINUX_ONE, LINUX_CPU, LINUX_NODE, LINUX_CACHE };

static const struct row {
	enum per per;
	void (*show)(struct text *text, const struct subject *about);
	int (*store)(const char *word);
} rows[] = {
#define SYSFS_FILE(number, per, folder, name, handler) \
	[number] = { per, sysfs_show_##handler, NULL },
#define SYSFS_FILE_RW(number, per, folder, name, handler) \
	[number] = { per, sysfs_show_##handler, sysfs_store_##handler },
#include "abi/sysfs.def"
};

/* Return: whether there is what the file of @row is to be about. */
static bool find_subject(const struct row *row, u32 number, struct subject *out)
{
	*out = (struct subject){ .index = number, .by_linux = row->per >= LINUX_ONE };
	switch (row->per) {
	case CPU:
	case LINUX_CPU:
		return number < percpu_count();
	case NODE:
	case LINUX_NODE:
		return number < topology_nnodes();
	case LINUX_CACHE:
		out->index = number / IHK_MAX_CACHES;
		out->cache = number % IHK_MAX_CACHES;
		return out->index < percpu_count() && out->cache < cpu_of(out)->ncaches;
	default:
		return !number;
	}
}

/* Return: the row of the file that is meant, NULL if there is none. */
static const struct row *find(const struct msg_file *msg, struct subject *about)
{
	if (msg->file >= sizeof(rows) / sizeof(rows[0]) || !rows[msg->file].show ||
	    !find_subject(&rows[msg->file], msg->pid, about))
		return NULL;
	return &rows[msg->file];
}

s64 sysfs_show(const struct msg_file *msg, u8 *buf)
{
	struct text text = { .buf = buf, .offset = msg->offset, .len = msg->len };
	struct subject about;
	const struct row *row = find(msg, &about);

	if (!row)
		return -ENOENT;
	row->show(&text, &about);
	return (s64)text_kept(&text);
}

s64 sysfs_store(const struct msg_file *msg, const u8 *buf)
{
	struct subject about;
	const struct row *row = find(msg, &about);
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
	struct subject about;

	return find(msg, &about) ? 0 : -ENOENT;
}

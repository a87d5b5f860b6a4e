// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the allocators from within: fill, measure, look for leaks.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/arch_sched.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/irq.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/msg/test.h"

#define BENCH_BATCH 32 /* blocks that a CPU holds at most */
#define BENCH_MAX_PAGES 100000000ULL
#define BENCH_NS (300 * NSEC_PER_SEC)

static void fill(struct page *page, u32 order, u64 pattern)
{
	u64 *words = page_virt(page);
	u64 count = (PAGE_LEN << order) / sizeof(*words);

	for (u64 i = 0; i < count; i++) {
		words[i] = pattern;
		if (i % (LARGE_PAGE_LEN / sizeof(*words)) == 0)
			monitor_touch();
	}
}

int test_fill_memory(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u64 pattern = packet->u.words[1];
	struct list_node blocks = LIST_INIT(blocks);
	u64 len = 0;

	(void)chan;
	for (u32 order = PAGE_ORDER_COUNT; order-- > 0;) {
		struct page *page;

		while ((page = page_alloc(PAGE_THIS_NODE, order, 0))) {
			list_add(&page->link, &blocks);
			fill(page, order, pattern);
			len += PAGE_LEN << order;
		}
	}
	while (!list_empty(&blocks)) {
		struct page *page = container_of(blocks.next, struct page, link);

		list_del(&page->link);
		page_free(page, page->order);
		monitor_touch();
	}
	packet->u.words[0] = len;
	return 0;
}

/* One CPU's part of a measurement. */
struct bench_part {
	struct work work;
	struct bench *bench;
	u64 ns;
	int err;
};

struct bench {
	u64 blocks;
	u32 order;
	u32 cpu;	/* waits for the result */
	u32 running;	/* CPUs that are not done */
	struct bench_part parts[64]; /* by CPU number, as in the mask */
};

static int bench_batch(u32 order, u64 count)
{
	struct page *pages[BENCH_BATCH];
	u64 got;

	for (got = 0; got < count; got++) {
		pages[got] = page_alloc(PAGE_THIS_NODE, order, 0);
		if (!pages[got])
			break;
	}
	for (u64 i = 0; i < got; i++)
		page_free(pages[i], order);
	return got < count ? -ENOMEM : 0;
}

static void bench_run(struct work *work)
{
	struct bench_part *part = container_of(work, struct bench_part, work);
	struct bench *bench = part->bench;
	u64 left = bench->blocks;
	u64 start = time_ns();

	while (left && !part->err) {
		u64 count = MIN(left, (u64)BENCH_BATCH);

		part->err = bench_batch(bench->order, count);
		left -= count;
		monitor_touch();
	}
	part->ns = time_ns() - start;
	/* Release: the results; partner is bench_done(). The interrupt ends the halt. */
	if (!__atomic_sub_fetch(&bench->running, 1, __ATOMIC_RELEASE) &&
	    bench->cpu != arch_cpu_id())
		arch_ipi(percpu_of(bench->cpu)->apic_id, LWK_VEC_RESCHED);
}

static bool bench_done(void *arg)
{
	return !__atomic_load_n(&((struct bench *)arg)->running, __ATOMIC_ACQUIRE);
}

/* Start the other CPUs, then run this one's own part, if it has one. */
static void bench_start(struct bench *bench, u64 mask)
{
	u32 me = arch_cpu_id();

	for (u64 bits = mask; bits; bits &= bits - 1)
		bench->running++;
	for (u32 cpu = 0; cpu < ARRAY_SIZE(bench->parts); cpu++) {
		struct bench_part *part = &bench->parts[cpu];

		part->bench = bench;
		part->work.fn = bench_run;
		if (cpu != me && mask >> cpu & 1)
			work_queue(&part->work, cpu);
	}
	if (me < ARRAY_SIZE(bench->parts) && mask >> me & 1)
		bench_run(&bench->parts[me].work);
}

static int bench_check(u64 mask, u64 blocks, u64 order)
{
	u32 ncpus = percpu_count();

	if (!mask || (ncpus < 64 && mask >> ncpus) || !blocks || order >= PAGE_ORDER_COUNT ||
	    blocks > BENCH_MAX_PAGES)
		return -EINVAL;
	for (u32 cpu = 0; cpu < 64; cpu++) {
		if (mask >> cpu & 1 && !percpu_online(cpu))
			return -ENXIO;
	}
	return 0;
}

int test_pages_bench(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u64 mask = packet->u.words[1];
	u64 slowest = 0;
	struct bench *bench;
	int err = bench_check(mask, packet->u.words[2], packet->u.words[3]);

	(void)chan;
	if (err)
		return err;
	bench = kzalloc(sizeof(*bench));
	if (!bench)
		return -ENOMEM;
	bench->blocks = packet->u.words[2];
	bench->order = (u32)packet->u.words[3];
	bench->cpu = arch_cpu_id();
	bench_start(bench, mask);
	/* The parts refer to the measurement, so it cannot be abandoned. */
	while (!irq_wait_until(bench_done, bench, time_ns() + BENCH_NS))
		monitor_touch();
	for (u32 cpu = 0; cpu < ARRAY_SIZE(bench->parts); cpu++) {
		slowest = MAX(slowest, bench->parts[cpu].ns);
		err = err ? err : bench->parts[cpu].err;
	}
	kfree(bench);
	packet->u.words[0] = slowest;
	return err;
}

int test_leak_check(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u64 used = 0;

	(void)chan;
	arch_thread_drain();
	kmalloc_drain();
	for (u32 node = 0; node < boot_fixed()->nnodes; node++) {
		struct page_stats stats;

		page_drain_caches(node);
		page_check(node);
		page_node_stats(node, &stats);
		used += stats.total - stats.free;
	}
	packet->u.words[0] = kmalloc_live();
	packet->u.words[1] = used;
	return 0;
}

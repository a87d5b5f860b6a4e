// SPDX-License-Identifier: GPL-2.0-only
/* The machine that unit tests give the kernel's code; see shim.h. */
#include "tests/unit/shim/shim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lwk/include/lock_rank.h"
#include "lwk/include/mm/early.h"
#include "lwk/mm/internal.h"
#include "tests/unit/unit.h"

_Thread_local struct shim_cpu shim_cpu;
u64 shim_direct_base;
_Thread_local void (*shim_clear_hook)(void);
int shim_panic_fd = -1;
u64 shim_tlb_flushes;
void (*shim_tlb_user_hook)(paddr_t root, vaddr_t start, u64 len);
u32 shim_pkeys = 1;
_Thread_local u32 shim_pkru;

void panic(const char *fmt, ...)
{
	char message[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	len = MIN(len, (int)sizeof(message) - 1);
	if (shim_panic_fd >= 0) {
		if (write(shim_panic_fd, message, (size_t)len) != len)
			_exit(1);
		_exit(SHIM_PANIC_STATUS);
	}
	fprintf(stderr, "panic: %s\n", message);
	abort();
}

void arch_tlb_flush_kernel(vaddr_t start, u64 len)
{
	ASSERT(IS_ALIGNED(start | len, PAGE_LEN) && len);
	/* The real one waits for other CPUs, which a lock would keep away. */
	ASSERT(!lock_rank_depth() && arch_irqs_enabled());
	__atomic_fetch_add(&shim_tlb_flushes, 1, __ATOMIC_RELAXED);
}

void arch_tlb_flush_user(const struct cpumask *cpus, paddr_t root, vaddr_t start, u64 len)
{
	(void)cpus;
	ASSERT(IS_ALIGNED(start | len, PAGE_LEN) && len);
	ASSERT(!lock_rank_depth() && arch_irqs_enabled());
	if (shim_tlb_user_hook)
		shim_tlb_user_hook(root, start, len);
}

u32 arch_pkeys(void)
{
	return shim_pkeys;
}

void arch_pkey_set_rights(u32 pkey, u32 rights)
{
	shim_pkru = (shim_pkru & ~(3U << 2 * pkey)) | rights << 2 * pkey;
}

bool arch_pkey_may_read(u32 pkey)
{
	return !(shim_pkru >> 2 * pkey & ARCH_PKEY_DISABLE_ACCESS);
}

void shim_memory_init(u64 len)
{
	u64 space = len + HUGE_PAGE_LEN;
	u8 *arena = mmap(NULL, space, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	CHECK(arena != MAP_FAILED);
	shim_direct_base = ALIGN_UP((u64)arena, HUGE_PAGE_LEN) - SHIM_PADDR;
}

void shim_topology(struct mm_topology *topo, u32 ncpus, u32 nnodes)
{
	u32 i, j;

	*topo = (struct mm_topology){ .ncpus = ncpus, .nnodes = nnodes };
	for (i = 0; i < ncpus; i++)
		topo->cpu_node[i] = (u8)(i % nnodes);
	for (i = 0; i < nnodes; i++) {
		for (j = 0; j < nnodes; j++)
			topo->distance[i][j] =
				(u8)(10 + 10 * (i > j ? i - j : j - i));
	}
}

void shim_page_alloc_init(u32 ncpus, u32 nnodes, u64 node_len)
{
	static struct mm_topology topo;
	u32 i;

	shim_memory_init(nnodes * node_len);
	for (i = 0; i < nnodes; i++)
		CHECK(!early_add_chunk(SHIM_PADDR + i * node_len,
				       SHIM_PADDR + (i + 1) * node_len, i));
	shim_topology(&topo, ncpus, nnodes);
	CHECK(!page_alloc_init(&topo));
}

static u64 allocations_until_failure;
static bool failure_happened;

/* Fails one allocation only, so that what comes after it is tested too. */
static bool fail_one(void)
{
	if (failure_happened || allocations_until_failure--)
		return false;
	failure_happened = true;
	return true;
}

void shim_fail_nth(u64 n)
{
	allocations_until_failure = n;
	failure_happened = false;
	mm_set_fault_hook(fail_one);
}

bool shim_failed(void)
{
	mm_set_fault_hook(NULL);
	return failure_happened;
}

u64 shim_free_pages(void)
{
	struct page_stats stats;
	u64 npages = 0;
	u32 node;

	for (node = 0; node < page_topology.nnodes; node++) {
		page_node_stats(node, &stats);
		npages += stats.free;
	}
	return npages;
}

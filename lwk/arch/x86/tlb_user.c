// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flushing translations of user address spaces on the CPUs that use them.
 *
 * Without PCIDs, loading CR3 drops every user translation, so a CPU that has
 * other tables loaded has nothing to flush.
 */
#include "lwk/include/arch_user.h"

#include "lwk/arch/x86/include/x86.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/direct_map.h"

/* Beyond this many pages, reloading CR3 is cheaper. */
#define FLUSH_MAX_PAGES 32

#define CR3_PADDR 0x000ffffffffff000ULL

struct user_flush {
	paddr_t root;
	vaddr_t start;
	u64 npages;
};

static void flush_here(void *arg)
{
	const struct user_flush *flush = arg;
	u64 cr3 = x86_read_cr3();
	u64 i;

	if ((cr3 & CR3_PADDR) != flush->root)
		return;
	if (flush->npages > FLUSH_MAX_PAGES) {
		x86_write_cr3(cr3);
		return;
	}
	/* INVLPG also drops all cached tables: SDM 3A, 4.10.4.1. */
	for (i = 0; i < flush->npages; i++)
		x86_invlpg(flush->start + i * PAGE_LEN);
}

void arch_tlb_flush_user(const struct cpumask *cpus, paddr_t root, vaddr_t start, u64 len)
{
	struct user_flush flush = { root, start, len >> PAGE_SHIFT };
	u32 id;

	/* The changes of the tables come first; partner is vm_activate(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (id = 0; id < percpu_count(); id++) {
		if (cpumask_test(cpus, id))
			call_cpu(id, flush_here, &flush);
	}
}

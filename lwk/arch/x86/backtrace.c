// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back-traces. Each frame pointer is looked up in the page tables in use before it is
 * followed, because a chain may lead anywhere after a crash.
 */
#include <backtrace.h>

#include "lwk/include/arch_core.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/symbols.h"
#include "lwk/include/mm/direct_map.h"
#include "lwk/include/mm/pgtable.h"
#include "x86.h"

#define MAX_DEPTH 24

static bool readable(u64 va)
{
	struct pgtable_mapping mapping;
	struct pgtable tables = { .root = x86_read_cr3() & ~(PAGE_LEN - 1) };

	return va >= LWK_DIRECT_VA && IS_ALIGNED(va, sizeof(u64)) &&
	       pgtable_query(&tables, va, &mapping);
}

void backtrace_log(u64 rip, u64 rbp)
{
	char name[SYMBOL_NAME_LEN];

	for (u32 depth = 0; depth < MAX_DEPTH; depth++) {
		const u64 *frame = (const u64 *)rbp;

		/* A call that never returns may be the last instruction of its function. */
		symbol_format(name, depth ? rip - 1 : rip);
		log_crit("trace: #%u %016llx %s", depth, rip, name);
		if (!readable(rbp) || !readable(rbp + sizeof(u64)))
			return;
		rip = frame[1];
		/* Stacks grow down: a caller's frame is above, or the chain is broken. */
		if (!rip || (frame[0] && frame[0] <= rbp))
			return;
		rbp = frame[0];
	}
}

void arch_dump_here(void)
{
	const u64 *frame = __builtin_frame_address(0);

	backtrace_log(frame[1], frame[0]);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of system calls, and the way into it.
 */
#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/signal.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/sched.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/sys/paths.h"
#include "lwk/sys/pointers.h"
#include "lwk/sys/small.h"

_Static_assert(-OFFLOAD_RET_RESTART == ERESTARTNOINTR, "both are Linux's");

/* Without handler: offloaded if @err is 0, else refused. A call that is none has no name. */
struct entry {
	const char *name;
	s64 (*handler)(const u64 args[6]);
	s32 err;
};

static const struct entry table[SYSCALL_COUNT] = {
#define SYS_LOCAL(number, name_, note) [number] = { .name = #name_, .handler = sys_##name_ },
#define SYS_OFFLOAD(number, name_, note) [number] = { .name = #name_ },
#define SYS_REFUSE(number, name_, err_, reason) [number] = { .name = #name_, .err = err_ },
#include "abi/syscalls.def"
};

struct syscall_stats *syscall_stats_create(void)
{
	return kcalloc(SYSCALL_COUNT, sizeof(struct syscall_stats));
}

const char *syscall_name(u64 nr)
{
	return nr < SYSCALL_COUNT ? table[nr].name : NULL;
}

/* Not inline: other calls would pay for its frame. */
static __noinline s64 offload_small_arguments(u64 nr, const u64 args[6])
{
	struct offload_slot *slot = task_current()->slot;
	struct small small;
	s64 ret;

	small_pack(nr, args, &small);
	slot->small = small.mark;
	ret = offload_request(nr, small.args);
	slot->small = 0;
	if (unlikely(small_is_short(&small, ret)))
		return offload_request(nr, args);
	return small_unpack(&small, ret);
}

s64 syscall_offload(u64 nr, const u64 args[6])
{
	const u64 *checked;
	u64 changed[6];

	if (signal_deliverable())
		return -ERESTARTNOINTR;
	checked = pointers_check(nr, args, changed);
	path_show(nr, checked);
	if (unlikely(small_is_due(nr)))
		return offload_small_arguments(nr, checked);
	return offload_request(nr, checked);
}

static s64 serve(u64 nr, const u64 args[6])
{
	const struct entry *entry = &table[nr];

	if (entry->handler)
		return entry->handler(args);
	return entry->err ? -entry->err : syscall_offload(nr, args);
}

static void count(struct syscall_stats *stats, u64 ticks)
{
	/* Relaxed: numbers, which order nothing. */
	__atomic_fetch_add(&stats->count, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&stats->ticks, ticks, __ATOMIC_RELAXED);
}

/*
 * What Linux made alone mcexec knows without being told. Not inline: calls of which nobody is told
 * would pay for its registers.
 */
static __noinline void tell(u64 nr, const u64 args[6], s64 ret, u64 ticks)
{
	const u64 told[6] = {
		nr | time_tsc_to_ns(ticks) << 16, (u64)ret, args[0], args[1], args[2], args[3],
	};

	if (table[nr].handler || table[nr].err)
		(void)offload_request(OFFLOAD_NR_MADE, told);
}

s64 syscall_dispatch(struct task *task, s64 nr, const u64 args[6])
{
	u64 begin = task->thread.stamp_tsc;
	bool known = nr >= 0 && syscall_name((u64)nr);
	s64 ret = known ? serve((u64)nr, args) : -ENOSYS;
	u64 end = arch_tsc();

	thread_account_kernel(&task->thread, end);
	if (known)
		count(&task->process->stats[nr], end - begin);
	if (known && task->process->tells_calls) {
		tell((u64)nr, args, ret, end - begin);
		thread_account_kernel(&task->thread, arch_tsc());
	}
	return ret;
}

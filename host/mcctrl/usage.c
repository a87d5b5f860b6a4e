// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program uses on the LWK, in Linux's books of its process.
 *
 * It is entered as if threads of the proxy had used it that have ended, which is what
 * signal->stats_lock guards. So wait4(2), getrusage(2), times(2) and /proc/PID/stat tell it of
 * the process and of its parent's children.
 */
#include "usage.h"

#include <linux/ktime.h>
#include <linux/sched/signal.h>

/* Clocks of two kernels need not agree to the last. */
#define SLACK_NS NSEC_PER_SEC

void usage_init(struct usage *usage)
{
	*usage = (struct usage){ .began_ns = ktime_get_ns() };
}

static void slot_read(const struct offload_slot *slot, struct usage *now)
{
	now->user_ns = READ_ONCE(slot->user_ns);
	now->kernel_ns = READ_ONCE(slot->kernel_ns);
	now->minflt = READ_ONCE(slot->minflt);
	now->switches = READ_ONCE(slot->switches);
	now->preempted = READ_ONCE(slot->preempted);
}

/* Can a thread have used that? */
static bool is_possible(const struct usage *old, const struct usage *now)
{
	u64 elapsed = ktime_get_ns() - old->began_ns + SLACK_NS;

	return now->user_ns >= old->user_ns && now->kernel_ns >= old->kernel_ns &&
	       now->user_ns <= elapsed && now->kernel_ns <= elapsed - now->user_ns &&
	       now->minflt >= old->minflt && now->switches >= old->switches &&
	       now->preempted >= old->preempted;
}

/* What else is counted does not grow without these. */
bool usage_is_new(const struct usage *usage, const struct offload_slot *slot)
{
	return READ_ONCE(slot->kernel_ns) != usage->kernel_ns ||
	       READ_ONCE(slot->user_ns) != usage->user_ns;
}

void usage_take(struct usage *usage, const struct offload_slot *slot)
{
	struct signal_struct *signal = current->signal;
	struct usage now = { .began_ns = usage->began_ns };
	u64 user_ns, kernel_ns;

	slot_read(slot, &now);
	if (!is_possible(usage, &now))
		return;
	user_ns = now.user_ns - usage->user_ns;
	kernel_ns = now.kernel_ns - usage->kernel_ns;
	write_seqlock_irq(&signal->stats_lock);
	signal->utime += user_ns;
	signal->stime += kernel_ns;
	signal->sum_sched_runtime += user_ns + kernel_ns;
	signal->min_flt += now.minflt - usage->minflt;
	signal->nvcsw += now.switches - usage->switches;
	signal->nivcsw += now.preempted - usage->preempted;
	signal->maxrss = max(signal->maxrss, (unsigned long)READ_ONCE(slot->maxrss));
	write_sequnlock_irq(&signal->stats_lock);
	*usage = now;
}

void usage_before(u64 *user_ns, u64 *kernel_ns)
{
	struct signal_struct *signal = current->signal;

	read_seqlock_excl_irq(&signal->stats_lock);
	*user_ns = signal->utime;
	*kernel_ns = signal->stime;
	read_sequnlock_excl_irq(&signal->stats_lock);
}

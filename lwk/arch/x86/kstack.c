// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel stacks of threads. Some that threads have left are kept for the next: to map one, to
 * unmap it, and to have all CPUs forget it costs more than the rest of a thread.
 */
#include <kstack.h>

#include "lwk/include/arch_sched.h"
#include "lwk/include/mm/vmap.h"
#include "lwk/include/spinlock.h"

#define MAX_KEPT 16

static struct {
	struct spinlock lock;
	/* lock protects: */
	u32 n;
	struct kstack stacks[MAX_KEPT];
} kept = {
	.lock = SPINLOCK_INIT(LOCK_RANK_STACKS, "kernel stacks"),
};

/* The one that was used last is in the caches still. */
static u8 *take_kept(u32 node)
{
	u8 *bytes = NULL;
	u64 irq = spin_lock_irqsave(&kept.lock);
	u32 i = kept.n;

	while (i && kept.stacks[i - 1].node != node)
		i--;
	if (i) {
		bytes = kept.stacks[i - 1].bytes;
		for (kept.n--; i <= kept.n; i++)
			kept.stacks[i - 1] = kept.stacks[i];
	}
	spin_unlock_irqrestore(&kept.lock, irq);
	return bytes;
}

/* Return: false if there are enough. */
static bool keep(const struct kstack *stack)
{
	u64 irq = spin_lock_irqsave(&kept.lock);
	bool keeps = kept.n < MAX_KEPT;

	if (keeps)
		kept.stacks[kept.n++] = *stack;
	spin_unlock_irqrestore(&kept.lock, irq);
	return keeps;
}

bool kstack_create(struct kstack *stack, u32 node)
{
	stack->node = node;
	stack->bytes = take_kept(node);
	if (!stack->bytes)
		stack->bytes = vmap_alloc(KSTACK_PAGES, node);
	return stack->bytes;
}

void kstack_destroy(struct kstack *stack)
{
	if (stack->bytes && !keep(stack))
		vmap_free(stack->bytes, KSTACK_PAGES);
	stack->bytes = NULL;
}

void arch_thread_drain(void)
{
	struct kstack none[MAX_KEPT];
	u64 irq = spin_lock_irqsave(&kept.lock);
	u32 n = kept.n;

	for (u32 i = 0; i < n; i++)
		none[i] = kept.stacks[i];
	kept.n = 0;
	spin_unlock_irqrestore(&kept.lock, irq);
	while (n)
		vmap_free(none[--n].bytes, KSTACK_PAGES);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Spinlocks: mutual exclusion, and the check of the lock order. */
#include "lwk/include/spinlock.h"

#include "tests/unit/unit.h"

#define CPUS 4
#define ROUNDS 20000

static struct spinlock outer = SPINLOCK_INIT(LOCK_RANK_OUTER, "outer");
static struct spinlock inner = SPINLOCK_INIT(LOCK_RANK_KMSG, "inner");
static struct spinlock inner2 = SPINLOCK_INIT(LOCK_RANK_KMSG, "inner2");
static struct spinlock unranked;
static u64 counter;

static void count(u32 cpu)
{
	int i;
	u64 irq;

	for (i = 0; i < ROUNDS; i++) {
		if ((i + cpu) % 3) {
			irq = spin_lock_irqsave(&outer);
		} else {
			irq = arch_irq_save();
			while (!spin_trylock(&outer))
				arch_cpu_relax();
		}
		CHECK(spin_lock_held(&outer));
		counter++;
		spin_unlock_irqrestore(&outer, irq);
		CHECK(!spin_lock_held(&outer));
		CHECK(arch_irqs_enabled());
	}
}

static void exclusion(void)
{
	unit_threads(CPUS, count);
	CHECK_EQ(counter, CPUS * ROUNDS);
}

static void trylock(void)
{
	u64 irq = arch_irq_save();

	CHECK(spin_trylock(&outer));
	CHECK(!spin_trylock(&outer));
	spin_unlock(&outer);
	CHECK(spin_trylock(&outer));
	spin_unlock_irqrestore(&outer, irq);
}

static void in_order(void)
{
	u64 irq = spin_lock_irqsave(&outer);

	spin_lock(&inner);
	CHECK_EQ(lock_rank_depth(), CONFIG_DEBUG ? 2 : 0);
	/* The order of giving back is free. */
	spin_unlock(&outer);
	spin_unlock_irqrestore(&inner, irq);
	CHECK_EQ(lock_rank_depth(), 0);
}

static void take_reversed(void *arg)
{
	u64 irq = spin_lock_irqsave(&inner);

	spin_lock(arg);
	spin_unlock(arg);
	spin_unlock_irqrestore(&inner, irq);
}

static void take_with_irqs(void *arg)
{
	spin_lock(arg);
}

static void unlock_free(void *arg)
{
	spin_unlock(arg);
}

static void take_unranked(void *arg)
{
	arch_irq_save();
	spin_lock(arg);
}

static void out_of_order(void)
{
	CHECK(unit_panics(unlock_free, &outer, "spin_lock_held"));
	if (!CONFIG_DEBUG)
		return;
	CHECK(unit_panics(take_reversed, &outer,
			  "lock: outer (rank 1) taken while holding inner"));
	CHECK(unit_panics(take_reversed, &inner2, "lock: inner2"));
	CHECK(unit_panics(take_reversed, &inner, "lock: inner"));
	CHECK(unit_panics(take_with_irqs, &outer, "arch_irqs_enabled"));
	CHECK(unit_panics(take_unranked, &unranked, "no valid rank"));
}

static const struct unit_test tests[] = {
	UNIT_TEST(exclusion),
	UNIT_TEST(trylock),
	UNIT_TEST(in_order),
	UNIT_TEST(out_of_order),
};

UNIT_MAIN(tests)

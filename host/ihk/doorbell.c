// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doorbell interrupts: vectors of our own out of Linux's vector domain.
 *
 * An LWK sends the vector to a physical APIC id, both published in its boot block.
 * Linux may move an interrupt only when its CPU goes offline, since IRQF_NOBALANCING keeps
 * users away; the handler and the hotplug callback compare and publish anew.
 * Doorbells coalesce: one means "look at everything".
 *
 * doorbell_lock protects the list and is taken inside the CPU hotplug lock, never
 * in interrupt context. Handlers reach their doorbell through the irq's dev_id.
 */
#define pr_fmt(fmt) "ihk: doorbell: " fmt

#include "doorbell.h"

#include <linux/cpu.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <asm/hw_irq.h>
#include <asm/irqdomain.h>
#include <asm/smp.h>

/* The handler takes locks that sleep on PREEMPT_RT: there it has to be a thread. */
#define BELL_FLAGS (IRQF_NOBALANCING | (IS_ENABLED(CONFIG_PREEMPT_RT) ? 0 : IRQF_NO_THREAD))

/**
 * struct doorbell - doorbell on one Linux CPU
 * @link:	in the list; doorbell_lock
 * @cpu:	Linux CPU that it is for
 * @irq:	Linux interrupt number
 * @users:	LWK CPUs that are served by it; doorbell_lock
 * @where:	what is published, see struct boot_cpu; READ_ONCE/WRITE_ONCE
 * @count:	interrupts taken
 */
struct doorbell {
	struct list_head link;
	unsigned int cpu;
	int irq;
	u32 users;
	u64 where;
	atomic64_t count;
};

static DEFINE_MUTEX(doorbell_lock);
static LIST_HEAD(doorbells);

static struct doorbell *doorbell_find(unsigned int linux_cpu)
{
	struct doorbell *bell;

	lockdep_assert_held(&doorbell_lock);
	list_for_each_entry(bell, &doorbells, link)
		if (bell->cpu == linux_cpu)
			return bell;
	return NULL;
}

/*
 * The physical APIC id, from Linux's own table: dest_apicid of the irq's
 * configuration is a logical id with some APIC drivers.
 */
static u64 doorbell_where(const struct doorbell *bell)
{
	struct irq_data *data = irq_get_irq_data(bell->irq);
	unsigned int cpu = cpumask_first(irq_data_get_effective_affinity_mask(data));

	return (u64)per_cpu(x86_cpu_to_apicid, cpu) << 32 | irqd_cfg(data)->vector;
}

static void publish_to(struct ihk_boot *boot, unsigned int linux_cpu, u64 where)
{
	u32 i;

	for (i = 0; i < boot->ncpus; i++) {
		if (READ_ONCE(boot->watch[i].server) != linux_cpu)
			continue;
		WRITE_ONCE(boot->cpus[i].ikc_linux_cpu, linux_cpu);
		WRITE_ONCE(boot->cpus[i].doorbell, where);
	}
}

/* Has Linux moved the interrupt? Any context; two at once publish the same. */
static void doorbell_refresh(struct doorbell *bell)
{
	u64 where = doorbell_where(bell);
	struct ihk_boot *boot;

	if (where == READ_ONCE(bell->where))
		return;
	WRITE_ONCE(bell->where, where);
	rcu_read_lock();
	list_for_each_entry_rcu(boot, &ihk_live_boots, live)
		publish_to(boot, bell->cpu, where);
	rcu_read_unlock();
}

static void doorbell_serve(struct doorbell *bell)
{
	struct ihk_boot *boot;

	rcu_read_lock();
	list_for_each_entry_rcu(boot, &ihk_live_boots, live)
		ihk_boot_bell(boot, bell->cpu);
	rcu_read_unlock();
}

static irqreturn_t doorbell_irq(int irq, void *dev_id)
{
	struct doorbell *bell = dev_id;

	atomic64_inc(&bell->count);
	doorbell_refresh(bell);
	doorbell_serve(bell);
	return IRQ_HANDLED;
}

static int doorbell_irq_alloc(struct doorbell *bell)
{
	struct irq_alloc_info info = { .mask = cpumask_of(bell->cpu) };
	int err;

	bell->irq = irq_domain_alloc_irqs(x86_vector_domain, 1, NUMA_NO_NODE, &info);
	if (bell->irq < 0)
		return bell->irq;
	irq_set_handler(bell->irq, handle_edge_irq);
	err = request_irq(bell->irq, doorbell_irq, BELL_FLAGS, "ihk-doorbell", bell);
	if (err)
		goto dispose;
	err = irq_set_affinity(bell->irq, cpumask_of(bell->cpu));
	if (err)
		goto free;
	bell->where = doorbell_where(bell);
	return 0;
free:
	free_irq(bell->irq, bell);
dispose:
	irq_dispose_mapping(bell->irq);
	return err;
}

static int doorbell_create(unsigned int linux_cpu)
{
	struct doorbell *bell;
	int err;

	if (!cpu_online(linux_cpu))
		return ihk_report(-EINVAL, "CPU %u cannot serve doorbells: it is offline", linux_cpu);
	bell = kzalloc(sizeof(*bell), GFP_KERNEL);
	if (!bell)
		return ihk_report(-ENOMEM, "Cannot allocate the doorbell of CPU %u", linux_cpu);
	bell->cpu = linux_cpu;
	bell->users = 1;
	err = doorbell_irq_alloc(bell);
	if (err) {
		kfree(bell);
		return ihk_report(err, "No interrupt vector for a doorbell on CPU %u", linux_cpu);
	}
	list_add(&bell->link, &doorbells);
	return 0;
}

int ihk_doorbell_get(unsigned int linux_cpu)
{
	struct doorbell *bell;
	int err = 0;

	cpus_read_lock();
	mutex_lock(&doorbell_lock);
	bell = doorbell_find(linux_cpu);
	if (bell)
		bell->users++;
	else
		err = doorbell_create(linux_cpu);
	mutex_unlock(&doorbell_lock);
	cpus_read_unlock();
	return err;
}

void ihk_doorbell_put(unsigned int linux_cpu)
{
	struct doorbell *bell;

	mutex_lock(&doorbell_lock);
	bell = doorbell_find(linux_cpu);
	if (!--bell->users) {
		list_del(&bell->link);
		free_irq(bell->irq, bell);
		irq_dispose_mapping(bell->irq);
		kfree(bell);
	}
	mutex_unlock(&doorbell_lock);
}

void ihk_doorbell_publish(struct ihk_boot *boot)
{
	struct doorbell *bell;

	mutex_lock(&doorbell_lock);
	list_for_each_entry(bell, &doorbells, link)
		publish_to(boot, bell->cpu, READ_ONCE(bell->where));
	mutex_unlock(&doorbell_lock);
}

u64 ihk_doorbell_count(unsigned int linux_cpu)
{
	struct doorbell *bell;
	u64 count;

	mutex_lock(&doorbell_lock);
	bell = doorbell_find(linux_cpu);
	count = bell ? atomic64_read(&bell->count) : 0;
	mutex_unlock(&doorbell_lock);
	return count;
}

void ihk_cpu_died(void)
{
	struct doorbell *bell;

	mutex_lock(&doorbell_lock);
	/* All: one may have come to this CPU when its own went offline before. */
	list_for_each_entry(bell, &doorbells, link) {
		doorbell_refresh(bell);
		/* What was sent to the dead CPU is lost. */
		doorbell_serve(bell);
	}
	mutex_unlock(&doorbell_lock);
}

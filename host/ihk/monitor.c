// SPDX-License-Identifier: GPL-2.0-only
/*
 * The watchdog, and what LWK CPUs say of themselves.
 *
 * One work item looks at all live boots once a second as long as there is one. It only
 * reads the monitor pages: an LWK CPU is never interrupted for it. A CPU that
 * says it is in the kernel while its counter stands still hangs.
 */
#define pr_fmt(fmt) "ihk: monitor: " fmt

#include "boot.h"

#include <linux/module.h>
#include <linux/rculist.h>

#define WATCH_INTERVAL HZ

static unsigned int hang_timeout_s = 10;
module_param(hang_timeout_s, uint, 0644);
MODULE_PARM_DESC(hang_timeout_s,
		 "seconds without progress in the kernel after which an LWK CPU counts as hung (0: never)");

static void watch_run(struct work_struct *work);
static DECLARE_DELAYED_WORK(watch_work, watch_run);

/*
 * Returns whether this CPU stands still for too long. Counted in looks, not by the
 * clock: when the whole machine stood still, as virtual ones do, that is one look.
 */
static bool cpu_hangs(struct ihk_boot *boot, u32 i, u32 limit_s)
{
	struct boot_watch *watch = &boot->watch[i];
	u64 counter = READ_ONCE(boot->monitors[i].counter);

	if (READ_ONCE(boot->monitors[i].state) != MONITOR_KERNEL || counter != watch->counter) {
		watch->counter = counter;
		watch->still_s = 0;
		return false;
	}
	watch->still_s++;
	return limit_s && watch->still_s >= limit_s;
}

static void boot_hangs(struct ihk_boot *boot, u32 i)
{
	char reason[IHK_REASON_LEN];

	snprintf(reason, sizeof(reason), "LWK CPU %u (Linux CPU %u) makes no progress for %u s", i,
		 boot->watch[i].cpu->linux_cpu, boot->watch[i].still_s);
	ihk_os_set_status(boot->os, IHK_STATUS_HUNGUP, reason);
}

static void boot_watch(struct ihk_boot *boot)
{
	enum ihk_status status = READ_ONCE(boot->os->status);
	u32 limit_s = READ_ONCE(hang_timeout_s);
	u32 hung = boot->ncpus;
	u32 i;

	/* A bell that was lost with its CPU delays a panic by a second, no more. */
	ihk_boot_look(boot);
	/* A boot has a time-out of its own. */
	if (status == IHK_STATUS_BOOTING)
		limit_s = 0;
	for (i = 0; i < boot->ncpus; i++)
		if (cpu_hangs(boot, i, limit_s))
			hung = i;
	/* The state machine refuses what does not follow, from PANIC or SHUTDOWN say. */
	if (hung < boot->ncpus && status != IHK_STATUS_HUNGUP)
		boot_hangs(boot, hung);
	else if (hung == boot->ncpus && status == IHK_STATUS_HUNGUP)
		ihk_os_set_status(boot->os, IHK_STATUS_RUNNING, NULL);
}

static void watch_run(struct work_struct *work)
{
	struct ihk_boot *boot;
	bool any = false;

	rcu_read_lock();
	list_for_each_entry_rcu(boot, &ihk_live_boots, live) {
		any = true;
		boot_watch(boot);
	}
	rcu_read_unlock();
	if (any)
		schedule_delayed_work(&watch_work, WATCH_INTERVAL);
}

void ihk_monitor_start(void)
{
	schedule_delayed_work(&watch_work, WATCH_INTERVAL);
}

void ihk_monitor_exit(void)
{
	cancel_delayed_work_sync(&watch_work);
}

int ihk_boot_nodes(struct ihk_os *os, struct ihk_ioc_node *nodes, u32 max)
{
	struct ihk_boot *boot;
	int n = -EINVAL;
	int idx;
	u32 i;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot && !READ_ONCE(boot->stopped)) {
		n = boot->nnodes;
		for (i = 0; i < min(max, boot->nnodes); i++) {
			memset(&nodes[i], 0, sizeof(nodes[i]));
			nodes[i].linux_node = boot->linux_nodes[i];
			nodes[i].total = READ_ONCE(boot->nodes[i].total_pages) * LWK_PAGE_SIZE;
			nodes[i].free = READ_ONCE(boot->nodes[i].free_pages) * LWK_PAGE_SIZE;
		}
	}
	srcu_read_unlock(&ihk_boot_srcu, idx);
	return n < 0 ? ihk_report(n, "OS instance %d does not run", os->index) : n;
}

int ihk_boot_monitors(struct ihk_os *os, struct ihk_ioc_monitor *monitors, u32 max)
{
	struct ihk_boot *boot;
	int n = -EINVAL;
	int idx;
	u32 i;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot && !READ_ONCE(boot->stopped)) {
		n = boot->ncpus;
		for (i = 0; i < min(max, boot->ncpus); i++) {
			monitors[i].state = READ_ONCE(boot->monitors[i].state);
			monitors[i].ikc_linux_cpu = READ_ONCE(boot->watch[i].server);
			monitors[i].counter = READ_ONCE(boot->monitors[i].counter);
			monitors[i].irqs = READ_ONCE(boot->monitors[i].irqs);
			monitors[i].stray_irqs = READ_ONCE(boot->monitors[i].stray_irqs);
			monitors[i].nmis = READ_ONCE(boot->monitors[i].nmis);
		}
	}
	srcu_read_unlock(&ihk_boot_srcu, idx);
	return n < 0 ? ihk_report(n, "OS instance %d does not run", os->index) : n;
}

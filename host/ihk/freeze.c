// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freezing an LWK and letting it go on (docs/boot.md).
 *
 * Both run with os->lock held, so nothing else starts or stops the instance
 * meanwhile; it may still panic by itself, which the state machine keeps.
 */
#define pr_fmt(fmt) "ihk: freeze: " fmt

#include "boot.h"

#include <linux/jiffies.h>
#include <linux/wait.h>

#define FREEZE_TIMEOUT (10 * HZ)
/* A CPU that freezes rings no bell. */
#define LOOK_INTERVAL max(HZ / 100, 1)

static bool all_in_state(const struct ihk_boot *boot, u32 state, bool want)
{
	u32 i;

	for (i = 0; i < boot->ncpus; i++)
		if ((READ_ONCE(boot->monitors[i].state) == state) != want)
			return false;
	return true;
}

static int freeze_wait(struct ihk_boot *boot, bool frozen)
{
	unsigned long deadline = jiffies + FREEZE_TIMEOUT;

	while (!all_in_state(boot, MONITOR_FROZEN, frozen)) {
		if (time_after(jiffies, deadline))
			return ihk_report(-ETIMEDOUT, "OS %d did not %s within %d s", boot->os->index,
					  frozen ? "freeze" : "thaw", FREEZE_TIMEOUT / HZ);
		wait_event_timeout(boot->wait, all_in_state(boot, MONITOR_FROZEN, frozen),
				   LOOK_INTERVAL);
	}
	return 0;
}

int ihk_os_freeze(struct ihk_os *os)
{
	struct ihk_boot *boot = ihk_boot_of(os);
	int err;

	if (!ihk_os_set_status(os, IHK_STATUS_FREEZING, NULL))
		return ihk_report(-EINVAL, "OS %d cannot be frozen: it is %s", os->index,
				  ihk_status_name(READ_ONCE(os->status)));
	ihk_boot_command(boot, BOOT_COMMAND_FREEZE);
	err = freeze_wait(boot, true);
	if (err) {
		ihk_boot_command(boot, BOOT_COMMAND_NONE);
		/* Unless it is known to be dead or hung by now. */
		if (READ_ONCE(os->status) == IHK_STATUS_FREEZING)
			ihk_os_set_status(os, IHK_STATUS_RUNNING, NULL);
		return err;
	}
	if (!ihk_os_set_status(os, IHK_STATUS_FROZEN, NULL))
		return ihk_report(-EIO, "OS %d became %s while it froze", os->index,
				  ihk_status_name(READ_ONCE(os->status)));
	return 0;
}

int ihk_os_thaw(struct ihk_os *os)
{
	struct ihk_boot *boot = ihk_boot_of(os);
	int err;

	if (READ_ONCE(os->status) != IHK_STATUS_FROZEN)
		return ihk_report(-EINVAL, "OS %d cannot be thawed: it is %s", os->index,
				  ihk_status_name(READ_ONCE(os->status)));
	ihk_boot_command(boot, BOOT_COMMAND_NONE);
	err = freeze_wait(boot, false);
	if (!err)
		ihk_os_set_status(os, IHK_STATUS_RUNNING, NULL);
	return err;
}

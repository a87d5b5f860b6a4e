// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux goes down: LWKs stop first.
 *
 * Both on reboot (also halt, power-off and kexec) and on panic every CPU that is held,
 * running an LWK or parked, gets INIT: it works whatever the CPU does, needs no lock and no
 * waiting, and leaves nothing that runs on memory which a next kernel takes. Nothing is
 * to be saved in an LWK, which owns no devices and no files. docs/boot.md
 * says which ways down Linux tells nobody about.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "boot.h"

#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>

static int stop_lwks(struct notifier_block *nb, unsigned long action, void *data)
{
	u32 n = ihk_cpu_abandon_all();

	if (n)
		pr_info("Linux goes down: INIT was sent to %u LWK CPUs\n", n);
	return NOTIFY_DONE;
}

static struct notifier_block reboot_nb = {
	.notifier_call = stop_lwks,
};

/* Before others, which may end in a crash kernel that wants the machine quiet. */
static struct notifier_block panic_nb = {
	.notifier_call = stop_lwks,
	.priority = INT_MAX,
};

int ihk_notify_init(void)
{
	int err;

	err = register_reboot_notifier(&reboot_nb);
	if (err)
		return err;
	err = atomic_notifier_chain_register(&panic_notifier_list, &panic_nb);
	if (err)
		unregister_reboot_notifier(&reboot_nb);
	return err;
}

void ihk_notify_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_nb);
	unregister_reboot_notifier(&reboot_nb);
}

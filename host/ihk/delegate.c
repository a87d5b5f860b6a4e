// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hook for the module that runs processes: requests on /dev/mcosN that are not ihk's.
 */
#include "delegate.h"

#include <linux/export.h>
#include <linux/ioctl.h>
#include <linux/spinlock.h>

#include "abi/mcctrl_ioctl.h"
#include "boot.h"
#include "partition.h"

static DEFINE_SPINLOCK(delegate_lock);
static const struct ihk_delegate *delegate; /* protected by delegate_lock */

int ihk_delegate_register(const struct ihk_delegate *new)
{
	int err = 0;

	spin_lock(&delegate_lock);
	if (delegate)
		err = -EBUSY;
	else
		delegate = new;
	spin_unlock(&delegate_lock);
	return err;
}
EXPORT_SYMBOL_GPL(ihk_delegate_register);

void ihk_delegate_unregister(void)
{
	spin_lock(&delegate_lock);
	delegate = NULL;
	spin_unlock(&delegate_lock);
}
EXPORT_SYMBOL_GPL(ihk_delegate_unregister);

/* With a reference to its module, or NULL. */
static const struct ihk_delegate *delegate_get(u8 type)
{
	const struct ihk_delegate *found;

	spin_lock(&delegate_lock);
	found = delegate;
	if (found && (found->type != type || !try_module_get(found->owner)))
		found = NULL;
	spin_unlock(&delegate_lock);
	return found;
}

bool ihk_delegate_serves(unsigned int cmd)
{
	return _IOC_TYPE(cmd) == MCCTRL_IOC_TYPE;
}

long ihk_delegate_ioctl(struct ihk_os *os, unsigned int cmd, unsigned long arg)
{
	const struct ihk_delegate *found;
	long ret;

	ret = ihk_mcos_check_alive(os);
	if (ret)
		return ret;
	found = delegate_get(_IOC_TYPE(cmd));
	if (!found)
		return ihk_report(-ENOTTY, "The module mcctrl is not loaded: no programs can run");
	ret = found->ioctl(os, cmd, arg);
	module_put(found->owner);
	return ret;
}

void ihk_os_get(struct ihk_os *os)
{
	get_device(&os->dev);
}
EXPORT_SYMBOL_GPL(ihk_os_get);

void ihk_os_put(struct ihk_os *os)
{
	put_device(&os->dev);
}
EXPORT_SYMBOL_GPL(ihk_os_put);

int ihk_os_index(const struct ihk_os *os)
{
	return os->index;
}
EXPORT_SYMBOL_GPL(ihk_os_index);

u32 ihk_os_ncpus(const struct ihk_os *os)
{
	return READ_ONCE(os->ncpus);
}
EXPORT_SYMBOL_GPL(ihk_os_ncpus);

int ihk_os_numbers(const struct ihk_os *os, struct ihk_os_numbers *out)
{
	const struct ihk_boot *boot;
	int err = -EPIPE;
	int idx;
	u32 i;

	idx = srcu_read_lock(&ihk_boot_srcu);
	boot = srcu_dereference(os->boot, &ihk_boot_srcu);
	if (boot) {
		out->ncpus = boot->ncpus;
		for (i = 0; i < boot->ncpus; i++) {
			out->cpus[i] = boot->watch[i].linux_cpu;
			out->cpu_nodes[i] = boot->watch[i].linux_node;
		}
		out->nnodes = boot->nnodes;
		for (i = 0; i < boot->nnodes; i++)
			out->nodes[i] = boot->linux_nodes[i];
		err = 0;
	}
	srcu_read_unlock(&ihk_boot_srcu, idx);
	return err;
}
EXPORT_SYMBOL_GPL(ihk_os_numbers);

struct kobject *ihk_os_kobject(struct ihk_os *os)
{
	return &os->dev.kobj;
}
EXPORT_SYMBOL_GPL(ihk_os_kobject);

bool ihk_os_is_frozen(const struct ihk_os *os)
{
	enum ihk_status status = READ_ONCE(os->status);

	return status == IHK_STATUS_FREEZING || status == IHK_STATUS_FROZEN;
}
EXPORT_SYMBOL_GPL(ihk_os_is_frozen);

bool ihk_os_has_panicked(const struct ihk_os *os)
{
	return READ_ONCE(os->status) == IHK_STATUS_PANIC;
}
EXPORT_SYMBOL_GPL(ihk_os_has_panicked);

bool ihk_os_is_hung(const struct ihk_os *os)
{
	return READ_ONCE(os->status) == IHK_STATUS_HUNGUP;
}
EXPORT_SYMBOL_GPL(ihk_os_is_hung);

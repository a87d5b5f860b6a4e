// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking CPUs from Linux and giving them back.
 *
 * A CPU is taken by hotplug and brought into the park page at once, where it stays
 * until it is released, but while an LWK runs on it. Linux must not
 * start it meanwhile: a hotplug callback refuses that. It runs under Linux's hotplug lock,
 * inside which ihk_lock must not be taken, so it looks at a mask alone.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/cc_platform.h>
#include <linux/cpu.h>
#include <linux/cpufeature.h>
#include <linux/cpuhotplug.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/topology.h>
#include <linux/xarray.h>

#include <asm/smp.h>

#include "apic.h"

static bool allow_split_cores;
module_param(allow_split_cores, bool, 0644);
MODULE_PARM_DESC(allow_split_cores,
		 "let Linux and an LWK share a physical core, one hardware thread each");

static DEFINE_XARRAY(reserved); /* struct ihk_cpu by Linux number; ihk_lock */
static u32 nreserved;		/* ihk_lock */

/*
 * CPUs that Linux may not start. Set before remove_cpu() and cleared before add_cpu()
 * under ihk_lock, read without it.
 */
static struct cpumask held;
static int hotplug_state;

struct ihk_cpu *ihk_cpu_find(u32 linux_cpu)
{
	return xa_load(&reserved, linux_cpu);
}

struct ihk_cpu *ihk_cpu_next(unsigned long from)
{
	return xa_find(&reserved, &from, ULONG_MAX, XA_PRESENT);
}

bool ihk_cpu_held(u32 linux_cpu)
{
	return linux_cpu < nr_cpu_ids && cpumask_test_cpu(linux_cpu, &held);
}

u32 ihk_cpu_abandon_all(void)
{
	unsigned int cpu;
	u32 n = 0;

	for_each_cpu(cpu, &held) {
		/* One that is only about to be taken is Linux's own. */
		if (cpu_online(cpu))
			continue;
		ihk_apic_send_init(per_cpu(x86_cpu_to_apicid, cpu));
		n++;
	}
	return n;
}

/* Linux is about to start a CPU. */
static int guard_up(unsigned int cpu)
{
	if (!ihk_cpu_held(cpu))
		return 0;
	pr_warn_ratelimited("CPU %u is reserved: Linux may not bring it online\n", cpu);
	return -EBUSY;
}

/* A CPU has left Linux. */
static int guard_dead(unsigned int cpu)
{
	ihk_cpu_died();
	return 0;
}

/*
 * A sleeping machine forgets what its parked CPUs do, and an image that is restored
 * overwrites the memory in which they are.
 */
static int refuse_sleep(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != PM_SUSPEND_PREPARE && event != PM_HIBERNATION_PREPARE &&
	    event != PM_RESTORE_PREPARE)
		return NOTIFY_DONE;
	if (cpumask_empty(&held))
		return NOTIFY_DONE;
	pr_warn("The machine may not sleep while CPUs are reserved\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block sleep_notifier = {
	.notifier_call = refuse_sleep,
};

int ihk_cpu_init(void)
{
	int err;

	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "ihk:guard", guard_up, guard_dead);
	if (err < 0)
		return err;
	hotplug_state = err;
	err = register_pm_notifier(&sleep_notifier);
	if (err)
		goto remove_state;
	return 0;

remove_state:
	cpuhp_remove_state_nocalls(hotplug_state);
	return err;
}

/*
 * As a paravirtualised guest of Xen's, its dom0 too, Linux has neither local APICs nor the physical
 * addresses of its memory. With encrypted memory (SME, SEV, TDX) the LWK would read ciphertext,
 * and a guest with encrypted registers cannot start CPUs by SIPI at all.
 */
static int check_platform(void)
{
	if (boot_cpu_has(X86_FEATURE_XENPV))
		return ihk_report(-EOPNOTSUPP,
				  "Linux runs paravirtualised on Xen: CPUs cannot be taken");
	if (cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return ihk_report(-EOPNOTSUPP,
				  "This machine encrypts its memory (SME, SEV or TDX): CPUs cannot be taken");
	return 0;
}

static int check_siblings(u32 cpu, const struct cpumask *wanted)
{
	unsigned int sibling;

	if (READ_ONCE(allow_split_cores))
		return 0;
	/* The mask has online CPUs alone, so siblings reserved before are not in it. */
	for_each_cpu(sibling, topology_sibling_cpumask(cpu))
		if (!cpumask_test_cpu(sibling, wanted))
			return ihk_report(-EINVAL,
					  "CPU %u shares a physical core with CPU %u: take both, or set ihk's parameter allow_split_cores",
					  cpu, sibling);
	return 0;
}

/* May Linux give away this CPU, as far as it alone is concerned? */
static int check_cpu(u32 cpu)
{
	if (cpu >= nr_cpu_ids || !cpu_present(cpu))
		return ihk_report(-EINVAL, "CPU %u does not exist", cpu);
	if (!cpu)
		return ihk_report(-EINVAL, "CPU 0 cannot be given away: Linux needs it");
	if (cpu >= PARK_MAX_LINUX_CPU)
		return ihk_report(-EINVAL, "CPU %u cannot be taken: the limit is %u", cpu,
				  PARK_MAX_LINUX_CPU - 1);
	if (ihk_cpu_find(cpu))
		return ihk_report(-EBUSY, "CPU %u is already reserved", cpu);
	if (!cpu_online(cpu))
		return ihk_report(-EINVAL, "CPU %u is offline", cpu);
	if (cpu_to_node(cpu) < 0 || cpu_to_node(cpu) >= IHK_MAX_NODES)
		return ihk_report(-EINVAL, "CPU %u is on NUMA node %d, only nodes below %d are supported",
				  cpu, cpu_to_node(cpu), IHK_MAX_NODES);
	return 0;
}

static int check_wanted(const u32 *cpus, u32 ncpus, struct cpumask *wanted)
{
	u32 i;
	int err;

	for (i = 0; i < ncpus; i++) {
		err = check_cpu(cpus[i]);
		if (err)
			return err;
		if (cpumask_test_and_set_cpu(cpus[i], wanted))
			return ihk_report(-EINVAL, "CPU %u is named twice", cpus[i]);
	}
	for (i = 0; i < ncpus; i++) {
		err = check_siblings(cpus[i], wanted);
		if (err)
			return err;
	}
	if (nreserved + ncpus > IHK_MAX_CPUS)
		return ihk_report(-ENOSPC, "At most %u CPUs can be reserved", IHK_MAX_CPUS);
	if (ncpus >= num_online_cpus())
		return ihk_report(-EBUSY, "Linux would have no CPU left");
	return 0;
}

/* Describes the CPU while Linux still knows all about it. */
static struct ihk_cpu *describe_cpu(u32 linux_cpu)
{
	struct ihk_cpu *cpu;

	cpu = kzalloc(sizeof(*cpu), GFP_KERNEL);
	if (!cpu)
		return NULL;
	cpu->linux_cpu = linux_cpu;
	cpu->apic_id = per_cpu(x86_cpu_to_apicid, linux_cpu);
	cpu->node = cpu_to_node(linux_cpu);
	cpu->core_id = topology_core_id(linux_cpu);
	cpu->package_id = topology_physical_package_id(linux_cpu);
	cpu->die_id = topology_die_id(linux_cpu);
	cpu->lwk_cpu = -1;
	return cpu;
}

/* Puts a CPU that is not held any more back to work in Linux. */
static int online_cpu(u32 linux_cpu)
{
	int err;

	/* Positive: somebody else was faster. */
	err = add_cpu(linux_cpu);
	if (err >= 0)
		return 0;
	return ihk_report(err,
			  "CPU %u was given back, but Linux could not bring it online (error %d): it is offline",
			  linux_cpu, err);
}

static int offline_cpu(u32 linux_cpu)
{
	int err;

	err = remove_cpu(linux_cpu);
	if (err > 0)
		return ihk_report(-EBUSY, "CPU %u has just gone offline", linux_cpu);
	if (err)
		return ihk_report(err, "Linux does not give CPU %u away (error %d)", linux_cpu,
				  err);
	return 0;
}

/* Makes the record of a CPU; from here on Linux may not start it. */
static struct ihk_cpu *hold_cpu(u32 linux_cpu)
{
	struct ihk_cpu *cpu;
	int err;

	cpu = describe_cpu(linux_cpu);
	if (!cpu)
		return ERR_PTR(-ENOMEM);
	err = xa_err(xa_store(&reserved, linux_cpu, cpu, GFP_KERNEL));
	if (err) {
		kfree(cpu);
		return ERR_PTR(err);
	}
	nreserved++;
	cpumask_set_cpu(linux_cpu, &held);
	return cpu;
}

static void unhold_cpu(struct ihk_cpu *cpu)
{
	cpumask_clear_cpu(cpu->linux_cpu, &held);
	nreserved--;
	xa_erase(&reserved, cpu->linux_cpu);
	kfree(cpu);
}

static int take_cpu(u32 linux_cpu)
{
	struct ihk_cpu *cpu;
	int err;

	cpu = hold_cpu(linux_cpu);
	if (IS_ERR(cpu))
		return PTR_ERR(cpu);
	ihk_speed_keep(cpu);
	err = offline_cpu(linux_cpu);
	if (err) {
		unhold_cpu(cpu);
		return err;
	}
	err = ihk_park_start(cpu);
	if (err) {
		unhold_cpu(cpu);
		online_cpu(linux_cpu);
		return err;
	}
	return 0;
}

static int give_cpu(struct ihk_cpu *cpu)
{
	u32 linux_cpu = cpu->linux_cpu;

	ihk_park_stop(cpu);
	unhold_cpu(cpu);
	return online_cpu(linux_cpu);
}

int ihk_cpu_reserve(const u32 *cpus, u32 ncpus)
{
	cpumask_var_t wanted;
	u32 i;
	int err;

	lockdep_assert_held(&ihk_lock);
	err = check_platform();
	if (err)
		return err;
	if (!zalloc_cpumask_var(&wanted, GFP_KERNEL))
		return -ENOMEM;
	err = check_wanted(cpus, ncpus, wanted);
	free_cpumask_var(wanted);
	if (err)
		return err;
	for (i = 0; i < ncpus; i++) {
		err = fatal_signal_pending(current) ? -EINTR : take_cpu(cpus[i]);
		if (err)
			goto give_back;
	}
	return 0;

give_back:
	while (i--)
		give_cpu(ihk_cpu_find(cpus[i]));
	return err;
}

int ihk_cpu_check_free(const u32 *cpus, u32 ncpus, struct cpumask *seen)
{
	struct ihk_cpu *cpu;
	u32 i;

	for (i = 0; i < ncpus; i++) {
		cpu = ihk_cpu_find(cpus[i]);
		if (!cpu)
			return ihk_report(-EINVAL, "CPU %u is not reserved", cpus[i]);
		if (cpu->os)
			return ihk_report(-EBUSY, "CPU %u belongs to OS instance %d", cpus[i],
					  cpu->os->index);
		if (cpumask_test_and_set_cpu(cpus[i], seen))
			return ihk_report(-EINVAL, "CPU %u is named twice", cpus[i]);
	}
	return 0;
}

int ihk_cpu_release(const u32 *cpus, u32 ncpus)
{
	cpumask_var_t seen;
	u32 i;
	int err;
	int give_err;

	lockdep_assert_held(&ihk_lock);
	if (!zalloc_cpumask_var(&seen, GFP_KERNEL))
		return -ENOMEM;
	err = ihk_cpu_check_free(cpus, ncpus, seen);
	free_cpumask_var(seen);
	if (err)
		return err;
	/* One that Linux cannot start does not keep the others. */
	for (i = 0; i < ncpus; i++) {
		give_err = give_cpu(ihk_cpu_find(cpus[i]));
		if (!err)
			err = give_err;
	}
	return err;
}

void ihk_cpu_exit(void)
{
	struct ihk_cpu *cpu;

	mutex_lock(&ihk_lock);
	while ((cpu = ihk_cpu_next(0)))
		give_cpu(cpu);
	mutex_unlock(&ihk_lock);
	unregister_pm_notifier(&sleep_notifier);
	cpuhp_remove_state_nocalls(hotplug_state);
}

int ihk_cpu_query(const struct ihk_os *os, struct ihk_ioc_cpu *out, u32 max)
{
	struct ihk_cpu *cpu;
	u32 n;

	lockdep_assert_held(&ihk_lock);
	n = 0;
	for (cpu = ihk_cpu_next(0); cpu; cpu = ihk_cpu_next(cpu->linux_cpu + 1)) {
		if (os && cpu->os != os)
			continue;
		if (n < max)
			out[n] = (struct ihk_ioc_cpu){
				.linux_cpu = cpu->linux_cpu,
				.apic_id = cpu->apic_id,
				.node = cpu->node,
				.core_id = cpu->core_id,
				.package_id = cpu->package_id,
				.os = cpu->os ? cpu->os->index : IHK_NO_OS,
				.lwk_cpu = cpu->lwk_cpu,
			};
		n++;
	}
	return n;
}

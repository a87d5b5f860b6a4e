// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast the CPUs run that Linux gave away.
 *
 * No governor of Linux looks after such a CPU, and drivers leave one that goes offline at its
 * lowest frequency (intel_pstate, amd_pstate) or where it happens to be. So before it goes the
 * driver is asked for the highest frequency that the administrator lets it have
 * (scaling_max_freq), and the register by which it asks the processor is kept: the LWK writes it
 * again. When the CPU comes back, Linux sets it up anew.
 */
#define pr_fmt(fmt) "ihk: " fmt

#include "partition.h"

#include <linux/cpufeature.h>
#include <linux/cpufreq.h>
#include <linux/pm_qos.h>

#include <asm/msr.h>

#include "abi/boot.h"

static bool is_enabled(u32 cpu, u32 msr)
{
	u64 value;

	return !rdmsrl_safe_on_cpu(cpu, msr, &value) && (value & 1);
}

/* Which register the drivers of Linux use with this processor, or BOOT_SPEED_NONE. */
static u32 speed_msr(u32 cpu)
{
	if (boot_cpu_has(X86_FEATURE_HWP) && is_enabled(cpu, MSR_PM_ENABLE))
		return BOOT_SPEED_HWP_REQUEST;
	if (boot_cpu_has(X86_FEATURE_CPPC) && is_enabled(cpu, MSR_AMD_CPPC_ENABLE))
		return BOOT_SPEED_AMD_CPPC_REQ;
	if (boot_cpu_has(X86_FEATURE_EST))
		return BOOT_SPEED_PERF_CTL;
	if (boot_cpu_has(X86_FEATURE_HW_PSTATE))
		return BOOT_SPEED_AMD_PERF_CTL;
	return BOOT_SPEED_NONE;
}

static void keep(struct ihk_cpu *cpu)
{
	u32 msr = speed_msr(cpu->linux_cpu);

	if (msr == BOOT_SPEED_NONE ||
	    rdmsrl_safe_on_cpu(cpu->linux_cpu, msr, &cpu->speed_value))
		return;
	cpu->speed_msr = msr;
}

void ihk_speed_keep(struct ihk_cpu *cpu)
{
	struct cpufreq_policy *policy = cpufreq_cpu_get(cpu->linux_cpu);
	struct freq_qos_request least = {};
	int err;

	/* Then the firmware sees to it, and Linux changes nothing when the CPU goes. */
	if (!policy)
		return;
	err = freq_qos_add_request(&policy->constraints, &least, FREQ_QOS_MIN, policy->max);
	if (err < 0) {
		pr_warn("CPU %u: no frequency can be asked for (error %d)\n", cpu->linux_cpu, err);
		goto put;
	}
	cpufreq_update_policy(cpu->linux_cpu);
	/* A governor may heed the new limit at its next look only. Some drivers have none. */
	cpufreq_driver_target(policy, policy->max, CPUFREQ_RELATION_H);
	keep(cpu);
	freq_qos_remove_request(&least);
put:
	cpufreq_cpu_put(policy);
}

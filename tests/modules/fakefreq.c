// SPDX-License-Identifier: GPL-2.0-only
/*
 * A processor with hardware-controlled performance states (HWP), for machines that have none, and a
 * driver that does with it what intel_pstate does: it asks for the limits of its policy, and for
 * the lowest when the CPU goes offline. What was asked for, by CPU, is in
 * /sys/module/fakefreq/parameters/requests.
 */
#include <linux/cpufeature.h>
#include <linux/cpufreq.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include <asm/msr.h>

#define LOWEST_KHZ 800000
#define HIGHEST_KHZ 3000000
#define KHZ_PER_STEP 100000
#define MAX_CPUS 64

static unsigned long requests[MAX_CPUS];
module_param_array(requests, ulong, NULL, 0444);
MODULE_PARM_DESC(requests, "IA32_HWP_REQUEST of each CPU");

static void request(unsigned int cpu, unsigned int min_khz, unsigned int max_khz)
{
	requests[cpu] = min_khz / KHZ_PER_STEP | max_khz / KHZ_PER_STEP << 8;
}

static int fake_init(struct cpufreq_policy *policy)
{
	policy->cpuinfo.min_freq = LOWEST_KHZ;
	policy->cpuinfo.max_freq = HIGHEST_KHZ;
	policy->min = LOWEST_KHZ;
	policy->max = HIGHEST_KHZ;
	policy->policy = CPUFREQ_POLICY_POWERSAVE;
	return policy->cpu < MAX_CPUS ? 0 : -ENODEV;
}

static int fake_verify(struct cpufreq_policy_data *policy)
{
	cpufreq_verify_within_cpu_limits(policy);
	return 0;
}

static int fake_setpolicy(struct cpufreq_policy *policy)
{
	request(policy->cpu, policy->min, policy->max);
	return 0;
}

static void have_hwp(void)
{
	set_bit(X86_FEATURE_HWP, (unsigned long *)boot_cpu_data.x86_capability);
}

/* Linux has just dropped the features that this CPU has not. */
static int fake_online(struct cpufreq_policy *policy)
{
	have_hwp();
	return 0;
}

static int fake_offline(struct cpufreq_policy *policy)
{
	request(policy->cpu, LOWEST_KHZ, LOWEST_KHZ);
	return 0;
}

static struct cpufreq_driver driver = {
	.name = "fakefreq",
	.flags = CPUFREQ_CONST_LOOPS,
	.init = fake_init,
	.verify = fake_verify,
	.setpolicy = fake_setpolicy,
	.online = fake_online,
	.offline = fake_offline,
};

struct reading {
	u64 *out;
	u64 value;
};

/* rdmsrl_safe_on_cpu(cpu, msr, out) */
static int begin_reading(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct reading *reading = (struct reading *)instance->data;
	unsigned int cpu = regs->di;
	u32 msr = regs->si;

	if (cpu >= MAX_CPUS || (msr != MSR_PM_ENABLE && msr != MSR_HWP_REQUEST))
		return 1;
	reading->out = (u64 *)regs->dx;
	reading->value = msr == MSR_PM_ENABLE ? 1 : requests[cpu];
	return 0;
}

static int end_reading(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct reading *reading = (const struct reading *)instance->data;

	*reading->out = reading->value;
	regs->ax = 0;
	return 0;
}

static struct kretprobe probe = {
	.kp.symbol_name = "rdmsrl_safe_on_cpu",
	.entry_handler = begin_reading,
	.handler = end_reading,
	.data_size = sizeof(struct reading),
	.maxactive = 8,
};

static int __init fakefreq_init(void)
{
	int err;

	if (boot_cpu_has(X86_FEATURE_HWP))
		return -EEXIST;
	err = register_kretprobe(&probe);
	if (err)
		return err;
	err = cpufreq_register_driver(&driver);
	if (err) {
		unregister_kretprobe(&probe);
		return err;
	}
	have_hwp();
	return 0;
}

static void __exit fakefreq_exit(void)
{
	clear_bit(X86_FEATURE_HWP, (unsigned long *)boot_cpu_data.x86_capability);
	cpufreq_unregister_driver(&driver);
	unregister_kretprobe(&probe);
}

module_init(fakefreq_init);
module_exit(fakefreq_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A processor's performance states and their driver, made up");

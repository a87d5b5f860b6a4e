// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot of the first CPU, from the entry code to the idle loop.
 */
#include "lwk/include/core/main.h"

#include "build_id.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/kargs.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/memory.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/core/selftest.h"
#include "lwk/include/core/smp.h"
#include "lwk/include/core/time.h"
#include "lwk/include/msg/ikc.h"
#include "lwk/include/msg/link.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/mempolicy.h"
#include "lwk/include/proc/pi.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sched/idle.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/sched/sched.h"

/* The host looks for this in the image, before it loads it. */
static const struct {
	u32 owner_len;
	u32 desc_len;
	u32 type;
	char owner[12];
	struct image_note note;
} image_note __section(".note.mckernel") __aligned(4) __attribute__((used)) = {
	.owner_len = sizeof(IMAGE_NOTE_OWNER),
	.desc_len = sizeof(struct image_note),
	.type = IMAGE_NOTE_TYPE,
	.owner = IMAGE_NOTE_OWNER,
	.note = { .abi_version = BOOT_VERSION, .build_id = MCK_BUILD_ID },
};

static void running(void)
{
	u64 elapsed = time_ns() - boot_fixed()->mono_base_ns;

	log_info("core: running on %u CPUs after %llu.%03llu ms", percpu_count(),
		 elapsed / NSEC_PER_MSEC, elapsed % NSEC_PER_MSEC / NSEC_PER_USEC);
	/* Who waits for this finds the whole boot in the log. */
	boot_set_status(BOOT_STATUS_RUNNING);
	doorbell_ring();
}

/* On the first CPU's own stack. */
static __noreturn void start_rest(void)
{
	arch_apic_init();
	arch_cpu_init();
	__atomic_store_n(&this_cpu()->online, 1, __ATOMIC_RELEASE);
	log_info("core: interrupts by %s", arch_apic_name());
	boot_set_status(BOOT_STATUS_MAPPED);
	call_init();
	ikc_init();
	smp_start();
	sched_start();
	process_init();
	futex_init();
	mempolicy_init();
	pi_init();
	perturb_init();
	if (CONFIG_DEBUG)
		selftest_run();
	link_all(running);
	idle_loop();
}

void lwk_start(struct boot_block *block)
{
	struct percpu *cpu = this_cpu();

	arch_early_init();
	boot_init(block);
	percpu_init_first();
	monitor_set(MONITOR_KERNEL);
	time_init();
	kmsg_init();
	log_info("core: McKernel %s, build %s%s", MCK_VERSION, MCK_BUILD_ID,
		 CONFIG_DEBUG ? ", debug" : "");
	log_info("core: command line \"%s\"", boot_fixed()->kargs);
	kargs_parse();
	memory_init();
	memory_log();
	if (arch_cpu_stacks(cpu))
		panic("core: no memory for the first CPU's stacks");
	arch_run_on_stack(cpu->stack, start_rest);
}

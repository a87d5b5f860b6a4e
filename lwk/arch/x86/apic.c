// SPDX-License-Identifier: GPL-2.0-only
/*
 * Local APIC: xAPIC (registers in memory) and x2APIC (MSRs) behind one set of
 * functions, chosen once by what the host left the CPUs in. Interrupts go to physical
 * APIC ids. The logical destination register is never written: at 0 it keeps
 * Linux's logical-mode interrupts away from the LWK's CPUs.
 */
#include <apic.h>

#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vmap.h"
#include "x86.h"

/* Register offsets of the xAPIC; x2APIC MSRs are MSR_X2APIC + offset / 16. */
#define APIC_TPR 0x80
#define APIC_EOI 0xb0
#define APIC_SVR 0xf0
#define APIC_ISR 0x100
#define APIC_ESR 0x280
#define APIC_ICR 0x300
#define APIC_ICR_HIGH 0x310
#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370
#define APIC_TIMER_COUNT 0x380
#define APIC_TIMER_NOW 0x390
#define APIC_TIMER_DIVIDE 0x3e0

#define APIC_SVR_ENABLE (1U << 8)
#define APIC_ICR_NMI (4U << 8)
#define APIC_ICR_BUSY (1U << 12)
#define APIC_ICR_ASSERT (1U << 14)
#define APIC_LVT_MASKED (1U << 16)
#define APIC_LVT_DEADLINE (2U << 17)
#define APIC_DIVIDE_BY_16 3
#define XAPIC_BROADCAST 0xff /* the APIC id that means all CPUs, Linux's too */

#define APIC_BASE_X2APIC (1ULL << 10)
#define APIC_BASE_PADDR 0x000ffffffffff000ULL

#define CALIBRATION_NS (5 * NSEC_PER_MSEC)
#define SAMPLE_TRIES 5
#define ICR_SPINS 1000000 /* an IPI is accepted within microseconds */
#define ISR_ROUNDS 256 /* at most one interrupt in service per vector */

/**
 * struct apic_mode - how registers are reached
 * @name:	for the log
 * @read:	read a register
 * @write:	write a register
 * @command:	send an interrupt
 */
struct apic_mode {
	const char *name;
	u32 (*read)(u32 reg);
	void (*write)(u32 reg, u32 value);
	void (*command)(u32 apic_id, u32 low);
};

/* Set by arch_apic_init(), constant afterwards: */
static const struct apic_mode *mode;
static volatile u32 *registers; /* xAPIC, uncached */
static bool has_deadline;
static u64 ticks_per_ms; /* of the timer, divided by 16 */

static u32 xapic_read(u32 reg)
{
	return registers[reg / 4];
}

static void xapic_write(u32 reg, u32 value)
{
	registers[reg / 4] = value;
}

/*
 * An NMI handler may send too, between the two writes of the code that it
 * interrupted: so it leaves the high half as it found it.
 */
static void xapic_command(u32 apic_id, u32 low)
{
	u64 irq = arch_irq_save();
	u32 high;

	for (u32 i = 0; i < ICR_SPINS && xapic_read(APIC_ICR) & APIC_ICR_BUSY; i++)
		arch_cpu_relax();
	high = xapic_read(APIC_ICR_HIGH);
	xapic_write(APIC_ICR_HIGH, apic_id << 24);
	xapic_write(APIC_ICR, low);
	xapic_write(APIC_ICR_HIGH, high);
	arch_irq_restore(irq);
}

static u32 x2apic_read(u32 reg)
{
	return (u32)x86_rdmsr(MSR_X2APIC + reg / 16);
}

static void x2apic_write(u32 reg, u32 value)
{
	x86_wrmsr(MSR_X2APIC + reg / 16, value);
}

static void x2apic_command(u32 apic_id, u32 low)
{
	/* The MSR write does not serialise: earlier stores must be seen before the IPI. */
	__asm__ volatile("mfence; lfence" : : : "memory");
	x86_wrmsr(MSR_X2APIC + APIC_ICR / 16, (u64)apic_id << 32 | low);
}

static const struct apic_mode xapic = { "xAPIC", xapic_read, xapic_write, xapic_command };
static const struct apic_mode x2apic = { "x2APIC", x2apic_read, x2apic_write, x2apic_command };

const char *arch_apic_name(void)
{
	return mode->name;
}

bool arch_ipi_ready(void)
{
	return READ_ONCE(mode) != NULL;
}

void arch_ipi(u32 apic_id, u32 vector)
{
	mode->command(apic_id, APIC_ICR_ASSERT | vector);
}

void arch_nmi(u32 apic_id)
{
	mode->command(apic_id, APIC_ICR_ASSERT | APIC_ICR_NMI);
}

void apic_eoi(void)
{
	mode->write(APIC_EOI, 0);
}

/* An xAPIC names 255 CPUs; a larger id, cut short, would reach a CPU of Linux's. */
static void check_xapic_ids(void)
{
	const struct boot_cpu *cpus = boot_part(boot_fixed()->cpus_off);

	for (u32 i = 0; i < boot_fixed()->ncpus; i++) {
		if (cpus[i].apic_id >= XAPIC_BROADCAST)
			panic("apic: CPU %u has APIC id %u, which needs x2APIC mode", i,
			      cpus[i].apic_id);
	}
}

static u64 read_base(void)
{
	u64 base = x86_rdmsr(MSR_APIC_BASE);
	bool is_x2apic = base & APIC_BASE_X2APIC;

	if (is_x2apic != !!(boot_fixed()->flags & BOOT_FLAG_X2APIC))
		panic("apic: host says %s mode, APIC base is %llx", is_x2apic ? "xAPIC" : "x2APIC",
		      base);
	return base;
}

/*
 * Read timer and time together. A hypervisor may take the CPU away in between, so the
 * closest of some attempts counts.
 */
static void sample(u64 *ns, u32 *left)
{
	u64 closest = ~0ULL;

	for (u32 i = 0; i < SAMPLE_TRIES; i++) {
		u64 before = time_ns();
		u32 count = mode->read(APIC_TIMER_NOW);
		u64 after = time_ns();

		if (after - before >= closest)
			continue;
		closest = after - before;
		*ns = before + closest / 2;
		*left = count;
	}
}

/* How fast the timer counts, against the TSC. */
static void calibrate(void)
{
	u64 start, end;
	u32 start_left, end_left;

	mode->write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_16);
	mode->write(APIC_LVT_TIMER, APIC_LVT_MASKED | LWK_VEC_TIMER);
	mode->write(APIC_TIMER_COUNT, (u32)-1);
	sample(&start, &start_left);
	while (time_ns() - start < CALIBRATION_NS)
		arch_cpu_relax();
	sample(&end, &end_left);
	mode->write(APIC_TIMER_COUNT, 0);
	ticks_per_ms = (start_left - end_left) * NSEC_PER_MSEC / (end - start);
	if (!ticks_per_ms)
		panic("apic: the timer does not count");
}

void arch_apic_init(void)
{
	u64 base = read_base();

	if (base & APIC_BASE_X2APIC) {
		WRITE_ONCE(mode, &x2apic);
	} else {
		registers = vmap_map_device(base & APIC_BASE_PADDR, 1);
		if (!registers)
			panic("apic: no address space for the registers");
		check_xapic_ids();
		WRITE_ONCE(mode, &xapic);
	}
	has_deadline = boot_fixed()->flags & BOOT_FLAG_TSC_DEADLINE;
	if (!has_deadline)
		calibrate();
}

/* Interrupts that the last user of this CPU left in service would block ours. */
static void finish_leftovers(void)
{
	for (u32 round = 0; round < ISR_ROUNDS; round++) {
		u32 any = 0;

		for (u32 i = 0; i < 8; i++)
			any |= mode->read(APIC_ISR + i * 16);
		if (!any)
			return;
		apic_eoi();
	}
}

void apic_init_cpu(void)
{
	u32 timer = APIC_LVT_MASKED | LWK_VEC_TIMER;

	mode->write(APIC_SVR, APIC_SVR_ENABLE | LWK_VEC_SPURIOUS);
	mode->write(APIC_TPR, 0);
	mode->write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	mode->write(APIC_LVT_LINT1, APIC_LVT_MASKED);
	mode->write(APIC_LVT_ERROR, APIC_LVT_MASKED);
	mode->write(APIC_ESR, 0);
	if (has_deadline)
		timer |= APIC_LVT_DEADLINE;
	else
		mode->write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_16);
	mode->write(APIC_LVT_TIMER, timer & ~APIC_LVT_MASKED);
	/* The mode must be set before the first deadline; SDM 3A, 10.5.4.1. */
	__asm__ volatile("mfence" : : : "memory");
	finish_leftovers();
}

void arch_timer_set(u64 ns)
{
	u64 now = time_ns();
	u64 ticks;

	if (has_deadline) {
		x86_wrmsr(MSR_TSC_DEADLINE, time_to_tsc(ns));
		return;
	}
	/* A second at a time: whoever waits for longer arms it again. */
	ns = ns > now ? MIN(ns - now, NSEC_PER_SEC) : 0;
	ticks = ns * ticks_per_ms / NSEC_PER_MSEC + 1;
	mode->write(APIC_TIMER_COUNT, (u32)MIN(ticks, (u64)(u32)-1));
}

void arch_timer_stop(void)
{
	if (has_deadline)
		x86_wrmsr(MSR_TSC_DEADLINE, 0);
	else
		mode->write(APIC_TIMER_COUNT, 0);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control registers, stacks and the way into the park page, for one CPU.
 */
#include "lwk/include/arch_core.h"

#include <apic.h>
#include <cache.h>
#include <cpu.h>
#include <fpu.h>
#include <paging.h>
#include <trap.h>
#include <user.h>

#include "abi/errno.h"
#include "abi/park.h"
#include "lwk/include/assert.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/vmap.h"
#include "x86.h"

#define STACK_PAGES 4	  /* of a kernel stack and of each exception stack */
#define EARLY_IST_LEN 4096 /* of an exception stack before vmap is up */

#define CPUID_7B_FSGSBASE (1U << 0)
#define CPUID_7B_SMEP (1U << 7)
#define CPUID_7B_SMAP (1U << 20)
#define CPUID_7C_UMIP (1U << 2)
#define CPUID_7C_ENQCMD (1U << 29)

/* void x86_enter_park(): entry.S */
__noreturn void x86_enter_park(u64 slot_va);

/* Memory types in MSR_PAT, a byte an entry. */
#define PAT_UNCACHED 0
#define PAT_WRITE_BACK 6

/* Where siblings enter: entry.S */
extern const u8 entry_sibling[];

/* SMAP is on: trap_entry.S and uaccess.S open and close user memory. */
u8 x86_smap;

static u8 early_ist[X86_IST_COUNT - 1][EARLY_IST_LEN] __aligned(16);

static void set_control_registers(void)
{
	struct x86_cpuid features = x86_cpuid(7, 0);
	u64 cr4 = X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE;

	if (features.b & CPUID_7B_FSGSBASE)
		cr4 |= X86_CR4_FSGSBASE;
	if (features.b & CPUID_7B_SMEP)
		cr4 |= X86_CR4_SMEP;
	if (features.b & CPUID_7B_SMAP)
		cr4 |= X86_CR4_SMAP;
	x86_smap = !!(features.b & CPUID_7B_SMAP);
	if (features.c & CPUID_7C_UMIP)
		cr4 |= X86_CR4_UMIP;
	x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | X86_EFER_NXE);
	/* Write protection for the kernel itself, caches on, native x87 errors. */
	x86_write_cr0(X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_PG);
	x86_write_cr4(cr4);
}

void arch_early_init(void)
{
	struct percpu *cpu = this_cpu();

	desc_init_idt();
	desc_init_cpu(cpu);
	for (u32 ist = X86_IST_DF; ist < X86_IST_COUNT; ist++)
		desc_set_ist(cpu, ist, (u64)early_ist[ist - 1] + EARLY_IST_LEN);
	desc_load();
	set_control_registers();
}

static u64 stack_create(u32 node)
{
	u8 *stack = vmap_alloc(STACK_PAGES, node);

	return stack ? (u64)stack + STACK_PAGES * PAGE_LEN : 0;
}

int arch_cpu_stacks(struct percpu *cpu)
{
	cpu->stack = stack_create(cpu->node);
	if (!cpu->stack)
		return -ENOMEM;
	if (cpu != this_cpu())
		desc_init_cpu(cpu);
	for (u32 ist = X86_IST_DF; ist < X86_IST_COUNT; ist++) {
		u64 top = stack_create(cpu->node);

		if (!top)
			return -ENOMEM;
		desc_set_ist(cpu, ist, top);
	}
	return 0;
}

u64 cpu_stack_guard(const struct percpu *cpu)
{
	return cpu->stack - (STACK_PAGES + 1) * PAGE_LEN;
}

/*
 * Frames that Linux lends have to be of the type that they have there, which entries name by their
 * place in the PAT. The kernel's own mappings use two places, where Linux and the processor's reset
 * have the same types: so caches and TLBs hold nothing of another one yet.
 */
static void set_memory_types(void)
{
	u64 pat = boot_fixed()->pat;

	if ((pat & 0xff) != PAT_WRITE_BACK || (pat >> 24 & 0xff) != PAT_UNCACHED)
		panic("cpu: Linux's memory types (PAT) are %llx", pat);
	if (x86_rdmsr(MSR_PAT) != pat)
		x86_wrmsr(MSR_PAT, pat);
}

/*
 * Linux may have the processor report locked accesses that go over two cache lines (#AC), or that
 * lock the bus (#DB), to warn of them; it lets the program go on. Here it goes on at once.
 */
static void allow_bus_locks(void)
{
	if (boot_fixed()->flags & BOOT_FLAG_SPLIT_LOCK)
		x86_wrmsr(MSR_TEST_CTRL, x86_rdmsr(MSR_TEST_CTRL) & ~TEST_CTRL_SPLIT_LOCK);
	x86_wrmsr(MSR_DEBUGCTL, 0);
}

/*
 * INIT leaves these as Linux had them. IBRS, where Linux turns it on at each entry to its kernel
 * because it is slow, would be on for programs; and ENQCMD would name the address space of a
 * process of Linux's to a device.
 */
static void forget_linux(void)
{
	if (boot_fixed()->flags & BOOT_FLAG_KERNEL_IBRS)
		x86_wrmsr(MSR_SPEC_CTRL, x86_rdmsr(MSR_SPEC_CTRL) & ~SPEC_CTRL_IBRS);
	if (x86_cpuid(7, 0).c & CPUID_7C_ENQCMD)
		x86_wrmsr(MSR_PASID, 0);
}

/* Linux left it at its lowest frequency, or at any. */
static void set_speed(void)
{
	const struct boot_cpu *shared = this_cpu()->shared;

	if (shared->speed_msr != BOOT_SPEED_NONE)
		x86_wrmsr(shared->speed_msr, shared->speed_value);
}

void arch_cpu_init(void)
{
	set_speed();
	allow_bus_locks();
	forget_linux();
	cache_init_cpu(this_cpu());
	if (!this_cpu()->arch.loaded) {
		desc_load();
		set_control_registers();
	}
	set_memory_types();
	fpu_init_cpu();
	user_init_cpu();
	apic_init_cpu();
}

int arch_cpu_order(struct percpu *cpu)
{
	struct park_slot *slot = (struct park_slot *)cpu->slot_va;

	if (!arch_cpu_parked(cpu))
		return -EBUSY;
	slot->cr3 = arch_kernel_tables()->root;
	slot->entry = (u64)entry_sibling;
	slot->stack = cpu->stack;
	slot->arg = (u64)cpu;
	/* Release: the order before its state; partner is the park code. */
	__atomic_store_n(&slot->state, PARK_GO, __ATOMIC_RELEASE);
	arch_nmi(cpu->apic_id);
	return 0;
}

bool arch_cpu_parked(const struct percpu *cpu)
{
	const struct park_slot *slot = (const struct park_slot *)cpu->slot_va;

	return __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PARK_PARKED;
}

void arch_park(void)
{
	struct percpu *cpu = this_cpu();

	if (!cpu->slot_va)
		arch_halt_for_good();
	(void)arch_irq_save();
	if (arch_ipi_ready())
		arch_timer_stop();
	WRITE_ONCE(cpu->monitor->state, MONITOR_PARKED);
	x86_enter_park(cpu->slot_va);
}

void arch_wait_for_irq(void)
{
	/* STI takes effect behind the next instruction, so nothing comes between. */
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

void arch_irq_enable(void)
{
	__asm__ volatile("sti" : : : "memory");
}

u64 arch_tsc(void)
{
	return x86_rdtsc();
}

void arch_sync_core(void)
{
	/* Serialising, on all processors: SDM, volume 3, section 9.3. */
	(void)x86_cpuid(0, 0);
}

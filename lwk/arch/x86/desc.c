// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptor tables. Each CPU has a descriptor table and a task state segment of
 * its own; all share one interrupt descriptor table, which is read-only once the
 * LWK's page tables are loaded.
 */
#include <trap.h>

#include "abi/layout.h"
#include "lwk/include/core/percpu.h"
#include "x86.h"

#define GATE_INTERRUPT 0x8e	/* present, ring 0, interrupts off on entry */
#define GATE_USER 0xee		/* the same, and programs may use it with INT */
#define VECTOR_STUB_LEN 16	/* trap_entry.S */

/* A 64-bit interrupt gate. */
struct gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_mid;
	u32 offset_high;
	u32 reserved;
};

_Static_assert(sizeof(((struct arch_cpu *)0)->gdt) == X86_GDT_ENTRIES * 8, "all selectors");
_Static_assert(sizeof(struct gate) == 16, "as the SDM has it");

/* Operand of LGDT and LIDT. */
struct table_register {
	u16 limit;
	u64 base;
} __packed;

extern const u8 x86_vectors[];
void x86_load_gdt(const struct table_register *gdtr);

static struct gate idt[X86_VEC_COUNT] __section(".sealed") __aligned(4096);

static u8 ist_of_vector(u32 vector)
{
	switch (vector) {
	case X86_VEC_DB:
		return X86_IST_DB;
	case X86_VEC_NMI:
		return X86_IST_NMI;
	case X86_VEC_DF:
		return X86_IST_DF;
	case X86_VEC_MC:
		return X86_IST_MC;
	default:
		return 0;
	}
}

void desc_init_idt(void)
{
	for (u32 vector = 0; vector < X86_VEC_COUNT; vector++) {
		u64 entry = (u64)x86_vectors + vector * VECTOR_STUB_LEN;

		idt[vector] = (struct gate){
			.offset_low = (u16)entry,
			.selector = LWK_CODE_SEL,
			.ist = ist_of_vector(vector),
			.type = vector == X86_VEC_BP ? GATE_USER : GATE_INTERRUPT,
			.offset_mid = (u16)(entry >> 16),
			.offset_high = (u32)(entry >> 32),
		};
	}
}

void desc_init_cpu(struct percpu *cpu)
{
	struct arch_cpu *arch = &cpu->arch;
	u64 tss = (u64)&arch->tss;
	u64 limit = sizeof(arch->tss) - 1;

	arch->gdt[0] = 0;
	arch->gdt[LWK_CODE_SEL / 8] = 0x00209b0000000000ULL; /* 64-bit, accessed */
	arch->gdt[LWK_DATA_SEL / 8] = 0x0000930000000000ULL; /* writable, accessed */
	arch->gdt[X86_SEL_USER_DATA / 8] = 0x0000f30000000000ULL;
	arch->gdt[X86_SEL_USER_CODE / 8] = 0x0020fb0000000000ULL;
	/* Available 64-bit TSS, present; SDM 3A, figure 8-4. */
	arch->gdt[X86_SEL_TSS / 8] = limit | (tss & 0xffffff) << 16 | 0x89ULL << 40 |
				     (tss >> 24 & 0xff) << 56;
	arch->gdt[X86_SEL_TSS / 8 + 1] = tss >> 32;
	arch->tss.iomap_base = sizeof(arch->tss);
}

void desc_set_ist(struct percpu *cpu, enum x86_ist ist, u64 top)
{
	/* Such an entry cannot tell whose GS is loaded: trap_entry.S finds this instead. */
	u64 *whose = (u64 *)top - 2;

	whose[0] = (u64)cpu;
	cpu->arch.tss.ist[ist - 1] = (u64)whose;
}

void desc_load(void)
{
	struct arch_cpu *arch = &this_cpu()->arch;
	struct table_register gdtr = { sizeof(arch->gdt) - 1, (u64)arch->gdt };
	struct table_register idtr = { sizeof(idt) - 1, (u64)idt };

	x86_load_gdt(&gdtr);
	__asm__ volatile("lidt %0" : : "m"(idtr));
	__asm__ volatile("ltr %w0" : : "r"(X86_SEL_TSS));
	arch->loaded = true;
}

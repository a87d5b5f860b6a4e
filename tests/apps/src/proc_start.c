// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers as the kernel hands them to a new program. Built without a C library.
 */
#include <stdint.h>

/* Filled in by _start, in the order of pushing, from the last. */
struct start {
	uint64_t flags;
	uint64_t general[15];	/* r15 .. r8, rbp, rdi, rsi, rdx, rcx, rbx, rax */
};

__asm__(".globl _start\n_start:\n\t"
	"movq %rsp, start_sp(%rip)\n\t"
	"pushq %rax\n\tpushq %rbx\n\tpushq %rcx\n\tpushq %rdx\n\tpushq %rsi\n\tpushq %rdi\n\t"
	"pushq %rbp\n\tpushq %r8\n\tpushq %r9\n\tpushq %r10\n\tpushq %r11\n\tpushq %r12\n\t"
	"pushq %r13\n\tpushq %r14\n\tpushq %r15\n\tpushfq\n\t"
	"movq %rsp, %rdi\n\tandq $-16, %rsp\n\tcall start_main\n");

uint64_t start_sp;
void start_main(const struct start *start);

static long call(long nr, long a, long b, long c)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

static void print(const char *name, uint64_t value)
{
	char line[64];
	int n = 0;
	int shift;

	while (*name)
		line[n++] = *name++;
	line[n++] = ' ';
	for (shift = 60; shift >= 0; shift -= 4)
		line[n++] = "0123456789abcdef"[value >> shift & 15];
	line[n++] = '\n';
	call(1, 1, (long)line, n);
}

static void print_segments(void)
{
	uint64_t value;

	__asm__ volatile("movq %%cs, %0" : "=r"(value));
	print("cs", value);
	__asm__ volatile("movq %%ss, %0" : "=r"(value));
	print("ss", value);
	__asm__ volatile("movq %%ds, %0" : "=r"(value));
	print("ds", value);
	__asm__ volatile("movq %%es, %0" : "=r"(value));
	print("es", value);
	__asm__ volatile("movq %%fs, %0" : "=r"(value));
	print("fs", value);
	__asm__ volatile("movq %%gs, %0" : "=r"(value));
	print("gs", value);
	call(158, 0x1003, (long)&value, 0);	/* arch_prctl(ARCH_GET_FS) */
	print("fs base", value);
	call(158, 0x1004, (long)&value, 0);
	print("gs base", value);
}

static void print_floating_point(void)
{
	uint16_t environment[14];
	uint32_t mxcsr;
	uint64_t low[16];
	int i;

	__asm__ volatile("movq %%xmm0, %0\n\tmovq %%xmm1, %1\n\tmovq %%xmm7, %2\n\tmovq %%xmm15, %3"
			 : "=m"(low[0]), "=m"(low[1]), "=m"(low[2]), "=m"(low[3]));
	for (i = 0; i < 4; i++)
		print("xmm", low[i]);
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	print("mxcsr", mxcsr);
	__asm__ volatile("fnstenv %0" : "=m"(environment));
	print("control word", environment[0]);
	print("status word", environment[2]);
	print("tag word", environment[4]);
}

void start_main(const struct start *start)
{
	int i;

	print_floating_point();
	for (i = 14; i >= 0; i--)
		print("general", start->general[i]);
	print("flags", start->flags);
	print("stack", start_sp % 16);
	print("argc", *(const uint64_t *)start_sp);
	print_segments();
	call(231, 7, 0, 0);
	__builtin_unreachable();
}

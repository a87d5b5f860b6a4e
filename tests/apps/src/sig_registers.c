// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal between any two instructions leaves every register as it was: general, flags,
 * x87, SSE, AVX; and what is in the red zone. The handler spoils them all.
 */
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "app.h"

static volatile sig_atomic_t came;
static int has_avx;

static void __attribute__((target("avx"))) spoil_avx(void)
{
	__asm__ volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\t"
			 "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n\t"
			 "vmovaps %%ymm0, %%ymm1\n\tvmovaps %%ymm0, %%ymm7\n\t"
			 "vmovaps %%ymm0, %%ymm15" : : : "xmm0", "xmm1", "xmm7", "xmm15");
}

static void handler(int number)
{
	(void)number;
	came++;
	if (has_avx)
		spoil_avx();
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\tmovaps %%xmm0, %%xmm2\n\t"
			 "movaps %%xmm0, %%xmm8\n\tfninit\n\tfldpi\n\t"
			 "movq $-1, %%rax\n\tmovq %%rax, %%rcx\n\tmovq %%rax, %%rdx\n\t"
			 "movq %%rax, %%rsi\n\tmovq %%rax, %%rdi\n\tmovq %%rax, %%r8\n\t"
			 "movq %%rax, %%r9\n\tmovq %%rax, %%r10\n\tmovq %%rax, %%r11\n\tstd\n\tcld"
			 : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			 "xmm0", "xmm2", "xmm8", "cc");
}

/* Each register holds its number until enough signals have come. Returns how many do not. */
static uint64_t general(void)
{
	uint64_t wrong;

	__asm__ volatile(
		"pushq %%rbp\n\tpushq %%rbx\n\t"
		"movq $1, %%rbx\n\tmovq $2, %%rcx\n\tmovq $3, %%rdx\n\tmovq $4, %%rsi\n\t"
		"movq $5, %%rdi\n\tmovq $6, %%rbp\n\tmovq $8, %%r8\n\tmovq $9, %%r9\n\t"
		"movq $10, %%r10\n\tmovq $11, %%r11\n\tmovq $12, %%r12\n\tmovq $13, %%r13\n\t"
		"movq $14, %%r14\n\tmovq $15, %%r15\n\t"
		"movq %%rbx, -24(%%rsp)\n\tmovq %%rcx, -128(%%rsp)\n\t"
		"1: cmpl $20, came(%%rip)\n\tjl 1b\n\t"
		"xorl %%eax, %%eax\n\t"
		"xorq $1, %%rbx\n\torq %%rbx, %%rax\n\txorq $2, %%rcx\n\torq %%rcx, %%rax\n\t"
		"xorq $3, %%rdx\n\torq %%rdx, %%rax\n\txorq $4, %%rsi\n\torq %%rsi, %%rax\n\t"
		"xorq $5, %%rdi\n\torq %%rdi, %%rax\n\txorq $6, %%rbp\n\torq %%rbp, %%rax\n\t"
		"xorq $8, %%r8\n\torq %%r8, %%rax\n\txorq $9, %%r9\n\torq %%r9, %%rax\n\t"
		"xorq $10, %%r10\n\torq %%r10, %%rax\n\txorq $11, %%r11\n\torq %%r11, %%rax\n\t"
		"xorq $12, %%r12\n\torq %%r12, %%rax\n\txorq $13, %%r13\n\torq %%r13, %%rax\n\t"
		"xorq $14, %%r14\n\torq %%r14, %%rax\n\txorq $15, %%r15\n\torq %%r15, %%rax\n\t"
		"movq -24(%%rsp), %%rbx\n\txorq $1, %%rbx\n\torq %%rbx, %%rax\n\t"
		"movq -128(%%rsp), %%rcx\n\txorq $2, %%rcx\n\torq %%rcx, %%rax\n\t"
		"popq %%rbx\n\tpopq %%rbp"
		: "=a"(wrong) : : "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
		"r13", "r14", "r15", "memory", "cc");
	return wrong;
}

static uint64_t flags(void)
{
	uint64_t before;
	uint64_t after;

	/* Carry, direction and the id flag, which do not change by comparing. */
	__asm__ volatile("pushfq\n\torq $0x200401, (%%rsp)\n\tpopfq\n\tpushfq\n\tpopq %0\n\t"
			 "1: movl came(%%rip), %%ecx\n\tleal -20(%%ecx), %%ecx\n\t"
			 "notl %%ecx\n\tsarl $31, %%ecx\n\tjecxz 1b\n\t"
			 "pushfq\n\tpopq %1\n\tcld"
			 : "=&r"(before), "=&r"(after) : : "rcx", "memory", "cc");
	return (before ^ after) & 0x200400;
}

static uint64_t sse(void)
{
	uint64_t wrong;

	__asm__ volatile(
		"movl $0x5f80, -4(%%rsp)\n\tldmxcsr -4(%%rsp)\n\t"
		"movq $0x1234567, %%rax\n\tmovq %%rax, %%xmm0\n\tmovq %%rax, %%xmm2\n\t"
		"movq %%rax, %%xmm8\n\tmovq %%rax, %%xmm15\n\tpunpcklqdq %%xmm8, %%xmm8\n\t"
		"fninit\n\tfld1\n\tfldz\n\t"
		"1: cmpl $20, came(%%rip)\n\tjl 1b\n\t"
		"fxch\n\tfistpl -8(%%rsp)\n\tfistpl -12(%%rsp)\n\t"
		"movq %%rax, %%rcx\n\txorl %%edx, %%edx\n\t"
		"movq %%xmm0, %%rsi\n\txorq %%rax, %%rsi\n\torq %%rsi, %%rdx\n\t"
		"movq %%xmm2, %%rsi\n\txorq %%rax, %%rsi\n\torq %%rsi, %%rdx\n\t"
		"movq %%xmm15, %%rsi\n\txorq %%rax, %%rsi\n\torq %%rsi, %%rdx\n\t"
		"psrldq $8, %%xmm8\n\tmovq %%xmm8, %%rsi\n\txorq %%rax, %%rsi\n\torq %%rsi, %%rdx\n\t"
		"movl -8(%%rsp), %%esi\n\txorl $1, %%esi\n\torq %%rsi, %%rdx\n\t"
		"movl -12(%%rsp), %%esi\n\torq %%rsi, %%rdx\n\t"
		"stmxcsr -4(%%rsp)\n\tmovl -4(%%rsp), %%esi\n\txorl $0x5f80, %%esi\n\t"
		"orq %%rsi, %%rdx\n\t"
		"movl $0x1f80, -4(%%rsp)\n\tldmxcsr -4(%%rsp)"
		: "=&d"(wrong)
		: : "rax", "rcx", "rsi", "xmm0", "xmm2", "xmm8", "xmm15", "memory", "cc");
	return wrong;
}

static uint64_t __attribute__((target("avx"))) avx(void)
{
	uint64_t wrong;

	__asm__ volatile(
		"movq $0x7654321, %%rax\n\tvmovq %%rax, %%xmm1\n\tvpunpcklqdq %%xmm1, %%xmm1, %%xmm1\n\t"
		"vinsertf128 $1, %%xmm1, %%ymm1, %%ymm1\n\tvmovaps %%ymm1, %%ymm7\n\t"
		"vmovaps %%ymm1, %%ymm15\n\t"
		"1: cmpl $20, came(%%rip)\n\tjl 1b\n\t"
		"xorl %%edx, %%edx\n\t"
		"vextractf128 $1, %%ymm7, %%xmm0\n\tvmovq %%xmm0, %%rsi\n\txorq %%rax, %%rsi\n\t"
		"orq %%rsi, %%rdx\n\t"
		"vextractf128 $1, %%ymm15, %%xmm0\n\tvmovq %%xmm0, %%rsi\n\txorq %%rax, %%rsi\n\t"
		"orq %%rsi, %%rdx\n\t"
		"vmovq %%xmm1, %%rsi\n\txorq %%rax, %%rsi\n\torq %%rsi, %%rdx\n\tvzeroupper"
		: "=&d"(wrong) : : "rax", "rsi", "xmm0", "xmm1", "xmm7", "xmm15", "memory", "cc");
	return wrong;
}

static void show_wrong(const char *what, uint64_t (*test)(void))
{
	came = 0;
	printf("%s: %s\n", what, test() ? "changed" : "unchanged");
}

int main(void)
{
	const struct itimerval often = { { .tv_usec = 1000 }, { .tv_usec = 1000 } };
	struct sigaction action = { .sa_handler = handler };

	has_avx = __builtin_cpu_supports("avx");
	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	MUST(setitimer(ITIMER_REAL, &often, NULL) == 0);
	show_wrong("general registers, red zone", general);
	show_wrong("flags", flags);
	show_wrong("SSE and x87", sse);
	if (has_avx)
		show_wrong("AVX", avx);
	return 0;
}

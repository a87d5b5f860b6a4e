// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of the program, as its handler sees them: siginfo, trap number, error code. The
 * handler goes on behind the instruction.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL

/* Runs one instruction, with rax = value; the handler continues at the label behind it. */
#define TRY(what, value, text) do { \
	uint64_t rax_ = (uint64_t)(value); \
	expected = rax_; \
	hits = 0; \
	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\tmovq %%rcx, %1\n\tleaq 2f(%%rip), %%rcx\n\t" \
			 "movq %%rcx, %2\n1:\n\t" text "\n2:" \
			 : "+a"(rax_), "=m"(at), "=m"(resume) \
			 : : "rcx", "rdx", "memory", "cc"); \
	show_fault(what); \
} while (0)

static uint64_t at;
static uint64_t resume;
static uint64_t expected;
static volatile sig_atomic_t hits;
static siginfo_t last;
static greg_t trap;
static greg_t error;
static greg_t rip;
static greg_t cr2;

static void handler(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal;
	last = *info;
	trap = regs[REG_TRAPNO];
	error = regs[REG_ERR];
	rip = regs[REG_RIP];
	cr2 = regs[REG_CR2];
	regs[REG_EFL] &= ~0x100L;
	regs[REG_RIP] = (greg_t)resume;
	hits++;
}

/* Relative to the instruction, if it is there. */
static void show_address(const char *what, uint64_t address)
{
	if (address - at < 32)
		printf(", %s +%lu", what, address - at);
	else if (address == 0)
		printf(", %s 0", what);
	else
		printf(", %s %s", what, address == expected ? "the given one" : "wrong");
}

static void show_fault(const char *what)
{
	if (!hits) {
		printf("%s: nothing happens\n", what);
		return;
	}
	printf("%s: signal %d, code %d, trap %lld, error %#llx", what, last.si_signo,
	       last.si_code, trap, error);
	show_address("si_addr", (uint64_t)last.si_addr);
	show_address("rip", (uint64_t)rip);
	if (trap == 14)
		show_address("cr2", (uint64_t)cr2);
	putchar('\n');
}

static void show_memory(void)
{
	char *map = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("file", O_CREAT | O_TRUNC | O_RDWR, 0644);
	char *file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	MUST(map != MAP_FAILED && file != MAP_FAILED);
	TRY("read of 8", 8, "movb (%%rax), %%dl");
	TRY("write to 16", 16, "movb %%dl, (%%rax)");
	TRY("write, read-only", map + 3, "movb %%dl, (%%rax)");
	TRY("read, not canonical", 0x8000000000000000, "movb (%%rax), %%dl");
	TRY("read of the kernel", 0xffff800000000000, "movb (%%rax), %%dl");
	TRY("write to the kernel", 0xffffffff81000000, "movb %%dl, (%%rax)");
	TRY("call of 24", 24, "pushq $0\n\tpopq %%rdx\n\tjmp *%%rax");
	TRY("call of what is no code", map, "jmp *%%rax");
	MUST(mprotect(map, PAGE, PROT_NONE) == 0);
	TRY("read, no access", map + 5, "movb (%%rax), %%dl");
	TRY("across the end", map + PAGE - 4, "movq (%%rax), %%rdx");
	TRY("read behind the file", file + 9, "movb (%%rax), %%dl");
	TRY("write behind the file", file + 10, "movb %%dl, (%%rax)");
}

static void show_instructions(void)
{
	TRY("division by zero", 1, "xorl %%ecx, %%ecx\n\tcltd\n\tidivl %%ecx");
	TRY("division overflow", 0x80000000, "movl $-1, %%ecx\n\tcltd\n\tidivl %%ecx");
	TRY("ud2", 0, "ud2");
	TRY("int3", 0, "int3");
	TRY("int $0x80 of nothing", 0x7fffffff, "int $0x81");
	TRY("int1", 0, ".byte 0xf1");
	TRY("hlt", 0, "hlt");
	TRY("cli", 0, "cli");
	TRY("in", 0, "inb $0x80, %%al");
	TRY("out", 0, "outb %%al, $0x80");
	TRY("rdmsr", 0, "movl $0x1b, %%ecx\n\trdmsr");
	TRY("wrmsr", 0, "movl $0x1b, %%ecx\n\twrmsr");
	TRY("mov from cr0", 0, "movq %%cr0, %%rdx");
	TRY("mov to cr3", 0, "movq %%rax, %%cr3");
	TRY("lgdt", 0, "lgdt -64(%%rsp)");
	TRY("invlpg", 0, "invlpg (%%rsp)");
	TRY("wbinvd", 0, "wbinvd");
	TRY("swapgs", 0, "swapgs");
	TRY("single step", 0x100, "pushfq\n\torq %%rax, (%%rsp)\n\tpopfq\n\tnop");
	TRY("load of a bad segment", 0x1234, "movw %%ax, %%es");
	TRY("load of the kernel's data segment", 0x18, "movw %%ax, %%ss");
}

static void show_floating_point(void)
{
	const uint32_t mxcsr = 0x1f80 & ~(1U << 9);
	const uint32_t normal = 0x1f80;
	const uint16_t control = 0x37f & ~4U;

	__asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
	TRY("SSE division by zero", 1,
	    "cvtsi2sd %%rax, %%xmm0\n\txorpd %%xmm1, %%xmm1\n\tdivsd %%xmm1, %%xmm0");
	__asm__ volatile("ldmxcsr %0" : : "m"(normal));
	TRY("reserved bits of mxcsr", 0xffffffff,
	    "movl %%eax, -8(%%rsp)\n\tldmxcsr -8(%%rsp)");
	/* An emulator may take such bits; a frame with them would be none. */
	__asm__ volatile("ldmxcsr %0" : : "m"(normal));
	__asm__ volatile("fldcw %0" : : "m"(control));
	TRY("x87 division by zero", 0, "fld1\n\tfldz\n\tfdivrp\n\tfwait");
	__asm__ volatile("fninit");
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		MUST(sigaction(signals[i], &action, NULL) == 0);
	show_memory();
	show_instructions();
	show_floating_point();
	return 0;
}

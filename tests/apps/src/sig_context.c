// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of a signal: its layout, and that what the handler changes in it takes effect.
 */
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

#include "app.h"

/* In the last bytes that fxsave leaves unused: asm/sigcontext.h. */
struct software_bytes {
	uint32_t magic1;
	uint32_t extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
};

#define MAGIC1 0x46505853U
#define MAGIC2 0x46505845U

static void show_frame(int number, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const char *fp = (const char *)uc->uc_mcontext.fpregs;
	const struct software_bytes *software = (const void *)(fp + 464);
	const uintptr_t frame = (uintptr_t)__builtin_frame_address(0) + 16;
	uint32_t magic2;

	(void)number;
	memcpy(&magic2, fp + software->extended_size - 4, 4);
	printf("uc_flags %#lx\n", uc->uc_flags);
	SHOW_TRUE(uc->uc_link == NULL);
	SHOW_TRUE(frame % 16 == 0);
	SHOW_TRUE((uintptr_t)uc == frame);
	SHOW_TRUE((uintptr_t)info == (uintptr_t)uc + 304);
	SHOW_TRUE((uintptr_t)fp % 64 == 0 && (uintptr_t)fp > (uintptr_t)info);
	SHOW_TRUE((uintptr_t)uc->uc_mcontext.gregs[REG_RSP] - (uintptr_t)fp >=
		  software->extended_size + 128U);
	SHOW_TRUE(software->magic1 == MAGIC1 && magic2 == MAGIC2);
	SHOW_TRUE(software->extended_size == software->xstate_size + 4);
	printf("features %#lx, size %u\n", software->xfeatures, software->xstate_size);
	printf("cs, gs, fs, ss %#llx\n", uc->uc_mcontext.gregs[REG_CSGSFS]);
	printf("trap %lld, error %lld, cr2 %lld, oldmask %#llx\n", uc->uc_mcontext.gregs[REG_TRAPNO],
	       uc->uc_mcontext.gregs[REG_ERR], uc->uc_mcontext.gregs[REG_CR2],
	       uc->uc_mcontext.gregs[REG_OLDMASK]);
	SHOW_TRUE(sigismember(&uc->uc_sigmask, SIGHUP) && !sigismember(&uc->uc_sigmask, SIGUSR1));
}

static void change_registers(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
	uc->uc_mcontext.gregs[REG_RAX] = 0x1122334455667788;
	uc->uc_mcontext.gregs[REG_R15] = 15;
	uc->uc_mcontext.gregs[REG_EFL] |= 1; /* carry */
	uc->uc_mcontext.fpregs->_xmm[3].element[0] = 33;
	uc->uc_mcontext.fpregs->mxcsr = 0x3f80;
	sigaddset(&uc->uc_sigmask, SIGWINCH);
	sigaddset(&uc->uc_sigmask, SIGKILL);
}

/* No frame of that kind: the program, not the kernel, suffers. */
static void forge_flags(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	/* Privileged flags, which must not be taken from here. */
	uc->uc_mcontext.gregs[REG_EFL] |= 0x3000 | 1 << 14 | 1 << 17;
	uc->uc_mcontext.gregs[REG_EFL] &= ~0x200L;
	/* The kernel's code segment. */
	uc->uc_mcontext.gregs[REG_CSGSFS] = (uc->uc_mcontext.gregs[REG_CSGSFS] & ~0xffffL) | 0x33;
}

static void show_changes(void)
{
	uint64_t carry;
	uint64_t rax;
	uint64_t r15;
	uint32_t xmm;
	uint32_t mxcsr;
	sigset_t set;

	__asm__ volatile("xorl %%eax, %%eax\n\tpxor %%xmm3, %%xmm3\n\tclc\n\tud2\n\t"
			 "movq $0, %1\n\tadcq $0, %1\n\tmovd %%xmm3, %3\n\tmovq %%r15, %2\n\t"
			 "stmxcsr %4"
			 : "=&a"(rax), "=&r"(carry), "=&r"(r15), "=&r"(xmm), "=m"(mxcsr)
			 : : "r15", "xmm3", "cc");
	printf("rax %#lx, carry %lu, r15 %lu, xmm3 %u, mxcsr %#x\n", rax, carry, r15, xmm, mxcsr);
	MUST(sigprocmask(SIG_BLOCK, NULL, &set) == 0);
	SHOW(sigismember(&set, SIGWINCH));
	SHOW(sigismember(&set, SIGKILL));
	SHOW(sigismember(&set, SIGHUP));
}

static void set_handler(int number, void (*function)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = function, .sa_flags = SA_SIGINFO };

	MUST(sigaction(number, &action, NULL) == 0);
}

int main(void)
{
	unsigned long flags;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	set_handler(SIGUSR1, show_frame);
	set_handler(SIGILL, change_registers);
	set_handler(SIGUSR2, forge_flags);
	raise(SIGUSR1);
	show_changes();
	raise(SIGUSR2);
	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
	printf("interrupts, I/O privilege, nesting, virtual mode: %#lx\n", flags & 0x27200);
	return 0;
}

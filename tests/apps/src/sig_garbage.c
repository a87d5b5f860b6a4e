// SPDX-License-Identifier: GPL-2.0-only
/*
 * rt_sigreturn(2) with frames that hold anything: what the program is then, or how it ends. Each
 * case is a child's.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "fork.h"

#define SEEDS 48
#define FLAGS_KEPT 0x27f000UL	/* IOPL, NT, RF, VIF, VIP, ID and what lies between */
#define TRAP 0x100UL

/* Where Linux has them in the saved state: "bytes reserved for software", then the header. */
#define SW_MAGIC1 464
#define SW_EXTENDED_SIZE 468
#define SW_XFEATURES 472
#define SW_XSTATE_SIZE 480
#define XSTATE_BV 512
#define XCOMP_BV 520
#define XRESERVED 528
#define XIGNORED 536

static uint64_t seed;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static char *state_of(ucontext_t *uc)
{
	return (char *)uc->uc_mcontext.fpregs;
}

static void set_word(ucontext_t *uc, size_t at, uint64_t value, size_t len)
{
	memcpy(state_of(uc) + at, &value, len);
}

static void ip_kernel(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)0xffffffff81000000;
}

static void ip_edge(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = 0x00007fffffffffff;
}

static void ip_zero(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = 0;
}

static void flags_all(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_EFL] |= (greg_t)(~0UL & ~TRAP & ~0x40400UL);
}

static void flags_trap(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_EFL] |= (greg_t)TRAP;
}

static void flags_none(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_EFL] = 0;
}

static void state_null(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = NULL;
}

static void state_crooked(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)(state_of(uc) + 8);
}

static void state_kernel(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)0xffff888000000000;
}

static void state_strange(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)0x8000000000000040;
}

/* The last page is not there. */
static void state_cut(ucontext_t *uc)
{
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(at != MAP_FAILED && !munmap(at + 4096, 4096));
	memcpy(at + 4096 - 512, state_of(uc), 512);
	uc->uc_mcontext.fpregs = (void *)(at + 4096 - 512);
}

static void magic_wrong(ucontext_t *uc)
{
	set_word(uc, SW_MAGIC1, 0, 4);
}

static void size_huge(ucontext_t *uc)
{
	set_word(uc, SW_EXTENDED_SIZE, ~0UL, 4);
}

static void xsize_huge(ucontext_t *uc)
{
	set_word(uc, SW_XSTATE_SIZE, ~0UL, 4);
}

static void xfeatures_all(ucontext_t *uc)
{
	set_word(uc, SW_XFEATURES, ~0UL, 8);
}

static void xstate_bv_all(ucontext_t *uc)
{
	set_word(uc, XSTATE_BV, ~0UL, 8);
}

static void xcomp_bv_all(ucontext_t *uc)
{
	set_word(uc, XCOMP_BV, ~0UL, 8);
}

static void xreserved_all(ucontext_t *uc)
{
	set_word(uc, XRESERVED, ~0UL, 8);
}

static void xignored_all(ucontext_t *uc)
{
	set_word(uc, XIGNORED, ~0UL, 8);
}

static void mask_all(ucontext_t *uc)
{
	memset(&uc->uc_sigmask, 0xff, 8);
}

static void stack_wrong(ucontext_t *uc)
{
	uc->uc_stack = (stack_t){ .ss_sp = (void *)8, .ss_size = ~0UL, .ss_flags = -1 };
}

static void uc_flags_all(ucontext_t *uc)
{
	uc->uc_flags = ~0UL;
	uc->uc_link = (void *)~0UL;
}

static const struct {
	const char *name;
	void (*change)(ucontext_t *uc);
} cases[] = {
	{ "nothing", NULL },
	{ "rip, of the kernel", ip_kernel },
	{ "rip, at the end", ip_edge },
	{ "rip, 0", ip_zero },
	{ "all flags", flags_all },
	{ "trap flag", flags_trap },
	{ "no flags", flags_none },
	{ "no state", state_null },
	{ "crooked state", state_crooked },
	{ "the kernel's state", state_kernel },
	{ "state at no address", state_strange },
	{ "state that is cut", state_cut },
	{ "magic", magic_wrong },
	{ "extended size", size_huge },
	{ "state size", xsize_huge },
	{ "features for software", xfeatures_all },
	{ "features", xstate_bv_all },
	{ "compact features", xcomp_bv_all },
	{ "reserved", xreserved_all },
	{ "reserved, but not looked at", xignored_all },
	{ "mask", mask_all },
	{ "stack", stack_wrong },
	{ "uc_flags", uc_flags_all },
};

#define NCASES (sizeof(cases) / sizeof(cases[0]))

static size_t case_now;

/* After the frame of the case: all of it, but what would let it run to somewhere. */
static void fill(ucontext_t *uc)
{
	for (int i = 0; i < NGREG; i++)
		if (i != REG_RIP)
			uc->uc_mcontext.gregs[i] = (greg_t)next_random();
	uc->uc_mcontext.gregs[REG_EFL] &= (greg_t)~TRAP;
	uc->uc_mcontext.fpregs = (void *)(next_random() >> (seed & 31));
	uc->uc_flags = next_random();
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(next_random() & ~0xfffUL);
}

static void change(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	if (seed)
		fill(context);
	else if (cases[case_now].change)
		cases[case_now].change(context);
}

static void back(int signal, siginfo_t *info, void *context)
{
	const uint64_t flags = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];

	(void)info;
	printf("  signal %d, flags that are not the program's %#lx\n", signal, flags & FLAGS_KEPT);
}

static void set_handler(int signal, void (*handler)(int, siginfo_t *, void *))
{
	const struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	MUST(!sigaction(signal, &action, NULL));
}

static void run_case(const char *name)
{
	pid_t pid = fork_must();
	stack_t stack;
	sigset_t set;

	if (!pid) {
		set_handler(SIGUSR1, change);
		set_handler(SIGUSR2, back);
		raise(SIGUSR1);
		MUST(!sigaltstack(NULL, &stack) && !sigprocmask(SIG_BLOCK, NULL, &set));
		printf("  stack %#x, blocks SIGHUP %d, SIGKILL %d, SIGSTOP %d\n",
		       (unsigned int)stack.ss_flags, sigismember(&set, SIGHUP),
		       sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP));
		sigemptyset(&set);
		MUST(!sigprocmask(SIG_SETMASK, &set, NULL));
		raise(SIGUSR2);
		_exit(0);
	}
	reap(pid, name);
}

/* The frame is where rsp says. */
static void run_at(const char *name, uint64_t rsp)
{
	pid_t pid = fork_must();

	if (!pid) {
		__asm__ volatile("movq %1, %%rsp\n\tsyscall"
				 : : "a"((long)SYS_rt_sigreturn), "r"(rsp)
				 : "rcx", "r11", "memory");
		_exit(7);
	}
	reap(pid, name);
}

int main(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char name[32];

	MUST(page != MAP_FAILED && !munmap(page + 4096, 4096));
	for (case_now = 0; case_now < NCASES; case_now++)
		run_case(cases[case_now].name);
	for (uint64_t i = 1; i <= SEEDS; i++) {
		seed = i * 0x9e3779b97f4a7c15;
		snprintf(name, sizeof(name), "seed %lu", i);
		run_case(name);
	}
	seed = 0;
	run_at("zeroes", (uint64_t)page + 1024);
	run_at("crooked", (uint64_t)page + 1027);
	run_at("cut", (uint64_t)page + 4096 - 256);
	run_at("at 0", 0);
	run_at("the end", ~0UL);
	run_at("the kernel", 0xffff888000000000);
	run_at("no address", 0x8000000000000000);
	return 0;
}

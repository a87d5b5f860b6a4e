// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers and frames that cannot be: sig_bad CASE. Each ends the program by a signal, but for
 * "selector", "address" and "header", where a handler sees it.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "app.h"

static void set_handler(int number, uintptr_t address, int flags)
{
	struct sigaction action = { .sa_flags = flags };

	memcpy(&action.sa_handler, &address, sizeof(address));
	MUST(sigaction(number, &action, NULL) == 0);
}

static void bad_frame(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)0x8000000000000000;
}

static void bad_segment(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	uc->uc_mcontext.gregs[REG_CSGSFS] = 0x1234;
}

/*
 * "CS", "SS" or "CS+SS", and the value: a handler sees what comes of it, and again when it has
 * returned to that.
 */
static const char *segment_name;
static unsigned long segment_value;

static void change_segment(int number, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint16_t segments[4];

	(void)number;
	(void)info;
	memcpy(segments, &regs[REG_CSGSFS], sizeof(segments));
	if (strstr(segment_name, "CS"))
		segments[0] = (uint16_t)segment_value;
	if (strstr(segment_name, "SS"))
		segments[3] = (uint16_t)segment_value;
	memcpy(&regs[REG_CSGSFS], segments, sizeof(segments));
}

static void see_segment(int number, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const greg_t *regs = uc->uc_mcontext.gregs;
	static bool again;

	printf("signal %d code %d address %p trap %lld error %#llx cs %#llx ss %#llx flags %#lx\n",
	       number, info->si_code, info->si_addr, regs[REG_TRAPNO], regs[REG_ERR],
	       regs[REG_CSGSFS] & 0xffff, regs[REG_CSGSFS] >> 48 & 0xffff, uc->uc_flags);
	fflush(stdout);
	if (again)
		_exit(0);
	again = true;
}

static void show_segment(const char *name, const char *value)
{
	segment_name = name;
	segment_value = strtoul(value, NULL, 16);
	printf("%s %s\n", name, value);
	set_handler(SIGSEGV, (uintptr_t)see_segment, SA_SIGINFO);
	set_handler(SIGUSR1, (uintptr_t)change_segment, SA_SIGINFO);
}

/* The processor finds the address bad as it goes there, so that is where the handler finds it. */
static uintptr_t bad_address;

static void change_address(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)bad_address;
}

static void see_address(int number, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	printf("signal %d code %d address %p trap %lld error %#llx, there: %d\n", number,
	       info->si_code, info->si_addr, regs[REG_TRAPNO], regs[REG_ERR],
	       regs[REG_RIP] == (greg_t)bad_address);
	_exit(0);
}

static void show_address(const char *value)
{
	bad_address = strtoul(value, NULL, 16);
	printf("%s\n", value);
	set_handler(SIGSEGV, (uintptr_t)see_address, SA_SIGINFO);
	set_handler(SIGUSR1, (uintptr_t)change_address, SA_SIGINFO);
}

/* Bytes of the XSAVE header that are reserved. All but that state is taken from the frame. */
static void bad_header(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	((uint64_t *)uc->uc_mcontext.fpregs)[512 / 8 + 2] = 0xfffffff;
	sigaddset(&uc->uc_sigmask, SIGUSR2);
}

static void see_header(int number, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	printf("signal %d code %d, SIGUSR1 blocked: %d, SIGUSR2: %d\n", number, info->si_code,
	       sigismember(&uc->uc_sigmask, SIGUSR1), sigismember(&uc->uc_sigmask, SIGUSR2));
}

static void show_header(void)
{
	set_handler(SIGSEGV, (uintptr_t)see_header, SA_SIGINFO);
	set_handler(SIGUSR1, (uintptr_t)bad_header, SA_SIGINFO);
}

static void bad_state(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)number;
	(void)info;
	uc->uc_mcontext.fpregs = (void *)8;
}

static void again(int number)
{
	(void)number;
	__asm__ volatile("ud2");
}

static void no_stack(void)
{
	set_handler(SIGUSR1, (uintptr_t)again, 0);
	__asm__ volatile("movq $16, %%rsp\n\tsyscall"
			 : : "a"(SYS_tkill), "D"(gettid()), "S"(SIGUSR1) : "rcx", "r11", "memory");
}

static void no_alternate_stack(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const stack_t alternate = { .ss_sp = stack, .ss_size = 65536 };

	MUST(stack != MAP_FAILED && sigaltstack(&alternate, NULL) == 0);
	set_handler(SIGUSR1, (uintptr_t)again, SA_ONSTACK);
	raise(SIGUSR1);
}

static void no_restorer(void)
{
	/* struct sigaction of the kernel: handler, flags, restorer, mask. */
	const uintptr_t action[4] = { (uintptr_t)again, 0, 0, 0 };

	MUST(syscall(SYS_rt_sigaction, SIGUSR1, action, NULL, 8) == 0);
	raise(SIGUSR1);
}

static void blocked_fault(void)
{
	sigset_t set;

	sigfillset(&set);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	__asm__ volatile("movb $1, 16" : : : "memory");
}

static void ignored_fault(void)
{
	signal(SIGFPE, SIG_IGN);
	__asm__ volatile("xorl %%ecx, %%ecx\n\tcltd\n\tidivl %%ecx" : : : "rax", "rcx", "rdx", "cc");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	printf("%s\n", what);
	if (!strcmp(what, "handler"))
		set_handler(SIGUSR1, 0x1000, 0);
	else if (!strcmp(what, "handler-kernel"))
		set_handler(SIGUSR1, 0xffffffff81000000, 0);
	else if (!strcmp(what, "handler-canonical"))
		set_handler(SIGUSR1, 0x8000000000000000, 0);
	else if (!strcmp(what, "frame"))
		set_handler(SIGUSR1, (uintptr_t)bad_frame, SA_SIGINFO);
	else if (!strcmp(what, "segment"))
		set_handler(SIGUSR1, (uintptr_t)bad_segment, SA_SIGINFO);
	else if (!strcmp(what, "selector") && argc > 3)
		show_segment(argv[2], argv[3]);
	else if (!strcmp(what, "address") && argc > 2)
		show_address(argv[2]);
	else if (!strcmp(what, "header"))
		show_header();
	else if (!strcmp(what, "state"))
		set_handler(SIGUSR1, (uintptr_t)bad_state, SA_SIGINFO);
	else if (!strcmp(what, "nested"))
		set_handler(SIGUSR1, (uintptr_t)again, 0);
	else if (!strcmp(what, "stack"))
		no_stack();
	else if (!strcmp(what, "altstack"))
		no_alternate_stack();
	else if (!strcmp(what, "restorer"))
		no_restorer();
	else if (!strcmp(what, "blocked"))
		blocked_fault();
	else if (!strcmp(what, "ignored"))
		ignored_fault();
	else if (!strcmp(what, "sigreturn"))
		__asm__ volatile("movq $4096, %%rsp\n\tsyscall" : : "a"(SYS_rt_sigreturn) : "memory");
	raise(SIGUSR1);
	printf("still here\n");
	return 0;
}

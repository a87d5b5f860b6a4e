// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tracer sees and changes: memory, registers of all kinds, signals; steps and breakpoints.
 */
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/rseq.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static const char constant[16] = "constant";
static volatile long variable = 42;
static volatile long watched;

static __attribute__((noinline)) long function(long n)
{
	return n + variable;
}

static void child(void)
{
	double sum = 0.5;

	if (ptrace(PTRACE_TRACEME, 0, 0, 0))
		_exit(99);
	raise(SIGSTOP);
	sum += (double)function(1);
	watched = 1;
	_exit((constant[0] == 'C') + 2 * (sum == 100.5));
}

static int wait_status(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void memory(pid_t pid)
{
	long word;
	char path[64];
	int fd;

	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, pid, constant, 0);
	printf("peek: %.8s, %d\n", (char *)&word, errno);
	*(char *)&word = 'C';
	show("poke, read-only", ptrace(PTRACE_POKEDATA, pid, constant, word));
	show("poke", ptrace(PTRACE_POKEDATA, pid, &variable, 99L));
	show("ours", variable);
	errno = 0;
	show("peek, nothing there", ptrace(PTRACE_PEEKDATA, pid, 8, 0));
	show("poke, nothing there", ptrace(PTRACE_POKEDATA, pid, 8, 0));
	show("peek, text", ptrace(PTRACE_PEEKTEXT, pid, function, 0) == *(long *)function);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	show("open", fd < 0 ? -1 : 0);
	show("read", pread(fd, &word, sizeof(word), (off_t)&variable));
	show("read what", word);
	close(fd);
}

static void registers(pid_t pid)
{
	struct user_regs_struct regs, again;
	struct user_fpregs_struct fpregs;
	struct iovec iov = { &again, sizeof(again) };
	char xstate[8192];

	show("getregs", ptrace(PTRACE_GETREGS, pid, 0, &regs));
	show("getregset", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	show("length", (long)iov.iov_len);
	show("the same", !memcmp(&regs, &again, sizeof(regs)));
	show("segments", regs.cs == 0x33 && regs.ss == 0x2b && !regs.ds && !regs.es);
	show("thread pointer", regs.fs_base != 0);
	show("peekuser", ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0) ==
			 (long)regs.rip);
	show("peekuser, unaligned", ptrace(PTRACE_PEEKUSER, pid, 3, 0));
	show("peekuser, beyond", ptrace(PTRACE_PEEKUSER, pid, sizeof(struct user), 0));
	show("setregs", ptrace(PTRACE_SETREGS, pid, 0, &regs));
	regs.cs = 0;
	show("setregs, bad", ptrace(PTRACE_SETREGS, pid, 0, &regs));
	show("getfpregs", ptrace(PTRACE_GETFPREGS, pid, 0, &fpregs));
	show("mxcsr", fpregs.mxcsr);
	show("setfpregs", ptrace(PTRACE_SETFPREGS, pid, 0, &fpregs));
	iov = (struct iovec){ xstate, sizeof(xstate) };
	show("xstate", ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov));
	show("set xstate", ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
	iov.iov_len = 13;
	show("odd length", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	show("no such set", ptrace(PTRACE_GETREGSET, pid, 0x9999, &iov));
}

/* The C library registers one for each thread, and the child's is where the parent's is. */
static void restartable(pid_t pid)
{
	struct __ptrace_rseq_configuration config, start = { .rseq_abi_size = 77 };
	char *const own = (char *)__builtin_thread_pointer() + __rseq_offset;

	show("rseq", ptrace(PTRACE_GET_RSEQ_CONFIGURATION, pid, sizeof(config), &config));
	show("where", config.rseq_abi_pointer == (uintptr_t)own);
	printf("size %u, signature %#x, flags %u\n", config.rseq_abi_size, config.signature,
	       config.flags);
	show("rseq, short", ptrace(PTRACE_GET_RSEQ_CONFIGURATION, pid, 8, &start));
	show("size", start.rseq_abi_size);
	show("rseq, nowhere", ptrace(PTRACE_GET_RSEQ_CONFIGURATION, pid, 24, 8));
}

static void signals(pid_t pid)
{
	siginfo_t info;
	uint64_t mask = 0;

	show("siginfo", ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
	show("signal", info.si_signo);
	show("setsiginfo", ptrace(PTRACE_SETSIGINFO, pid, 0, &info));
	show("mask", ptrace(PTRACE_GETSIGMASK, pid, sizeof(mask), &mask));
	printf("mask %#lx\n", (unsigned long)mask);
	mask = 1 << (SIGUSR1 - 1);
	show("set mask", ptrace(PTRACE_SETSIGMASK, pid, sizeof(mask), &mask));
	show("mask, bad length", ptrace(PTRACE_GETSIGMASK, pid, 4, &mask));
}

static void breakpoint(pid_t pid)
{
	struct user_regs_struct regs;
	long text = ptrace(PTRACE_PEEKTEXT, pid, function, 0);
	siginfo_t info;
	int status;

	show("insert", ptrace(PTRACE_POKETEXT, pid, function, (text & ~0xffL) | 0xcc));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	printf("stopped: %#x\n", wait_status(pid));
	ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
	printf("code %#x\n", info.si_code);
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	show("behind it", regs.rip == (unsigned long)function + 1);
	show("remove", ptrace(PTRACE_POKETEXT, pid, function, text));
	regs.rip--;
	show("setregs", ptrace(PTRACE_SETREGS, pid, 0, &regs));
	show("step", ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
	status = wait_status(pid);
	printf("stopped: %#x\n", status);
	ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
	printf("code %#x\n", info.si_code);
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	show("went on", regs.rip > (unsigned long)function && !(regs.eflags & 0x100));
}

static void watchpoint(pid_t pid)
{
	siginfo_t info;

	show("address", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[0]),
			       &watched));
	show("control", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]),
			       0x90001L));
	show("control, ports", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]),
				      0x20001L));
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	printf("stopped: %#x\n", wait_status(pid));
	ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
	printf("code %#x\n", info.si_code);
	show("which", ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[6]), 0) & 0xf);
	show("off", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[7]), 0L));
}

int main(void)
{
	pid_t pid = fork();

	if (!pid)
		child();
	setvbuf(stdout, NULL, _IONBF, 0);
	printf("first: %#x\n", wait_status(pid));
	memory(pid);
	registers(pid);
	restartable(pid);
	signals(pid);
	breakpoint(pid);
	watchpoint(pid);
	show("cont", ptrace(PTRACE_CONT, pid, 0, 0));
	printf("end: %#x\n", wait_status(pid));
	return 0;
}

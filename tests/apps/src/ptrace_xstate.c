// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tracer gives its tracee an XSAVE area that does not name all components: those are initialised,
 * which the area says that the tracer reads back at once.
 */
#include <cpuid.h>
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "traced.h"

#define XSTATE_MAX 16384
#define XSTATE_BV 512

#define X87 0
#define SSE 1
#define AVX 2
#define PKRU 9
#define BIT(n) (1ULL << (n))

/* Key 0 may do all. */
#define PKRU_PATTERN 0x55555550

static char given[XSTATE_MAX], seen[XSTATE_MAX];
static size_t area_len;
static uint32_t avx_at, avx_len, pkru_at;

static void nothing(void)
{
}

static void read_area(pid_t pid)
{
	struct iovec io = { seen, sizeof(seen) };

	memset(seen, 0xcc, sizeof(seen));
	MUST(!ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &io));
	area_len = io.iov_len;
}

static void find_components(void)
{
	uint32_t c, d;

	__get_cpuid_count(0xd, AVX, &avx_len, &avx_at, &c, &d);
	__get_cpuid_count(0xd, PKRU, &c, &pkru_at, &c, &d);
	MUST(avx_at + avx_len <= area_len && pkru_at < area_len);
}

/* Registers that are not what a program begins with. */
static void fill(void)
{
	const uint32_t pkru = PKRU_PATTERN, mxcsr = 0x1f00;
	const uint16_t control = 0x27f;

	memcpy(given, seen, area_len);
	memcpy(given + offsetof(struct user_fpregs_struct, cwd), &control, sizeof(control));
	memcpy(given + offsetof(struct user_fpregs_struct, mxcsr), &mxcsr, sizeof(mxcsr));
	memset(given + offsetof(struct user_fpregs_struct, st_space), 0x77, 128);
	memset(given + offsetof(struct user_fpregs_struct, xmm_space), 0x33, 256);
	if (avx_len)
		memset(given + avx_at, 0x44, avx_len);
	if (pkru_at)
		memcpy(given + pkru_at, &pkru, sizeof(pkru));
}

static const char *kind(const char *bytes, size_t len)
{
	static const char zeros[XSTATE_MAX];

	if (!memcmp(bytes, zeros, len))
		return "zero";
	return memcmp(bytes, given + (bytes - seen), len) ? "other" : "given";
}

static void show_seen(const char *name, uint64_t named)
{
	struct user_fpregs_struct regs;

	memcpy(&regs, seen, sizeof(regs));
	printf("%s: control word %#x, MXCSR %#x", name, regs.cwd, regs.mxcsr);
	printf(", x87 %s", kind(seen + offsetof(struct user_fpregs_struct, st_space), 128));
	printf(", SSE %s", kind(seen + offsetof(struct user_fpregs_struct, xmm_space), 256));
	printf(", AVX %s, rights of keys %s", kind(seen + avx_at, avx_len),
	       kind(seen + pkru_at, sizeof(uint32_t)));
	printf(", named as given: %d\n", !memcmp(seen + XSTATE_BV, &named, sizeof(named)));
}

static void try(pid_t pid, const char *name, uint64_t without)
{
	struct user_fpregs_struct regs;
	struct iovec io = { given, area_len };
	uint64_t named = BIT(X87) | BIT(SSE);

	if (avx_len)
		named |= BIT(AVX);
	if (pkru_at)
		named |= BIT(PKRU);
	named &= ~without;
	memcpy(given + XSTATE_BV, &named, sizeof(named));
	MUST(!ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &io));
	read_area(pid);
	show_seen(name, named);
	MUST(!ptrace(PTRACE_GETFPREGS, pid, 0, &regs));
	SHOW_TRUE(!memcmp(&regs, seen, 416));
}

int main(void)
{
	pid_t pid = start_traced(nothing);

	wait_and_show("stop", pid);
	read_area(pid);
	find_components();
	fill();
	try(pid, "all", 0);
	try(pid, "without x87", BIT(X87));
	try(pid, "without SSE", BIT(SSE));
	try(pid, "without AVX", BIT(AVX));
	try(pid, "without SSE and AVX", BIT(SSE) | BIT(AVX));
	try(pid, "without keys", BIT(PKRU));
	try(pid, "nothing", ~0ULL);
	try(pid, "all again", 0);
	MUST(!ptrace(PTRACE_CONT, pid, 0, 0));
	wait_and_show("end", pid);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tracer gives its tracee an XSAVE area that does not name all components: those are initialised,
 * which the area says that the tracer reads back at once. What is no component's is zero there.
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
#define LEGACY_END 416
#define SOFTWARE 464

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

static size_t read_area(pid_t pid, size_t len)
{
	struct iovec io = { seen, len };

	memset(seen, 0xcc, sizeof(seen));
	MUST(!ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &io));
	return io.iov_len;
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
	memset(given + LEGACY_END, 0x55, XSTATE_BV - LEGACY_END);
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
	printf("%s: control word %#x, MXCSR %#x of %#x", name, regs.cwd, regs.mxcsr,
	       regs.mxcr_mask);
	printf(", x87 %s", kind(seen + offsetof(struct user_fpregs_struct, st_space), 128));
	printf(", SSE %s", kind(seen + offsetof(struct user_fpregs_struct, xmm_space), 256));
	printf(", AVX %s, rights of keys %s", kind(seen + avx_at, avx_len),
	       kind(seen + pkru_at, sizeof(uint32_t)));
	printf(", rest %s %s", kind(seen + LEGACY_END, SOFTWARE - LEGACY_END),
	       kind(seen + SOFTWARE + sizeof(named), XSTATE_BV - SOFTWARE - sizeof(named)));
	printf(", named as given: %d\n", !memcmp(seen + XSTATE_BV, &named, sizeof(named)));
}

static void try(pid_t pid, const char *name, uint64_t without)
{
	struct user_fpregs_struct regs;
	struct iovec io = { given, area_len };
	char whole[XSTATE_BV];
	uint64_t named = BIT(X87) | BIT(SSE);

	if (avx_len)
		named |= BIT(AVX);
	if (pkru_at)
		named |= BIT(PKRU);
	named &= ~without;
	memcpy(given + XSTATE_BV, &named, sizeof(named));
	MUST(!ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &io));
	read_area(pid, sizeof(seen));
	show_seen(name, named);
	MUST(!ptrace(PTRACE_GETFPREGS, pid, 0, &regs));
	SHOW_TRUE(!memcmp(&regs, seen, LEGACY_END));
	SHOW_TRUE(!memcmp((char *)&regs + LEGACY_END, seen + LEGACY_END, SOFTWARE - LEGACY_END));
	memcpy(whole, seen, XSTATE_BV);
	MUST(read_area(pid, XSTATE_BV) == XSTATE_BV);
	SHOW_TRUE(!memcmp(whole, seen, XSTATE_BV));
}

int main(void)
{
	pid_t pid = start_traced(nothing);

	wait_and_show("stop", pid);
	area_len = read_area(pid, sizeof(seen));
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * FS and GS base: set by call and by instruction, kept over calls, faults and signals.
 */
#include <asm/prctl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define HWCAP2_FSGSBASE 2

static __thread int variable = 17;
static uint64_t words[4] = { 1, 2, 3, 4 };

static uint64_t get(int code)
{
	uint64_t value = 0;

	MUST(syscall(SYS_arch_prctl, code, &value) == 0);
	return value;
}

static uint64_t gs_word(void)
{
	uint64_t value;

	__asm__ volatile("movq %%gs:8, %0" : "=r"(value));
	return value;
}

static void handler(int number)
{
	(void)number;
	syscall(SYS_arch_prctl, ARCH_SET_GS, &words[2]);
}

static void show_instructions(void)
{
	uint64_t value = 0;

	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
		printf("no instructions for it\n");
		return;
	}
	__asm__ volatile("wrgsbase %1\n\trdgsbase %0" : "=r"(value) : "r"(&words[1]));
	SHOW_TRUE(value == (uint64_t)&words[1]);
	SHOW_TRUE(get(ARCH_GET_GS) == (uint64_t)&words[1]);
	SHOW((long)gs_word());
	usleep(1000);
	SHOW((long)gs_word());
	__asm__ volatile("rdfsbase %0" : "=r"(value));
	SHOW_TRUE(value == get(ARCH_GET_FS));
}

int main(void)
{
	uint64_t fs = get(ARCH_GET_FS);
	volatile char *page;

	SHOW_TRUE(fs != 0 && *(uint64_t *)fs == fs);
	SHOW((long)get(ARCH_GET_GS));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, words));
	SHOW((long)gs_word());
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 0xffff800000000000));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_FS, 0xffff800000000000));
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x7ffffffff000));
	SHOW(syscall(SYS_arch_prctl, 0x9999, 0));
	SHOW_TRUE(get(ARCH_GET_GS) == (uint64_t)words);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(page != MAP_FAILED);
	page[0] = 1;
	sched_yield();
	SHOW((long)gs_word());
	show_instructions();
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	SHOW((long)gs_word());
	SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 0));
	SHOW((long)get(ARCH_GET_GS));
	SHOW(variable);
	SHOW_TRUE(get(ARCH_GET_FS) == fs);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes seeded random system calls, to be run on the LWK by an ordinary user in a directory of its
 * own. Numbers are all that there are and some that are not; arguments are often
 * what such calls take. It proves nothing by itself: the test around it checks that both kernels
 * live on and have lost nothing.
 *
 *   call_fuzz SEED COUNT
 *
 * It may well end before COUNT, by destroying itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/guest/fuzz_random.h"

#define BUFFER_LEN (1UL << 20)
#define MAX_NUMBER 470
#define BLOCKED_US 20000

/*
 * Not these: they end or multiply the program, hurt others of its user, or wait for what no signal
 * of ours ends, or take memory that no limit counts.
 */
static const short left_out[] = {
	SYS_exit,	 SYS_exit_group,	SYS_fork,	  SYS_vfork,
	SYS_clone,	 SYS_clone3,		SYS_kill,	  SYS_tkill,
	SYS_tgkill,	 SYS_rt_sigqueueinfo,	SYS_rt_tgsigqueueinfo,
	SYS_pidfd_send_signal, SYS_process_mrelease, SYS_sync, SYS_syncfs,
	SYS_fallocate,	 SYS_request_key,	SYS_rt_sigreturn, SYS_vhangup,
	SYS_setrlimit,	 SYS_prlimit64,		SYS_setsid,	  SYS_reboot,
	SYS_execve,	 SYS_execveat,
};

static const char *const strings[] = {
	"", ".", "..", "/", "x", "dir", "/dev/null", "/dev/zero", "/proc/self/mem",
	"/proc/self/maps", "/dev/mcos0", "/proc/self/exe", "/dev/shm/x", "/bin/true",
	"/proc/self/fd/0", "user.x", "tmpfs",
};

static unsigned char *buffer;
static sigjmp_buf after_fault;

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 128, 4095, 4096, 4097, 8192, 65535, 65536,
		1 << 21, 1 << 30, 0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 46,
		0x7dffffffffff, 0x7e0000000000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		0xffff800000000000, 0xffffffff80000000, 1ULL << 63, ~0ULL - 4095, ~0ULL,
	};

	return pick(8) ? values[pick(sizeof(values) / sizeof(values[0]))] : rng();
}

static uint64_t address(void)
{
	uint64_t at = (uintptr_t)buffer + pick(BUFFER_LEN / 4096) * 4096;

	switch (pick(8)) {
	case 0:
		return at + pick(4096);
	case 1:
		return (uintptr_t)buffer + BUFFER_LEN - pick(64);
	case 2:
		return (uintptr_t)strings[pick(sizeof(strings) / sizeof(strings[0]))];
	case 3:
		return odd_value();
	case 4:
		return (uintptr_t)&after_fault - pick(256);
	default:
		return at;
	}
}

static uint64_t argument(void)
{
	switch (pick(5)) {
	case 0:
		return odd_value();
	case 1:
		return pick(24); /* a descriptor, a small number */
	case 2:
		return 1ULL << pick(32) | 1ULL << pick(32); /* flags */
	default:
		return address();
	}
}

static bool is_left_out(long nr)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] == nr)
			return true;
	return false;
}

/* What a structure in memory may look like, with addresses in it. */
static void fill(void)
{
	uint64_t *words = (uint64_t *)(buffer + pick(BUFFER_LEN / 4096) * 4096);

	for (uint64_t i = pick(64); i; i--)
		words[i] = argument();
}

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(after_fault, 1);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Anew before each call: the call before may have changed any of it. */
static void prepare(void)
{
	static const struct itimerval timer = { { 0, BLOCKED_US }, { 0, BLOCKED_US } };
	static const stack_t stack = { .ss_sp = (void *)0x20000000, .ss_size = 65536 };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };
	sigset_t none;

	if (mmap((void *)0x20000000, 65536, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return;
	buffer = mmap((void *)0x30000000, BUFFER_LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void call(void)
{
	uint64_t args[6];
	long nr = (long)pick(MAX_NUMBER);

	if (!pick(64))
		nr = (long)odd_value();
	for (int i = 0; i < 6; i++)
		args[i] = argument();
	if (!is_left_out((int)nr))
		syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}

static void limit(int what, rlim_t to)
{
	const struct rlimit limit = { to, to };

	setrlimit((__rlimit_resource_t)what, &limit);
}

int main(int argc, char **argv)
{
	static volatile unsigned long done;
	unsigned long count;

	if (argc != 3) {
		fprintf(stderr, "usage: call_fuzz SEED COUNT\n");
		return 2;
	}
	rng_state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	count = strtoul(argv[2], NULL, 0);
	limit(RLIMIT_FSIZE, 1 << 20);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_CORE, 0);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	while (done < count) {
		done++;
		sigsetjmp(after_fault, 0);
		prepare();
		fill();
		call();
	}
	/* Its own descriptors may be gone. */
	return 0;
}

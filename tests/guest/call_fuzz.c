// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes seeded random system calls, to be run on the LWK by an ordinary user in a directory of its
 * own. Numbers are all that there are and some that are not; arguments are often
 * what such calls take. It proves nothing by itself: the test around it checks that both kernels
 * live on and have lost nothing.
 *
 *   call_fuzz SEED COUNT [forks]
 *
 * It may well end before COUNT, by destroying itself. With "forks" it makes tasks, too: processes
 * of a few calls each, in which threads race, that call what makes, replaces, signals and
 * ends tasks, and return from signals that never were. In a pid namespace of its own, best.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/fuzz_random.h"

#define BUFFER_LEN (1UL << 20)
#define MAX_NUMBER 470
#define BLOCKED_US 20000

/* Of a process that makes tasks: calls, threads beside the first, all tasks of the user. */
#define BATCH 40
#define THREADS 2
#define MAX_TASKS 120
#define MAX_CHILDREN 16

/*
 * Not these, but where tasks are made: they end or multiply the program, hurt others of its user,
 * or wait for what no signal of ours ends, or take memory that no limit counts.
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
static _Thread_local sigjmp_buf after_fault;
/* Each thread has a signal stack of its own. */
static _Thread_local uintptr_t signal_stack = 0x20000000;
static pid_t children[MAX_CHILDREN];

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 128, 4095, 4096, 4097, 8192, 65535, 65536,
		1 << 21, 1 << 30, 0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 46,
		0x7edfffffffff, 0x7ee000000000, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
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
	const stack_t stack = { .ss_sp = (void *)signal_stack, .ss_size = 65536 };
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER };
	sigset_t none;

	if (mmap((void *)signal_stack, 65536, PROT_READ | PROT_WRITE,
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

/* Children that have this memory or no stack end at once; others go on here. */
static long make_task(long nr, const uint64_t args[5], bool ends)
{
	register uint64_t r10 __asm__("r10") = args[3];
	register uint64_t r8 __asm__("r8") = args[4];
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "test %%ebx, %%ebx\n\t"
			 "jz 1f\n\t"
			 "mov %[exit], %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(ret)
			 : "a"(nr), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8),
			   "b"(ends), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory");
	return ret;
}

static uint64_t clone_flags(void)
{
	static const uint64_t common[] = {
		0, CLONE_VM, CLONE_VM | CLONE_VFORK, CLONE_VFORK,
		CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
	};
	uint64_t flags = common[pick(sizeof(common) / sizeof(common[0]))];

	for (uint64_t n = pick(4); n; n--)
		flags ^= 1ULL << (8 + pick(26));
	return flags;
}

/* Most others end who made the child. */
static uint64_t exit_signal(void)
{
	return pick(8) ? SIGCHLD : pick(66);
}

static void note_child(long pid)
{
	if (pid > 0)
		children[pick(MAX_CHILDREN)] = (pid_t)pid;
}

static void go_on(long pid);

static void call_clone(void)
{
	uint64_t flags = clone_flags();
	uint64_t args[5] = { flags | exit_signal(), pick(2) ? address() : 0, argument(), argument(),
			     argument() };

	go_on(make_task(SYS_clone, args, args[1] || flags & (CLONE_VM | CLONE_VFORK)));
}

static void call_clone3(void)
{
	uint64_t flags = clone_flags();
	struct clone_args clone = {
		.flags = flags,
		.exit_signal = flags & CLONE_THREAD ? 0 : exit_signal(),
		.stack = pick(2) ? (uintptr_t)buffer : 0,
	};
	uint64_t *words = (uint64_t *)&clone;
	uint64_t args[5] = { (uintptr_t)&clone, pick(4) ? sizeof(clone) : odd_value() };

	clone.stack_size = clone.stack ? BUFFER_LEN : 0;
	for (uint64_t n = pick(4); n; n--)
		words[1 + pick(sizeof(clone) / 8 - 1)] = argument();
	go_on(make_task(SYS_clone3, args, clone.stack || flags & (CLONE_VM | CLONE_VFORK)));
}

static void call_fork(void)
{
	const uint64_t none[5] = { 0 };

	if (pick(2))
		go_on(make_task(SYS_vfork, none, true));
	else
		go_on(make_task(SYS_fork, none, false));
}

/* Seldom what there is, for nothing is called after that. */
static void call_execve(void)
{
	uint64_t path = pick(4) ? (uintptr_t)strings[pick(11)] : argument();
	uint64_t argv = pick(4) ? (uintptr_t)buffer + pick(BUFFER_LEN) : argument();
	uint64_t envp = pick(4) ? (uintptr_t)buffer + pick(BUFFER_LEN) : argument();

	if (!pick(8))
		path = (uintptr_t)strings[11 + pick(3)];
	if (pick(2))
		syscall(SYS_execve, path, argv, envp);
	else
		syscall(SYS_execveat, argument(), path, argv, envp, pick(2) ? argument() : 0x1000);
}

static void call_kill(void)
{
	static const uint8_t stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	pid_t child = children[pick(MAX_CHILDREN)];
	int sig = (int)pick(66);

	/* Nobody would let us go on; a child is killed at the end. */
	if (!child || memchr(stops, sig, sizeof(stops)))
		child = child ? child : (pid_t)0x3fffffff;
	else if (!pick(3) && sig != SIGKILL)
		child = getpid();
	switch (pick(3)) {
	case 0:
		kill(child, sig);
		break;
	case 1:
		syscall(SYS_tgkill, pick(2) ? child : getpid(), child, sig);
		break;
	default:
		syscall(SYS_tkill, child, sig);
	}
}

static void call_setrlimit(void)
{
	uint64_t *limits = (uint64_t *)(buffer + pick(BUFFER_LEN / 4096) * 4096);

	limits[0] = argument();
	limits[1] = pick(2) ? ~0ULL : argument();
	if (pick(2))
		syscall(SYS_setrlimit, pick(18), limits);
	else
		syscall(SYS_prlimit64, pick(2) ? 0 : children[pick(MAX_CHILDREN)], pick(18),
			pick(2) ? (uintptr_t)limits : argument(), argument());
}

/* A signal's frame is whatever is there. What comes of it is a fault, most often. */
static void call_sigreturn(void)
{
	uint64_t *frame = (uint64_t *)(buffer + pick(BUFFER_LEN / 4096 - 1) * 4096);

	for (size_t i = 0; i < 128; i++)
		frame[i] = argument();
	/* Selectors as they are in programs, so that more than these is looked at. */
	if (pick(4))
		frame[23] = 0x33 | 0x2bULL << 48;
	__asm__ volatile("mov %0, %%rsp\n\t"
			 "syscall"
			 :
			 : "r"(frame), "a"(SYS_rt_sigreturn)
			 : "rcx", "r11", "memory");
	__builtin_unreachable();
}

static void call_task(void)
{
	static void (*const calls[])(void) = {
		call_clone, call_clone, call_clone3, call_clone3, call_fork, call_execve,
		call_kill, call_setrlimit, call_sigreturn,
	};

	calls[pick(sizeof(calls) / sizeof(calls[0]))]();
}

static void calls(unsigned long count, bool tasks)
{
	static _Thread_local volatile unsigned long done;

	while (done < count) {
		done++;
		sigsetjmp(after_fault, 0);
		prepare();
		fill();
		if (tasks && pick(2))
			call_task();
		else
			call();
	}
}

/* A child, of whatever kind, makes some calls of its own, but no tasks, and ends. */
static void go_on(long pid)
{
	if (pid) {
		note_child(pid);
		return;
	}
	memset(children, 0, sizeof(children));
	rng();
	/* The first fault is the last. */
	if (!sigsetjmp(after_fault, 0))
		for (uint64_t n = pick(4); n; n--) {
			prepare();
			call();
		}
	syscall(SYS_exit_group, 0);
}

static uint64_t race_seed;

static void *race(void *number)
{
	signal_stack += (uintptr_t)number << 20;
	rng_state = race_seed + (uintptr_t)number;
	calls(BATCH, false);
	return NULL;
}

static void batch(void)
{
	const struct rlimit tasks = { MAX_TASKS, MAX_TASKS };
	pthread_t thread;

	setrlimit(RLIMIT_NPROC, &tasks);
	race_seed = rng() | 1 << 8;
	for (uintptr_t i = 1; i <= THREADS; i++)
		if (!pthread_create(&thread, NULL, race, (void *)i))
			pthread_detach(thread);
	calls(BATCH, true);
	for (size_t i = 0; i < MAX_CHILDREN; i++)
		if (children[i] > 0)
			kill(children[i], SIGKILL);
	syscall(SYS_exit_group, 0);
}

static void batches(unsigned long count)
{
	for (unsigned long done = 0; done < count; done += BATCH) {
		pid_t pid = fork();

		if (!pid)
			batch();
		rng(); /* the children start from different states */
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
}

int main(int argc, char **argv)
{
	unsigned long count;
	bool forks;

	forks = argc == 4 && !strcmp(argv[3], "forks");
	if (argc != 3 && !forks) {
		fprintf(stderr, "usage: call_fuzz SEED COUNT [forks]\n");
		return 2;
	}
	rng_state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	count = strtoul(argv[2], NULL, 0);
	limit(RLIMIT_FSIZE, 1 << 20);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_CORE, 0);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (forks)
		batches(count);
	else
		calls(count, false);
	/* Its own descriptors may be gone. */
	return 0;
}

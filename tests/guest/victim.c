// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that does one thing, for tests to run on the LWK and end at a chosen moment.
 *
 *   victim MODE [NUMBER]
 *
 * Modes that do not end by themselves write "ready" to standard output first.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/victim.h"

#define PAGE 4096UL
#define PIECE (64 * PAGE)

static volatile uint64_t sink;

static void ready(void)
{
	static const char word[] = "ready\n";

	if (write(STDOUT_FILENO, word, sizeof(word) - 1) != sizeof(word) - 1)
		exit(3);
}

static void fail(const char *what)
{
	fprintf(stderr, "victim: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void *map(size_t len, int flags, int fd)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		fail("mmap");
	return at;
}

static void do_hello(unsigned long n)
{
	(void)n;
	puts("hello");
}

static void do_exit(unsigned long n)
{
	exit((int)n);
}

/* Never in a system call. */
static void do_spin(unsigned long n)
{
	(void)n;
	ready();
	for (;;)
		sink++;
}

static void do_read(unsigned long n)
{
	char byte;

	(void)n;
	ready();
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

/* Without Linux. */
static void do_sleep(unsigned long n)
{
	const struct timespec long_time = { .tv_sec = 100000 };

	(void)n;
	ready();
	nanosleep(&long_time, NULL);
}

/* Always in a short system call. */
static void do_calls(unsigned long n)
{
	(void)n;
	ready();
	for (;;)
		sink += (uint64_t)getppid();
}

static int scratch_file(void)
{
	int fd = memfd_create(VICTIM_FILE, 0);

	if (fd < 0 || ftruncate(fd, PIECE))
		fail("memfd");
	return fd;
}

/*
 * Memory that Linux touches and that is unmapped then: the LWK asks Linux to let go of it. A page
 * of a file is lent meanwhile, and says what is being done. NUMBER is for how long to compute in
 * between.
 */
static void do_revoke(unsigned long n)
{
	int zero = open("/dev/zero", O_RDONLY);
	volatile enum revoke_phase *phase = map(PIECE, MAP_SHARED, scratch_file());

	*phase = REVOKE_READS;
	ready();
	for (;;) {
		char *piece = map(PIECE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		if (read(zero, piece, PIECE) != PIECE)
			fail("read");
		*phase = REVOKE_COMPUTES;
		for (unsigned long i = 0; i < n; i++)
			sink++;
		*phase = REVOKE_UNMAPS;
		munmap(piece, PIECE);
		*phase = REVOKE_READS;
	}
}

/* Pages of a file are lent and recalled. */
static void do_lend(unsigned long n)
{
	int fd = scratch_file();

	(void)n;
	ready();
	for (;;) {
		char *piece = map(PIECE, MAP_SHARED, fd);

		for (size_t i = 0; i < PIECE; i += PAGE)
			piece[i]++;
		munmap(piece, PIECE);
	}
}

/* Fresh pages all the time. */
static void do_fault(unsigned long n)
{
	(void)n;
	ready();
	for (;;) {
		char *piece = map(PIECE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		for (size_t i = 0; i < PIECE; i += PAGE)
			piece[i] = 1;
		munmap(piece, PIECE);
	}
}

/* Recursion until the stack ends; what it computes keeps the compiler from a loop. */
static uint64_t recurse(uint64_t depth)
{
	volatile char frame[512];

	if (depth == ~0ULL)
		return 0;
	frame[depth % sizeof(frame)] = (char)depth;
	return recurse(depth + 1) + (uint64_t)frame[depth % 7];
}

static void do_stack(unsigned long n)
{
	sink = recurse(n);
}

static void do_segv(unsigned long n)
{
	*(volatile char *)(n ? n : 8) = 1;
}

static void do_abort(unsigned long n)
{
	(void)n;
	abort();
}

static void do_ud(unsigned long n)
{
	(void)n;
	__asm__ volatile("ud2");
}

/* A file that becomes shorter than its mapping. */
static void do_truncated(unsigned long n)
{
	int fd = scratch_file();
	char *piece = map(PIECE, MAP_SHARED, fd);

	piece[PIECE - 1] = 1;
	if (ftruncate(fd, n))
		fail("ftruncate");
	sink += (uint64_t)piece[PIECE - 1];
	puts("not reached");
}

static volatile sig_atomic_t signals;

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

/* Ends when NUMBER signals have come, whichever; 10 if it is not told. */
static void do_signals(unsigned long n)
{
	struct sigaction action = { .sa_handler = count_signal };
	sigset_t all, old;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	ready();
	while (signals < (sig_atomic_t)(n ? n : 10))
		sigsuspend(&old);
	printf("%d signals\n", (int)signals);
}

/* All memory there is, by malloc() of 1 MiB; prints that it ended, and by what. */
static void do_malloc(unsigned long n)
{
	unsigned long got = 0;
	char *piece;

	while ((piece = malloc(1 << 20))) {
		memset(piece, (int)n, 1 << 20);
		got++;
	}
	printf("%s after %s\n", strerrorname_np(errno), got ? "some" : "none");
}

/* Promised memory, used page by page until there is none. */
static void do_touch(unsigned long n)
{
	size_t len = (n ? n : 1UL << 16) << 20;
	char *piece = map(len, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	for (size_t i = 0; i < len; i += PAGE)
		piece[i] = 1;
	puts("all there");
}

/* Prints how many MiB of memory can be had at once. */
static void do_room(unsigned long n)
{
	for (n = 1;; n++) {
		char *piece = mmap(NULL, n << 20, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (piece == MAP_FAILED)
			break;
		munmap(piece, n << 20);
	}
	printf("%lu MiB\n", n - 1);
}

static void fill(char *piece, size_t len)
{
	for (size_t i = 0; i < len; i += PAGE)
		piece[i]++;
}

/* A child that is not to come back. */
static int end_of_filling(char *piece, size_t len, bool by_linux)
{
	int zero = open("/dev/zero", O_RDONLY);
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid) {
		if (waitpid(pid, &status, 0) != pid)
			fail("waitpid");
		return status;
	}
	if (!by_linux)
		fill(piece, len);
	for (size_t i = 0; by_linux && i < len; i += PIECE) {
		if (read(zero, piece + i, PIECE) != PIECE && read(zero, piece + i, PIECE) < 0)
			_exit(errno);
	}
	_exit(0);
}

/*
 * Children of a process of NUMBER MiB, more than half of all, write to all of it; so does Linux for
 * one of them. Prints what becomes of them, and of the memory.
 */
static void do_spread(unsigned long n)
{
	size_t len = n << 20, wrong = 0;
	char *piece = map(len, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int status;

	fill(piece, len);
	status = end_of_filling(piece, len, false);
	printf("signal %d, ", WTERMSIG(status));
	status = end_of_filling(piece, len, true);
	printf("%s, ", strerrorname_np(WEXITSTATUS(status)));
	fill(piece, len);
	for (size_t i = 0; i < len; i += PAGE)
		wrong += piece[i] != 2;
	printf("%zu pages wrong\n", wrong);
}

/* Children all the time, of which every second is killed at once. */
static void do_forks(unsigned long n)
{
	ready();
	for (n = 0;; n++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid)
			_exit(0);
		if (n % 2)
			kill(pid, SIGKILL);
		if (waitpid(pid, NULL, 0) != pid)
			fail("waitpid");
	}
}

/* Memory that comes, is touched by Linux, and goes. */
static int use_memory(void *arg)
{
	int zero = open("/dev/zero", O_RDONLY);

	(void)arg;
	for (int i = 0; i < 4; i++) {
		char *piece = map(PIECE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		if (read(zero, piece, PIECE) != PIECE)
			fail("read");
		munmap(piece, PIECE);
	}
	close(zero);
	return 0;
}

static pid_t run_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/nonexistent", "x", NULL);
		_exit(0);
	}
	return pid;
}

/* As do_forks(), but all have the same memory, and change it at the same time. */
static void do_shares(unsigned long n)
{
	static char stack[65536] __attribute__((aligned(16)));

	ready();
	for (n = 0;; n++) {
		pid_t pid = n % 4 ? clone(use_memory, stack + sizeof(stack), CLONE_VM | SIGCHLD,
					  NULL) : run_vfork();

		if (pid < 0)
			fail("clone");
		if (n % 2)
			kill(pid, SIGKILL);
		use_memory(NULL);
		if (waitpid(pid, NULL, 0) != pid)
			fail("waitpid");
	}
}

/* As do_forks(), but all have the same descriptors: those that a killed one leaves are closed. */
static void do_files(unsigned long n)
{
	ready();
	for (n = 0;; n++) {
		const long flags = CLONE_FILES | SIGCHLD | (n % 4 ? 0 : CLONE_VFORK);
		pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);

		if (pid < 0)
			fail("clone");
		if (!pid)
			_exit(use_memory(NULL));
		if (n % 2)
			kill(pid, SIGKILL);
		if (waitpid(pid, NULL, 0) != pid)
			fail("waitpid");
		if (syscall(SYS_close_range, 3, ~0U, 0))
			fail("close_range");
	}
}

/* Has Linux fill NUMBER MiB that the program has not touched, by one call, when told to. */
static void do_transfer(unsigned long n)
{
	int zero = open("/dev/zero", O_RDONLY);
	char *piece = map(n << 20, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char byte;

	ready();
	while (read(STDIN_FILENO, &byte, 1) > 0) {
		if (read(zero, piece, n << 20) != (ssize_t)(n << 20))
			fail("read");
		ready();
	}
}

static int sleep_on(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

/*
 * The first byte of standard input, a file, tells whether it has made a thread. Between that and
 * its being made there is no call, as pthread_create(3) has them for signals.
 */
static void do_thread(unsigned long n)
{
	static char stack[65536] __attribute__((aligned(16)));
	volatile char *mark = map(PAGE, MAP_SHARED, STDIN_FILENO);

	(void)n;
	*mark = '1';
	if (clone(sleep_on, stack + sizeof(stack), CLONE_VM | CLONE_FS | CLONE_FILES |
		  CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM, NULL) < 0)
		fail("clone");
	*mark = '2';
	sleep_on(NULL);
}

/* Computes in memory that others have, too: that of standard input, a file. */
static void do_share(unsigned long n)
{
	volatile uint64_t *count = map(PAGE, MAP_SHARED, STDIN_FILENO);

	(void)n;
	*count = 1;
	/* After a call of Linux's it is known there that the thread computes. */
	sink += (uint64_t)getppid();
	for (;;)
		++*count;
}

/* Something to compute, the same for the same NUMBER, with memory and calls in it. */
static void do_compute(unsigned long n)
{
	uint64_t sum = n * 0x9e3779b97f4a7c15ULL + 1;

	for (int round = 0; round < 20; round++) {
		uint64_t *piece = map(PIECE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		for (size_t i = 0; i < PIECE / sizeof(*piece); i++) {
			sum ^= sum << 13;
			sum ^= sum >> 7;
			sum ^= sum << 17;
			piece[i] = sum;
		}
		for (size_t i = 0; i < PIECE / sizeof(*piece); i += 77)
			sum += piece[i];
		munmap(piece, PIECE);
		sink += (uint64_t)getppid();
	}
	printf("%016llx\n", (unsigned long long)sum);
}

static const struct mode {
	const char *name;
	void (*run)(unsigned long n);
} modes[] = {
	{ "hello", do_hello },	   { "exit", do_exit },	      { "spin", do_spin },
	{ "read", do_read },	   { "calls", do_calls },     { "revoke", do_revoke },
	{ "lend", do_lend },	   { "fault", do_fault },     { "stack", do_stack },
	{ "segv", do_segv },	   { "abort", do_abort },     { "ud", do_ud },
	{ "truncated", do_truncated }, { "signals", do_signals }, { "malloc", do_malloc },
	{ "touch", do_touch },	   { "compute", do_compute }, { "forks", do_forks },
	{ "shares", do_shares },   { "files", do_files },     { "transfer", do_transfer },
	{ "sleep", do_sleep },	   { "thread", do_thread },
	{ "share", do_share },	   { "room", do_room },	      { "spread", do_spread },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		modes[i].run(argc > 2 ? strtoul(argv[2], NULL, 0) : 0);
		return 0;
	}
	fprintf(stderr, "usage: victim MODE [NUMBER]\n");
	return 2;
}

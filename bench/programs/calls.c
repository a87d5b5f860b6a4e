// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time of system calls: those that the LWK does itself, and those that it hands to Linux.
 *
 *   calls ROUNDS [NAME]
 *
 * Each sample is the mean of many calls; a round takes one sample of each, or of the one
 * named. Memory that is "touched" has one byte of each 4 KiB written between mapping and
 * unmapping. "After a pause" the program has been busy for so long that its twin on Linux sleeps.
 */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "samples.h"

#define KIB 1024UL
#define MIB (1024UL * KIB)
#define SMALL (4 * KIB)
#define PAUSE_NS 200000
#define FILE_NAME "/dev/shm/bench-calls"

static char buffer[MIB];
static int zero_fd, file_fd;
/* Part of a sample's time that is not the call's. */
static uint64_t paused_ns;

static void touch(char *start, size_t len)
{
	volatile char *byte = start;
	size_t i;

	for (i = 0; i < len; i += SMALL)
		byte[i] = 1;
}

static void do_getpid(int n)
{
	while (n--)
		check(syscall(SYS_getpid) > 0, "getpid");
}

static void do_clock(int n)
{
	struct timespec t;

	while (n--)
		check(!clock_gettime(CLOCK_MONOTONIC, &t), "clock_gettime");
}

static void do_clock_syscall(int n)
{
	struct timespec t;

	while (n--)
		check(!syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t), "clock_gettime");
}

static void map(size_t len, bool touched, int n)
{
	char *start;

	while (n--) {
		start = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		check(start != MAP_FAILED, "mmap");
		if (touched)
			touch(start, len);
		check(!munmap(start, len), "munmap");
	}
}

static void do_map_small(int n)
{
	map(SMALL, false, n);
}

static void do_map_small_touched(int n)
{
	map(SMALL, true, n);
}

static void do_map_large(int n)
{
	map(2 * MIB, false, n);
}

static void do_map_large_touched(int n)
{
	map(2 * MIB, true, n);
}

static void grow_heap(size_t len, bool touched, int n)
{
	/* The kernel's answers, not the C library's: it may not be asked to move its heap. */
	long end = syscall(SYS_brk, 0);

	while (n--) {
		check(syscall(SYS_brk, end + (long)len) == end + (long)len, "brk up");
		if (touched)
			touch((char *)end, len);
		check(syscall(SYS_brk, end) == end, "brk down");
	}
}

static void do_brk(int n)
{
	grow_heap(16 * SMALL, false, n);
}

static void do_brk_touched(int n)
{
	grow_heap(16 * SMALL, true, n);
}

static void do_getppid(int n)
{
	while (n--)
		check(syscall(SYS_getppid) >= 0, "getppid");
}

static void do_getppid_paused(int n)
{
	uint64_t start, now;

	while (n--) {
		start = now_ns();
		do {
			/* An emulator with one thread for all CPUs lets the others run then. */
			_mm_pause();
			now = now_ns();
		} while (now - start < PAUSE_NS);
		paused_ns += now - start;
		check(syscall(SYS_getppid) >= 0, "getppid");
	}
}

static void read_zeroes(size_t len, int n)
{
	while (n--)
		check(syscall(SYS_read, zero_fd, buffer, len) == (long)len, "read /dev/zero");
}

static void do_read_byte(int n)
{
	read_zeroes(1, n);
}

static void do_read_small(int n)
{
	read_zeroes(SMALL, n);
}

static void do_read_large(int n)
{
	read_zeroes(MIB, n);
}

static void do_write(int n)
{
	while (n--)
		check(pwrite(file_fd, buffer, SMALL, 0) == (ssize_t)SMALL, "pwrite");
}

static void do_open(int n)
{
	int fd;

	while (n--) {
		fd = open(FILE_NAME, O_RDONLY);
		check(fd >= 0, "open");
		check(!close(fd), "close");
	}
}

static void do_stat(int n)
{
	struct stat status;

	while (n--)
		check(!stat(FILE_NAME, &status), "stat");
}

/* What a round consists of: how it is called, what does it, how many times for a sample. */
static const struct {
	const char *name;
	void (*repeat)(int n);
	int count;
} calls[] = {
	{ "getpid, by syscall(2)", do_getpid, 5000 },
	{ "clock_gettime, by vDSO", do_clock, 5000 },
	{ "clock_gettime, by syscall(2)", do_clock_syscall, 5000 },
	{ "mmap + munmap of 4 KiB", do_map_small, 1000 },
	{ "mmap + munmap of 4 KiB, touched", do_map_small_touched, 1000 },
	{ "mmap + munmap of 2 MiB", do_map_large, 1000 },
	{ "mmap + munmap of 2 MiB, touched", do_map_large_touched, 5 },
	{ "brk up + down by 64 KiB", do_brk, 1000 },
	{ "brk up + down by 64 KiB, touched", do_brk_touched, 100 },
	{ "getppid", do_getppid, 500 },
	{ "getppid after a pause", do_getppid_paused, 50 },
	{ "read of /dev/zero, 1 B", do_read_byte, 500 },
	{ "read of /dev/zero, 4 KiB", do_read_small, 500 },
	{ "read of /dev/zero, 1 MiB", do_read_large, 10 },
	{ "pwrite to tmpfs, 4 KiB", do_write, 500 },
	{ "open + close, tmpfs", do_open, 200 },
	{ "stat, tmpfs", do_stat, 200 },
};

static void measure(size_t i)
{
	uint64_t start;

	paused_ns = 0;
	start = now_ns();
	MARK_BEGIN();
	calls[i].repeat(calls[i].count);
	MARK_END();
	sample(calls[i].name, now_ns() - start - paused_ns, (uint64_t)calls[i].count);
}

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	size_t i;

	memset(buffer, 1, sizeof(buffer));
	zero_fd = open("/dev/zero", O_RDONLY);
	check(zero_fd >= 0, "open /dev/zero");
	file_fd = open(FILE_NAME, O_RDWR | O_CREAT, 0600);
	check(file_fd >= 0, "open " FILE_NAME);
	while (rounds--)
		for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			if (argc < 3 || !strcmp(argv[2], calls[i].name))
				measure(i);
	check(!unlink(FILE_NAME), "unlink " FILE_NAME);
	return 0;
}

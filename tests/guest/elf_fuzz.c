// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs seeded mutations of an executable file, written to ./mutant, by a command that gets its
 * name as the last argument. Most mutations hit the headers, which the kernels read; the others
 * make a program that does anything.
 *
 *   elf_fuzz SEED COUNT FILE COMMAND...
 *
 * A run that lasts is killed. Prints how the runs ended; fails when the command could not
 * be run at all.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/fuzz_random.h"

#define MAX_LEN (4UL << 20)
#define MAX_ARGS 16
#define RUN_S 2

static unsigned char original[MAX_LEN];
static unsigned char mutant[MAX_LEN];
static size_t file_len;
static void die(const char *what)
{
	fprintf(stderr, "elf_fuzz: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 5, 7, 32, 56, 64, 4095, 4096, 65536, 1 << 21, 1 << 30, 0x7fffffff,
		0x80000000, 0xffffffff, 1ULL << 40, 0x7edffffff000, 0x7ee000000000,
		0x7ffffffff000, 1ULL << 63, ~0ULL - 4095, ~0ULL,
	};

	return pick(6) ? values[pick(sizeof(values) / sizeof(values[0]))] : rng();
}

/* A field of the ELF header or of a program header. */
static void mutate_header(void)
{
	const Elf64_Ehdr *ehdr = (const void *)original;
	size_t len = sizeof(*ehdr) + ehdr->e_phnum * sizeof(Elf64_Phdr);
	static const size_t widths[] = { 1, 2, 4, 8, 8 };
	size_t width = widths[pick(5)];
	uint64_t value = odd_value();
	size_t at = pick(len) / width * width;

	if (pick(3) == 0) {
		memcpy(&value, mutant + at, width);
		value += pick(2) ? 1ULL << pick(16) : -(1ULL << pick(16));
	}
	memcpy(mutant + at, &value, width);
}

static size_t mutate(void)
{
	memcpy(mutant, original, file_len);
	switch (pick(8)) {
	case 0: /* code and data */
		for (uint64_t n = 1 + pick(2000); n; n--)
			mutant[pick(file_len)] = (unsigned char)rng();
		return file_len;
	case 1: /* shorter */
		return pick(file_len);
	default:
		for (uint64_t n = 1 + pick(3); n; n--)
			mutate_header();
		return file_len;
	}
}

static void write_mutant(size_t len)
{
	int fd;

	unlink("mutant");
	fd = open("mutant", O_WRONLY | O_CREAT | O_TRUNC, 0700);
	if (fd < 0 || write(fd, mutant, len) != (ssize_t)len || close(fd))
		die("mutant");
}

static void exec_quietly(char **argv)
{
	const struct rlimit no_core = { 0, 0 }, small = { 1 << 20, 1 << 20 };
	int null = open("/dev/null", O_RDWR);

	setrlimit(RLIMIT_CORE, &no_core);
	setrlimit(RLIMIT_FSIZE, &small);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	execvp(argv[0], argv);
	_exit(99);
}

static int run(char **argv)
{
	const struct timespec limit = { .tv_sec = RUN_S }, now = { 0 };
	sigset_t child;
	int status;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		exec_quietly(argv);
	}
	if (sigtimedwait(&child, NULL, &limit) < 0)
		kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	/* Of one that was killed, lest the next one have no limit. */
	sigtimedwait(&child, NULL, &now);
	return status;
}

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		die(path);
	n = read(fd, original, sizeof(original));
	close(fd);
	if (n < (ssize_t)sizeof(Elf64_Ehdr) || memcmp(original, ELFMAG, SELFMAG))
		die(path);
	file_len = (size_t)n;
}

int main(int argc, char **argv)
{
	unsigned long refused = 0, killed = 0, ended = 0, count;
	char *args[MAX_ARGS + 2] = { NULL };
	sigset_t child;

	if (argc < 5 || argc - 4 > MAX_ARGS) {
		fprintf(stderr, "usage: elf_fuzz SEED COUNT FILE COMMAND...\n");
		return 2;
	}
	rng_state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	count = strtoul(argv[2], NULL, 0);
	read_file(argv[3]);
	memcpy(args, argv + 4, (size_t)(argc - 4) * sizeof(*argv));
	args[argc - 4] = "./mutant";
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (unsigned long n = 0; n < count; n++) {
		int status;

		write_mutant(mutate());
		status = run(args);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
			die(args[0]);
		if (WIFSIGNALED(status))
			killed++;
		else if (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 125)
			refused++;
		else
			ended++;
	}
	unlink("mutant");
	printf("%lu refused, %lu killed, %lu ended\n", refused, killed, ended);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time to read another process's memory, which both have touched.
 *
 *   reads ROUNDS
 *
 * Each sample is the mean of many; a round takes one sample of each size.
 */
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

#define MAX_LEN (1UL << 20)

static char memory[MAX_LEN];

static const struct {
	const char *name;
	size_t len;
	int count;
} reads[] = {
	{ "process_vm_readv of 4 KiB", 4096, 200 },
	{ "process_vm_readv of 64 KiB", 65536, 50 },
	{ "process_vm_readv of 1 MiB", MAX_LEN, 10 },
};

static void read_from(pid_t pid, size_t len)
{
	struct iovec local = { memory, len }, remote = local;

	check(process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)len, "process_vm_readv");
}

/* A child that has memory of its own, and sleeps until @end is closed. */
static pid_t start_child(int end[2])
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	check(!pipe(ready) && !pipe(end), "pipe");
	pid = fork();
	check(pid >= 0, "fork");
	if (!pid) {
		close(end[1]);
		memset(memory, 2, sizeof(memory));
		check(write(ready[1], &byte, 1) == 1, "write");
		_exit(read(end[0], &byte, 1) != 0);
	}
	check(read(ready[0], &byte, 1) == 1, "read");
	return pid;
}

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	int end[2], status;
	uint64_t start;
	pid_t pid;

	pid = start_child(end);
	memset(memory, 1, sizeof(memory));
	read_from(pid, MAX_LEN);
	check(memory[0] == 2 && memory[MAX_LEN - 1] == 2, "what was read");
	while (rounds--) {
		for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
			start = now_ns();
			for (int n = 0; n < reads[i].count; n++)
				read_from(pid, reads[i].len);
			sample(reads[i].name, now_ns() - start, (uint64_t)reads[i].count);
		}
	}
	close(end[1]);
	check(waitpid(pid, &status, 0) == pid && !status, "the child");
	return 0;
}

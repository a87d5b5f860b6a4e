// SPDX-License-Identifier: GPL-2.0-only
/*
 * --summary.
 */
#include "summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/options.h"
#include "user/mcexec/text.h"
#include "user/tools/cli.h"

/* More than Linux has calls. */
#define MAX_CALLS 1024
#define MAX_NAME 32

/* A line of the summary. */
struct row {
	char name[MAX_NAME];
	unsigned long long calls;
	unsigned long long ns;
};

static int out_fd = -1;
static const char *program;
static u64 counts[MAX_CALLS];

void summary_start(int fd, const char *name)
{
	out_fd = fd;
	program = name;
}

void summary_count(u64 nr)
{
	if (out_fd >= 0 && nr < MAX_CALLS)
		__atomic_fetch_add(&counts[nr], 1, __ATOMIC_RELAXED);
}

static u64 count_of(const char *name)
{
	static const char *const names[] = {
#define SYS_LOCAL(number, name, note) [number] = #name,
#define SYS_OFFLOAD(number, name, note) [number] = #name,
#define SYS_REFUSE(number, name, err, reason) [number] = #name,
#include "abi/syscalls.def"
	};

	for (size_t nr = 0; nr < sizeof(names) / sizeof(names[0]); nr++)
		if (names[nr] && !strcmp(names[nr], name))
			return __atomic_load_n(&counts[nr], __ATOMIC_RELAXED);
	return 0;
}

/* Most time first. */
static int compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->ns < y->ns) - (x->ns > y->ns);
}

static int parse(char *text, struct row *rows)
{
	char *line;
	int n = 0;

	while ((line = strsep(&text, "\n")) && n < MAX_CALLS)
		if (sscanf(line, "%31s %llu calls %llu ns", rows[n].name, &rows[n].calls,
			   &rows[n].ns) == 3)
			n++;
	return n;
}

static void print_rows(FILE *out, struct row *rows, int n)
{
	unsigned long long ns = 0, calls = 0;

	qsort(rows, n, sizeof(*rows), compare);
	for (int i = 0; i < n; i++) {
		ns += rows[i].ns;
		calls += rows[i].calls;
	}
	fprintf(out, "mcexec: %s (%d) made %llu system calls\n", program, getpid(), calls);
	fprintf(out, "%% time     seconds  usecs/call     calls  on Linux syscall\n");
	for (int i = 0; i < n; i++)
		fprintf(out, "%6.2f %11.6f %11llu %9llu %9llu %s\n",
			ns ? 100.0 * rows[i].ns / ns : 0, rows[i].ns / 1e9,
			rows[i].calls ? rows[i].ns / rows[i].calls / 1000 : 0, rows[i].calls,
			count_of(rows[i].name), rows[i].name);
}

/* In one write if that can be, so that it stays in one piece. Return: 0 or -errno. */
static int write_out(const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = write(out_fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

int summary_print(void)
{
	struct row *rows;
	char *lwk, *text = NULL;
	size_t len;
	FILE *out;
	int err;

	if (out_fd < 0)
		return 0;
	lwk = text_read_lwk(text_own_pid(), "syscalls", &len);
	rows = calloc(MAX_CALLS, sizeof(*rows));
	out = open_memstream(&text, &len);
	err = lwk ? -ENOMEM : -ENODATA;
	if (lwk && rows && out) {
		print_rows(out, rows, parse(lwk, rows));
		if (!fflush(out))
			err = write_out(text, len);
	}
	if (err)
		cli_fail("cannot write the summary: %s", strerror(-err));
	if (out)
		fclose(out);
	free(text);
	free(rows);
	free(lwk);
	return err;
}

int summary_exit(int status)
{
	/* As wait(2) tells it. */
	return summary_print() && !(status & 0xff) ? MCEXEC_FAILED : status;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs rows of tests/apps/apps.table inside the sandbox, each once on Linux and once on
 * the LWK, and tells whether anything differs.
 *
 *   apps_runner [--rehearse] < ROWS
 *
 * With --rehearse the second run is on Linux, too: what differs then is the row's own fault.
 *
 * For each row a line "@@ begin NAME" is printed, what is to be said about it, and "@@ pass
 * NAME" or "@@ fail NAME". When the LWK is not fit for another row the exit status is 3, and rows
 * not read yet are still on standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "lwk.h"
#include "row.h"
#include "side.h"

#define EXIT_TROUBLE 2
#define EXIT_LWK 3

/* Linux's console tells then which row a message belongs to. */
static void mark_log(const char *name)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dprintf(fd, "test: begin %s", name);
	close(fd);
}

/* Returns whether the row passed; *@usable becomes false if no other can follow. */
static bool run_row(const struct row *row, bool rehearse, bool *usable)
{
	/* Not without any: shells have some programs built in. */
	struct side linux_side = { .name = "linux", .launcher = "apps_exec" };
	struct side lwk_side = {
		.name = rehearse ? "again" : "lwk",
		.launcher = rehearse ? "apps_exec" : "mcexec",
	};
	unsigned long long processes;
	bool passed;
	int err;

	err = side_run(&linux_side, row);
	processes = lwk_count_processes();
	if (!err)
		err = side_run(&lwk_side, row);
	if (err) {
		printf("  cannot run it: %s\n", strerror(-err));
		return false;
	}
	printf("  %.2f s on Linux, %.2f s on the LWK\n", linux_side.elapsed, lwk_side.elapsed);
	passed = compare_sides(&linux_side, &lwk_side, row->filter) == 0;
	if (lwk_side.stuck) {
		printf("  a process cannot be killed\n");
		passed = *usable = false;
	}
	/* What mcexec left to Linux is no proof of anything. */
	if (!rehearse && lwk_count_processes() == processes) {
		printf("  nothing of it ran on the LWK\n");
		passed = false;
	}
	if (!rehearse && !lwk_is_well(lwk_side.timed_out || lwk_side.stuck))
		passed = *usable = false;
	else if (!rehearse && !passed)
		lwk_show_log();
	return passed;
}

int main(int argc, char **argv)
{
	const bool rehearse = argc > 1 && !strcmp(argv[1], "--rehearse");
	static struct row row;
	bool usable = true;
	bool passed;
	int got;

	while (usable) {
		got = row_read(&row);
		if (got == 0)
			return 0;
		if (got < 0) {
			fprintf(stderr, "apps_runner: rows: %s\n", strerror(-got));
			return EXIT_TROUBLE;
		}
		mark_log(row.name);
		printf("@@ begin %s\n", row.name);
		fflush(stdout);
		passed = run_row(&row, rehearse, &usable);
		printf("@@ %s %s\n", passed ? "pass" : "fail", row.name);
		fflush(stdout);
	}
	return EXIT_LWK;
}

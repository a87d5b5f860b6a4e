/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows of tests/apps/apps.table, as tests/run sends them: five strings each, with their
 * NULs, on standard input.
 */
#ifndef APPS_ROW_H
#define APPS_ROW_H

#include <stdbool.h>

#define ROW_MAX 65536	/* bytes of one row */

/**
 * struct row - one test
 * @name:	its name, without the machine
 * @seconds:	time that each of its two runs has
 * @uid:	user and group that run it; 0: root
 * @filter:	program of sed -E for what it prints; empty: none
 * @command:	what sh -c runs
 */
struct row {
	const char *name;
	int seconds;
	unsigned int uid;
	const char *filter;
	const char *command;
	char text[ROW_MAX];
};

/**
 * row_read() - read the next row, and not a byte more
 * @row: where to
 *
 * What follows is left to whoever reads standard input next.
 *
 * Return: 1, 0 at the end, or -errno.
 */
int row_read(struct row *row);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads rows from standard input.
 */
#include "row.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { NAME, SECONDS, UID, FILTER, COMMAND, FIELDS };

int row_read(struct row *row)
{
	const char *fields[FIELDS];
	size_t start = 0;
	size_t len = 0;
	int n = 0;

	while (n < FIELDS) {
		ssize_t got;

		if (len == sizeof(row->text))
			return -E2BIG;
		got = read(STDIN_FILENO, row->text + len, 1);
		if (got < 0)
			return -errno;
		if (got == 0)
			return n || len > start ? -EPROTO : 0;
		if (row->text[len++] == '\0') {
			fields[n++] = row->text + start;
			start = len;
		}
	}
	row->name = fields[NAME];
	row->seconds = atoi(fields[SECONDS]);
	row->uid = (unsigned int)atoi(fields[UID]);
	row->filter = fields[FILTER];
	row->command = fields[COMMAND];
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One of the two runs of a row: on Linux, or through the launcher.
 */
#ifndef APPS_SIDE_H
#define APPS_SIDE_H

#include <stdbool.h>

#include "row.h"

#define APPS_DIR "/var/tmp/apps"	/* on a real file system: O_DIRECT works there */
#define APPS_ROW_DIR APPS_DIR "/row"	/* working directory of either run */
#define APPS_BIN_DIR APPS_DIR "/bin"	/* programs of tests/apps/src */

/**
 * struct side - a run, and how it ended
 * @name:	"linux", "lwk"; files below APPS_DIR begin with it
 * @launcher:	what $RUN is
 * @status:	as waitpid() tells it
 * @timed_out:	it took too long and was killed
 * @left:	processes that the command did not wait for; they were killed
 * @stuck:	some process could not be killed
 * @elapsed:	seconds
 */
struct side {
	const char *name;
	const char *launcher;
	int status;
	bool timed_out;
	int left;
	bool stuck;
	double elapsed;
};

/**
 * side_run() - run a row's command to its end
 * @side: name and launcher; the rest is filled in
 * @row:  the row
 *
 * The command has a fresh working directory, an environment of its own, nothing on
 * standard input and no descriptor but the first three. Afterwards its directory and what it
 * wrote are side_path()s "dir", "out" and "err", and no process of it is left unless
 * @side->stuck.
 *
 * Return: 0 or -errno.
 */
int side_run(struct side *side, const struct row *row);

/**
 * side_path() - name of a file of a run
 * @side: the run
 * @what: which file
 *
 * Return: the path, valid until the eighth call from now.
 */
const char *side_path(const struct side *side, const char *what);

#endif

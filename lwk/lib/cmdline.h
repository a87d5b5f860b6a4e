/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel command line: words separated by white space, each `key` or
 * `key=value`. Double quotes protect white space as they do for Linux:
 * key="a b" and "key=a b" are the same. - and _ in keys are the same. Keys are
 * compared whole. A lone -- ends the arguments.
 */
#ifndef LWK_LIB_CMDLINE_H
#define LWK_LIB_CMDLINE_H

#include "lwk/include/compiler.h"

/**
 * struct cmdline_param - one key that somebody understands.
 * @key: the key
 * @set: called with the value, NULL if there was no =, and @ctx; returns 0 or
 *	a negative errno
 * @ctx: passed to @set
 */
struct cmdline_param {
	const char *key;
	int (*set)(const char *value, void *ctx);
	void *ctx;
};

/**
 * enum cmdline_problem - what cmdline_parse() reports.
 * @CMDLINE_UNKNOWN: nobody understands the key
 * @CMDLINE_BAD_VALUE: @set refused the value
 */
enum cmdline_problem {
	CMDLINE_UNKNOWN,
	CMDLINE_BAD_VALUE,
};

/**
 * struct cmdline_table - the keys, and who hears of problems.
 * @params: keys
 * @nparams: how many
 * @report: called for each problem with key, value (or NULL), the error (of
 *	@set; -ENOENT for an unknown key) and @ctx; NULL if nobody cares
 * @ctx: passed to @report
 */
struct cmdline_table {
	const struct cmdline_param *params;
	size_t nparams;
	void (*report)(enum cmdline_problem problem, const char *key,
		       const char *value, int err, void *ctx);
	void *ctx;
};

/**
 * cmdline_parse() - call the setters for all arguments, in order.
 * @line: command line; cut into words in place, so keep a copy if it matters
 * @table: keys
 *
 * Goes on after a problem.
 *
 * Context: as the setters demand.
 * Return: 0, or the error of the first problem other than an unknown key.
 */
int cmdline_parse(char *line, const struct cmdline_table *table);

/**
 * cmdline_next() - take the next word off a command line.
 * @pos: where to start; moved behind the word
 * @key: result: the key
 * @value: result: the value, or NULL if there was no =
 *
 * Context: any.
 * Return: false if there are no more words.
 */
bool cmdline_next(char **pos, char **key, char **value);

#endif

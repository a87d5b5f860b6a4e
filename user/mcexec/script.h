/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first line of a script, "#!INTERPRETER [ARGUMENT]", as Linux reads it.
 */
#ifndef MCEXEC_SCRIPT_H
#define MCEXEC_SCRIPT_H

#include <stddef.h>

/* So much of a file Linux looks at (BINPRM_BUF_SIZE). */
#define SCRIPT_HEAD_LEN 256

/**
 * struct script - what the line says
 * @interp:	the interpreter's path
 * @arg:	its argument, blanks inside included, or NULL
 */
struct script {
	const char *interp;
	const char *arg;
};

/**
 * script_parse() - understand the first line of a file
 * @head:	its first bytes, SCRIPT_HEAD_LEN or the whole file; strings are cut out of it
 * @len:	how many
 * @out:	result; points into @head
 *
 * Of a line that does not end within SCRIPT_HEAD_LEN the last of these bytes only tells whether
 * the path does. @head has room for one byte more.
 *
 * Context: any thread. Return: 0, or -ENOEXEC: no script, or no interpreter in its line, or one
 * whose path does not fit.
 */
int script_parse(char *head, size_t len, struct script *out);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Command lines of the form TOOL [OPTION...] NUMBER ACTION [OPTION...] [ARGUMENT...],
 * driven by a table of actions: parsing, help, and the way errors are told.
 *
 * Exit status: 0 done, 1 the operation failed, 2 the command line is wrong.
 * Errors are one line on stderr, "TOOL: sentence".
 */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>
#include <stdint.h>

#define CLI_OK 0
#define CLI_FAILED 1
#define CLI_USAGE 2

#define CLI_MAX_OPTIONS 6

/**
 * struct cli_option - an option of one action
 * @letter:	short form
 * @name:	long form
 * @arg:	what its argument is called, or NULL if it has none
 * @help:	one line
 */
struct cli_option {
	char letter;
	const char *name;
	const char *arg;
	const char *help;
};

struct cli_request;

/**
 * struct cli_action - one action
 * @words:	the one or two words that name it, with one blank between
 * @args:	its arguments as the help shows them, or ""
 * @help:	one line
 * @more:	further help, or NULL
 * @min_args:	least number of arguments
 * @max_args:	greatest number
 * @json:	can print JSON
 * @options:	its options, closed by one without name
 * @run:	does it; returns the exit status
 */
struct cli_action {
	const char *words;
	const char *args;
	const char *help;
	const char *more;
	int min_args;
	int max_args;
	bool json;
	struct cli_option options[CLI_MAX_OPTIONS];
	int (*run)(const struct cli_request *request);
};

/**
 * struct cli_tool - a tool
 * @name:	for messages
 * @number:	what the number before the action is called
 * @about:	one line
 * @actions:	table, closed by an action without words
 */
struct cli_tool {
	const char *name;
	const char *number;
	const char *about;
	const struct cli_action *actions;
};

/**
 * struct cli_request - a command line that was understood
 * @tool:	of this tool
 * @action:	the action
 * @number:	the number before it
 * @json:	print JSON
 * @argc:	arguments
 * @argv:	the arguments
 * @values:	argument of each option of @action; "" if it takes none, NULL if absent
 */
struct cli_request {
	const struct cli_tool *tool;
	const struct cli_action *action;
	int number;
	bool json;
	int argc;
	char **argv;
	const char *values[CLI_MAX_OPTIONS];
};

/** cli_main() - understand a command line and run its action. Return: exit status. */
int cli_main(const struct cli_tool *tool, int argc, char **argv);

/** cli_set_name() - name for messages of tools that do not use cli_main(). */
void cli_set_name(const char *name);

/** cli_option_value() - argument of an option by its long name, or NULL if it was not given. */
const char *cli_option_value(const struct cli_request *request, const char *name);

/**
 * cli_option_number() - numeric argument of an option
 * @request: command line
 * @name: long name of the option
 * @min: least number allowed
 * @max: greatest
 * @value: in: default; out: the number
 * Context: start of an action. Return: CLI_OK, or CLI_USAGE after a message.
 */
int cli_option_number(const struct cli_request *request, const char *name, uint64_t min,
		      uint64_t max, uint64_t *value);

/** cli_fail() - print "TOOL: sentence". Return: CLI_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** cli_usage() - print "TOOL: sentence". Return: CLI_USAGE. */
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** cli_bad_option() - after getopt's message, say where help is. Return: CLI_USAGE. */
int cli_bad_option(void);

/** cli_library_failed() - print the library's sentence. Return: CLI_FAILED. */
int cli_library_failed(void);

/** cli_bad_text() - print the sentence of one of the library's parsers. Return: CLI_USAGE. */
int cli_bad_text(void);

/** cli_print_version() - "TOOL (McKernel) VERSION, build id ID". */
void cli_print_version(const char *name);

/**
 * cli_survive_pipe() - from now on a reader that has gone is an error of writing, as a full disk is
 *
 * For who must not end half-way. Not before a program runs in the tool's place.
 */
void cli_survive_pipe(void);

/** cli_flush() - write what was printed so far; an error is for cli_close_stdout(). */
void cli_flush(void);

/**
 * cli_close_stdout() - at the end: was all that was printed written?
 * @status: exit status so far
 *
 * Context: cli_survive_pipe() is part of it. Return: @status, or CLI_FAILED after a message.
 */
int cli_close_stdout(int status);

#endif

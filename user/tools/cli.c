// SPDX-License-Identifier: GPL-2.0-only
/*
 * Understanding of the tools' command lines.
 */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ihk/ihk.h>
#include <ihk/parse.h>

#include "build_id.h"

static const char *tool_name = "?";

/* Why output was lost first: of stdout only that it was is kept. */
static int lost_errno;

void cli_set_name(const char *name)
{
	tool_name = name;
}

static void say(const char *fmt, va_list args)
{
	char text[PATH_MAX + 256];

	cli_flush();
	vsnprintf(text, sizeof(text), fmt, args);
	/* In one piece: the ranks of a job may fail at the same moment. */
	fprintf(stderr, "%s: %s\n", tool_name, text);
}

int cli_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return CLI_FAILED;
}

int cli_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return CLI_USAGE;
}

int cli_bad_option(void)
{
	return cli_usage("see %s --help", tool_name);
}

int cli_library_failed(void)
{
	return cli_fail("%s", ihk_error());
}

int cli_bad_text(void)
{
	return cli_usage("%s", ihk_error());
}

void cli_print_version(const char *name)
{
	printf("%s (McKernel) %s, build id %s\n", name, MCK_VERSION, ihk_build_id());
}

static void handle_pipe(int number)
{
	(void)number;
}

void cli_survive_pipe(void)
{
	/* Not ignored, which what the tool executes would inherit. */
	const struct sigaction action = { .sa_handler = handle_pipe, .sa_flags = SA_RESTART };

	sigaction(SIGPIPE, &action, NULL);
}

void cli_flush(void)
{
	if (fflush(stdout) && !lost_errno)
		lost_errno = errno;
}

int cli_close_stdout(int status)
{
	cli_survive_pipe();
	cli_flush();
	if (!ferror(stdout))
		return status;
	return lost_errno ? cli_fail("cannot write the output: %s", strerror(lost_errno)) :
			    cli_fail("cannot write the output");
}

const char *cli_option_value(const struct cli_request *request, const char *name)
{
	for (int i = 0; i < CLI_MAX_OPTIONS && request->action->options[i].name; i++)
		if (!strcmp(request->action->options[i].name, name))
			return request->values[i];
	return NULL;
}

int cli_option_number(const struct cli_request *request, const char *name, uint64_t min,
		      uint64_t max, uint64_t *value)
{
	const char *text = cli_option_value(request, name);

	if (!text)
		return CLI_OK;
	if (ihk_parse_number(text, max, name, value))
		return cli_bad_text();
	if (*value < min)
		return cli_usage("bad %s \"%s\": at least %llu", name, text,
				 (unsigned long long)min);
	return CLI_OK;
}

static void print_tool_help(const struct cli_tool *tool)
{
	char left[64];

	printf("Usage: %s [--json] %s ACTION [OPTION...] [ARGUMENT...]\n\n%s\n\nActions:\n",
	       tool->name, tool->number, tool->about);
	for (const struct cli_action *a = tool->actions; a->words; a++) {
		snprintf(left, sizeof(left), "%s %s", a->words, a->args);
		printf("  %-26s %s\n", left, a->help);
	}
	printf("\nOptions:\n"
	       "  -j, --json     print the answer of a query as JSON\n"
	       "  -h, --help     print this help; behind an action, its own\n"
	       "  -V, --version  print version and build id\n\n"
	       "Lists of CPUs: 1,3-5. Memory: 512M@0,1G@1 (SIZE[K|M|G|T][@NODE]) or ALL[@NODE].\n"
	       "IKC map: 2-3:0+4:1 (LWK CPUs:Linux CPU). See %s(8).\n", tool->name);
}

static void print_action_help(const struct cli_tool *tool, const struct cli_action *a)
{
	char left[64];

	printf("Usage: %s %s %s [OPTION...]%s%s\n\n%s.\n", tool->name, tool->number, a->words,
	       a->args[0] ? " " : "", a->args, a->help);
	if (a->more)
		printf("%s\n", a->more);
	printf("\nOptions:\n");
	for (const struct cli_option *o = a->options; o->name; o++) {
		snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name,
			 o->arg ? "=" : "", o->arg ? o->arg : "");
		printf("  %-22s %s\n", left, o->help);
	}
	if (a->json)
		printf("  %-22s %s\n", "-j, --json", "print JSON");
	printf("  %-22s %s\n", "-h, --help", "print this help");
}

/* How many of the words in @argv name the action: 0 if they do not. */
static int matching_words(const struct cli_action *action, int argc, char **argv)
{
	const char *blank = strchr(action->words, ' ');
	size_t len = blank ? (size_t)(blank - action->words) : strlen(action->words);

	if (argc < 1 || strlen(argv[0]) != len || strncmp(argv[0], action->words, len))
		return 0;
	if (!blank)
		return 1;
	return argc > 1 && !strcmp(argv[1], blank + 1) ? 2 : 0;
}

/* Levenshtein's distance, of words shorter than the row. */
static int distance(const char *a, const char *b)
{
	int row[64];
	int n = strnlen(b, 63);

	for (int k = 0; k <= n; k++)
		row[k] = k;
	for (int i = 0; a[i]; i++) {
		int diagonal = row[0];

		row[0] = i + 1;
		for (int k = 1; k <= n; k++) {
			int best = diagonal + (a[i] != b[k - 1]);

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[n];
}

static int unknown_action(const struct cli_tool *tool, int argc, char **argv)
{
	const struct cli_action *best = NULL;
	char two[64];
	char one[64];
	int least = 4;
	int d;

	snprintf(one, sizeof(one), "%s", argv[0]);
	snprintf(two, sizeof(two), "%.30s %.30s", argv[0], argc > 1 ? argv[1] : "");
	for (const struct cli_action *a = tool->actions; a->words; a++) {
		d = distance(a->words, strchr(a->words, ' ') ? two : one);
		if (!strncmp(a->words, one, strlen(one)) && d > 3)
			d = 3;
		if (d < least) {
			least = d;
			best = a;
		}
	}
	if (best)
		return cli_usage("unknown action \"%s\": did you mean \"%s\"? "
				 "See %s --help", strchr(best->words, ' ') && argc > 1 ? two : one,
				 best->words, tool->name);
	return cli_usage("unknown action \"%s\": see %s --help", one, tool->name);
}

/* Options behind the action, and its arguments: -1 to go on, or an exit status. */
static int parse_action(struct cli_request *request, int argc, char **argv)
{
	const struct cli_option *options = request->action->options;
	struct option longs[CLI_MAX_OPTIONS + 3] = { 0 };
	char shorts[2 * CLI_MAX_OPTIONS + 8] = "";
	int n = 0;
	int c;

	for (; n < CLI_MAX_OPTIONS && options[n].name; n++) {
		longs[n] = (struct option){ options[n].name, !!options[n].arg, NULL,
					    options[n].letter };
		strncat(shorts, &options[n].letter, 1);
		if (options[n].arg)
			strcat(shorts, ":");
	}
	longs[n] = (struct option){ "help", 0, NULL, 'h' };
	longs[n + 1] = (struct option){ "json", 0, NULL, 'j' };
	strcat(shorts, "hj");
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			print_action_help(request->tool, request->action);
			return CLI_OK;
		}
		if (c == '?') {
			cli_usage("see %s %d %s --help", request->tool->name, request->number,
				  request->action->words);
			return CLI_USAGE;
		}
		if (c == 'j')
			request->json = true;
		for (int i = 0; i < n; i++)
			if (c == options[i].letter)
				request->values[i] = optarg ? optarg : "";
	}
	request->argc = argc - optind;
	request->argv = argv + optind;
	return -1;
}

/*
 * The tool's own options, before the number or behind it: -1 to go on, then behind them, or an
 * exit status. Element 0 of @argv is not looked at; optind 0 makes glibc's getopt start anew.
 */
static int parse_tool_options(struct cli_request *request, int *argc, char ***argv)
{
	static const struct option longs[] = {
		{ "help", 0, NULL, 'h' },
		{ "json", 0, NULL, 'j' },
		{ "version", 0, NULL, 'V' },
		{ 0 },
	};
	int c;

	(*argv)[0] = (char *)request->tool->name;
	optind = 0;
	while ((c = getopt_long(*argc, *argv, "+hjV", longs, NULL)) != -1) {
		switch (c) {
		case 'h':
			print_tool_help(request->tool);
			return CLI_OK;
		case 'V':
			cli_print_version(request->tool->name);
			return CLI_OK;
		case 'j':
			request->json = true;
			break;
		default:
			return cli_bad_option();
		}
	}
	*argc -= optind;
	*argv += optind;
	return -1;
}

static int check_request(const struct cli_request *request)
{
	const struct cli_action *a = request->action;

	if (request->json && !a->json)
		return cli_usage("\"%s\" prints no JSON", a->words);
	if (request->argc < a->min_args)
		return cli_usage("\"%s\" needs %s; see %s %d %s --help", a->words, a->args,
				 request->tool->name, request->number, a->words);
	if (request->argc > a->max_args)
		return cli_usage("\"%s\": unexpected argument \"%s\"", a->words,
				 request->argv[a->max_args]);
	return CLI_OK;
}

/* NUMBER ACTION ...: an exit status. */
static int run_action(struct cli_request *request, int argc, char **argv)
{
	uint64_t number;
	int words = 0;
	int status;

	if (argc < 1)
		return cli_usage("%s and an action are missing; see %s --help",
				 request->tool->number, request->tool->name);
	if (ihk_parse_number(argv[0], 9999, request->tool->number, &number))
		return cli_bad_text();
	request->number = number;
	status = parse_tool_options(request, &argc, &argv);
	if (status >= 0)
		return status;
	if (!argc)
		return cli_usage("an action is missing; see %s --help", request->tool->name);
	for (const struct cli_action *a = request->tool->actions; a->words && !words; a++) {
		words = matching_words(a, argc, argv);
		request->action = a;
	}
	if (!words)
		return unknown_action(request->tool, argc, argv);

	/* getopt's messages begin with element 0: the last word of the action gives way. */
	argv += words - 1;
	argv[0] = (char *)request->tool->name;
	status = parse_action(request, argc - words + 1, argv);
	if (status >= 0)
		return status;
	status = check_request(request);
	if (status)
		return status;
	return request->action->run(request);
}

int cli_main(const struct cli_tool *tool, int argc, char **argv)
{
	struct cli_request request = { .tool = tool };
	int status;

	cli_set_name(tool->name);
	cli_survive_pipe();
	if (argc < 1)
		return cli_usage("no command line");
	status = parse_tool_options(&request, &argc, &argv);
	if (status < 0)
		status = run_action(&request, argc, argv);
	return cli_close_stdout(status);
}

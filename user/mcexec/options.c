// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcexec's command line.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ihk/parse.h"
#include "user/mcexec/layout.h"
#include "user/mcexec/mempolicy.h"
#include "user/tools/cli.h"

/* Greatest number of an OS instance and of a CPU that is worth asking the kernels about. */
#define MAX_NUMBER 9999

/* --exec=NUMBER,DEVICE,EXE,TRACE,SHARE,LINES,BEGAN,FLAGS,BLOCKED: from exec.c. */
#define OPTION_EXEC 256
/* --limit=RESOURCE,SOFT,HARD: with it, a limit to have from now on. */
#define OPTION_LIMIT 257
/* --file=DESCRIPTOR: with it, the program's file is open, PROGRAM is only what it is called. */
#define OPTION_FILE 258
/* --mempolicy=MODE,WORD,...: with it, the program's NUMA policy. */
#define OPTION_MEMPOLICY 259
/* --start=SOFT,PERSONALITY: mcexec executed itself, see layout.c. */
#define OPTION_START 260

static const char help[] =
	"Usage: mcexec [OPTION...] [NUMBER] PROGRAM [ARGUMENT...]\n\n"
	"Run a program on the lightweight kernel of /dev/mcosNUMBER (0).\n\n"
	"Options:\n"
	"  -c, --cpu=LIST           run on these CPUs of the LWK, by the LWK's numbers: 0-3,5\n"
	"  -n, --shares=N           run on the next free one of N shares of the LWK's CPUs\n"
	"  -m, --mem=NODES          take memory from these NUMA nodes only, by Linux's numbers\n"
	"  -e, --env=NAME=VALUE     set a variable in the program's environment\n"
	"  -s, --stack-premap=SIZE  populate so much of the stack at start: 64K, 2M, 1G\n"
	"  -T, --twins=N            keep N threads ready on Linux for those that the program makes\n"
	"  -R, --no-randomize       place the program at the same addresses each time\n"
	"  -t, --trace[=FILE]       write the program's system calls to FILE or stderr\n"
	"  -C, --summary[=FILE]     write at the end how often and how long which system call\n"
	"                           was made; to FILE or stderr\n"
	"  -v, --verbose            say on stderr what is done\n"
	"  -h, --help               print this help\n"
	"  -V, --version            print version and build id\n\n"
	"The exit status is the program's; 125: mcexec failed, 126: PROGRAM cannot be run,\n"
	"127: PROGRAM was not found. See mcexec(1).\n";

static const struct option longs[] = {
	{ "cpu", required_argument, NULL, 'c' },
	{ "shares", required_argument, NULL, 'n' },
	{ "mem", required_argument, NULL, 'm' },
	{ "env", required_argument, NULL, 'e' },
	{ "stack-premap", required_argument, NULL, 's' },
	{ "twins", required_argument, NULL, 'T' },
	{ "no-randomize", no_argument, NULL, 'R' },
	{ "trace", optional_argument, NULL, 't' },
	{ "summary", optional_argument, NULL, 'C' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "exec", required_argument, NULL, OPTION_EXEC },
	{ "limit", required_argument, NULL, OPTION_LIMIT },
	{ "file", required_argument, NULL, OPTION_FILE },
	{ "mempolicy", required_argument, NULL, OPTION_MEMPOLICY },
	{ "start", required_argument, NULL, OPTION_START },
	{ 0 },
};

/* Digits alone, up to MAX_NUMBER: or -1. */
static int parse_number(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > 4 || strspn(text, "0123456789") != len)
		return -1;
	return atoi(text);
}

/* SIZE[K|M|G|T]. Return: false if it is none. */
static bool parse_size(const char *text, u64 *size)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	u64 number;
	int shift = 0;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end) {
		unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return false;
		shift = 10 * (int)(unit - units + 1);
	}
	if (number > ~0ULL >> shift)
		return false;
	*size = number << shift;
	return true;
}

static int parse_cpus(const char *list, struct options *options)
{
	static int cpus[IHK_MAX_CPUS];
	int n = ihk_parse_cpus(list, cpus, IHK_MAX_CPUS);

	memset(options->cpus, 0, sizeof(options->cpus));
	for (int i = 0; i < n; i++) {
		if (cpus[i] >= IHK_MAX_CPUS) {
			cli_fail("--cpu: there is no CPU %d", cpus[i]);
			return MCEXEC_FAILED;
		}
		options->cpus[cpus[i] / 64] |= 1ULL << cpus[i] % 64;
	}
	options->cpu = n == 1 ? cpus[0] : -1;
	options->cpus_given = true;
	if (n > 0)
		return -1;
	cli_fail("--cpu: \"%s\" is not a list of CPUs such as 0-3,5", list);
	return MCEXEC_FAILED;
}

static int parse_shares(const char *text, struct options *options)
{
	options->nshares = parse_number(text);
	if (options->nshares > 0)
		return -1;
	cli_fail("--shares: \"%s\" is not a number of shares", text);
	return MCEXEC_FAILED;
}

static int parse_twins(const char *text, struct options *options)
{
	options->twins = parse_number(text);
	if (options->twins >= 0)
		return -1;
	cli_fail("--twins: \"%s\" is not a number of threads", text);
	return MCEXEC_FAILED;
}

static int set_variable(const char *text)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		cli_fail("--env: \"%s\" is not NAME=VALUE", text);
		return MCEXEC_FAILED;
	}
	if (putenv((char *)text)) {
		cli_fail("out of memory");
		return MCEXEC_FAILED;
	}
	return -1;
}

static int parse_exec(struct options *options)
{
	options->exec = true;
	if (sscanf(optarg, "%d,%d,%d,%d,%d,%d,%llu,%u,%llu", &options->os, &options->device,
		   &options->exe, &options->trace_fd, &options->share, &options->trace_lines,
		   &options->exec_ns, &options->program_flags, &options->blocked) == 9)
		return -1;
	cli_fail("--exec is for mcexec's own use");
	return MCEXEC_FAILED;
}

/* One that cannot be had was beyond the caller's rights, on the LWK too. */
static int set_limit(const struct options *options)
{
	unsigned long long cur, max;
	struct rlimit limit;
	int resource;

	if (!options->exec || sscanf(optarg, "%d,%llu,%llu", &resource, &cur, &max) != 3) {
		cli_fail("--limit is for mcexec's own use");
		return MCEXEC_FAILED;
	}
	limit = (struct rlimit){ cur, max };
	setrlimit(resource, &limit);
	return -1;
}

static int parse_file(struct options *options)
{
	options->file = parse_number(optarg);
	if (options->exec && options->file >= 0)
		return -1;
	cli_fail("--file is for mcexec's own use");
	return MCEXEC_FAILED;
}

static int parse_option(int c, struct options *options)
{
	switch (c) {
	case 'c':
		return parse_cpus(optarg, options);
	case 'n':
		return parse_shares(optarg, options);
	case 'm':
		return mempolicy_bind(optarg) ? -1 : MCEXEC_FAILED;
	case 'e':
		return set_variable(optarg);
	case 's':
		if (parse_size(optarg, &options->stack_premap))
			return -1;
		cli_fail("--stack-premap: \"%s\" is not a size such as 64K or 2M", optarg);
		return MCEXEC_FAILED;
	case 'T':
		return parse_twins(optarg, options);
	case 'R':
		options->no_randomize = true;
		return -1;
	case 't':
		options->trace = true;
		options->trace_file = optarg ? optarg : options->trace_file;
		return -1;
	case 'C':
		options->summary = true;
		options->trace_file = optarg ? optarg : options->trace_file;
		return -1;
	case 'v':
		options->verbose = true;
		return -1;
	case 'h':
		fputs(help, stdout);
		return 0;
	case OPTION_EXEC:
		return parse_exec(options);
	case OPTION_LIMIT:
		return set_limit(options);
	case OPTION_FILE:
		return parse_file(options);
	case OPTION_MEMPOLICY:
		if (options->exec && mempolicy_parse(optarg))
			return -1;
		cli_fail("--mempolicy is for mcexec's own use");
		return MCEXEC_FAILED;
	case OPTION_START:
		if (!layout_restore(optarg))
			return -1;
		cli_fail("--start is for mcexec's own use");
		return MCEXEC_FAILED;
	case 'V':
		cli_print_version("mcexec");
		return 0;
	default:
		cli_bad_option();
		return MCEXEC_FAILED;
	}
}

int options_parse(int argc, char **argv, struct options *options)
{
	int status;
	int c;

	*options = (struct options){
		.cpu = -1, .device = -1, .exe = -1, .trace_fd = -1, .file = -1, .share = -1,
		.trace_lines = -1,
	};
	/* getopt's messages begin with element 0; 0 makes glibc's start anew. */
	if (argc > 0)
		argv[0] = "mcexec";
	optind = 0;
	while ((c = getopt_long(argc, argv, "+c:n:m:e:s:T:Rt::C::vhV", longs, NULL)) != -1) {
		status = parse_option(c, options);
		if (status >= 0)
			return status;
	}
	if (options->nshares && options->cpus_given) {
		cli_fail("--shares chooses the CPUs itself: not with --cpu");
		return MCEXEC_FAILED;
	}
	argv += optind;
	if (!options->exec && argv[0] && parse_number(argv[0]) >= 0)
		options->os = parse_number(*argv++);
	if (!argv[0] || (options->exec && !argv[1])) {
		cli_fail("which program? See mcexec --help");
		return MCEXEC_FAILED;
	}
	options->name = argv[0];
	options->argv = options->exec ? argv + 1 : argv;
	return -1;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command many times, several at once, and compares what each run writes to standard
 * output, and its status, with what is wanted.
 *
 *   run_many [-k] COUNT AT-ONCE OUTPUT COMMAND...
 *
 * "%" alone as an argument stands for the number of the run modulo 8; OUTPUT then is a
 * file with a line for each of these. Otherwise OUTPUT is the line itself. With -k each run is
 * killed at some moment, another one each time: after the line if OUTPUT is "ready", otherwise
 * nothing is compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_AT_ONCE 64
#define MAX_ARGS 16
#define VARIANTS 8
#define LINE_LEN 256

struct run {
	pid_t pid;
	int output;
	unsigned long n;
};

static char lines[VARIANTS][LINE_LEN];
static struct run runs[MAX_AT_ONCE];
static bool kills;

static void die(const char *what)
{
	fprintf(stderr, "run_many: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void start(struct run *run, unsigned long n, char **argv)
{
	char *args[MAX_ARGS + 1] = { NULL };
	char variant[2] = { (char)('0' + n % VARIANTS), '\0' };
	int ends[2];

	for (int i = 0; argv[i] && i < MAX_ARGS; i++)
		args[i] = strcmp(argv[i], "%") ? argv[i] : variant;
	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
	run->n = n;
	run->output = ends[0];
	run->pid = fork();
	if (run->pid < 0)
		die("fork");
	if (!run->pid) {
		dup2(ends[1], STDOUT_FILENO);
		execvp(args[0], args);
		_exit(98);
	}
	close(ends[1]);
}

/* Reads what it writes until its end, or to the end of the first line. */
static void read_output(struct run *run, char *text, bool line)
{
	ssize_t len = 0, n;

	while ((n = read(run->output, text + len, LINE_LEN - 1 - (size_t)len)) > 0) {
		len += n;
		if (line && text[len - 1] == '\n')
			break;
	}
	text[len] = '\0';
}

/* By busy work that takes from nothing to about as long as a run. */
static void kill_some_time(struct run *run, char *text)
{
	static volatile uint64_t sink;
	static uint64_t random = 88172645463325252ULL;

	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	if (!strcmp(lines[0], "ready\n"))
		read_output(run, text, true);
	for (uint64_t i = random % 5000000; i; i--)
		sink += i;
	kill(run->pid, SIGKILL);
}

static void finish(struct run *run)
{
	const char *wanted = lines[run->n % VARIANTS];
	char text[LINE_LEN];
	int status;

	if (kills)
		kill_some_time(run, text);
	else
		read_output(run, text, false);
	close(run->output);
	if (waitpid(run->pid, &status, 0) != run->pid)
		die("waitpid");
	run->pid = 0;
	if (kills || (!status && !strcmp(text, wanted)))
		return;
	fprintf(stderr, "run_many: run %lu: status %#x, \"%s\" instead of \"%s\"\n", run->n,
		status, text, wanted);
	exit(1);
}

static void read_lines(const char *output)
{
	FILE *file = strchr(output, '/') ? fopen(output, "r") : NULL;

	for (int i = 0; i < VARIANTS; i++) {
		if (!file)
			snprintf(lines[i], LINE_LEN, "%s\n", output);
		else if (!fgets(lines[i], LINE_LEN, file))
			die(output);
	}
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	unsigned long count, at_once;

	if (argc > 1 && !strcmp(argv[1], "-k")) {
		kills = true;
		argv++;
		argc--;
	}
	if (argc < 5 || argc - 4 > MAX_ARGS) {
		fprintf(stderr, "usage: run_many [-k] COUNT AT-ONCE OUTPUT COMMAND...\n");
		return 2;
	}
	count = strtoul(argv[1], NULL, 0);
	at_once = strtoul(argv[2], NULL, 0);
	if (!at_once || at_once > MAX_AT_ONCE)
		return 2;
	read_lines(argv[3]);
	for (unsigned long n = 0; n < count; n++) {
		struct run *run = &runs[n % at_once];

		if (run->pid)
			finish(run);
		start(run, n, argv + 4);
	}
	for (unsigned long i = 0; i < at_once; i++)
		if (runs[i].pid)
			finish(&runs[i]);
	printf("%lu runs\n", count);
	return 0;
}

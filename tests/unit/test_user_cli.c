// SPDX-License-Identifier: GPL-2.0-only
/* How the tools tell errors, when others write to the same place; output that is lost. */
#include "user/libihk/error.c"
#include "user/libihk/parse.c"
#include "user/tools/cli.c"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* The library's, which is not asked here. */
const char *ihk_build_id(void)
{
	return "";
}

/* Put @fd in place of @of. Return: what was there. */
static int redirect(int of, int fd)
{
	int saved = dup(of);

	CHECK(saved >= 0);
	CHECK_EQ(dup2(fd, of), of);
	close(fd);
	return saved;
}

static void restore(int of, int saved)
{
	CHECK_EQ(dup2(saved, of), of);
	close(saved);
}

/* Each write is a message of its own on such a socket: stderr's from now on. */
static int listen_to_stderr(int *saved)
{
	int pair[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	*saved = redirect(STDERR_FILENO, pair[1]);
	return pair[0];
}

/* That one message, and no other. */
static void expect_message(int from, const char *wanted)
{
	char got[256];

	CHECK_EQ(recv(from, got, sizeof(got), MSG_DONTWAIT), (long)strlen(wanted));
	CHECK(!memcmp(got, wanted, strlen(wanted)));
	CHECK(recv(from, got, sizeof(got), MSG_DONTWAIT) <= 0);
	close(from);
}

static void one_write(void)
{
	int saved;
	int from = listen_to_stderr(&saved);

	cli_set_name("tool");
	CHECK_EQ(cli_fail("cannot run %s: %s", "a", "no"), CLI_FAILED);
	restore(STDERR_FILENO, saved);
	expect_message(from, "tool: cannot run a: no\n");
}

/* Print to @to, in one piece or with a part of it written before: the status at the end. */
static void lose_output(int to, bool in_parts, const char *wanted)
{
	int out, err, from, status;

	cli_set_name("tool");
	fflush(stdout);
	out = redirect(STDOUT_FILENO, to);
	from = listen_to_stderr(&err);
	lost_errno = 0;
	printf("some");
	if (in_parts) {
		cli_flush();
		/* Of no account: what failed is long over. */
		errno = ENOENT;
	}
	status = cli_close_stdout(CLI_OK);
	restore(STDERR_FILENO, err);
	restore(STDOUT_FILENO, out);
	clearerr(stdout);
	CHECK_EQ(status, CLI_FAILED);
	expect_message(from, wanted);
}

static int closed_pipe(void)
{
	int pair[2];

	CHECK_EQ(pipe(pair), 0);
	close(pair[0]);
	return pair[1];
}

static void lost_output(void)
{
	for (int in_parts = 0; in_parts < 2; in_parts++) {
		lose_output(open("/dev/full", O_WRONLY), in_parts,
			    "tool: cannot write the output: No space left on device\n");
		/* As tools do that must not end half-way; SIGPIPE would end the test. */
		if (in_parts)
			cli_survive_pipe();
		lose_output(closed_pipe(), in_parts,
			    "tool: cannot write the output: Broken pipe\n");
		signal(SIGPIPE, SIG_DFL);
	}
}

/* A status stays that has nothing to do with the output, and an empty output cannot be lost. */
static void whole_output(void)
{
	int out;

	fflush(stdout);
	out = redirect(STDOUT_FILENO, open("/dev/null", O_WRONLY));
	printf("some");
	CHECK_EQ(cli_close_stdout(CLI_OK), CLI_OK);
	CHECK_EQ(cli_close_stdout(CLI_USAGE), CLI_USAGE);
	restore(STDOUT_FILENO, out);
	out = redirect(STDOUT_FILENO, open("/dev/full", O_WRONLY));
	CHECK_EQ(cli_close_stdout(CLI_OK), CLI_OK);
	restore(STDOUT_FILENO, out);
}

static const struct unit_test tests[] = {
	UNIT_TEST(one_write),
	UNIT_TEST(lost_output),
	UNIT_TEST(whole_output),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/* How the tools tell errors, when others write to the same place. */
#include "user/libihk/error.c"
#include "user/libihk/parse.c"
#include "user/tools/cli.c"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* The library's, which is not asked here. */
const char *ihk_build_id(void)
{
	return "";
}

/* Each write is a message of its own on such a socket. */
static void one_write(void)
{
	const char wanted[] = "tool: cannot run a: no\n";
	char got[256];
	int pair[2];
	int saved;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	saved = dup(STDERR_FILENO);
	CHECK(saved >= 0);
	CHECK_EQ(dup2(pair[1], STDERR_FILENO), STDERR_FILENO);
	cli_set_name("tool");
	CHECK_EQ(cli_fail("cannot run %s: %s", "a", "no"), CLI_FAILED);
	dup2(saved, STDERR_FILENO);
	CHECK_EQ(recv(pair[0], got, sizeof(got), MSG_DONTWAIT), (long)strlen(wanted));
	CHECK(!memcmp(got, wanted, strlen(wanted)));
	close(saved);
	close(pair[0]);
	close(pair[1]);
}

static const struct unit_test tests[] = {
	UNIT_TEST(one_write),
};

UNIT_MAIN(tests)

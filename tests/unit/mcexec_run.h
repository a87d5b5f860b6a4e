/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running the real mcexec against an LWK that the tests play.
 */
#ifndef UNIT_MCEXEC_RUN_H
#define UNIT_MCEXEC_RUN_H

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/fake_lwk.h"
#include "tests/unit/unit.h"

/* Somewhere in the program's memory. */
#define SCRATCH 0x10000000ULL

static __maybe_unused void start(struct fake_lwk *lwk, char *const *argv, void (*setup)(void))
{
	*lwk = (struct fake_lwk){ 0 };
	CHECK_EQ(fake_start(lwk, argv, setup), 0);
	CHECK(lwk->started);
}

/* A setup for start(): what descriptors the caller has does not matter. */
static __maybe_unused void close_all(void)
{
	syscall(SYS_close_range, 3, ~0U, 0);
}

static __maybe_unused void start_true(struct fake_lwk *lwk)
{
	start(lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, NULL);
}

static __maybe_unused void check_exit(struct fake_lwk *lwk, int code)
{
	int status;

	fake_request(lwk, SYS_exit_group, (const u64[6]){ (u64)code });
	status = fake_end(lwk);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		printf("# wait status %#x\n", (u32)status);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

#endif

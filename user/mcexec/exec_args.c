// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much the arguments of execve(2) may be: as fs/exec.c and the LWK's program_plan.c have it.
 * Here the old program still hears of it.
 */
#include "exec_args.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "abi/layout.h"
#include "user/mcexec/kept.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/scratch.h"

#define ARGS_MIN (128ULL << 10)

u64 exec_args_extra(const struct program *program)
{
	u64 len = 0;

	if (!program->nblocks)
		return 0;
	for (int i = 0; i < program->argc; i++)
		len += strlen(program->argv[i]) + 1 + sizeof(u64);
	return len;
}

/* With its NUL. */
static s64 string_len(u64 from, char *page)
{
	u64 done = 0;

	for (;;) {
		u64 len = LWK_PAGE_SIZE - (from + done) % LWK_PAGE_SIZE;
		const char *end;

		if (memory_read(page, from + done, len))
			return -EFAULT;
		end = memchr(page, '\0', len);
		if (end)
			return (s64)(done + (u64)(end - page) + 1);
		done += len;
		if (done > PROGRAM_MAX_ARGS_LEN)
			return -E2BIG;
	}
}

/* Adds strings and pointers of an array. */
static int add_array(u64 array, char *page, u64 *strings, u64 *pointers)
{
	int n = memory_count(array, PROGRAM_MAX_STRINGS);

	if (n < 0)
		return n;
	*pointers += (u64)n * sizeof(u64);
	for (int i = 0; i < n; i++) {
		s64 len = -EFAULT;
		u64 string;

		if (!memory_read(&string, array + (u64)i * sizeof(u64), sizeof(string)))
			len = string_len(string, page);
		if (len < 0)
			return (int)len;
		*strings += (u64)len;
		if (*strings > PROGRAM_MAX_ARGS_LEN)
			return -E2BIG;
	}
	return 0;
}

int exec_args_check(u64 argv, u64 envp, const char *path, u64 extra)
{
	const struct kept_limit *stack = &kept_of_process()->limits[RLIMIT_STACK];
	u64 limit = stack->cur / 4;
	u64 strings = strlen(path) + 1;
	u64 pointers = extra;
	char *page;
	u64 room;
	int err;

	if (!stack->changed)
		return 0;
	limit = limit < PROGRAM_MAX_ARGS_LEN ? limit : PROGRAM_MAX_ARGS_LEN;
	limit = limit > ARGS_MIN ? limit : ARGS_MIN;
	page = scratch_alloc(LWK_PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	err = add_array(argv, page, &strings, &pointers);
	if (!err)
		err = add_array(envp, page, &strings, &pointers);
	scratch_free(page);
	if (err)
		return err;
	/* Linux copies the strings to a stack of a page, which grows as the limit lets it. */
	room = stack->cur - stack->cur % LWK_PAGE_SIZE;
	if ((room > LWK_PAGE_SIZE ? room : LWK_PAGE_SIZE) < strings + sizeof(u64))
		return -E2BIG;
	return strings + pointers > limit ? -E2BIG : 0;
}

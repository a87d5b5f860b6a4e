// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where Linux puts mcexec's own mappings: below the room that it leaves for a stack, which with
 * "ulimit -s unlimited" is most of the address space, and for some personalities from below. There
 * they would fill holes of the program's memory. The place is chosen when a program is executed, so
 * mcexec executes itself, with a small stack and a plain personality, and has its own back then.
 */
#include "layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/types.h"
#include "user/tools/cli.h"

/* Much less than what Linux always leaves; arguments may be as many as with any larger one. */
#define STACK_LEN (64ULL << 20)

/* What mcexec's own mappings have to have below the first one. */
#define ROOM (64ULL << 30)

#define OPTION "--start="

/*
 * The page stays: what is mapped next comes beside it, into the same tables. Return: 0; 1: they
 * would come too low; -errno.
 */
static int look(void)
{
	void *place = mmap(NULL, LWK_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (place == MAP_FAILED)
		return -errno;
	return (u64)place < LWK_PROXY_VA + ROOM;
}

/* Return: -errno. */
static int execute_again(int persona, const struct rlimit *limit, char **words)
{
	struct rlimit small = *limit;

	if (small.rlim_cur > STACK_LEN)
		small.rlim_cur = STACK_LEN;
	if (setrlimit(RLIMIT_STACK, &small) ||
	    personality((unsigned int)((persona & ~ADDR_COMPAT_LAYOUT) | ADDR_NO_RANDOMIZE)) < 0)
		return -errno;
	execv("/proc/self/exe", words);
	return -errno;
}

/* Return: -errno. */
static int start_again(int argc, char **argv)
{
	int persona = personality(0xffffffff);
	struct rlimit limit;
	char option[64];
	char **words;
	int err;

	if (persona < 0 || getrlimit(RLIMIT_STACK, &limit))
		return -errno;
	words = calloc((size_t)argc + 2, sizeof(*words));
	if (!words)
		return -ENOMEM;
	snprintf(option, sizeof(option), OPTION "%llu,%d", (unsigned long long)limit.rlim_cur,
		 persona);
	words[0] = "mcexec";
	words[1] = option;
	for (int i = 1; i < argc; i++)
		words[i + 1] = argv[i];
	err = execute_again(persona, &limit, words);
	free(words);
	return err;
}

int layout_check(int argc, char **argv)
{
	int err = look();

	if (!err)
		return 0;
	if (err > 0 && argc > 1 && !strncmp(argv[1], OPTION, strlen(OPTION))) {
		cli_fail("Linux maps from below: is vm.legacy_va_layout set?");
		return -ENOMEM;
	}
	if (err > 0)
		err = start_again(argc, argv);
	cli_fail("cannot have Linux map above the program's memory: %s", strerror(-err));
	return err;
}

int layout_restore(const char *text)
{
	unsigned long long cur;
	struct rlimit limit;
	int persona;

	if (sscanf(text, "%llu,%d", &cur, &persona) != 2 || getrlimit(RLIMIT_STACK, &limit))
		return -EINVAL;
	limit.rlim_cur = cur;
	if (setrlimit(RLIMIT_STACK, &limit) || personality((unsigned int)persona) < 0)
		return -EINVAL;
	return 0;
}

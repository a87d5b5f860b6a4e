// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words for numbers: states of instances, states of CPUs, tests. The lists are
 * those of abi/; the public header's numbers are checked against them here.
 */
#include "internal.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "abi/boot.h"

#include "build_id.h"

#define IHK_STATUS(number, name, doc) \
	_Static_assert(IHK_STATUS_##name == (number), "ihk.h: IHK_STATUS_" #name);
#include "abi/status.def"

static const char *const status_names[] = {
#define IHK_STATUS(number, name, doc) [number] = #name,
#include "abi/status.def"
};
_Static_assert(sizeof(status_names) / sizeof(status_names[0]) == IHK_NUM_STATUS,
	       "ihk.h: IHK_NUM_STATUS");

static const char *const monitor_names[] = {
	[MONITOR_OFFLINE] = "offline",
	[MONITOR_KERNEL] = "kernel",
	[MONITOR_IDLE] = "idle",
	[MONITOR_USER] = "user",
	[MONITOR_FROZEN] = "frozen",
	[MONITOR_PANIC] = "panic",
	[MONITOR_PARKED] = "parked",
};

static const struct {
	int number;
	const char *word;
	const char *doc;
} tests[] = {
#define IHK_TEST(number, name, word, doc) { number, word, doc },
#include "abi/test.def"
};

#define NUM_TESTS ((int)(sizeof(tests) / sizeof(tests[0])))

EXPORT const char *ihk_build_id(void)
{
	return MCK_BUILD_ID;
}

EXPORT const char *ihk_status_name(int status)
{
	if (status < 0 || status >= IHK_NUM_STATUS)
		return "UNKNOWN";
	return status_names[status];
}

EXPORT int ihk_status_number(const char *word)
{
	for (int i = 0; i < IHK_NUM_STATUS; i++)
		if (!strcasecmp(word, status_names[i]))
			return i;
	return error_set(NULL, -EINVAL, "there is no status \"%.32s\"", word);
}

EXPORT const char *ihk_monitor_name(unsigned int state)
{
	if (state >= sizeof(monitor_names) / sizeof(monitor_names[0]))
		return "unknown";
	return monitor_names[state];
}

EXPORT int ihk_test_number(const char *word)
{
	for (int i = 0; i < NUM_TESTS; i++)
		if (!strcmp(word, tests[i].word))
			return tests[i].number;
	return error_set(NULL, -EINVAL, "there is no test \"%.32s\"", word);
}

EXPORT const char *ihk_test_word(int n)
{
	return n >= 0 && n < NUM_TESTS ? tests[n].word : NULL;
}

EXPORT const char *ihk_test_doc(int n)
{
	return n >= 0 && n < NUM_TESTS ? tests[n].doc : NULL;
}

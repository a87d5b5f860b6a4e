// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first line of a script.
 */
#include "script.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int script_parse(char *head, size_t len, struct script *out)
{
	char *end, *arg, *p;
	bool cut = false;

	*out = (struct script){ 0 };
	if (len < 2 || head[0] != '#' || head[1] != '!')
		return -ENOEXEC;
	end = memchr(head, '\n', len);
	if (!end) {
		end = head + len;
		if (len == SCRIPT_HEAD_LEN)
			cut = *--end && !is_blank(*end);
	}
	*end = '\0';
	while (end > head + 2 && is_blank(end[-1]))
		*--end = '\0';

	for (p = head + 2; is_blank(*p); p++)
		;
	if (!*p)
		return -ENOEXEC;
	for (arg = p; *arg && !is_blank(*arg); arg++)
		;
	/* A path that reaches the end of what is read may be longer; an argument is just cut. */
	if (arg == end && cut)
		return -ENOEXEC;
	out->interp = p;
	while (is_blank(*arg))
		*arg++ = '\0';
	if (*arg)
		out->arg = arg;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What mcexec remembers for a process of the program.
 */
#include "kept.h"

static struct kept first;
static __thread struct kept *kept = &first;

struct kept *kept_of_process(void)
{
	return kept;
}

void kept_use(struct kept *now)
{
	kept = now;
}

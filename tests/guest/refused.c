// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes every call that the LWK's table refuses, and every number that it does not know, and tells
 * what answers other than the table says. To be run on the LWK.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Numbers of x86-64 are far below. */
#define NUMBERS 1024

struct row {
	bool known;
	int refused;	/* errno; 0: served */
	const char *name;
};

static const struct row table[NUMBERS] = {
#define SYS_LOCAL(number, name, note) [number] = { true, 0, #name },
#define SYS_OFFLOAD(number, name, note) [number] = { true, 0, #name },
#define SYS_REFUSE(number, name, err, reason) [number] = { true, err, #name },
#include "abi/syscalls.def"
};

int main(void)
{
	unsigned int refused = 0, unknown = 0, wrong = 0;

	for (long nr = 0; nr < NUMBERS; nr++) {
		const struct row *row = &table[nr];
		int wanted = row->known ? row->refused : ENOSYS;
		long ret;

		if (!wanted)
			continue;
		errno = 0;
		ret = syscall(nr, 0, 0, 0, 0, 0, 0);
		if (ret != -1 || errno != wanted) {
			printf("%ld (%s): %ld, %s instead of %s\n", nr,
			       row->known ? row->name : "unknown", ret, strerrorname_np(errno),
			       strerrorname_np(wanted));
			wrong++;
		}
		if (row->known)
			refused++;
		else
			unknown++;
	}
	printf("%u refused and %u unknown calls, %u answered otherwise\n", refused, unknown, wrong);
	return wrong || !refused || !unknown;
}

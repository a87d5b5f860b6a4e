// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that are no system call of x86-64 Linux, or none any more: all ENOSYS. Of the
 * number only 32 bits count.
 */
#include <stdint.h>
#include <unistd.h>

#include "app.h"

static int other;

static void try(long nr)
{
	const long ret = syscall(nr, 0, 0, 0, 0, 0, 0);

	if (ret == -1 && errno == ENOSYS)
		return;
	printf("%ld: %ld\n", nr, ret == getpid() ? 1 : ret);
	other++;
}

int main(void)
{
	const long gone[] = {
		134, 156, 174, 177, 178, 180, 181, 182, 183, 184, 185, 205, 211, 214, 215, 236,
	};
	const long far[] = {
		-1, -2, INT32_MIN, INT32_MAX, INT64_MAX, INT64_MIN, 1L << 32, (1L << 32) + 39,
		0x40000000, 0x40000001, 0x40000200, 4096, 65536, 0x10000, 0x10001, 0x10002, 0x10003,
		0x10004, 0x10005,
	};
	size_t i;
	long nr;

	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		try(gone[i]);
	/* 335 and 336 are of uprobes: newer kernels end who calls them. */
	for (nr = 337; nr < 424; nr++)
		try(nr);
	for (nr = 480; nr < 1100; nr++)
		try(nr);
	for (i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		try(far[i]);
	printf("%d others\n", other);
	return 0;
}

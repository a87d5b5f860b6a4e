// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clock, output and arguments of the measured programs.
 */
#include "samples.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char output[1 << 20];

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void sample(const char *name, uint64_t ns, uint64_t count)
{
	static bool buffered;

	if (!buffered)
		setvbuf(stdout, output, _IOFBF, sizeof(output));
	buffered = true;
	printf("%s;ns;%.3f\n", name, (double)ns / (double)count);
}

void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s failed: %s\n", what, strerror(errno));
	exit(1);
}

unsigned int number(const char *text, unsigned int most)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = text ? strtoul(text, &end, 10) : 0;
	if (errno || !value || value > most || *end) {
		fprintf(stderr, "'%s' is not a number from 1 to %u\n", text ? text : "", most);
		exit(2);
	}
	return (unsigned int)value;
}

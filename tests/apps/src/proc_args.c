// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments and environment: count, length, a checksum, and how they lie in memory.
 */
#include <stdint.h>
#include <sys/auxv.h>

#include "app.h"

extern char **environ;

static uint64_t hash(uint64_t sum, const char *text)
{
	do
		sum = (sum ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++);
	return sum;
}

static void show_strings(const char *what, char **strings)
{
	uint64_t sum = 0xcbf29ce484222325;
	int contiguous = 1;
	size_t len = 0;
	int n;

	for (n = 0; strings[n]; n++) {
		sum = hash(sum, strings[n]);
		len += strlen(strings[n]) + 1;
		contiguous &= n == 0 || strings[n] == strings[n - 1] + strlen(strings[n - 1]) + 1;
	}
	printf("%s: %d strings, %zu bytes, %016lx, contiguous: %d\n", what, n, len, sum,
	       contiguous);
}

int main(int argc, char **argv)
{
	const char *file = (const char *)getauxval(AT_EXECFN);

	show_strings("arguments", argv);
	show_strings("environment", environ);
	SHOW_TRUE(argv[argc] == NULL && environ == argv + argc + 1);
	SHOW_TRUE(((uintptr_t)argv - 8) % 16 == 0);
	if (argc && environ[0])
		SHOW_TRUE(environ[0] == argv[argc - 1] + strlen(argv[argc - 1]) + 1);
	SHOW_TRUE(file > argv[0]);
	if (argc > 1 && argc < 10)
		printf("%s|%s\n", argv[0], argv[1]);
	return 0;
}

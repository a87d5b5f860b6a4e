// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints its arguments: the least that a program can do.
 */
#include "app.h"

int main(int argc, char **argv)
{
	int i;

	printf("hello");
	for (i = 1; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n");
	return argc;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest program with some output; built statically and dynamically.
 */
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raises the signal whose number it is given, with its default action, and says so if it
 * is still there: sig_end NUMBER [ignore].
 */
#include <signal.h>

#include "app.h"

int main(int argc, char **argv)
{
	const int number = argc > 1 ? atoi(argv[1]) : SIGTERM;

	if (argc > 2)
		signal(number, SIG_IGN);
	raise(number);
	printf("signal %d did not end it\n", number);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ends in the given way with the given status: proc_exit exit|_exit|return|thread|quick|abort N.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

static void last(void)
{
	puts("registered first");
}

static void __attribute__((destructor)) destructor(void)
{
	puts("destructor");
}

static void first(void)
{
	puts("registered last");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "return";
	const int status = argc > 2 ? atoi(argv[2]) : 0;

	atexit(last);
	atexit(first);
	printf("%s %d; not yet written", how, status);
	if (!strcmp(how, "exit"))
		exit(status);
	if (!strcmp(how, "_exit"))
		_exit(status);
	if (!strcmp(how, "thread"))
		syscall(SYS_exit, status);
	if (!strcmp(how, "quick"))
		quick_exit(status);
	if (!strcmp(how, "abort"))
		abort();
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Libraries that come at run time, thread-local variables, constructors.
 */
#include <dlfcn.h>

#include "app.h"

static __thread long local = 4711;
static __thread char zero[4096];
static int constructed;

static void __attribute__((constructor)) construct(void)
{
	constructed++;
}

static void use_library(const char *file, const char *name, double argument)
{
	void *library = dlopen(file, RTLD_NOW);
	double (*function)(double);

	if (!library) {
		printf("%s: %s\n", file, dlerror());
		return;
	}
	*(void **)&function = dlsym(library, name);
	if (function)
		printf("%s(%g) = %.15g\n", name, argument, function(argument));
	else
		printf("%s\n", dlerror());
	printf("closed: %d\n", dlclose(library));
}

int main(void)
{
	int i;

	for (i = 0; i < 3; i++)
		use_library("libm.so.6", "cbrt", 27.0 + i);
	use_library("libm.so.6", "no_such_function", 1);
	use_library("libno-such-library.so", "cbrt", 1);
	use_library("libz.so.1", "zlibVersion_", 1);
	SHOW(local);
	SHOW(zero[0] + zero[4095]);
	SHOW(constructed);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A handler begins with the floating-point control of a program, whatever the program had set, and
 * behind it the program's is in force again.
 */
#include <fenv.h>
#include <signal.h>
#include <stdint.h>

#include "app.h"

static void show_control(const char *where)
{
	uint16_t x87, tags[14];
	uint32_t mxcsr;

	__asm__ volatile("fnstcw %0\n\tstmxcsr %1\n\tfnstenv %2\n\tfldenv %2"
			 : "=m"(x87), "=m"(mxcsr), "=m"(tags));
	printf("%s: x87 control %x, tags %x, MXCSR %x\n", where, x87, tags[4], mxcsr);
}

static void handler(int number)
{
	(void)number;
	show_control("handler");
	MUST(!fesetround(FE_UPWARD));
}

int main(void)
{
	signal(SIGUSR1, handler);
	show_control("start");
	MUST(!fesetround(FE_DOWNWARD));
	__asm__ volatile("fldpi");
	raise(SIGUSR1);
	show_control("behind it");
	__asm__ volatile("fstp %st(0)");
	return 0;
}

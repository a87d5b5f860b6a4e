// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a static program at a high address lacks to link with glibc's libc.a.
 *
 * That is compiled as for static PIE, so it runs anywhere, but the start-up code for fixed
 * addresses is not. With the other one, the program would relocate itself: it need not. And a
 * call of a weak function that is missing cannot be encoded so far from address 0:
 * scripts/link-weak has the linker take those that exist, this is the one that does not.
 */
#include "crt.h"

void _dl_relocate_static_pie(void)
{
}

void __pthread_initialize_minimal(void)
{
}

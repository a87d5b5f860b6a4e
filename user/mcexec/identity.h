/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ps(1), top(1) and killall(1) see of the proxy: the program's name, arguments and
 * environment instead of mcexec's.
 */
#ifndef MCEXEC_IDENTITY_H
#define MCEXEC_IDENTITY_H

#include "user/mcexec/image.h"

/**
 * identity_take() - appear in /proc as the program
 * @image:	its strings stay where they are
 *
 * Context: main thread.
 */
void identity_take(const struct image *image);

/**
 * identity_set_auxv() - have Linux show the program's auxiliary vector for the proxy's
 * @auxv:	it
 * @len:	its bytes
 *
 * Context: any thread.
 */
void identity_set_auxv(void *auxv, size_t len);

#endif

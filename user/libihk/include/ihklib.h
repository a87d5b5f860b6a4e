/* SPDX-License-Identifier: GPL-2.0-only */
/* The older place of <ihk/ihklib.h>. */
#ifndef IHKLIB_H
#define IHKLIB_H
#include <ihk/ihklib.h>
#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What two runs of a row have left, side by side.
 */
#ifndef APPS_COMPARE_H
#define APPS_COMPARE_H

#include "side.h"

/**
 * compare_sides() - find differences between two runs, and print them
 * @a:		how it should be
 * @b:		how it is
 * @filter:	program of sed -E that both outputs pass first; empty: none
 *
 * Compared are how they ended, both outputs, and the files they left: names, types, modes,
 * owners, sizes, contents.
 *
 * Return: how many differences there are.
 */
int compare_sides(const struct side *a, const struct side *b, const char *filter);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In which order things happen, also in handlers and several threads: numbers, printed afterwards.
 */
#ifndef ORDER_H
#define ORDER_H

#include "app.h"

#define MAX_ORDER 32

static int order[MAX_ORDER], norder;

static inline void note_order(int n)
{
	int at = __atomic_fetch_add(&norder, 1, __ATOMIC_ACQ_REL);

	MUST(at < MAX_ORDER);
	order[at] = n;
}

/* What was noted since the last time. */
static inline void show_order(const char *what)
{
	printf("%s:", what);
	for (int i = 0; i < norder; i++)
		printf(" %d", order[i]);
	printf("\n");
	norder = 0;
}

#endif

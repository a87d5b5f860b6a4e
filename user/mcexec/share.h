/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mcexec -n N: each of N programs on an LWK has its own share of the CPUs.
 */
#ifndef MCEXEC_SHARE_H
#define MCEXEC_SHARE_H

#include "user/mcexec/options.h"

/**
 * share_take() - take the next free share, and run on it
 * @options:	@nshares, @os and @device are read, @cpus, @cpu and @share are set
 *
 * The CPUs are in the order of nodes, packages and cores, and cut into N pieces, of which some have
 * one more than others if they must. The piece is the program's, and its children's, as
 * long as one of them lives.
 *
 * Prints what is wrong. Context: main thread, once the proxy is made. Return: 0 or -errno.
 */
int share_take(struct options *options);

#endif

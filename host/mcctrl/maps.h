/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/mcosN/PID/maps: what /proc/PID/maps would be, if Linux ran the program.
 */
#ifndef MCCTRL_MAPS_H
#define MCCTRL_MAPS_H

#include <linux/types.h>

struct proc_ops;

/** maps_ops - of the file. */
extern const struct proc_ops maps_ops;

#endif

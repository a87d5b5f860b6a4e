/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of an OS instance, for mcreboot and mcstop.
 */
#ifndef TOOLS_STOP_H
#define TOOLS_STOP_H

#include <ihk/ihk.h>

/**
 * stop_instance() - shut an instance down, whatever its state, and destroy it
 * @dev: machine
 * @index: instance
 * Context: root. Return: 0, or -1 after a message.
 */
int stop_instance(struct ihk_dev *dev, int index);

#endif

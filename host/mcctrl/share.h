/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs of an LWK that are taken.
 */
#ifndef MCCTRL_SHARE_H
#define MCCTRL_SHARE_H

#include <linux/types.h>

struct ihk_os;

/**
 * share_take() - MCCTRL_IOC_TAKE_CPUS
 * @ihk: instance that it was asked on
 * @arg: user address of a struct mcctrl_cpus
 *
 * Context: process context, sleeps.
 * Return: a file descriptor; -EINVAL: no CPUs, or one that the LWK has not; -EBUSY: one is taken;
 * another -errno.
 */
long share_take(struct ihk_os *ihk, const void __user *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of processes, from any pid namespace into the first.
 */
#ifndef MCCTRL_FIRST_ID_H
#define MCCTRL_FIRST_ID_H

struct mcctrl_id;

/**
 * first_id() - MCCTRL_IOC_FIRST_ID
 * @arg: user address of a struct mcctrl_id
 *
 * Context: process context. Return: the number; -EBADF; -EFAULT; -EINVAL: the file is not one of a
 * /proc; -ESRCH: there is no such process.
 */
long first_id(const struct mcctrl_id __user *arg);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of /sys that tell which CPUs and nodes there are. Linux has those of the LWK offline; for
 * the program they are the machine.
 */
#ifndef MCEXEC_SYS_FILE_H
#define MCEXEC_SYS_FILE_H

#include <stddef.h>

#include "abi/types.h"

/**
 * sys_file_replace() - the path that the program means
 * @text:	the path
 * @other:	for another one
 * @len:	bytes at @other
 *
 * What the LWK says is below /sys/devices/virtual/ihk/mcosN/sys/linux (host/mcctrl/sysfs.c). What
 * is not there stays Linux's.
 *
 * Context: a twin. Return: is it @other?
 */
_Bool sys_file_replace(const char *text, char *other, size_t len);

#endif

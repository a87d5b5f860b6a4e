// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a program ends: its proxy ends on Linux, with the status that the parent is to see, and
 * the closing of the proxy's file ends the threads here.
 */
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"

void process_die(u32 sig)
{
	offload_send(OFFLOAD_NR_DIE, sig);
	task_exit();
}

void process_exit_group(u64 code)
{
	offload_send(SYSCALL_exit_group, code);
	task_exit();
}

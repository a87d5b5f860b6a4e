/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose memory a thread may reach: process_vm_readv(2).
 *
 * That is Linux's to say, as of who attaches by ptrace(2). A yes lasts as long as both processes
 * are what they were, and all that have memory in common with one of them, since what may be done
 * to memory is said of the memory, too (PR_SET_DUMPABLE): see struct process_space, @standing.
 */
#ifndef LWK_PROC_REACH_H
#define LWK_PROC_REACH_H

#include "lwk/include/compiler.h"

struct process;
struct vm;

/**
 * process_reach() - the address space of a process that the calling thread may reach.
 * @vtid: a thread of it, as the program calls it
 * @vm: result, for vm_put()
 *
 * Context: a task, interrupts enabled, no lock held; may ask Linux.
 * Return: 0; -errno: Linux has to say what is wrong, if anything is.
 */
int process_reach(u32 vtid, struct vm **vm) __must_check;

/**
 * process_new_standing() - let no former answer of Linux's hold for who has a process's memory.
 * @process: of the caller, after a call that may have changed what Linux says; or a new one
 *
 * Context: any.
 */
void process_new_standing(struct process *process);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Linux takes for the file that a proxy executes: the program's, not mcexec's.
 */
#ifndef MCCTRL_EXE_H
#define MCCTRL_EXE_H

struct file;
struct mcctrl_exe;

/**
 * exe_set() - the caller's address space is one of a program from this file
 * @file: open for reading
 *
 * From then on nobody can write to the file (ETXTBSY), until the last process of the address space
 * has ended or executed another program: Linux undoes it, as after an execve(2).
 *
 * Context: process context, sleeps.
 * Return: 0; -EACCES: execve(2) would not let the caller execute it; -ETXTBSY: it is open for
 * writing; another -errno.
 */
int exe_set(struct file *file);

/**
 * exe_check() - MCCTRL_IOC_CHECK_EXE
 * @arg: user address of a struct mcctrl_exe
 *
 * Context: process context, sleeps. Return: as exe_set() would; -EBADF: not open for reading.
 */
long exe_check(const struct mcctrl_exe __user *arg);

#endif

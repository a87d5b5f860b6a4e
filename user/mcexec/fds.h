/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mcexec's own file descriptors among the program's. They have high numbers, out of the way of
 * the lowest-free rule, and the program cannot use them.
 */
#ifndef MCEXEC_FDS_H
#define MCEXEC_FDS_H

#include <stdbool.h>

#include "abi/types.h"

/**
 * fds_hide() - move a descriptor out of the program's way
 * @fd:		open, the one to hide; -1 is left alone
 *
 * Context: main thread, before the program runs. Return: its new number, close-on-exec.
 */
int fds_hide(int fd);

/**
 * fds_close() - close a hidden descriptor
 * @fd:		from fds_hide()
 *
 * Context: a twin, the only thread.
 */
void fds_close(int fd);

/**
 * fds_replace() - make a hidden descriptor name another file
 * @fd:		hidden; closed if the limit on descriptors leaves no other way
 * @by:		of the other file; closed, if not hidden itself
 *
 * Context: a thread that has the descriptors to itself. Return: the file's hidden descriptor,
 * which is @fd if it can; or -errno.
 */
int fds_replace(int fd, int by);

struct rlimit;

/**
 * fds_widen() - let a few more descriptors be opened than the program may
 * @limit:	result: for fds_narrow()
 *
 * Numbers beyond the program's limit, if the hard limit or the caller's rights allow that.
 * Context: one thread of the process at a time, for a moment.
 */
void fds_widen(struct rlimit *limit);

/** fds_narrow() - undo fds_widen(); what was opened stays. */
void fds_narrow(const struct rlimit *limit);

/**
 * fds_make() - make descriptors, beyond the program's limit if it has used all
 * @make:	Return: 0, a descriptor, or -errno; -EMFILE: it is called once more
 * @arg:	for @make
 *
 * Context: any thread. Return: @make's.
 */
int fds_make(int (*make)(void *arg), void *arg);

/** fds_lock_limit() - nobody widens the limit meanwhile: for fork(2). Context: any thread. */
void fds_lock_limit(void);
/** fds_unlock_limit() - undo fds_lock_limit(), in both processes. */
void fds_unlock_limit(void);

/**
 * fds_seal() - close all hidden descriptors at the next execve(2)
 *
 * A thread that is in execve(2) lets them through to the next mcexec; a child that another thread
 * forks then must not. Context: the only thread of a child.
 */
void fds_seal(void);

/**
 * fds_is_hidden() - is this descriptor mcexec's own?
 * @fd:		any number
 *
 * Context: any thread. Return: true if so.
 */
bool fds_is_hidden(u64 fd);

/**
 * fds_forbids() - does a call name a hidden descriptor?
 * @nr:		system call
 * @args:	its arguments
 *
 * Context: any thread. Return: true: to be answered by -EBADF.
 */
bool fds_forbids(u64 nr, const u64 *args);

/**
 * fds_forbids_inner() - does a call name a hidden descriptor elsewhere than in its arguments?
 * @nr:		system call
 * @args:	its arguments; of sendmmsg(2) the count is cut to the messages before such a one
 *
 * Messages (SCM_RIGHTS), kcmp(2), pidfd_getfd(2). Context: a twin. Return: true: to be answered by
 * -EBADF.
 */
bool fds_forbids_inner(u64 nr, u64 *args);

/**
 * fds_close_range() - close_range(2), but for hidden descriptors
 * @args:	its arguments
 *
 * Context: a twin. Return: 0 or -errno.
 */
s64 fds_close_range(const u64 *args);

/**
 * fds_getdents() - getdents(2) or getdents64(2), whose lists of descriptors leave hidden ones out
 * @nr:		which of them
 * @args:	its arguments
 * @interrupted: as for twin_syscall()
 *
 * Context: a twin. Return: as twin_syscall().
 */
s64 fds_getdents(u64 nr, const u64 *args, const u32 *interrupted);

#endif

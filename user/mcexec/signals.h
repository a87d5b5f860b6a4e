/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals of the program, as far as Linux sees them. What the program leaves to the default
 * or ignores, the proxy does too, and Linux does the rest. For a signal that the program
 * handles the proxy has a handler that passes it on to the LWK; so it does for one that is to dump
 * core, of which the LWK has Linux die then (signals_die()).
 */
#ifndef MCEXEC_SIGNALS_H
#define MCEXEC_SIGNALS_H

#include <signal.h>

#include "abi/types.h"

/**
 * signals_set_action() - follow the program's sigaction(2)
 * @sig:	signal
 * @action:	OFFLOAD_SIG_*
 * @flags:	the program's sa_flags
 *
 * Context: a twin. Return: 0 or -errno.
 */
s64 signals_set_action(u64 sig, u64 action, u64 flags);

/**
 * signals_set_all() - OFFLOAD_NR_RELAY: all dispositions at once
 * @args:	of it
 *
 * Context: a twin. Return: 0.
 */
s64 signals_set_all(const u64 *args);

/**
 * signals_set_mask() - block what the calling twin's LWK thread blocks
 * @mask:	bit n - 1 for signal n
 *
 * Context: a twin.
 */
void signals_set_mask(u64 mask);

/**
 * signals_block_all() - have all signals wait
 *
 * Context: a twin. Return: what was blocked before, for signals_set_mask().
 */
u64 signals_block_all(void);

/** SIGNALS_UNBLOCKABLE - SIGKILL and SIGSTOP. */
#define SIGNALS_UNBLOCKABLE (1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1))

/* Words of what signals_save_action() saves. */
#define SIGNALS_ACTION_WORDS 4

/**
 * signals_save_action() - what Linux does for a signal, to be restored
 * @sig:	signal
 * @action:	SIGNALS_ACTION_WORDS words
 *
 * Context: a twin.
 */
void signals_save_action(int sig, u64 *action);

/**
 * signals_restore_action() - and restore it
 * @sig:	signal
 * @action:	from signals_save_action()
 *
 * Context: a twin.
 */
void signals_restore_action(int sig, const u64 *action);

/**
 * signals_send() - OFFLOAD_NR_SIGNAL
 * @args:	of the request
 *
 * Context: a twin.
 * Return: 0, 1: it waits already, or -errno.
 */
s64 signals_send(const u64 *args);

/**
 * signals_make_timer() - OFFLOAD_NR_TIMER
 *
 * Context: a twin. Return: id of the timer, or -errno.
 */
s64 signals_make_timer(void);

/**
 * signals_deliver() - let signals come now that are pending and held back
 * @mask:	those that are blocked all the same
 *
 * All signals are blocked afterwards that were not pending or that twin_hold() names.
 *
 * Context: a twin that blocks all signals; see twin_hold().
 */
void signals_deliver(u64 mask);

/**
 * signals_start() - dispositions of a program that begins
 *
 * Those that mcexec was started with are the program's, but see signals_set_action().
 *
 * Context: main thread, before the first twin.
 */
void signals_start(void);

/**
 * signals_die() - end as Linux ends a process by a signal's default action
 * @args:	of OFFLOAD_NR_DIE
 *
 * Context: a twin.
 */
_Noreturn void signals_die(const u64 *args);

/**
 * signals_set_proxy() - where handlers pass signals on to
 * @fd:		the proxy's file
 *
 * Context: main thread, before the first twin.
 */
void signals_set_proxy(int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Futexes of programs: waiting for a word of memory of the LWK to change.
 *
 * Context of all: the calling task, interrupts enabled, no lock held.
 */
#ifndef LWK_PROC_FUTEX_H
#define LWK_PROC_FUTEX_H

#include "lwk/include/compiler.h"

/** FUTEX_ANY - the bit set of those who do not name one. */
#define FUTEX_ANY 0xffffffffU

struct futex_bucket;
struct process_space;

/** futex_init() - make the common table ready. Context: first CPU, once. */
void futex_init(void);

/**
 * futex_table_create() - give those who share an address space a table of their own, in which
 * they do not meet the futexes of other programs; before the first of them joins the caller.
 * @space: the caller's
 *
 * Return: 0, or -ENOMEM.
 */
int futex_table_create(struct process_space *space) __must_check;

/**
 * struct futex_key - what those who wait for the same word have in common
 * @table: where they are
 * @owner: the address space, or the object of memory that several of them share
 * @offset: address, or offset in the object
 * @addr: where the caller has the word
 */
struct futex_key {
	struct futex_bucket *table;
	const void *owner;
	u64 offset;
	vaddr_t addr;
};

/**
 * futex_key() - who are they?
 * @addr: user address, unchecked
 * @shared: not FUTEX_PRIVATE_FLAG
 * @key: result
 *
 * Return: 0; -EINVAL: not aligned; -EXDEV: the memory is Linux's, whose processes may have it, too:
 * then so is the futex.
 */
int futex_key(vaddr_t addr, bool shared, struct futex_key *key) __must_check;

/**
 * futex_wait() - wait until woken, if a word still has a value.
 * @key: which
 * @value: expected value
 * @bits: not 0: which wakes count
 * @deadline: time_ns() to wait until, or THREAD_NO_DEADLINE
 *
 * Return: 0; -EAGAIN: another value; -EFAULT; -EINVAL; -ETIMEDOUT; -ERESTARTSYS or, with a
 * deadline, -ERESTARTNOHAND.
 */
s64 futex_wait(const struct futex_key *key, u32 value, u32 bits, u64 deadline);

/**
 * futex_wake() - wake some that wait.
 * @key: which
 * @max: at most so many; one if it is 0, or negative as a s32
 * @bits: not 0: those that wait for one of these
 *
 * Return: how many; -EINVAL.
 */
s64 futex_wake(const struct futex_key *key, u32 max, u32 bits);

/**
 * futex_wake_shared() - wake some, whosever memory the word is in.
 * @addr: user address, unchecked
 * @max: at most so many
 */
void futex_wake_shared(vaddr_t addr, u32 max);

/**
 * futex_wake_object() - wake all that wait for futexes in an object that address spaces share,
 * but for PI futexes.
 * @object: which
 *
 * Context: the lock of an address space may be held.
 */
void futex_wake_object(const void *object);

/**
 * struct futex_requeue_args - arguments of futex_requeue()
 * @from: where they wait
 * @to: where some shall wait
 * @wake: wake at most so many
 * @move: move at most so many
 * @compare: only if @from has @value
 * @value: see @compare
 */
struct futex_requeue_args {
	struct futex_key from;
	struct futex_key to;
	u32 wake;
	u32 move;
	bool compare;
	u32 value;
};

/** futex_requeue() - wake some, have others wait elsewhere. Return: how many; -errno. */
s64 futex_requeue(const struct futex_requeue_args *args);

/**
 * struct futex_wake_op_args - arguments of futex_wake_op()
 * @first: wake @max_first there
 * @second: change this word, and wake @max_second there if it was as asked for
 * @max_first: see @first; as for futex_wake()
 * @max_second: see @second; likewise
 * @op: what to do, and what to ask for, as futex(2) encodes it
 */
struct futex_wake_op_args {
	struct futex_key first;
	struct futex_key second;
	u32 max_first;
	u32 max_second;
	u32 op;
};

/** futex_wake_op() - FUTEX_WAKE_OP. Return: how many were woken; -errno. */
s64 futex_wake_op(const struct futex_wake_op_args *args);

/**
 * futex_lock_pi() - own a PI futex.
 * @key: which
 * @deadline: time_ns() to wait until, or THREAD_NO_DEADLINE
 * @try: do not wait
 *
 * Return: 0; -EAGAIN: @try, and another thread owns it; -EDEADLK: the caller owns it, or the owner
 * waits for the caller; -ESRCH: there is no owner; -EINVAL: the word and what is known of it do not
 * agree; -EFAULT; -ENOMEM; -ETIMEDOUT; -ERESTARTNOINTR.
 */
s64 futex_lock_pi(const struct futex_key *key, u64 deadline, bool try);

/**
 * futex_unlock_pi() - make a PI futex that of the best of those who wait, or nobody's.
 * @key: which
 *
 * Return: 0; -EPERM: it is not the caller's; -EINVAL; -EFAULT.
 */
s64 futex_unlock_pi(const struct futex_key *key);

/**
 * futex_wait_requeue_pi() - wait until woken or moved, then until a PI futex is owned.
 * @key: which
 * @value: expected value
 * @target: the PI futex
 * @deadline: time_ns() to wait until, or THREAD_NO_DEADLINE
 *
 * Return: 0: @target is owned; -EAGAIN: another value, or a signal came after the move; else as
 * futex_lock_pi().
 */
s64 futex_wait_requeue_pi(const struct futex_key *key, u32 value, const struct futex_key *target,
			  u64 deadline);

/**
 * futex_requeue_pi() - have those wait for a PI futex who meant to.
 * @args: @wake is 1, @compare is set
 *
 * The first one owns it, if nobody does.
 *
 * Return: how many; -errno.
 */
s64 futex_requeue_pi(const struct futex_requeue_args *args);

/**
 * struct futex_wait_one - one of several that a thread waits for
 * @key: which
 * @value: expected value
 */
struct futex_wait_one {
	struct futex_key key;
	u32 value;
};

/**
 * futex_waitv() - wait until one of several is woken, if all words still have their values.
 * @wanted: which
 * @n: how many, at least 1
 * @deadline: time_ns() to wait until, or THREAD_NO_DEADLINE
 *
 * Return: which was woken, from 0 on; -EAGAIN: another value; -EFAULT; -ENOMEM; -ETIMEDOUT;
 * -ERESTARTSYS.
 */
s64 futex_waitv(const struct futex_wait_one *wanted, u32 n, u64 deadline);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads as the C library cannot make them.
 *
 * It makes one all the same, which ends at once, but leaves its body: stack, thread-local storage,
 * and the place where it was. With that its creator makes another by clone(2), which to the C
 * library is the same one with another id. Both are never there together: the first one neither has
 * an id that is wanted, nor counts for a limit.
 */
#include "thread_clone.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/clone3.h"
#include "user/mcexec/twin.h"

/* Below the frame that has the body. */
#define STACK_KEPT (32UL << 10)

/* How often is looked whether a thread has gone, which nothing else tells. */
#define GONE_US 50

#define OFFER_MADE 1
#define OFFER_NONE 2

/* As the C library makes them. */
#define FLAGS                                                                            \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/**
 * struct body - what a thread leaves, on its stack
 * @place:	where it goes on
 * @stack:	upper end of what is free
 * @tls:	its thread-local storage
 * @word:	where the C library has its id, which Linux clears at its end
 * @tid:	its id
 * @wanted:	who goes on is the thread that is wanted
 */
struct body {
	jmp_buf place;
	void *stack;
	void *tls;
	u32 *word;
	u32 tid;
	bool wanted;
};

bool thread_clone_wanted(const u64 *args)
{
	return args[5] || (args[1] & CLONE_IO);
}

static void tell(u32 *word, u32 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	twin_raw_syscall(SYS_futex, (long)word, FUTEX_WAKE, INT_MAX, 0);
}

static u32 wait_while(u32 *word, u32 value)
{
	u32 now;

	while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) == value)
		twin_raw_syscall(SYS_futex, (long)word, FUTEX_WAIT, value, 0);
	return now;
}

bool thread_clone_leave(struct body_offer *offer)
{
	struct body body = {
		.stack = (void *)(((u64)__builtin_frame_address(0) - STACK_KEPT) & ~15UL),
		.tls = __builtin_thread_pointer(),
		.tid = (u32)gettid(),
	};

	/* A Linux built without it has none of what is told apart here. */
	if (prctl(PR_GET_TID_ADDRESS, &body.word)) {
		tell(&offer->state, OFFER_NONE);
		return false;
	}
	if (_setjmp(body.place))
		return __atomic_load_n(&body.wanted, __ATOMIC_RELAXED);
	offer->body = &body;
	tell(&offer->state, OFFER_MADE);
	for (;;)
		twin_raw_syscall(SYS_exit, 0, 0, 0, 0);
}

/* The id is free then, and may be chosen. */
static void wait_until_gone(const struct body *body)
{
	wait_while(body->word, body->tid);
	while (twin_raw_syscall(SYS_tgkill, getpid(), body->tid, 0, 0) != -ESRCH)
		usleep(GONE_US);
	/* Not found any more is not free yet: Linux does both under the lock that this asks for. */
	getpriority(PRIO_PGRP, 0);
}

static int body_main(void *arg)
{
	struct body *body = arg;

	longjmp(body->place, 1);
}

static s64 go_on(struct body *body, u64 flags, const u64 *args)
{
	struct clone_args clone3 = {
		.flags = flags,
		.parent_tid = (u64)body->word,
		.child_tid = (u64)body->word,
		/* All below belongs to it. */
		.stack = (u64)body->stack - STACK_KEPT,
		.stack_size = STACK_KEPT,
		.tls = (u64)body->tls,
		.set_tid = args[4],
		.set_tid_size = args[5],
	};
	pid_t tid;

	if (clone3.set_tid_size)
		tid = clone3_run(&clone3, body_main, body);
	else
		tid = clone(body_main, body->stack, (int)flags, body, body->word, body->tls,
			    body->word);
	return tid < 0 ? -errno : 0;
}

s64 thread_clone(struct body_offer *offer, const u64 *args)
{
	static const u64 none[6];
	struct body *body;
	s64 err;

	if (wait_while(&offer->state, 0) != OFFER_MADE)
		return -EINVAL;
	body = offer->body;
	wait_until_gone(body);
	__atomic_store_n(&body->wanted, true, __ATOMIC_RELAXED);
	err = go_on(body, FLAGS | (args[1] & CLONE_IO), args);
	if (!err)
		return 0;
	/* The C library takes back what it has given from a thread alone; else it stays. */
	__atomic_store_n(&body->wanted, false, __ATOMIC_RELAXED);
	(void)go_on(body, FLAGS, none);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * futex(2): the arguments. A futex in memory of Linux's is Linux's, so that LWK and Linux
 * processes meet there, unless the program says that it is private.
 */
#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/sched/thread.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/include/user_entry.h"
#include "lwk/sys/futex_time.h"

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_REQUEUE 3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP 5
#define FUTEX_LOCK_PI 6
#define FUTEX_UNLOCK_PI 7
#define FUTEX_TRYLOCK_PI 8
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI 12
#define FUTEX_LOCK_PI2 13

#define FUTEX_PRIVATE_FLAG 128U
#define FUTEX_CLOCK_REALTIME 256U

/* So far that the time since boot may be added. */
#define FAR_FUTURE_NS (THREAD_NO_DEADLINE / 2)

int futex_get_time(vaddr_t at, s32 clock, u64 *time)
{
	struct {
		s64 sec;
		s64 nsec;
	} ts;

	*time = THREAD_NO_DEADLINE;
	if (!at)
		return 0;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return -EINVAL;
	if (copy_from_user(&ts, at, sizeof(ts)))
		return -EFAULT;
	if (ts.sec < 0 || (u64)ts.nsec >= NSEC_PER_SEC)
		return -EINVAL;
	/* A time that never comes is one all the same: the call is not begun again. */
	*time = FAR_FUTURE_NS;
	if ((u64)ts.sec < FAR_FUTURE_NS / NSEC_PER_SEC)
		*time = (u64)ts.sec * NSEC_PER_SEC + (u64)ts.nsec;
	return 0;
}

int futex_deadline(s32 clock, u64 *time)
{
	u64 monotonic;
	s64 now;

	if (*time == THREAD_NO_DEADLINE)
		return 0;
	if (clock != CLOCK_REALTIME)
		return clock_deadline(time);
	now = offload_request3(OFFLOAD_NR_REALTIME, 0, 0, 0);
	monotonic = time_ns();
	if (now < 0)
		return (int)now;
	*time = *time > (u64)now ? monotonic + (*time - (u64)now) : monotonic;
	return 0;
}

static int get_deadline(u32 op, u32 cmd, vaddr_t at, u64 *deadline)
{
	bool realtime = (op & FUTEX_CLOCK_REALTIME) || cmd == FUTEX_LOCK_PI;
	s32 clock = realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	int err = futex_get_time(at, clock, deadline);

	if (err || *deadline == THREAD_NO_DEADLINE)
		return err;
	if (cmd != FUTEX_WAIT)
		return futex_deadline(clock, deadline);
	/* Alone among all, from now on. */
	*deadline += time_ns();
	return 0;
}

static s64 wait(u32 op, u32 cmd, const struct futex_key *key, const u64 args[6])
{
	u32 bits = cmd == FUTEX_WAIT ? FUTEX_ANY : (u32)args[5];
	u64 deadline;
	int err = get_deadline(op, cmd, args[3], &deadline);

	return err ? err : futex_wait(key, (u32)args[2], bits, deadline);
}

static s64 lock_pi(u32 op, u32 cmd, const struct futex_key *key, const u64 args[6])
{
	u64 deadline = THREAD_NO_DEADLINE;
	int err = 0;

	if (cmd != FUTEX_TRYLOCK_PI)
		err = get_deadline(op, cmd, args[3], &deadline);
	return err ? err : futex_lock_pi(key, deadline, cmd == FUTEX_TRYLOCK_PI);
}

static s64 wait_requeue_pi(u32 op, u32 cmd, const struct futex_key *key, const u64 args[6])
{
	struct futex_key target;
	u64 deadline;
	int err = get_deadline(op, cmd, args[3], &deadline);

	if (!err)
		err = futex_key(args[4], !(op & FUTEX_PRIVATE_FLAG), &target);
	if (err)
		return err == -EXDEV ? -EINVAL : err;
	return futex_wait_requeue_pi(key, (u32)args[2], &target, deadline);
}

static s64 requeue(u32 op, u32 cmd, const struct futex_key *key, const u64 args[6])
{
	struct futex_requeue_args requeue = {
		.from = *key,
		.wake = (u32)args[2],
		.move = (u32)args[3],
		.compare = cmd != FUTEX_REQUEUE,
		.value = (u32)args[5],
	};
	int err = futex_key(args[4], !(op & FUTEX_PRIVATE_FLAG), &requeue.to);

	/* From one kernel to the other nobody can be moved. */
	if (err)
		return err == -EXDEV ? -EINVAL : err;
	return cmd == FUTEX_CMP_REQUEUE_PI ? futex_requeue_pi(&requeue) : futex_requeue(&requeue);
}

static s64 wake_op(u32 op, const struct futex_key *key, const u64 args[6])
{
	struct futex_wake_op_args wake = {
		.first = *key,
		.max_first = (u32)args[2],
		.max_second = (u32)args[3],
		.op = (u32)args[5],
	};
	int err = futex_key(args[4], !(op & FUTEX_PRIVATE_FLAG), &wake.second);

	if (err)
		return err == -EXDEV ? -EINVAL : err;
	return futex_wake_op(&wake);
}

static s64 perform(u32 op, u32 cmd, const struct futex_key *key, const u64 args[6])
{
	switch (cmd) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return wait(op, cmd, key, args);
	case FUTEX_WAKE:
		return futex_wake(key, (u32)args[2], FUTEX_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(key, (u32)args[2], (u32)args[5]);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
		return requeue(op, cmd, key, args);
	case FUTEX_WAKE_OP:
		return wake_op(op, key, args);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_TRYLOCK_PI:
		return lock_pi(op, cmd, key, args);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(key);
	case FUTEX_WAIT_REQUEUE_PI:
		return wait_requeue_pi(op, cmd, key, args);
	default:
		return -ENOSYS;
	}
}

s64 sys_futex(const u64 args[6])
{
	u32 op = (u32)args[1];
	u32 cmd = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	struct futex_key key;
	int err;

	if ((op & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	err = futex_key(args[0], shared, &key);
	if (err == -EXDEV)
		return syscall_offload(SYSCALL_futex, args);
	/* A futex that nobody can write makes no sense; Linux says so of those that are shared. */
	if (!err && shared && user_memory_fault(args[0], VM_WRITE))
		return -EFAULT;
	return err && cmd <= FUTEX_LOCK_PI2 ? err : perform(op, cmd, &key, args);
}

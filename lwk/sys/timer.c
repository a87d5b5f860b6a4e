// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls on timers of CPU time. Timers of all other clocks are Linux's, which gives all of
 * them their ids.
 */
#include "abi/errno.h"
#include "lwk/include/proc/cputime.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/timeval.h"

#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2
#define TIMER_ABSTIME 1

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD 2
#define SIGEV_THREAD_ID 4

/* Linux's struct sigevent, as far as it is used. */
struct sigevent {
	u64 value;
	s32 signo;
	s32 notify;
	s32 tid;
	s32 unused[11];
};

_Static_assert(sizeof(struct sigevent) == 64, "as Linux has it");

struct itimerval {
	struct timeval interval;
	struct timeval value;
};

struct itimerspec {
	struct timespec interval;
	struct timespec value;
};

static bool timeval_to_ns(const struct timeval *tv, u64 *ns)
{
	const struct timespec ts = { tv->sec, tv->usec * (s64)NSEC_PER_USEC };

	return (u64)tv->usec < NSEC_PER_SEC / NSEC_PER_USEC && timespec_to_ns(&ts, ns);
}

static bool is_cpu_itimer(u64 which, u32 *itimer)
{
	*itimer = (u32)which == ITIMER_PROF ? CPU_ITIMER_PROF : CPU_ITIMER_VIRTUAL;
	return (u32)which == ITIMER_VIRTUAL || (u32)which == ITIMER_PROF;
}

static s64 put_itimer(vaddr_t to, const struct cpu_alarm *left)
{
	const struct itimerval out = {
		.interval = timeval_of(left->interval_ns),
		/* What is less than a microsecond is not nothing. */
		.value = timeval_of(left->expires_ns ? MAX(left->expires_ns, NSEC_PER_USEC) : 0),
	};

	return copy_to_user(to, &out, sizeof(out));
}

s64 sys_getitimer(const u64 args[6])
{
	struct cpu_alarm left;
	u32 itimer;

	if (!is_cpu_itimer(args[0], &itimer))
		return syscall_offload(SYSCALL_getitimer, args);
	cpu_timers_set_itimer(itimer, NULL, &left);
	return put_itimer(args[1], &left);
}

s64 sys_setitimer(const u64 args[6])
{
	struct itimerval in = { .value = { 0 } };
	struct cpu_alarm new, left;
	u32 itimer;

	if (!is_cpu_itimer(args[0], &itimer))
		return syscall_offload(SYSCALL_setitimer, args);
	/* As Linux: no new value is none at all. */
	if (args[1] && copy_from_user(&in, args[1], sizeof(in)))
		return -EFAULT;
	if (!timeval_to_ns(&in.value, &new.expires_ns) ||
	    !timeval_to_ns(&in.interval, &new.interval_ns))
		return -EINVAL;
	cpu_timers_set_itimer(itimer, &new, &left);
	return args[2] ? put_itimer(args[2], &left) : 0;
}

static bool is_own_thread(s32 tid)
{
	/* ~tid << 3 and 4: the clock of a thread, as Linux makes it. */
	struct cpu_clock clock;

	return tid > 0 && cpu_clock_find((s32)((~(u32)tid << 3) | 4), &clock);
}

static int read_event(const struct sigevent *event, struct cpu_timer *model)
{
	switch (event->notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_THREAD_ID:
		if (!is_own_thread(event->tid))
			return -EINVAL;
		model->vtid = (u32)event->tid;
		break;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	default:
		return -EINVAL;
	}
	if (event->signo < 1 || event->signo > SIGNAL_COUNT)
		return -EINVAL;
	model->signo = (u32)event->signo;
	model->value = event->value;
	return 0;
}

s64 sys_timer_create(const u64 args[6])
{
	struct cpu_timer model = { .signo = SIGALRM, .id = 1 };
	struct sigevent event;
	s32 id;
	int err;

	if (!cpu_clock_find((s32)args[0], &model.clock))
		return syscall_offload(SYSCALL_timer_create, args);
	if (args[1]) {
		model.signo = 0;
		model.id = 0;
		if (copy_from_user(&event, args[1], sizeof(event)))
			return -EFAULT;
		err = read_event(&event, &model);
		if (err)
			return err;
	}
	err = cpu_timer_create(&model, &id);
	if (!err && copy_to_user(args[2], &id, sizeof(id))) {
		(void)!cpu_timer_delete(id);
		err = -EFAULT;
	}
	return err;
}

static s64 put_timer(vaddr_t to, const struct cpu_alarm *left)
{
	const struct itimerspec out = {
		.interval = timespec_of(left->interval_ns),
		.value = timespec_of(left->expires_ns),
	};

	return copy_to_user(to, &out, sizeof(out));
}

s64 sys_timer_settime(const u64 args[6])
{
	struct cpu_alarm new, left;
	struct itimerspec in;
	int err;

	if (!cpu_timer_exists((s32)args[0]))
		return syscall_offload(SYSCALL_timer_settime, args);
	if (!args[2])
		return -EINVAL;
	if (copy_from_user(&in, args[2], sizeof(in)))
		return -EFAULT;
	if (!timespec_to_ns(&in.value, &new.expires_ns) ||
	    !timespec_to_ns(&in.interval, &new.interval_ns))
		return -EINVAL;
	err = cpu_timer_set((s32)args[0], &new, !(args[1] & TIMER_ABSTIME), &left);
	if (err)
		return err;
	return args[3] ? put_timer(args[3], &left) : 0;
}

s64 sys_timer_gettime(const u64 args[6])
{
	struct cpu_alarm left;
	int err;

	if (!cpu_timer_exists((s32)args[0]))
		return syscall_offload(SYSCALL_timer_gettime, args);
	err = cpu_timer_set((s32)args[0], NULL, false, &left);
	return err ? err : put_timer(args[1], &left);
}

s64 sys_timer_getoverrun(const u64 args[6])
{
	if (!cpu_timer_exists((s32)args[0]))
		return syscall_offload(SYSCALL_timer_getoverrun, args);
	return cpu_timer_overrun((s32)args[0]);
}

s64 sys_timer_delete(const u64 args[6])
{
	if (!cpu_timer_exists((s32)args[0]))
		return syscall_offload(SYSCALL_timer_delete, args);
	return cpu_timer_delete((s32)args[0]);
}

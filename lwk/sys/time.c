// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls on time: sleeping, and the time that the program has used. The time of day
 * is Linux's, which programs ask by way of the vDSO.
 */
#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID 3
#define TIMER_ABSTIME 1

#define RUSAGE_SELF 0
#define RUSAGE_THREAD 1

#define NSEC_PER_TICK 10000000ULL /* of times(2): CLK_TCK is 100 on every Linux */

struct timespec {
	s64 sec;
	s64 nsec;
};

struct timeval {
	s64 sec;
	s64 usec;
};

/* Linux's struct rusage. */
struct rusage {
	struct timeval user;
	struct timeval kernel;
	s64 maxrss;
	s64 unused1[3];
	s64 minflt;
	s64 majflt;
	s64 unused2[6];
	s64 nvcsw;
	s64 nivcsw;
};

_Static_assert(sizeof(struct rusage) == 144, "as Linux has it");

/* Return: false for what Linux calls no time. Far future is the end of time. */
static bool to_ns(const struct timespec *ts, u64 *ns)
{
	if (ts->sec < 0 || (u64)ts->nsec >= NSEC_PER_SEC)
		return false;
	if ((u64)ts->sec >= THREAD_NO_DEADLINE / NSEC_PER_SEC)
		*ns = THREAD_NO_DEADLINE;
	else
		*ns = (u64)ts->sec * NSEC_PER_SEC + (u64)ts->nsec;
	return true;
}

static struct timespec to_timespec(u64 ns)
{
	return (struct timespec){ (s64)(ns / NSEC_PER_SEC), (s64)(ns % NSEC_PER_SEC) };
}

static struct timeval to_timeval(u64 ns)
{
	return (struct timeval){ (s64)(ns / NSEC_PER_SEC),
				 (s64)(ns % NSEC_PER_SEC / NSEC_PER_USEC) };
}

/* Return: 0, or -EINTR: a signal has to be looked at, or the process is gone. */
static int sleep_until(u64 deadline)
{
	struct process *process = task_current()->process;
	int err = 0;

	for (;;) {
		thread_prepare_wait();
		if (time_ns() >= deadline)
			break;
		if (signal_deliverable() || process_is_gone(process)) {
			err = -EINTR;
			break;
		}
		thread_wait(deadline);
	}
	thread_finish_wait();
	return err;
}

/* Relative sleeps go by CLOCK_MONOTONIC, whatever the clock, and never start again. */
static s64 sleep_relative(u64 ns, vaddr_t left_at)
{
	u64 now = time_ns();
	u64 deadline = now + MIN(ns, THREAD_NO_DEADLINE - now);
	struct timespec left;

	if (!sleep_until(deadline))
		return 0;
	now = time_ns();
	left = to_timespec(deadline > now ? deadline - now : 0);
	if (left_at && copy_to_user(left_at, &left, sizeof(left)))
		return -EFAULT;
	return -EINTR;
}

s64 sys_nanosleep(const u64 args[6])
{
	struct timespec ts;
	u64 ns;

	if (copy_from_user(&ts, args[0], sizeof(ts)))
		return -EFAULT;
	return to_ns(&ts, &ns) ? sleep_relative(ns, args[1]) : -EINVAL;
}

s64 sys_clock_nanosleep(const u64 args[6])
{
	bool absolute = args[1] & TIMER_ABSTIME;
	struct timespec ts;
	u64 ns;

	if (args[0] != CLOCK_MONOTONIC && (args[0] != CLOCK_REALTIME || absolute))
		return syscall_offload(SYSCALL_clock_nanosleep, args);
	if (copy_from_user(&ts, args[2], sizeof(ts)))
		return -EFAULT;
	if (!to_ns(&ts, &ns))
		return -EINVAL;
	if (!absolute)
		return sleep_relative(ns, args[3]);
	return sleep_until(ns) ? -ERESTARTNOHAND : 0;
}

/* Times and switches of the calling task, or of all of its process. */
struct usage {
	u64 user_ns;
	u64 kernel_ns;
	u64 switches;
	u64 preempted;
};

static void add_usage(struct usage *usage, const struct task *task)
{
	u64 user_ns, kernel_ns;

	thread_times(&task->thread, &user_ns, &kernel_ns);
	usage->user_ns += user_ns;
	usage->kernel_ns += kernel_ns;
	usage->switches += READ_ONCE(task->thread.switches);
	usage->preempted += READ_ONCE(task->thread.preempted);
}

static struct usage usage_of(bool whole_process)
{
	struct task *self = task_current();
	struct process *process = self->process;
	struct usage usage = { 0 };
	struct task *task;
	u64 irq;

	if (!whole_process) {
		add_usage(&usage, self);
		return usage;
	}
	irq = spin_lock_irqsave(&process->lock);
	list_for_each(task, &process->tasks, link)
		add_usage(&usage, task);
	spin_unlock_irqrestore(&process->lock, irq);
	return usage;
}

s64 sys_clock_gettime(const u64 args[6])
{
	struct timespec ts;
	struct usage usage;

	if (args[0] != CLOCK_PROCESS_CPUTIME_ID && args[0] != CLOCK_THREAD_CPUTIME_ID)
		return syscall_offload(SYSCALL_clock_gettime, args);
	usage = usage_of(args[0] == CLOCK_PROCESS_CPUTIME_ID);
	ts = to_timespec(usage.user_ns + usage.kernel_ns);
	return copy_to_user(args[1], &ts, sizeof(ts));
}

static s64 resident_kib(void)
{
	struct vm_stats stats;

	vm_get_stats(task_current()->process->vm, &stats);
	return (s64)((stats.resident[0] << 2) + (stats.resident[1] << 11) +
		     (stats.resident[2] << 20));
}

s64 sys_getrusage(const u64 args[6])
{
	struct rusage rusage = { .maxrss = 0 };
	struct usage usage;
	s32 who = (s32)args[0];

	/* Children are the proxy's, and so is the error for others. */
	if (who != RUSAGE_SELF && who != RUSAGE_THREAD)
		return syscall_offload(SYSCALL_getrusage, args);
	usage = usage_of(who == RUSAGE_SELF);
	rusage.user = to_timeval(usage.user_ns);
	rusage.kernel = to_timeval(usage.kernel_ns);
	rusage.maxrss = resident_kib();
	rusage.nvcsw = (s64)usage.switches;
	rusage.nivcsw = (s64)usage.preempted;
	return copy_to_user(args[1], &rusage, sizeof(rusage));
}

s64 sys_times(const u64 args[6])
{
	struct usage usage = usage_of(true);
	u64 tms[4] = { usage.user_ns / NSEC_PER_TICK, usage.kernel_ns / NSEC_PER_TICK };

	if (args[0] && copy_to_user(args[0], tms, sizeof(tms)))
		return -EFAULT;
	return (s64)(time_ns() / NSEC_PER_TICK);
}

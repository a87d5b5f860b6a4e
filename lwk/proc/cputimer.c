// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is due when a CPU time clock has a value: RLIMIT_CPU, setitimer(2), timer_create(2) and
 * sleepers. Signals are sent by way of Linux, which knows what becomes of them.
 */
#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/lib/string.h"
#include "lwk/proc/cputime_internal.h"

/* Not more often than that; Linux looks once in a tick, which is longer. */
#define GAP_NS NSEC_PER_MSEC
#define MAX_OVERRUN 0x7fffffffULL

/* A signal that is due; @next is the first of what may send one that was not looked at yet. */
struct due {
	u32 next;
	u32 signo;
	s32 code;
	u32 vtid;
	s32 id;
	u64 value;
	u32 overrun;
};

static const struct cpu_clock itimer_clock[] = {
	[CPU_ITIMER_VIRTUAL] = { .user_only = true },
	[CPU_ITIMER_PROF] = { .user_only = false },
};
static const u32 itimer_signal[] = {
	[CPU_ITIMER_VIRTUAL] = SIGVTALRM,
	[CPU_ITIMER_PROF] = SIGPROF,
};

void cpu_timers_init(struct cpu_timers *timers)
{
	for (u32 i = 0; i < CPU_NLIMITS; i++)
		timers->limits[i] = (struct program_rlimit){ CPU_NO_LIMIT, CPU_NO_LIMIT };
	list_init(&timers->timers);
}

static bool is_limited(const struct cpu_timers *timers)
{
	for (u32 i = 0; i < CPU_NLIMITS; i++) {
		if (timers->limits[i].cur != CPU_NO_LIMIT || timers->limits[i].max != CPU_NO_LIMIT)
			return true;
	}
	return false;
}

void cpu_timers_inherit(struct cpu_timers *timers,
			const struct program_rlimit limits[CPU_NLIMITS])
{
	memcpy(timers->limits, limits, sizeof(timers->limits));
	timers->armed = is_limited(timers);
}

void cpu_timers_drain(struct cpu_timers *timers)
{
	struct cpu_timer *timer, *next;

	list_for_each_safe(timer, next, &timers->timers, link)
		kfree(timer);
	list_init(&timers->timers);
}

void cpu_timers_rearm_locked(struct process *process)
{
	struct cpu_timers *timers = &process->timers;
	struct task *task;

	ASSERT(spin_lock_held(&process->lock));
	WRITE_ONCE(timers->armed,
		   is_limited(timers) ||
			   timers->itimers[0].expires_ns || timers->itimers[1].expires_ns ||
			   !list_empty(&timers->timers));
	list_for_each(task, &process->tasks, link)
		thread_notify(&task->thread);
}

struct program_rlimit cpu_timers_limit(struct process *process, enum cpu_limit_kind kind,
				  const struct program_rlimit *new)
{
	struct program_rlimit *limit = &process->timers.limits[kind];
	u64 irq = spin_lock_irqsave(&process->lock);
	struct program_rlimit old = *limit;

	if (new) {
		*limit = *new;
		cpu_timers_rearm_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, irq);
	return old;
}

/* What of it is left, as Linux tells: never 0 while it is armed. */
static struct cpu_alarm alarm_left(const struct cpu_alarm *alarm, u64 now)
{
	struct cpu_alarm left = { .interval_ns = alarm->interval_ns };

	if (alarm->expires_ns)
		left.expires_ns = alarm->expires_ns > now ? alarm->expires_ns - now : 1;
	return left;
}

static void alarm_set(struct cpu_alarm *alarm, const struct cpu_alarm *new, u64 base)
{
	*alarm = *new;
	if (new->expires_ns)
		alarm->expires_ns = base + MIN(new->expires_ns, ~0ULL - base);
}

void cpu_timers_set_itimer(u32 which, const struct cpu_alarm *new, struct cpu_alarm *old)
{
	struct process *process = task_current()->process;
	struct cpu_alarm *alarm = &process->timers.itimers[which];
	u64 irq = spin_lock_irqsave(&process->lock);
	u64 now = cpu_clock_ns_locked(process, &itimer_clock[which]);

	*old = alarm_left(alarm, now);
	if (new) {
		alarm_set(alarm, new, now);
		cpu_timers_rearm_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, irq);
}

static struct cpu_timer *timer_find_locked(const struct process *process, s32 id)
{
	struct cpu_timer *timer;

	ASSERT(spin_lock_held(&process->lock));
	list_for_each(timer, &process->timers.timers, link) {
		if (timer->id == id && !timer->sleeper)
			return timer;
	}
	return NULL;
}

bool cpu_timer_exists(s32 id)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	bool exists = timer_find_locked(process, id);

	spin_unlock_irqrestore(&process->lock, irq);
	return exists;
}

/* Linux counts and names them. Its own of that name is never set. */
static int reserve_id(s32 *id)
{
	const u64 none[6] = { 0 };
	s64 ret = offload_insist(OFFLOAD_NR_TIMER, none);

	*id = (s32)ret;
	return ret < 0 ? (int)ret : 0;
}

static void release_id(s32 id)
{
	const u64 args[6] = { (u64)id };

	(void)offload_insist(SYSCALL_timer_delete, args);
}

int cpu_timer_create(const struct cpu_timer *model, s32 *id)
{
	struct process *process = task_current()->process;
	struct cpu_timer *timer = kzalloc(sizeof(*timer));
	int err;
	u64 irq;

	if (!timer)
		return -EAGAIN;
	err = reserve_id(id);
	if (err) {
		kfree(timer);
		return err;
	}
	timer->id = *id;
	timer->clock = model->clock;
	timer->signo = model->signo;
	timer->vtid = model->vtid;
	timer->value = model->id ? (u64)timer->id : model->value;
	irq = spin_lock_irqsave(&process->lock);
	list_add_tail(&timer->link, &process->timers.timers);
	spin_unlock_irqrestore(&process->lock, irq);
	return 0;
}

int cpu_timer_set(s32 id, const struct cpu_alarm *new, bool relative, struct cpu_alarm *old)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	struct cpu_timer *timer = timer_find_locked(process, id);
	u64 now;

	if (timer) {
		now = cpu_clock_ns_locked(process, &timer->clock);
		*old = alarm_left(&timer->alarm, now);
	}
	if (timer && new) {
		alarm_set(&timer->alarm, new, relative ? now : 0);
		timer->overrun = 0;
		timer->overrun_before = 0;
		cpu_timers_rearm_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, irq);
	return timer ? 0 : -EINVAL;
}

static bool is_pending(struct task *task, u32 signo)
{
	u64 irq = spin_lock_irqsave(&task->process->lock);
	bool pending = task->pending.set & SIGNAL_MASK(signo);

	spin_unlock_irqrestore(&task->process->lock, irq);
	return pending;
}

/* Does a signal wait, here or at the twin? */
static bool is_waiting(struct task *task, u32 signo)
{
	const u64 args[6] = { signo, SI_USER };

	return is_pending(task, signo) || offload_insist(OFFLOAD_NR_SIGNAL, args) == 1;
}

s64 cpu_timer_overrun(s32 id)
{
	struct task *task = task_current();
	const struct cpu_timer *timer;
	u32 overrun[2] = { 0 };
	u32 signo = 0;
	u64 irq;

	irq = spin_lock_irqsave(&task->process->lock);
	timer = timer_find_locked(task->process, id);
	if (timer) {
		signo = timer->signo;
		overrun[0] = timer->overrun;
		overrun[1] = timer->overrun_before;
	}
	spin_unlock_irqrestore(&task->process->lock, irq);
	if (!timer)
		return -EINVAL;
	/* It is that of the last signal that the program took. */
	return overrun[signo && is_waiting(task, signo)];
}

int cpu_timer_delete(s32 id)
{
	struct process *process = task_current()->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	struct cpu_timer *timer = timer_find_locked(process, id);

	if (timer)
		list_del(&timer->link);
	spin_unlock_irqrestore(&process->lock, irq);
	if (!timer)
		return -EINVAL;
	kfree(timer);
	/* Not before: the next timer may have the same. */
	release_id(id);
	return 0;
}

static bool sleep_is_over(void *ctx)
{
	const struct cpu_timer *timer = ctx;
	struct process *process = timer->sleeper->process;
	u64 irq = spin_lock_irqsave(&process->lock);
	bool over = !timer->alarm.expires_ns;

	spin_unlock_irqrestore(&process->lock, irq);
	return over;
}

int cpu_clock_sleep(const struct cpu_clock *clock, u64 until_ns)
{
	struct process *process = task_current()->process;
	struct cpu_timer timer = {
		.clock = *clock,
		.alarm.expires_ns = until_ns,
		.sleeper = task_current(),
	};
	int err;
	u64 irq;

	if (cpu_clock_ns(clock) >= until_ns)
		return 0;
	irq = spin_lock_irqsave(&process->lock);
	list_add_tail(&timer.link, &process->timers.timers);
	cpu_timers_rearm_locked(process);
	spin_unlock_irqrestore(&process->lock, irq);
	err = signal_sleep(sleep_is_over, &timer, THREAD_NO_DEADLINE);
	irq = spin_lock_irqsave(&process->lock);
	list_del(&timer.link);
	spin_unlock_irqrestore(&process->lock, irq);
	return err;
}

/* Return: how often it was due; it is set to be due next. */
static u64 alarm_take(struct cpu_alarm *alarm, u64 now)
{
	u64 times;

	if (!alarm->expires_ns || alarm->expires_ns > now)
		return 0;
	if (!alarm->interval_ns) {
		alarm->expires_ns = 0;
		return 1;
	}
	times = (now - alarm->expires_ns) / alarm->interval_ns + 1;
	alarm->expires_ns += times * alarm->interval_ns;
	return times;
}

static bool take_limit(struct cpu_timers *timers, u64 now, struct due *due)
{
	struct program_rlimit *limit = &timers->limits[CPU_LIMIT_TOTAL];
	u64 seconds = now / NSEC_PER_SEC;

	if (seconds >= limit->max) {
		due->signo = SIGKILL;
		return true;
	}
	if (seconds < limit->cur)
		return false;
	limit->cur = seconds + 1;
	due->signo = SIGXCPU;
	return true;
}

static bool take_timer(struct process *process, struct cpu_timer *timer, struct due *due)
{
	u64 times = alarm_take(&timer->alarm, cpu_clock_ns_locked(process, &timer->clock));

	if (!times)
		return false;
	if (timer->sleeper) {
		thread_wake(&timer->sleeper->thread);
		return false;
	}
	*due = (struct due){
		.signo = timer->signo,
		.code = SI_TIMER,
		.vtid = timer->vtid,
		.id = timer->id,
		.value = timer->value,
		.overrun = (u32)MIN(times - 1, MAX_OVERRUN),
	};
	return timer->signo;
}

/*
 * Each is looked at once in a run: a timer that is due again by the time its signal is sent would
 * keep the thread here for ever. Return: whether there is a signal to send.
 */
static bool take_locked(struct process *process, struct due *due)
{
	struct cpu_timers *timers = &process->timers;
	const struct cpu_clock whole = { 0 };
	const u32 from = due->next;
	struct cpu_timer *timer;
	bool taken = false;
	u32 at = 0;

	*due = (struct due){ .code = SI_KERNEL };
	if (at++ >= from)
		taken = take_limit(timers, cpu_clock_ns_locked(process, &whole), due);
	if (!taken && at++ >= from) {
		due->signo = rt_limit_take_locked(timers, task_current());
		taken = due->signo;
	}
	for (u32 i = 0; !taken && i < ARRAY_SIZE(timers->itimers); i++) {
		due->signo = itimer_signal[i];
		if (at++ >= from)
			taken = alarm_take(&timers->itimers[i],
					   cpu_clock_ns_locked(process, &itimer_clock[i]));
	}
	list_for_each(timer, &timers->timers, link) {
		if (taken)
			break;
		if (at++ >= from)
			taken = take_timer(process, timer, due);
	}
	due->next = at;
	return taken;
}

static bool take(struct process *process, struct due *due)
{
	u64 irq = spin_lock_irqsave(&process->lock);
	bool taken = take_locked(process, due);

	spin_unlock_irqrestore(&process->lock, irq);
	return taken;
}

/* A timer has one signal under way at most; what comes meanwhile is counted. */
static void count_overrun(struct process *process, const struct due *due, bool sent)
{
	u64 irq = spin_lock_irqsave(&process->lock);
	struct cpu_timer *timer = timer_find_locked(process, due->id);

	if (timer && sent) {
		timer->overrun_before = timer->overrun;
		timer->overrun = due->overrun;
	} else if (timer) {
		timer->overrun = (u32)MIN((u64)timer->overrun + 1 + due->overrun, MAX_OVERRUN);
	}
	spin_unlock_irqrestore(&process->lock, irq);
}

static void send(struct task *task, const struct due *due)
{
	const u64 args[6] = { due->signo,     (u64)due->code, due->vtid,
			      (u64)due->id,   due->value,     due->overrun };
	bool sent;

	if (due->signo == SIGKILL)
		process_die(SIGKILL);
	if (due->code != SI_TIMER) {
		(void)offload_request(OFFLOAD_NR_SIGNAL, args);
		return;
	}
	sent = !is_pending(task, due->signo) && !offload_request(OFFLOAD_NR_SIGNAL, args);
	count_overrun(task->process, due, sent);
}

static u64 time_left(u64 expires_ns, u64 now)
{
	if (!expires_ns)
		return THREAD_NO_DEADLINE;
	return expires_ns > now ? expires_ns - now : 0;
}

static u64 limit_left(const struct cpu_timers *timers, u64 now)
{
	const struct program_rlimit *limit = &timers->limits[CPU_LIMIT_TOTAL];
	u64 seconds = MIN(limit->cur, limit->max);

	if (seconds >= CPU_NO_LIMIT / NSEC_PER_SEC)
		return THREAD_NO_DEADLINE;
	return time_left(MAX(seconds * NSEC_PER_SEC, 1ULL), now);
}

/* Return: how long @task may run until something can be due, but for clocks of other threads. */
static u64 next_locked(const struct process *process, const struct task *task)
{
	const struct cpu_timers *timers = &process->timers;
	const struct cpu_clock whole = { 0 };
	u64 shared = limit_left(timers, cpu_clock_ns_locked(process, &whole));
	u64 own = rt_limit_left_locked(timers, task);
	const struct cpu_timer *timer;
	u64 left;

	for (u32 i = 0; i < ARRAY_SIZE(timers->itimers); i++) {
		left = time_left(timers->itimers[i].expires_ns,
				 cpu_clock_ns_locked(process, &itimer_clock[i]));
		shared = MIN(shared, left);
	}
	list_for_each(timer, &timers->timers, link) {
		left = time_left(timer->alarm.expires_ns,
				 cpu_clock_ns_locked(process, &timer->clock));
		if (!timer->clock.vtid)
			shared = MIN(shared, left);
		else if (timer->clock.vtid == task->vtid)
			own = MIN(own, left);
	}
	/* All threads may use the time of the process: come closer step by step. */
	if (shared != THREAD_NO_DEADLINE)
		shared /= process->ntasks;
	return MIN(shared, own);
}

void cpu_timers_run(void)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct due due = { .next = 0 };
	u64 irq, left;

	if (!READ_ONCE(process->timers.armed))
		return;
	while (!process_is_gone(process) && take(process, &due))
		send(task, &due);
	irq = spin_lock_irqsave(&process->lock);
	left = next_locked(process, task);
	spin_unlock_irqrestore(&process->lock, irq);
	thread_set_alarm(left == THREAD_NO_DEADLINE ? left : MAX(left, GAP_NS));
}

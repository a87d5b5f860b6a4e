// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about scheduling policies: sched(7). They act on threads of the LWK;
 * of what Linux has, Linux. A twin keeps the policy that it has, but says who may change what.
 */
#include "abi/errno.h"
#include "abi/offload.h"
#include "lwk/include/core/time.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"

#define POLICY_KEEP (-1) /* sched_setparam(2) */
#define RR_SLICE_NS (100 * NSEC_PER_MSEC)
#define SLICE_NS (10 * NSEC_PER_MSEC)
#define ATTR_LEN_MAX 4096U /* Linux takes a page */
#define RLIMIT_NICE 13
#define PRIO_PROCESS 0

#define ATTR_LEN_MIN 48U
#define ATTR_RESET_ON_FORK 0x01
#define ATTR_KEEP_POLICY 0x08
#define ATTR_KEEP_PARAMS 0x10
#define ATTR_UTIL_CLAMP 0x60
#define ATTR_KNOWN 0x7f

/* struct sched_attr of Linux. */
struct attr {
	u32 size;
	u32 policy;
	u64 flags;
	s32 nice;
	u32 priority;
	u64 deadline[3];
	u32 util[2];
};

_Static_assert(sizeof(struct attr) == 56, "Linux's");

static int get_sched(struct task *task, void *ctx)
{
	thread_get_sched(&task->thread, ctx);
	return 0;
}

static int set_sched(struct task *task, void *ctx)
{
	thread_set_sched(&task->thread, ctx);
	pi_sched_changed(task);
	return 0;
}

static int set_nice(struct task *task, void *ctx)
{
	struct thread_sched sched;

	thread_get_sched(&task->thread, &sched);
	sched.nice = *(const s32 *)ctx;
	thread_set_sched(&task->thread, &sched);
	pi_sched_changed(task);
	return 0;
}

/* What Linux looks at in the thread itself, and its twin does not show. */
static bool needs_privilege(const struct thread_sched *old, const struct thread_sched *new)
{
	u64 limit = task_current()->process->rlimits[RLIMIT_NICE].cur;

	if (old->reset_on_fork && !new->reset_on_fork)
		return true;
	return old->policy == SCHED_IDLE && new->policy != SCHED_IDLE &&
	       (u64)(20 - old->nice) > limit;
}

/*
 * What to ask Linux for, whose twin is not of the old policy: who has a real-time priority may have
 * a lower one whatever RLIMIT_RTPRIO is, but another policy only if that is not 0.
 */
static void ask_as(const struct thread_sched *old, const struct thread_sched *new, u64 wanted[2])
{
	bool lower = new->priority && new->priority <= old->priority;

	wanted[0] = lower && new->policy == old->policy ? SCHED_OTHER : new->policy;
	wanted[1] = !lower ? new->priority : new->policy != old->policy;
}

static s64 change(u32 id, const struct thread_sched *old, struct thread_sched *new)
{
	u64 args[6] = { id };
	s64 err;

	if (!policy_is_sound(new))
		return -EINVAL;
	if (needs_privilege(old, new) && !offload_capable(OFFLOAD_CAP_NICE))
		return -EPERM;
	ask_as(old, new, args + 1);
	err = offload_request(OFFLOAD_NR_SCHED, args);
	if (!err && new->nice != old->nice)
		err = offload_request3(SYSCALL_setpriority, PRIO_PROCESS, id, (u64)new->nice);
	if (err)
		return err == -EACCES ? -EPERM : err;
	return task_with_vtid(id, set_sched, new);
}

/* @policy: with SCHED_RESET_ON_FORK, or POLICY_KEEP. */
static s64 set_policy(u64 nr, const u64 args[6], s32 policy, u64 param)
{
	struct thread_sched old, new;
	u32 id = (u32)args[0];
	s32 priority;

	if (!param || (s32)id < 0)
		return -EINVAL;
	if (copy_from_user(&priority, param, sizeof(priority)))
		return -EFAULT;
	if (task_with_vtid(id, get_sched, &old))
		return syscall_offload(nr, args);
	new = old;
	if (policy != POLICY_KEEP) {
		new.policy = (u32)policy & ~SCHED_RESET_ON_FORK;
		new.reset_on_fork = policy & SCHED_RESET_ON_FORK;
	}
	new.priority = (u32)priority;
	return change(id, &old, &new);
}

s64 sys_sched_setscheduler(const u64 args[6])
{
	if ((s32)args[1] < 0)
		return -EINVAL;
	return set_policy(SYSCALL_sched_setscheduler, args, (s32)args[1], args[2]);
}

s64 sys_sched_setparam(const u64 args[6])
{
	return set_policy(SYSCALL_sched_setparam, args, POLICY_KEEP, args[1]);
}

s64 sys_sched_getscheduler(const u64 args[6])
{
	struct thread_sched sched;

	if ((s32)args[0] < 0)
		return -EINVAL;
	if (task_with_vtid((u32)args[0], get_sched, &sched))
		return syscall_offload(SYSCALL_sched_getscheduler, args);
	return sched.policy | (sched.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

s64 sys_sched_getparam(const u64 args[6])
{
	struct thread_sched sched;

	if (!args[1] || (s32)args[0] < 0)
		return -EINVAL;
	if (task_with_vtid((u32)args[0], get_sched, &sched))
		return syscall_offload(SYSCALL_sched_getparam, args);
	return copy_to_user(args[1], &sched.priority, sizeof(sched.priority)) ? -EFAULT : 0;
}

s64 sys_sched_getattr(const u64 args[6])
{
	u32 len = (u32)args[2];
	struct thread_sched sched;
	struct attr attr = { 0 };

	if (!args[1] || (s32)args[0] < 0 || len > ATTR_LEN_MAX || len < ATTR_LEN_MIN ||
	    (u32)args[3])
		return -EINVAL;
	if (task_with_vtid((u32)args[0], get_sched, &sched))
		return syscall_offload(SYSCALL_sched_getattr, args);
	attr.size = MIN(len, (u32)sizeof(attr));
	attr.policy = sched.policy;
	attr.flags = sched.reset_on_fork ? ATTR_RESET_ON_FORK : 0;
	if (policy_is_realtime(sched.policy))
		attr.priority = sched.priority;
	else
		attr.nice = sched.nice;
	return copy_to_user(args[1], &attr, attr.size) ? -EFAULT : 0;
}

/* Bytes that this kernel does not know have to be zero. */
static s64 check_rest(u64 addr, u32 len)
{
	u8 byte;

	for (u32 i = sizeof(struct attr); i < len; i++) {
		if (copy_from_user(&byte, addr + i, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static s64 get_attr(u64 addr, struct attr *attr)
{
	const u32 known = sizeof(*attr);
	u32 len;
	s64 err;

	*attr = (struct attr){ 0 };
	if (copy_from_user(&len, addr, sizeof(len)))
		return -EFAULT;
	len = len ? len : ATTR_LEN_MIN;
	err = len < ATTR_LEN_MIN || len > ATTR_LEN_MAX ? -E2BIG : check_rest(addr, len);
	if (err == -E2BIG && copy_to_user(addr, &known, sizeof(known)))
		return -EFAULT;
	if (err)
		return err;
	return copy_from_user(attr, addr, MIN(len, known)) ? -EFAULT : 0;
}

s64 sys_sched_setattr(const u64 args[6])
{
	struct thread_sched old, new;
	u32 id = (u32)args[0];
	struct attr attr;
	s64 err;

	if (!args[1] || (s32)id < 0 || (u32)args[2])
		return -EINVAL;
	err = get_attr(args[1], &attr);
	if (err)
		return err;
	if ((s32)attr.policy < 0 || attr.flags & ~(u64)ATTR_KNOWN)
		return -EINVAL;
	if (task_with_vtid(id, get_sched, &old))
		return syscall_offload(SYSCALL_sched_setattr, args);
	if (attr.flags & ATTR_UTIL_CLAMP)
		return -EOPNOTSUPP;
	new = old;
	if (!(attr.flags & ATTR_KEEP_POLICY)) {
		new.policy = attr.policy;
		new.reset_on_fork = attr.flags & ATTR_RESET_ON_FORK;
	}
	if (!(attr.flags & ATTR_KEEP_PARAMS)) {
		new.priority = attr.priority;
		if (!policy_is_realtime(new.policy))
			new.nice = MIN(MAX(attr.nice, NICE_MIN), NICE_MAX);
	}
	return change(id, &old, &new);
}

s64 sys_sched_rr_get_interval(const u64 args[6])
{
	struct thread_sched sched;
	u64 time[2] = { 0 };

	if ((s32)args[0] < 0)
		return -EINVAL;
	if (task_with_vtid((u32)args[0], get_sched, &sched))
		return syscall_offload(SYSCALL_sched_rr_get_interval, args);
	if (sched.policy != SCHED_FIFO)
		time[1] = sched.policy == SCHED_RR ? RR_SLICE_NS : SLICE_NS;
	return copy_to_user(args[1], time, sizeof(time)) ? -EFAULT : 0;
}

s64 sys_setpriority(const u64 args[6])
{
	s32 nice = MIN(MAX((s32)args[2], NICE_MIN), NICE_MAX);
	s64 err = syscall_offload(SYSCALL_setpriority, args);

	/* Of a group or a user Linux alone knows who is in it; the caller is, if it is 0. */
	if (!err && ((s32)args[0] == PRIO_PROCESS || !(u32)args[1]))
		(void)task_with_vtid((u32)args[1], set_nice, &nice);
	return err;
}

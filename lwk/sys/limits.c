// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resource limits. Those on memory are the LWK's, and must not be put on the proxy, which maps
 * more than any program; all others count on Linux.
 */
#include "abi/errno.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define RLIMIT_CPU 0
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS 9
#define RLIMIT_RTTIME 15

static bool is_local(u32 resource)
{
	return resource == RLIMIT_DATA || resource == RLIMIT_STACK ||
	       resource == RLIMIT_MEMLOCK || resource == RLIMIT_AS;
}

static int change_locked(struct process *process, u32 resource, const struct program_rlimit *new)
{
	struct program_rlimit *limit = &process->rlimits[resource];
	struct vm_limits limits;

	if (new->cur > new->max)
		return -EINVAL;
	if (new->max > limit->max && !offload_capable(OFFLOAD_CAP_RESOURCE))
		return -EPERM;
	*limit = *new;
	process->vm->owner = process;
	process_limits(process, &limits);
	vm_set_limits(process->vm, &limits);
	return 0;
}

/* @untold: the proxy has not heard of it, since it is not the caller's. */
static int change(struct process *process, u32 resource, const struct program_rlimit *new,
		  struct program_rlimit *old, bool untold)
{
	int err = 0;

	mutex_lock(&process->space->limits);
	*old = process->rlimits[resource];
	if (new)
		err = change_locked(process, resource, new);
	if (new && !err && untold)
		process->limits_untold |= 1U << resource;
	mutex_unlock(&process->space->limits);
	return err;
}

static int change_own(u32 resource, const struct program_rlimit *new, struct program_rlimit *old)
{
	int err = change(task_current()->process, resource, new, old, false);

	/* For the next program, which begins with the limits of its proxy. */
	if (new && !err)
		(void)offload_request3(OFFLOAD_NR_LIMIT, resource, new->cur, new->max);
	return err;
}

static int get_pid(struct task *task, void *ctx)
{
	u32 *pid = ctx;

	*pid = task->process->pid;
	return 0;
}

static bool is_self(u64 pid)
{
	return !(u32)pid || (u32)pid == task_current()->process->vpid;
}

/* pid: result, 0: none is called so in this namespace */
struct search {
	u64 pid_ns;
	u32 vpid;
	u32 pid;
};

static void compare(struct process *process, void *ctx)
{
	struct search *search = ctx;

	if (process->pid_ns == search->pid_ns && process->vpid == search->vpid &&
	    !process_is_gone(process))
		search->pid = process->pid;
}

/* Return: the process of the LWK that prlimit(2) calls @pid, referenced; NULL: there is none. */
static struct process *named(u64 pid)
{
	const struct process *self = task_current()->process;
	struct search search = { .pid_ns = self->pid_ns, .vpid = (u32)pid };

	if (is_self(pid))
		return process_find(self->pid);
	/* The first thread may have ended before the others. */
	if (task_with_vtid((u32)pid, get_pid, &search.pid))
		process_for_each(compare, &search);
	return search.pid ? process_find(search.pid) : NULL;
}

/*
 * Of a process of the LWK. Whether the caller may is Linux's to say, which it does even if it is
 * asked for nothing.
 * @args: of prlimit64
 */
static s64 change_of(struct process *process, const u64 args[6], const struct program_rlimit *new,
		     struct program_rlimit *old)
{
	const u64 ask[6] = { args[0], args[1] };
	s64 err;

	if (process == task_current()->process)
		return change_own((u32)args[1], new, old);
	err = syscall_offload(SYSCALL_prlimit64, ask);
	if (err)
		return err;
	if (process_is_gone(process))
		return -ESRCH;
	return change(process, (u32)args[1], new, old, true);
}

/* Of time that is used, in both kernels: each looks at what is used there. */
static bool is_of_time(u32 resource)
{
	return resource == RLIMIT_CPU || resource == RLIMIT_RTTIME;
}

/*
 * Linux says whether a new limit of time is allowed; what the soft one has grown to is known
 * here.
 * @call: the arguments of prlimit64 for the same
 */
static s64 change_time(u64 nr, const u64 args[6], const u64 call[4])
{
	bool total = (u32)call[1] == RLIMIT_CPU;
	struct program_rlimit new, old;
	struct process *process;
	s64 ret;

	if (call[2] && copy_from_user(&new, call[2], sizeof(new)))
		return -EFAULT;
	ret = syscall_offload(nr, args);
	if (ret)
		return ret;
	process = named(call[0]);
	if (!process)
		return 0;
	old = cpu_timers_limit(process, total ? CPU_LIMIT_TOTAL : CPU_LIMIT_RT,
			       call[2] ? &new : NULL);
	process_put(process);
	return call[3] ? copy_to_user(call[3], &old, sizeof(old)) : 0;
}

s64 sys_prlimit64(const u64 args[6])
{
	struct program_rlimit new, old;
	struct process *process;
	s64 err;

	if (is_of_time((u32)args[1]))
		return change_time(SYSCALL_prlimit64, args, args);
	process = is_local((u32)args[1]) ? named(args[0]) : NULL;
	if (!process)
		return syscall_offload(SYSCALL_prlimit64, args);
	if (args[2] && copy_from_user(&new, args[2], sizeof(new)))
		err = -EFAULT;
	else
		err = change_of(process, args, args[2] ? &new : NULL, &old);
	process_put(process);
	/* It has ended since. Its proxy, which has yet to be waited for, has limits still. */
	if (err == -ESRCH)
		return syscall_offload(SYSCALL_prlimit64, args);
	if (!err && args[3])
		err = copy_to_user(args[3], &old, sizeof(old));
	return err;
}

s64 sys_getrlimit(const u64 args[6])
{
	const u64 call[4] = { 0, args[0], 0, args[1] };
	struct program_rlimit old;

	if (is_of_time((u32)args[0]))
		return change_time(SYSCALL_getrlimit, args, call);
	if (!is_local((u32)args[0]))
		return syscall_offload(SYSCALL_getrlimit, args);
	(void)change_own((u32)args[0], NULL, &old);
	return copy_to_user(args[1], &old, sizeof(old));
}

s64 sys_setrlimit(const u64 args[6])
{
	const u64 call[4] = { 0, args[0], args[1] };
	struct program_rlimit new, old;

	if (is_of_time((u32)args[0]))
		return change_time(SYSCALL_setrlimit, args, call);
	if (!is_local((u32)args[0]))
		return syscall_offload(SYSCALL_setrlimit, args);
	if (copy_from_user(&new, args[1], sizeof(new)))
		return -EFAULT;
	return change_own((u32)args[0], &new, &old);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that change what a process is allowed, or may be done to it. They are Linux's; what
 * it has said of the process before does not hold any more.
 */
#include "lwk/sys/credentials.h"

#include "abi/errno.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/reach.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"

s64 credentials_change(u64 nr, const u64 args[6])
{
	s64 ret = syscall_offload(nr, args);

	/* Afterwards, whatever came of it: who asks Linux meanwhile may hear of either. */
	process_new_standing(task_current()->process);
	return ret;
}

/* Linux has the ids; what the LWK knows of them is how the program began. */
static s64 change_ids(u64 nr, const u64 args[6])
{
	task_current()->ids_changed = true;
	return credentials_change(nr, args);
}

/* The handler of a call that is nothing but such a change. */
#define DEFINE_CHANGE(name, change)                                                                \
	s64 sys_##name(const u64 args[6])                                                          \
	{                                                                                          \
		return change(SYSCALL_##name, args);                                               \
	}

DEFINE_CHANGE(setuid, change_ids)
DEFINE_CHANGE(setreuid, change_ids)
DEFINE_CHANGE(setresuid, change_ids)
DEFINE_CHANGE(setgid, credentials_change)
DEFINE_CHANGE(setregid, credentials_change)
DEFINE_CHANGE(setresgid, credentials_change)
DEFINE_CHANGE(setgroups, credentials_change)
DEFINE_CHANGE(setfsuid, credentials_change)
DEFINE_CHANGE(setfsgid, credentials_change)
DEFINE_CHANGE(capset, credentials_change)
DEFINE_CHANGE(landlock_restrict_self, credentials_change)
DEFINE_CHANGE(lsm_set_self_attr, credentials_change)

s64 sys_unshare(const u64 args[6])
{
	const u64 mine = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
	u64 theirs[6] = { args[0] & ~mine };

	/* Of several threads none can leave the others; a single one shares none of these. */
	if ((args[0] & mine) && READ_ONCE(task_current()->process->nlive) > 1)
		return -EINVAL;
	return theirs[0] || !args[0] ? change_ids(SYSCALL_unshare, theirs) : 0;
}

s64 sys_setns(const u64 args[6])
{
	s64 ret = change_ids(SYSCALL_setns, args);

	/* With a descriptor of a namespace that may be one of time, whatever the flags say. */
	clock_forget_offset();
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking Linux whether a thread may have a policy: by giving it to the twin, and taking it back.
 */
#include "policy.h"

#include <errno.h>
#include <sched.h>

s64 policy_perform(const u64 args[6])
{
	const struct sched_param wanted = { .sched_priority = (int)args[2] };
	pid_t tid = (pid_t)args[0];
	struct sched_param param;
	int policy = sched_getscheduler(tid);
	int flag;

	if (policy < 0 || sched_getparam(tid, &param))
		return -errno;
	/* To take this flag away would need a privilege. */
	flag = policy & SCHED_RESET_ON_FORK;
	if (sched_setscheduler(tid, (int)args[1] | flag, &wanted))
		return -errno;
	if (!args[3])
		sched_setscheduler(tid, policy, &param);
	return 0;
}

void policy_drop(void)
{
	const struct sched_param none = { 0 };
	int policy = sched_getscheduler(0);
	int flag = policy & SCHED_RESET_ON_FORK;

	if (policy >= 0 && policy != (SCHED_OTHER | flag))
		sched_setscheduler(0, SCHED_OTHER | flag, &none);
}

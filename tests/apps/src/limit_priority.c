// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits on priorities, which give rather than take: to be run without privileges, with
 * RLIMIT_RTPRIO 3 and RLIMIT_NICE 25, which is a nice value of -5.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static int set_policy(int policy, int priority)
{
	const struct sched_param param = { .sched_priority = priority };

	return sched_setscheduler(0, policy, &param);
}

static void set_limit(int resource, unsigned long cur, unsigned long max)
{
	const struct rlimit limit = { cur, max };

	MUST(!setrlimit((__rlimit_resource_t)resource, &limit));
}

static void show_real_time(void)
{
	struct sched_param param;

	SHOW(set_policy(SCHED_FIFO, 4));
	SHOW(set_policy(SCHED_RR, 2));
	SHOW(set_policy(SCHED_FIFO, 3));
	SHOW(sched_getparam(0, &param));
	SHOW(param.sched_priority);
	set_limit(RLIMIT_RTPRIO, 1, 3);
	SHOW(sched_getscheduler(0));
	SHOW(set_policy(SCHED_RR, 3));
	SHOW(set_policy(SCHED_RR, 2));
	SHOW(set_policy(SCHED_RR, 3));
	SHOW(set_policy(SCHED_FIFO, 1));
	SHOW(set_policy(SCHED_FIFO, 2));
	set_limit(RLIMIT_RTPRIO, 0, 0);
	SHOW(set_policy(SCHED_FIFO, 1));
	SHOW(set_policy(SCHED_RR, 1));
	SHOW(set_policy(SCHED_OTHER, 0));
	SHOW(set_policy(SCHED_FIFO, 1));
}

static void show_nice(void)
{
	SHOW(setpriority(PRIO_PROCESS, 0, -6));
	SHOW(setpriority(PRIO_PROCESS, 0, -5));
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(setpriority(PRIO_PROCESS, 0, 0));
	SHOW(set_policy(SCHED_IDLE, 0));
	SHOW(set_policy(SCHED_OTHER, 0));
	set_limit(RLIMIT_NICE, 15, 15);
	SHOW(setpriority(PRIO_PROCESS, 0, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, -1));
	SHOW(setpriority(PRIO_PROCESS, 0, 6));
	SHOW(setpriority(PRIO_PROCESS, 0, 4));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(set_policy(SCHED_IDLE, 0));
	SHOW(set_policy(SCHED_OTHER, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 10));
	SHOW(set_policy(SCHED_IDLE, 0));
	SHOW(set_policy(SCHED_OTHER, 0));
}

/* In a child, which has what its parent has, and still no more. */
static void show_inherited(void)
{
	pid_t pid = fork();
	int status;

	MUST(pid >= 0);
	if (!pid) {
		SHOW(getpriority(PRIO_PROCESS, 0));
		SHOW(setpriority(PRIO_PROCESS, 0, 9));
		SHOW(set_policy(SCHED_FIFO, 1));
		exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid && !status);
}

int main(void)
{
	show_real_time();
	show_nice();
	show_inherited();
	return 0;
}

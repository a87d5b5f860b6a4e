// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scheduling policies: which there are, who may have which, who inherits them. With an argument:
 * tell what one was executed with.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

/* glibc has no such struct in Debian 12. */
struct attr {
	unsigned int size;
	unsigned int policy;
	unsigned long long flags;
	int nice;
	unsigned int priority;
	unsigned long long deadline[3];
	unsigned int util[2];
};

static int set(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return sched_setscheduler(0, policy, &param);
}

static void tell(const char *who)
{
	struct attr attr = { 0 };
	struct sched_param param = { .sched_priority = -1 };

	MUST(!sched_getparam(0, &param) && !syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0));
	printf("%s: policy %#x, priority %d; policy %u, flags %llu, nice %d, priority %u; nice %d\n",
	       who, (unsigned int)sched_getscheduler(0), param.sched_priority, attr.policy,
	       attr.flags, attr.nice, attr.priority, getpriority(PRIO_PROCESS, 0));
}

static void child(const char *who)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		tell(who);
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0) == pid);
}

static void show_policies(void)
{
	SHOW(set(SCHED_FIFO, 1));
	SHOW(set(SCHED_FIFO, 99));
	tell("first in first out");
	SHOW(set(SCHED_FIFO, 100));
	SHOW(set(SCHED_FIFO, 0));
	SHOW(set(SCHED_FIFO, -1));
	SHOW(set(SCHED_RR, 7));
	child("child of round robin");
	SHOW(set(SCHED_OTHER, 1));
	SHOW(set(4, 0));
	SHOW(set(SCHED_BATCH, 0));
	tell("batch");
	SHOW(set(SCHED_IDLE, 0));
	child("child of idle");
	SHOW(set(SCHED_RR | SCHED_RESET_ON_FORK, 3));
	tell("reset on fork");
	child("its child");
	SHOW(set(SCHED_OTHER, 0));
	tell("other");
}

static void show_parameters(void)
{
	struct sched_param param = { .sched_priority = 5 };
	struct timespec interval = { -1, -1 };

	SHOW(sched_setparam(0, &param));
	SHOW(set(SCHED_RR, 9));
	SHOW(sched_rr_get_interval(0, &interval));
	printf("%lld %ld\n", (long long)interval.tv_sec, interval.tv_nsec);
	SHOW(sched_setparam(0, &param));
	tell("another priority");
	SHOW(set(SCHED_FIFO, 9));
	SHOW(sched_rr_get_interval(0, &interval));
	printf("%lld %ld\n", (long long)interval.tv_sec, interval.tv_nsec);
	SHOW(sched_rr_get_interval(-1, &interval));
	SHOW(sched_rr_get_interval(0x3fffffff, &interval));
	SHOW(set(SCHED_OTHER, 0));
	SHOW(syscall(SYS_sched_setparam, 0, NULL));
	SHOW(syscall(SYS_sched_setparam, 0, 8));
	SHOW(syscall(SYS_sched_getparam, -1, &param));
	SHOW(syscall(SYS_sched_getparam, 0, 8));
	SHOW(syscall(SYS_sched_setscheduler, 0, -1, &param));
	SHOW(syscall(SYS_sched_getscheduler, -1));
	SHOW(syscall(SYS_sched_getscheduler, 0x3fffffff));
}

static void show_attributes(void)
{
	struct attr attr = { .size = sizeof(attr), .policy = SCHED_BATCH, .nice = 4 };
	struct {
		struct attr attr;
		unsigned long long more;
	} large = { .attr = { .size = sizeof(large), .policy = SCHED_OTHER, .nice = 5 } };

	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
	tell("batch and nice");
	child("child");
	attr.flags = 0x8;
	attr.nice = 6;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
	tell("nicer");
	attr.flags = 0x1000;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
	attr.flags = 0;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 1));
	attr.size = 20;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
	SHOW(attr.size);
	SHOW(syscall(SYS_sched_setattr, 0, &large, 0));
	large.more = 1;
	SHOW(syscall(SYS_sched_setattr, 0, &large, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 8, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 48, 1));
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 48, 0));
	SHOW(attr.size);
	SHOW(syscall(SYS_sched_getattr, 0x3fffffff, &attr, 48, 0));
}

static void show_rights(void)
{
	const struct rlimit limit = { 5, 5 };

	SHOW(setpriority(PRIO_PROCESS, 0, 0));
	MUST(!setrlimit(RLIMIT_RTPRIO, &limit) && !setuid(65534));
	SHOW(set(SCHED_FIFO, 6));
	SHOW(set(SCHED_FIFO, 5));
	SHOW(set(SCHED_RR, 4));
	SHOW(set(SCHED_OTHER, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, -1));
	SHOW(setpriority(PRIO_PROCESS, 0, 1));
	SHOW(sched_getscheduler(1));
	SHOW(syscall(SYS_sched_setscheduler, 1, SCHED_OTHER, &(struct sched_param){ 0 }));
	tell("in the end");
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		tell(argv[1]);
		return 0;
	}
	show_policies();
	show_parameters();
	show_attributes();
	MUST(!set(SCHED_RR, 8));
	fflush(stdout);
	if (!vfork()) {
		execlp("sched_policy", "sched_policy", "executed", NULL);
		_exit(127);
	}
	MUST(wait(NULL) > 0 && !set(SCHED_OTHER, 0));
	show_rights();
	return 0;
}

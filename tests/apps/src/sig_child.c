// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a parent hears of its children: SIGCHLD and what it says, its flags, the options of waiting,
 * other signals in its place; and what children hear of a parent's end, or of a thread's.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

#include "fork.h"

#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif
static const struct timespec no_time;
static sigset_t watched;

static void nothing(int signal)
{
	(void)signal;
}

/* A child that does as it is told: ends with 7, by a signal, or waits for one. */
static pid_t start(int signal)
{
	pid_t pid = fork_must();

	if (pid)
		return pid;
	MUST(!sigprocmask(SIG_UNBLOCK, &watched, NULL));
	if (signal)
		raise(signal);
	_exit(7);
}

static void tell(const char *what, const siginfo_t *info, pid_t pid)
{
	printf("%s: signal %d, code %d, status %d, pid %s, uid %s, times %s\n", what,
	       info->si_signo, info->si_code, info->si_status,
	       info->si_pid == pid ? "right" : "wrong",
	       info->si_uid == getuid() ? "right" : "wrong",
	       info->si_utime >= 0 && info->si_utime < 1000 && info->si_stime < 1000 ? "small" :
	       "wrong");
}

/* What SIGCHLD says, and waitid(2) of the same. */
static void hear(const char *what, pid_t pid, int options)
{
	siginfo_t info = { 0 };

	MUST(sigwaitinfo(&watched, &info) > 0);
	tell(what, &info, pid);
	memset(&info, 0, sizeof(info));
	MUST(!waitid(P_PID, (id_t)pid, &info, options));
	tell("  waitid", &info, pid);
}

static void show_infos(void)
{
	pid_t pid = start(0);

	hear("exited", pid, WEXITED);
	pid = start(SIGTERM);
	hear("killed", pid, WEXITED);
	pid = start(SIGSTOP);
	hear("stopped", pid, WSTOPPED);
	MUST(!kill(pid, SIGCONT));
	/* One SIGCHLD or two, of which the second may come late: the end is notified before. */
	SHOW(waitid(P_PID, (id_t)pid, NULL, WEXITED));
	while (sigtimedwait(&watched, NULL, &no_time) > 0)
		continue;
}

/* A child stops, goes on, and ends. Of several SIGCHLD the first would stand for all. */
static void stop_and_go_on(pid_t pid, bool heard)
{
	siginfo_t info = { 0 };

	MUST(!kill(pid, SIGSTOP) && !waitid(P_PID, (id_t)pid, &info, WSTOPPED));
	tell("stopped", &info, pid);
	if (heard)
		SHOW(sigwaitinfo(&watched, &info));
	MUST(!kill(pid, SIGCONT) && !waitid(P_PID, (id_t)pid, &info, WCONTINUED | WNOWAIT));
	MUST(!waitid(P_PID, (id_t)pid, &info, WCONTINUED));
	tell("continued", &info, pid);
	if (heard)
		SHOW(sigwaitinfo(&watched, &info));
	MUST(!kill(pid, SIGKILL));
	hear("ended", pid, WEXITED);
}

static pid_t start_waiting(void)
{
	pid_t pid = fork_must();

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static void show_flags(void)
{
	struct sigaction action = { .sa_handler = nothing };
	siginfo_t info = { 0 };
	pid_t pid;

	puts("no flags");
	MUST(!sigaction(SIGCHLD, &action, NULL));
	pid = start_waiting();
	stop_and_go_on(pid, true);
	puts("SA_NOCLDSTOP");
	action.sa_flags = SA_NOCLDSTOP;
	MUST(!sigaction(SIGCHLD, &action, NULL));
	pid = start_waiting();
	stop_and_go_on(pid, false);
	puts("SA_NOCLDWAIT");
	action.sa_flags = SA_NOCLDWAIT;
	MUST(!sigaction(SIGCHLD, &action, NULL));
	pid = start(0);
	MUST(sigwaitinfo(&watched, &info) > 0);
	tell("exited", &info, pid);
	SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
	SHOW(wait(NULL));
	puts("SIG_IGN");
	action = (struct sigaction){ .sa_handler = SIG_IGN };
	MUST(!sigaction(SIGCHLD, &action, NULL));
	pid = start(0);
	SHOW(wait(NULL));
	SHOW(sigtimedwait(&watched, &info, &no_time) == SIGCHLD && info.si_pid == pid);
	action.sa_handler = SIG_DFL;
	MUST(!sigaction(SIGCHLD, &action, NULL));
}

static void show_options(void)
{
	pid_t pid = start(0);
	siginfo_t info = { 0 };
	int fd;

	hear("WNOWAIT", pid, WEXITED | WNOWAIT);
	SHOW(waitid(P_PID, (id_t)pid, &info, 0));
	SHOW(waitid(P_PID, (id_t)pid, &info, WNOHANG | WNOWAIT));
	SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | 0x100));
	SHOW(waitpid(pid, NULL, 0x100));
	info.si_pid = 1;
	SHOW(waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG));
	SHOW(info.si_pid);
	SHOW(waitid(P_PGID, 0, &info, WEXITED | WNOWAIT));
	SHOW(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED | WNOWAIT));
	SHOW(waitid(P_PGID, (id_t)pid, &info, WEXITED | WNOWAIT));
	SHOW(waitid((idtype_t)9, 0, &info, WEXITED));
	SHOW(waitid(P_PID, 0, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 0, &info, WEXITED));
	SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
	SHOW(waitid(P_ALL, 0, NULL, WEXITED | WNOHANG));
	SHOW(waitid(P_ALL, 0, NULL, WEXITED));
	pid = start_waiting();
	fd = (int)syscall(SYS_pidfd_open, pid, PIDFD_NONBLOCK);
	MUST(fd >= 0);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	MUST(!kill(pid, SIGKILL));
	hear("by pidfd", pid, WEXITED | WNOWAIT);
	SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
	close(fd);
}

/* fork(), with another signal at the end, or none. */
static pid_t clone_child(unsigned long signal)
{
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, signal, NULL, NULL, NULL, NULL);
	MUST(pid >= 0);
	if (!pid)
		_exit(9);
	return pid;
}

static void *fork_here(void *arg)
{
	pid_t *pid = arg;

	*pid = start(0);
	return NULL;
}

static void show_clones(void)
{
	siginfo_t info = { 0 };
	pthread_t thread;
	pid_t pid = clone_child(SIGUSR2);

	MUST(sigwaitinfo(&watched, &info) == SIGUSR2);
	tell("SIGUSR2", &info, pid);
	SHOW(waitpid(pid, NULL, WNOHANG));
	SHOW(waitpid(pid, NULL, __WCLONE) == pid);
	pid = clone_child(0);
	SHOW(waitpid(-1, NULL, 0));
	SHOW(waitpid(-1, NULL, __WALL) == pid);
	SHOW(sigtimedwait(&watched, &info, &no_time));
	pid = start(0);
	SHOW(waitpid(pid, NULL, __WCLONE));
	hear("not a clone", pid, WEXITED | __WALL);
	MUST(!pthread_create(&thread, NULL, fork_here, &pid) && !pthread_join(thread, NULL));
	/* The thread has ended: its child is another thread's. */
	hear("of a thread that ended", pid, WEXITED);
}

static pthread_barrier_t forked, tried;

static void *fork_and_stay(void *arg)
{
	fork_here(arg);
	pthread_barrier_wait(&forked);
	pthread_barrier_wait(&tried);
	return NULL;
}

static void show_threads(void)
{
	pthread_t thread;
	pid_t pid;

	MUST(!pthread_barrier_init(&forked, NULL, 2) && !pthread_barrier_init(&tried, NULL, 2));
	MUST(!pthread_create(&thread, NULL, fork_and_stay, &pid));
	pthread_barrier_wait(&forked);
	SHOW(waitpid(pid, NULL, __WNOTHREAD));
	hear("of another thread", pid, WEXITED);
	pthread_barrier_wait(&tried);
	MUST(!pthread_join(thread, NULL));
}

static int ends[2], go[2];
static sigset_t parent_ends;

/* Says what signal comes to it, and whether its parent is another one then. */
static void mourn(pid_t parent)
{
	char line[64];
	siginfo_t info;
	int signal;

	MUST(!prctl(PR_SET_PDEATHSIG, SIGHUP));
	MUST(write(ends[1], "ready\n", 6) == 6);
	signal = sigwaitinfo(&parent_ends, &info);
	snprintf(line, sizeof(line), "signal %d, code %d, parent %s\n", signal, info.si_code,
		 getppid() == parent ? "the same" : "another");
	MUST(write(ends[1], line, strlen(line)) > 0);
	_exit(read(go[0], line, 1) == 1 ? 0 : 1);
}

static void read_line(char *line, size_t len)
{
	size_t n = 0;

	while (n < len - 1 && read(ends[0], line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
}

static void *make_mourner(void *arg)
{
	char line[64];
	pid_t *pid = arg;

	*pid = fork_must();
	if (!*pid)
		mourn(getppid());
	read_line(line, sizeof(line));
	return NULL;
}

static void show_deaths(void)
{
	char line[64];
	pthread_t thread;
	pid_t pid, child;
	int signal = 0;

	MUST(!pipe(ends) && !pipe(go) && !prctl(PR_SET_CHILD_SUBREAPER, 1));
	MUST(!pthread_create(&thread, NULL, make_mourner, &pid));
	MUST(!pthread_join(thread, NULL));
	read_line(line, sizeof(line));
	printf("a thread ended: %s\n", line);
	MUST(write(go[1], "x", 1) == 1);
	hear("mourner", pid, WEXITED);
	child = fork_must();
	if (!child) {
		make_mourner(&pid);
		_exit(0);
	}
	hear("its parent", child, WEXITED);
	read_line(line, sizeof(line));
	printf("a process ended: %s\n", line);
	MUST(write(go[1], "x", 1) == 1);
	MUST(sigwaitinfo(&watched, NULL) == SIGCHLD);
	MUST(wait(NULL) > 0);
	SHOW(prctl(PR_SET_PDEATHSIG, 65));
	SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR2));
	SHOW(prctl(PR_GET_PDEATHSIG, &signal));
	SHOW(signal);
	child = fork_must();
	if (!child) {
		SHOW(prctl(PR_GET_PDEATHSIG, &signal));
		SHOW(signal);
		exit(0);
	}
	hear("no heir", child, WEXITED);
	MUST(!prctl(PR_SET_PDEATHSIG, 0));
}

static void say(int signal)
{
	const char byte = signal == SIGHUP ? 'H' : 'C';

	if (write(ends[1], &byte, 1) != 1)
		_exit(98);
}

/* Stops, in a group whose last tie to its session is about to end. */
static void be_orphan(void)
{
	const struct sigaction action = { .sa_handler = say };

	MUST(!sigaction(SIGHUP, &action, NULL) && !sigaction(SIGCONT, &action, NULL));
	MUST(!sigprocmask(SIG_UNBLOCK, &parent_ends, NULL));
	raise(SIGSTOP);
	for (;;)
		pause();
}

static void show_orphans(void)
{
	char bytes[2];
	pid_t leader, orphan;

	leader = fork_must();
	if (!leader) {
		MUST(setsid() > 0);
		leader = fork_must();
		if (!leader) {
			MUST(!setpgid(0, 0));
			orphan = fork_must();
			if (!orphan)
				be_orphan();
			MUST(waitpid(orphan, NULL, WUNTRACED) == orphan);
			_exit(0);
		}
		MUST(waitpid(leader, NULL, 0) == leader);
		_exit(0);
	}
	MUST(waitpid(leader, NULL, 0) == leader);
	MUST(read(ends[0], &bytes[0], 1) == 1 && read(ends[0], &bytes[1], 1) == 1);
	printf("an orphaned group that is stopped: %s\n",
	       bytes[0] != bytes[1] ? "SIGHUP and SIGCONT" : "something else");
	/* It is ours by now, and waits to be killed. */
	orphan = waitpid(-1, NULL, WNOHANG);
	SHOW(orphan);
	MUST(prctl(PR_GET_CHILD_SUBREAPER, &orphan) == 0);
	SHOW(orphan);
}

/* Who was not waited for. */
static void end_children(void)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "r");
	MUST(file != NULL);
	while (fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(file);
	while (wait(NULL) > 0)
		continue;
}

int main(void)
{
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGUSR2);
	sigemptyset(&parent_ends);
	sigaddset(&parent_ends, SIGHUP);
	MUST(!sigprocmask(SIG_BLOCK, &watched, NULL) &&
	     !sigprocmask(SIG_BLOCK, &parent_ends, NULL));
	show_infos();
	show_flags();
	show_options();
	show_clones();
	show_threads();
	show_deaths();
	show_orphans();
	end_children();
	return 0;
}

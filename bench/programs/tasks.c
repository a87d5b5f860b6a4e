// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time to make and end processes and threads, and of signals.
 *
 *   tasks ROUNDS PROGRAM [NAME]
 *
 * PROGRAM is what is executed; its output is thrown away. NAME: of what is measured, only this.
 * Each sample is the mean of many; a round takes one sample of each.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

static const char *program;
static volatile sig_atomic_t nsignals;
static _Thread_local volatile sig_atomic_t my_turn;
static pthread_t main_thread;

static void wait_for(pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0) == pid, "waitpid");
	check(WIFEXITED(status) && !WEXITSTATUS(status), "the child");
}

static void do_fork(int n)
{
	pid_t pid;

	while (n--) {
		pid = fork();
		check(pid >= 0, "fork");
		if (!pid)
			_exit(0);
		wait_for(pid);
	}
}

static void do_exec(int n)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	check(null >= 0, "open /dev/null");
	while (n--) {
		pid = fork();
		check(pid >= 0, "fork");
		if (!pid) {
			dup2(null, STDOUT_FILENO);
			execl(program, program, NULL);
			_exit(127);
		}
		wait_for(pid);
	}
	close(null);
}

static void *do_nothing(void *arg)
{
	return arg;
}

/* How long the creator waits is of interest by itself. */
static uint64_t create_ns;

static void do_thread(int n)
{
	pthread_t thread;
	uint64_t start;

	while (n--) {
		start = now_ns();
		check(!pthread_create(&thread, NULL, do_nothing, NULL), "pthread_create");
		create_ns += now_ns() - start;
		check(!pthread_join(thread, NULL), "pthread_join");
	}
}

static void on_signal(int sig)
{
	(void)sig;
	nsignals++;
}

static void do_signal(int n)
{
	sig_atomic_t before = nsignals;
	int i;

	signal(SIGUSR1, on_signal);
	for (i = 0; i < n; i++)
		check(!raise(SIGUSR1), "raise");
	check(nsignals - before == n, "signals");
}

static void on_turn(int sig)
{
	(void)sig;
	my_turn = 1;
}

/* SIGUSR1 is blocked but while the thread sleeps. */
static void wait_for_turn(void)
{
	sigset_t none;

	sigemptyset(&none);
	while (!my_turn)
		sigsuspend(&none);
	my_turn = 0;
}

static void take_signals(pthread_t other, int n)
{
	while (n--) {
		wait_for_turn();
		check(!pthread_kill(other, SIGUSR1), "pthread_kill");
	}
}

static void *answer_signals(void *arg)
{
	take_signals(main_thread, *(int *)arg);
	return NULL;
}

/* Two threads that sleep until the other's signal comes. */
static void do_signal_other(int n)
{
	int turns = n / 2;
	pthread_t other;
	sigset_t set;

	signal(SIGUSR1, on_turn);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	check(!pthread_sigmask(SIG_BLOCK, &set, NULL), "pthread_sigmask");
	main_thread = pthread_self();
	my_turn = 1;
	check(!pthread_create(&other, NULL, answer_signals, &turns), "pthread_create");
	take_signals(other, turns);
	check(!pthread_join(other, NULL), "pthread_join");
	/* The last one is for this thread. */
	wait_for_turn();
	check(!pthread_sigmask(SIG_UNBLOCK, &set, NULL), "pthread_sigmask");
}

/* What a round consists of: how it is called, what does it, how many times for a sample. */
static const struct {
	const char *name;
	void (*repeat)(int n);
	int count;
} tasks[] = {
	{ "fork + exit + wait", do_fork, 10 },
	{ "fork + exec of a static hello + wait", do_exec, 5 },
	{ "pthread_create + join", do_thread, 50 },
	{ "signal to oneself, with handler", do_signal, 200 },
	{ "signal to another thread that sleeps, with handler", do_signal_other, 100 },
};

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	uint64_t start;
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: tasks ROUNDS PROGRAM [NAME]\n");
		return 2;
	}
	program = argv[2];
	while (rounds--) {
		for (i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
			if (argc > 3 && strcmp(argv[3], tasks[i].name))
				continue;
			start = now_ns();
			MARK_BEGIN();
			tasks[i].repeat(tasks[i].count);
			MARK_END();
			sample(tasks[i].name, now_ns() - start, (uint64_t)tasks[i].count);
			if (create_ns)
				sample("pthread_create of that", create_ns, (uint64_t)tasks[i].count);
			create_ns = 0;
		}
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) in a handler, while signals wait that the handler blocks: the next program has them.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "app.h"

static const int waiting[] = { SIGUSR2, SIGTERM };

static volatile sig_atomic_t inside, sent;
static pthread_t first;

static void never(int sig)
{
	(void)sig;
	_exit(1);
}

/* No call of the system before: none tells the kernel in passing what is blocked here. */
static void execute(int sig)
{
	(void)sig;
	inside = 1;
	while (!sent)
		continue;
	execl("/proc/self/exe", "sig_exec", "next", NULL);
	_exit(2);
}

static void *send(void *arg)
{
	while (!inside)
		continue;
	MUST(!pthread_kill(first, SIGUSR2));
	MUST(!pthread_sigqueue(first, SIGTERM, (union sigval){ .sival_int = 7 }));
	sent = 1;
	for (;;)
		pause();
	return arg;
}

static void show_waiting(void)
{
	sigset_t set;
	siginfo_t info;

	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
		MUST(!sigpending(&set));
		SHOW(sigismember(&set, waiting[i]));
		sigemptyset(&set);
		sigaddset(&set, waiting[i]);
		SHOW(sigtimedwait(&set, &info, &(struct timespec){ 0 }));
		SHOW(info.si_code);
		SHOW(info.si_pid == getpid());
	}
	SHOW(info.si_value.sival_int);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = execute };
	pthread_t sender;

	(void)argv;
	if (argc > 1) {
		show_waiting();
		return 0;
	}
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
		MUST(signal(waiting[i], never) != SIG_ERR);
		sigaddset(&action.sa_mask, waiting[i]);
	}
	MUST(!sigaction(SIGUSR1, &action, NULL));
	first = pthread_self();
	MUST(!pthread_create(&sender, NULL, send, NULL));
	raise(SIGUSR1);
	return 3;
}

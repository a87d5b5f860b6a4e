// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a process on one kernel hears of a signal from the other: makes the file "ready",
 * waits for SIGUSR1, and compares its sender with the id in the file "sender".
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "app.h"

static siginfo_t told;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	told = *info;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	char text[32] = "";
	sigset_t set;
	sigset_t old;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(!sigprocmask(SIG_BLOCK, &set, &old));
	MUST(!sigaction(SIGUSR1, &action, NULL));
	MUST((fd = open("ready", O_CREAT | O_RDWR, 0600)) >= 0);
	SHOW(sigsuspend(&old));
	SHOW(told.si_signo);
	SHOW(told.si_code);
	SHOW(told.si_uid);
	MUST((fd = open("sender", O_RDONLY)) >= 0);
	MUST(read(fd, text, sizeof(text) - 1) > 0);
	SHOW_TRUE(atoi(text) == told.si_pid);
	return 0;
}

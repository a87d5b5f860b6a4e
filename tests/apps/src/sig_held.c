// SPDX-License-Identifier: GPL-2.0-only
/*
 * What another process sends to a program that blocks it, and then makes no call that another
 * kernel could notice: it is pending, whatever the signal would do if it were not blocked.
 */
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

static const struct {
	int signal;
	const char *name;
	void (*action)(int);
} cases[] = {
	{ SIGTERM, "SIGTERM, which ends", SIG_DFL },
	{ SIGTSTP, "SIGTSTP, which stops", SIG_DFL },
	{ SIGQUIT, "SIGQUIT, which dumps core", SIG_DFL },
	{ SIGURG, "SIGURG, which does nothing", SIG_DFL },
	{ SIGUSR1, "SIGUSR1, ignored", SIG_IGN },
	{ 40, "40, a real-time signal, which ends", SIG_DFL },
};

#define NCASES (sizeof(cases) / sizeof(cases[0]))

/* In common with the sender: how many have been blocked, and how many sent. */
static struct {
	int blocked;
	int sent;
} *steps;

static void tell(int *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
	MUST(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
}

static void await(int *word, int value)
{
	int now;

	while ((now = __atomic_load_n(word, __ATOMIC_SEQ_CST)) < value)
		syscall(SYS_futex, word, FUTEX_WAIT, now, NULL, NULL, 0);
}

static void send_all(pid_t to)
{
	size_t i;

	for (i = 0; i < NCASES; i++) {
		await(&steps->blocked, (int)i + 1);
		MUST(!kill(to, cases[i].signal));
		tell(&steps->sent);
	}
}

static void hold(size_t i)
{
	const struct timespec now = { 0 };
	sigset_t set, pending;
	siginfo_t info;

	signal(cases[i].signal, cases[i].action);
	sigemptyset(&set);
	sigaddset(&set, cases[i].signal);
	MUST(!sigprocmask(SIG_SETMASK, &set, NULL));
	tell(&steps->blocked);
	await(&steps->sent, (int)i + 1);
	MUST(!sigpending(&pending));
	printf("%s: %s\n", cases[i].name,
	       sigismember(&pending, cases[i].signal) ? "pending" : "not pending");
	MUST(sigtimedwait(&set, &info, &now) == cases[i].signal);
	MUST(info.si_code == SI_USER);
	sigemptyset(&set);
	MUST(!sigprocmask(SIG_SETMASK, &set, NULL));
}

int main(void)
{
	pid_t sender;
	size_t i;

	steps = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	MUST(steps != MAP_FAILED);
	sender = fork();
	MUST(sender >= 0);
	if (!sender) {
		send_all(getppid());
		_exit(0);
	}
	for (i = 0; i < NCASES; i++)
		hold(i);
	MUST(waitpid(sender, NULL, 0) == sender);
	puts("done");
	return 0;
}

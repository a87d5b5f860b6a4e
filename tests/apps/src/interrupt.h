/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts calls that wait, by a table: PROGRAM thread|timer|process. The first thread makes
 * the calls, another one sees by /proc that it waits, has SIGUSR1 sent, and brings what the call
 * waits for once it was begun again twice. Who sends: that thread (tgkill), a timer, or the
 * process that reads requests from the FIFO "requests".
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

/* Times that a call is begun again, before it is answered. */
#define AGAIN 2
/* One that should have ended with EINTR, and was begun again and again, is answered, too. */
#define AGAIN_MAX 1000

/**
 * struct call - a call that waits
 * @name:	of the line that is printed
 * @nr:		by which /proc knows it
 * @prepare:	makes what it needs, in @fds among others
 * @make:	the call
 * @answer:	brings what it waits for; NULL: SIGUSR2 ends it
 * @inside:	the LWK waits by itself, so its twin is seen to wait for a request
 */
struct call {
	const char *name;
	long nr;
	void (*prepare)(void);
	long (*make)(void);
	void (*answer)(void);
	bool inside;
};

enum sender { BY_THREAD, BY_TIMER, BY_PROCESS };
/* When is a call begun again after a handler? */
enum again { NEVER, WITH_SA_RESTART, ALWAYS };

static enum sender sender;
static pid_t caller;
static const struct call *call_now;
static bool begins_again;
static int requests = -1;
/* The caller's number of signals handled, and whether its call is over. */
static int handled, over;
/* What the calls are made with. */
static int fds[2] = { -1, -1 };

static inline int load(int *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline void on_signal(int signal)
{
	(void)signal;
	__atomic_add_fetch(&handled, 1, __ATOMIC_RELEASE);
}

static inline void handle(int signal, int flags)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

	MUST(!sigaction(signal, &action, NULL));
}

static inline void a_moment(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	nanosleep(&moment, NULL);
}

/* Does the caller sleep in the call? The descriptor tells an ioctl(2) from the twin's own. */
static inline bool is_waiting(void)
{
	char path[64];
	char text[256];
	unsigned long first;
	ssize_t len;
	long nr;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)caller);
	fd = open(path, O_RDONLY);
	MUST(fd >= 0);
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	if (sscanf(text, "%ld %lx", &nr, &first) != 2)
		return false;
	if (nr == SYS_ioctl && (call_now->inside || call_now->nr == SYS_ioctl))
		return call_now->inside || (int)first == fds[0];
	return nr == call_now->nr || nr == SYS_restart_syscall;
}

static inline void wait_for_call(void)
{
	while (!load(&over) && !is_waiting())
		a_moment();
}

static inline void send_signal(int signal)
{
	const struct timespec soon = { .tv_nsec = 1000000 };
	const struct itimerspec once = { .it_value = soon };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal };
	int before = load(&handled);
	timer_t timer;

	switch (sender) {
	case BY_THREAD:
		MUST(!syscall(SYS_tgkill, getpid(), caller, signal));
		break;
	case BY_TIMER:
		MUST(!timer_create(CLOCK_MONOTONIC, &event, &timer) &&
		     !timer_settime(timer, 0, &once, NULL));
		break;
	case BY_PROCESS:
		MUST(dprintf(requests, "%d\n", signal) > 0);
		break;
	}
	while (load(&handled) == before)
		a_moment();
	if (sender == BY_TIMER)
		timer_delete(timer);
}

static inline void answer(void)
{
	if (!call_now->answer) {
		while (!load(&over)) {
			send_signal(SIGUSR2);
			wait_for_call();
		}
		return;
	}
	call_now->answer();
}

static inline void *interrupt(void *arg)
{
	int i;

	for (i = 0; i < (begins_again ? AGAIN : AGAIN_MAX); i++) {
		wait_for_call();
		if (load(&over))
			return arg;
		send_signal(SIGUSR1);
	}
	wait_for_call();
	if (!load(&over))
		answer();
	return arg;
}

/* The caller is the only one to take signals. */
static inline void start_interrupting(pthread_t *thread)
{
	sigset_t all, old;

	sigfillset(&all);
	MUST(!pthread_sigmask(SIG_SETMASK, &all, &old));
	MUST(!pthread_create(thread, NULL, interrupt, NULL));
	MUST(!pthread_sigmask(SIG_SETMASK, &old, NULL));
}

static inline void try_call(const struct call *call, int flags, enum again again)
{
	pthread_t thread;
	int error;
	long ret;

	call_now = call;
	begins_again = again == ALWAYS || (again == WITH_SA_RESTART && flags);
	handle(SIGUSR1, flags);
	handle(SIGUSR2, 0);
	if (call->prepare)
		call->prepare();
	handled = 0;
	__atomic_store_n(&over, 0, __ATOMIC_RELEASE);
	start_interrupting(&thread);
	errno = 0;
	ret = call->make();
	error = errno;
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	MUST(!pthread_join(thread, NULL));
	printf(" %s%ld%s%s", flags ? "SA_RESTART " : "", ret, ret < 0 ? " " : "",
	       ret < 0 ? error_name(error) : "");
	/* One that the LWK makes itself may not have begun when the first came. */
	if (call->inside)
		printf("%s", handled ? ", handled;" : ", not handled;");
	else
		printf(" after %d;", handled);
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static inline void try_calls(const struct call *calls, size_t n, enum again again)
{
	for (size_t i = 0; i < n; i++) {
		printf("%s:", calls[i].name);
		try_call(&calls[i], 0, again);
		try_call(&calls[i], SA_RESTART, again);
		printf("\n");
	}
}

static inline void start_caller(int argc, char **argv)
{
	MUST(argc > 1);
	caller = (pid_t)syscall(SYS_gettid);
	sender = !strcmp(argv[1], "timer") ? BY_TIMER :
		 !strcmp(argv[1], "process") ? BY_PROCESS : BY_THREAD;
	if (sender != BY_PROCESS)
		return;
	requests = open("requests", O_WRONLY | O_CLOEXEC);
	MUST(requests >= 0);
}

#endif

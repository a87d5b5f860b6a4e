// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that wait with a signal mask of their own: which signals end them, what is blocked in a
 * handler and afterwards, and what they refuse.
 */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define MASK_LEN 8

/* The kernel's, of 64 signals. */
typedef unsigned long mask_t;

static int ends[2];
static int epoll;
static volatile sig_atomic_t handled;
static char in_handler[128];

/* A call with a time to wait in nanoseconds, -1 for ever; mask and its length are handed on. */
typedef long wait_t(long ns, const void *mask, size_t len);

static struct timespec *time_of(long ns)
{
	static struct timespec time;

	time = (struct timespec){ .tv_nsec = ns };
	return ns < 0 ? NULL : &time;
}

static long ppoll_(long ns, const void *mask, size_t len)
{
	struct pollfd pollfd = { ends[0], POLLIN, 0 };

	return syscall(SYS_ppoll, &pollfd, 1, time_of(ns), mask, len);
}

static long pselect6_(long ns, const void *mask, size_t len)
{
	const struct {
		const void *mask;
		size_t len;
	} pair = { mask, len };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	return syscall(SYS_pselect6, ends[0] + 1, &set, NULL, NULL, time_of(ns), &pair);
}

static long epoll_pwait_(long ns, const void *mask, size_t len)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait, epoll, &event, 1, ns < 0 ? -1 : (int)(ns / 1000000), mask,
		       len);
}

static long epoll_pwait2_(long ns, const void *mask, size_t len)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait2, epoll, &event, 1, time_of(ns), mask, len);
}

static mask_t bit(int signal)
{
	return 1UL << (signal - 1);
}

static void describe(char *to, size_t len, mask_t mask)
{
	snprintf(to, len, "%s%s%s", mask & bit(SIGUSR1) ? "USR1 " : "",
		 mask & bit(SIGUSR2) ? "USR2 " : "", mask & bit(SIGHUP) ? "HUP " : "");
}

static mask_t blocked(void)
{
	mask_t mask = 0;

	MUST(!syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, MASK_LEN));
	return mask;
}

static void block(mask_t mask)
{
	MUST(!syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, MASK_LEN));
}

static void handler(int signal)
{
	handled += signal == SIGUSR1 ? 1 : 100;
	describe(in_handler, sizeof(in_handler), blocked());
}

static void tell(const char *what, long ret)
{
	char after[128];

	show(what, ret);
	describe(after, sizeof(after), blocked());
	printf("  handled %d, blocked in the handler: %s; after: %s\n", (int)handled, in_handler,
	       after);
	handled = 0;
	in_handler[0] = '\0';
}

static void try(const char *name, wait_t *wait)
{
	mask_t none = 0, usr1 = bit(SIGUSR1), usr2 = bit(SIGUSR2), all = ~0UL;

	printf("%s\n", name);
	block(usr1 | bit(SIGHUP));
	tell("no time, nothing pending", wait(0, &none, MASK_LEN));
	raise(SIGUSR1);
	tell("pending, and open here", wait(-1, &usr2, MASK_LEN));
	raise(SIGUSR1);
	tell("pending, blocked here", wait(1000000, &usr1, MASK_LEN));
	tell("pending, no mask", wait(1000000, NULL, MASK_LEN));
	tell("pending, all blocked", wait(1000000, &all, MASK_LEN));
	tell("pending still", wait(-1, &none, MASK_LEN));
	/* Not blocked before, but here; comes as soon as the call is over. */
	block(0);
	tell("nothing blocked", wait(0, &usr1, MASK_LEN));
	MUST(write(ends[1], "x", 1) == 1);
	block(usr1);
	tell("readable", wait(-1, &usr2, MASK_LEN));
	raise(SIGUSR1);
	tell("readable, pending, blocked here", wait(-1, &usr1, MASK_LEN));
	block(0);
	tell("opened", 0);
	tell("length 4", wait(0, &none, 4));
	tell("length 16", wait(0, &none, 16));
	tell("length 4, no mask", wait(0, NULL, 4));
	tell("bad mask", wait(0, (void *)1, MASK_LEN));
	MUST(read(ends[0], in_handler, 1) == 1);
	in_handler[0] = '\0';
}

/* A child sends the signal, before the call or in it. */
static void from_outside(const char *name, wait_t *wait)
{
	mask_t usr2 = bit(SIGUSR2);
	pid_t parent = getpid();
	pid_t pid;

	block(bit(SIGUSR1));
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		kill(parent, SIGUSR1);
		_exit(0);
	}
	printf("%s, from a child\n", name);
	tell("open here", wait(-1, &usr2, MASK_LEN));
	MUST(waitpid(pid, NULL, 0) == pid);
}

int main(void)
{
	static const struct {
		const char *name;
		wait_t *wait;
	} waits[] = {
		{ "ppoll", ppoll_ },
		{ "pselect6", pselect6_ },
		{ "epoll_pwait", epoll_pwait_ },
		{ "epoll_pwait2", epoll_pwait2_ },
	};
	struct sigaction action = { .sa_handler = handler };
	struct epoll_event event = { .events = EPOLLIN };
	size_t i;

	MUST(!pipe(ends));
	epoll = epoll_create1(0);
	MUST(!epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
	MUST(!sigaction(SIGUSR1, &action, NULL));
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		try(waits[i].name, waits[i].wait);
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		from_outside(waits[i].name, waits[i].wait);
	return 0;
}

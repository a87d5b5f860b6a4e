// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that a handler interrupts: which begin again, which give EINTR. A timer goes off
 * again and again, so that no call can miss it. Where a call begins again, the third
 * signal brings what it waits for.
 */
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

/* Nothing ends the call but a signal. */
#define TRY(call) do { \
	answer = 0; \
	show(#call, (long)(call)); \
} while (0)

/* The call is answered at the third signal. */
#define TRY_AGAIN(call) do { \
	ticks = 0; \
	answer = 1; \
	show(#call, (long)(call)); \
} while (0)

static volatile sig_atomic_t answer;
static volatile sig_atomic_t ticks;
static volatile uint32_t word;
static int pipe_fds[2];
static int socket_fds[2];

static void handler(int number)
{
	(void)number;
	if (!answer || ++ticks != 3)
		return;
	word = 1;
	if (write(pipe_fds[1], "x", 1) != 1 || write(socket_fds[1], "x", 1) != 1)
		_exit(98);
}

/* The same with and without SA_RESTART. */
static void show_never(void)
{
	const struct timespec long_time = { .tv_sec = 1000 };
	struct pollfd poll_in = { .fd = pipe_fds[0], .events = POLLIN };
	const struct timeval none_at_all = { 0 };
	struct timeval timeout = { .tv_sec = 1000 };
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);
	sigset_t none;
	fd_set set;
	char byte;

	sigemptyset(&none);
	MUST(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_fds[0], &event) == 0);
	TRY(poll(&poll_in, 1, -1));
	TRY(poll(&poll_in, 1, 1000000));
	TRY(ppoll(&poll_in, 1, &long_time, NULL));
	FD_ZERO(&set);
	FD_SET(pipe_fds[0], &set);
	TRY(select(pipe_fds[0] + 1, &set, NULL, NULL, &timeout));
	TRY(pselect(pipe_fds[0] + 1, &set, NULL, NULL, &long_time, &none));
	TRY(epoll_wait(epoll, &event, 1, -1));
	TRY(nanosleep(&long_time, NULL));
	TRY(pause());
	TRY(sigsuspend(&none));
	TRY(sigtimedwait(&none, NULL, &long_time));
	word = 0;
	TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &long_time));
	/* With a time limit even reading from a socket is not begun again. */
	MUST(setsockopt(socket_fds[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0);
	TRY(recv(socket_fds[0], &byte, 1, 0));
	timeout = none_at_all;
	MUST(setsockopt(socket_fds[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0);
	close(epoll);
}

int main(void)
{
	const struct itimerval often = { { .tv_usec = 30000 }, { .tv_usec = 30000 } };
	struct sigaction action = { .sa_handler = handler };
	char byte;

	MUST(pipe(pipe_fds) == 0);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, socket_fds) == 0);
	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	MUST(setitimer(ITIMER_REAL, &often, NULL) == 0);
	puts("without SA_RESTART");
	show_never();
	TRY(read(pipe_fds[0], &byte, 1));
	TRY(recv(socket_fds[0], &byte, 1, 0));
	word = 0;
	TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL));

	puts("with SA_RESTART");
	action.sa_flags = SA_RESTART;
	MUST(sigaction(SIGALRM, &action, NULL) == 0);
	show_never();
	TRY_AGAIN(read(pipe_fds[0], &byte, 1));
	SHOW(read(socket_fds[0], &byte, 1));
	TRY_AGAIN(recv(socket_fds[0], &byte, 1, 0));
	SHOW(read(pipe_fds[0], &byte, 1));
	word = 0;
	TRY_AGAIN(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal that comes while a call that would sleep for ever begins: either its handler runs
 * before the call, or the call ends. Handlers see to it that a call that begins after them does
 * not sleep; so one that sleeps nevertheless has lost its signal, and this program does not end.
 *
 * The timer is set anew by how it went: earlier if the call was interrupted, later if the handler
 * came first. So the two meet on any machine. With "tell" it says how often which was so.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "app.h"

#define ROUNDS 200
/* The timer moves by up to so many microseconds at once, or by a part of what it is set to. */
#define STEP 64
#define STEP_PART 8
/* More than a socket takes: the call sends a part of it, and sleeps. */
#define LARGE (1 << 20)
#define FULL 65536

/**
 * struct call - a call that sleeps
 * @name:	printed
 * @prepare:	makes what it is made with, in @fds
 * @make:	the call
 * @relieve:	by the handler: the call does not sleep any more
 */
struct call {
	const char *name;
	void (*prepare)(void);
	long (*make)(void);
	void (*relieve)(void);
};

static const struct call *call_now;
static volatile sig_atomic_t handled;
static int fds[2];
static bool tells;
static char *large;
static char buf[FULL];

static void on_alarm(int sig)
{
	int error = errno;

	(void)sig;
	handled++;
	call_now->relieve();
	errno = error;
}

static void make_pipe(void)
{
	MUST(!pipe(fds));
}

/* Until nothing more goes in. */
static void fill(int fd)
{
	MUST(!fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	while (write(fd, buf, sizeof(buf)) > 0)
		continue;
	while (write(fd, buf, 1) > 0)
		continue;
	MUST(errno == EAGAIN && !fcntl(fd, F_SETFL, O_RDWR));
}

static void make_full_pipe(void)
{
	MUST(!pipe(fds));
	fill(fds[1]);
}

static void make_sockets(void)
{
	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static void make_full_sockets(void)
{
	make_sockets();
	fill(fds[1]);
}

/* Linux finds none of the buffer's pages mapped. */
static void make_sockets_and_buffer(void)
{
	make_sockets();
	if (large)
		MUST(!munmap(large, LARGE));
	large = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(large != MAP_FAILED);
}

static long read_one(void)
{
	return read(fds[0], buf, 1);
}

static long write_one(void)
{
	return write(fds[1], buf, 1);
}

static long send_one(void)
{
	return send(fds[1], buf, 1, 0);
}

static long send_large(void)
{
	memset(large, 'x', LARGE);
	return send(fds[1], large, LARGE, MSG_NOSIGNAL);
}

static void put(void)
{
	MUST(write(fds[1], "x", 1) == 1);
}

static void take(void)
{
	MUST(read(fds[0], buf, sizeof(buf)) > 0);
}

static void end_sending(void)
{
	MUST(!shutdown(fds[1], SHUT_WR));
}

static const struct call calls[] = {
	{ "read, pipe", make_pipe, read_one, put },
	{ "write, pipe", make_full_pipe, write_one, take },
	{ "read, socket", make_sockets, read_one, put },
	{ "send, socket", make_full_sockets, send_one, take },
	{ "send, large", make_sockets_and_buffer, send_large, end_sending },
};

/* By a series of numbers that is the same in each run. */
static long step(long delay)
{
	static unsigned int state = 1;

	state = state * 1103515245 + 12345;
	return 1 + (state >> 16) % (STEP + delay / STEP_PART);
}

/* Return: whether the handler came first. */
static bool try_once(const struct call *call, long delay)
{
	const struct itimerval once = { .it_value = { delay / 1000000, delay % 1000000 } };
	bool first;
	long ret;

	call_now = call;
	call->prepare();
	handled = 0;
	MUST(!setitimer(ITIMER_REAL, &once, NULL));
	ret = call->make();
	first = ret == 1 || (ret < 0 && errno == EPIPE);
	MUST(handled == 1);
	MUST(first || ret > 0 || errno == EINTR);
	close(fds[0]);
	close(fds[1]);
	return first;
}

static void try_call(const struct call *call)
{
	long delay = 1, first = 0;

	for (int i = 0; i < ROUNDS; i++) {
		bool early = try_once(call, delay);

		first += early;
		delay += early ? step(delay) : -step(delay);
		if (delay < 1)
			delay = 1;
	}
	printf("%s: each had its signal\n", call->name);
	if (tells)
		fprintf(stderr, "%ld of %d came first, at last after %ld us\n", first, ROUNDS, delay);
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_alarm };

	tells = argc > 1 && !strcmp(argv[1], "tell");
	MUST(!sigaction(SIGALRM, &action, NULL));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		try_call(&calls[i]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Relays between a virtio-serial port and the command that runs for it.
 *
 * One loop, nothing blocks: frames for the driver gather in out, input for the
 * command in in, and a side is not read while the other's buffer is full. The
 * kernel reports a port without a driver as hung up all the time, so such a port
 * is not polled; the SIGIO on a change of its state wakes the loop.
 *
 * A driver that goes away takes its command with it, but not at once: the news
 * that one driver left and the next came may arrive after the next one's first
 * data, as they travel in another queue. Only a port that stays hung up has lost
 * its driver; a new driver's FRAME_HELLO ends the old one's command anyway.
 */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "frame.h"
#include "job.h"

#define CHUNK		16384
#define OUT_LIMIT	(4 * CHUNK)
#define HANGUP_MS	3000

enum { POLL_SIGNAL, POLL_PORT, POLL_STDIN, POLL_STDOUT, POLL_STDERR, POLL_N };

struct buffer {
	unsigned char data[4 * FRAME_MAX];
	size_t len;
};

struct port {
	int fd;
	int signal_fd;
	bool connected;
	long long hangup_ms;
	struct frame_decoder decoder;
	struct buffer out;
	struct buffer in;
	bool in_eof;
	bool exited;
	int status;
	struct job job;
};

static void buffer_drop(struct buffer *buf, size_t n)
{
	buf->len -= n;
	memmove(buf->data, buf->data + n, buf->len);
}

/* The limits on reading keep room for this. */
static void send_frame(struct port *port, unsigned char type,
		       const void *data, size_t len)
{
	port->out.len += frame_encode(port->out.data + port->out.len, type,
				      data, len);
}

static void end_job(struct port *port)
{
	job_kill(&port->job, SIGKILL);
	if (port->job.pid > 0 && !port->exited)
		waitpid(port->job.pid, NULL, 0);
	job_close(&port->job);
	port->in.len = 0;
	port->in_eof = false;
	port->exited = false;
}

static void send_exit(struct port *port, int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	send_frame(port, FRAME_EXIT, text, strlen(text));
}

static void handle_exec(struct port *port, char *request, size_t len)
{
	int err;

	end_job(port);
	err = job_start(&port->job, request, len);
	if (err) {
		fprintf(stderr, "agent: cannot start a command: %s\n",
			strerror(-err));
		send_exit(port, 126);
	}
}

static void handle_stdin(struct port *port, const char *data, size_t len)
{
	if (port->job.stdin_fd < 0)
		return;
	/* A terminal ends its input by a character, not by closing. */
	if (len == 0 && !port->job.tty)
		port->in_eof = true;
	memcpy(port->in.data + port->in.len, data, len);
	port->in.len += len;
}

static void handle_frame(struct port *port, char *frame, size_t len)
{
	char *data = frame + 1;
	size_t rows_len;

	len--;
	switch (frame[0]) {
	case FRAME_HELLO:
		end_job(port);
		/* Closes a frame of which only a part has left. */
		port->out.data[0] = FRAME_END;
		port->out.len = 1;
		send_frame(port, FRAME_HELLO, data, len);
		break;
	case FRAME_EXEC:
		handle_exec(port, data, len);
		break;
	case FRAME_STDIN:
		handle_stdin(port, data, len);
		break;
	case FRAME_WINSIZE:
		rows_len = strlen(data) + 1;
		if (rows_len < len && port->job.pid > 0)
			job_resize(&port->job, data, data + rows_len);
		break;
	case FRAME_KILL:
		job_kill(&port->job, atoi(data));
		break;
	default:
		break;
	}
}

static void read_port(struct port *port)
{
	unsigned char bytes[CHUNK];
	ssize_t n = read(port->fd, bytes, sizeof(bytes));
	ssize_t i;

	for (i = 0; i < n; i++) {
		if (!frame_decode(&port->decoder, bytes[i]))
			continue;
		handle_frame(port, (char *)port->decoder.buf,
			     port->decoder.len);
		port->decoder.len = 0;
	}
}

static void write_port(struct port *port)
{
	ssize_t n = write(port->fd, port->out.data, port->out.len);

	if (n > 0)
		buffer_drop(&port->out, (size_t)n);
}

static void write_stdin(struct port *port)
{
	ssize_t n;

	if (port->job.stdin_fd < 0)
		return;
	if (port->in.len > 0) {
		n = write(port->job.stdin_fd, port->in.data, port->in.len);
		if (n > 0)
			buffer_drop(&port->in, (size_t)n);
		else if (errno != EAGAIN)
			port->in.len = 0;
	}
	if (port->in_eof && port->in.len == 0) {
		close(port->job.stdin_fd);
		port->job.stdin_fd = -1;
	}
}

/* Returns the bytes that were there. */
static size_t read_stream(struct port *port, int *fd, unsigned char type)
{
	unsigned char bytes[CHUNK];
	ssize_t n;

	if (*fd < 0 || port->out.len > OUT_LIMIT)
		return 0;
	n = read(*fd, bytes, sizeof(bytes));
	if (n > 0) {
		send_frame(port, type, bytes, (size_t)n);
		return (size_t)n;
	}
	if (n == 0 || errno != EAGAIN) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/*
 * A command's end is told after all that it wrote. Its children may keep the
 * streams open: what they write later is nobody's.
 */
static void pump_job(struct port *port)
{
	size_t n;

	n = read_stream(port, &port->job.stdout_fd, FRAME_STDOUT);
	n += read_stream(port, &port->job.stderr_fd, FRAME_STDERR);
	if (!port->exited || n > 0 || port->out.len > OUT_LIMIT)
		return;
	if (WIFSIGNALED(port->status))
		send_exit(port, 128 + WTERMSIG(port->status));
	else
		send_exit(port, WEXITSTATUS(port->status));
	job_close(&port->job);
	port->exited = false;
}

static void handle_signals(struct port *port)
{
	struct signalfd_siginfo info;

	while (read(port->signal_fd, &info, sizeof(info)) > 0)
		continue;
	if (port->job.pid > 0 && !port->exited &&
	    waitpid(port->job.pid, &port->status, WNOHANG) == port->job.pid)
		port->exited = true;
}

static void wait_event(struct port *port, struct pollfd *fds)
{
	bool room = port->out.len <= OUT_LIMIT;
	int timeout = -1;
	int i;

	for (i = 0; i < POLL_N; i++)
		fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	fds[POLL_SIGNAL].fd = port->signal_fd;
	if (port->connected) {
		fds[POLL_PORT].fd = port->fd;
		fds[POLL_PORT].events = 0;
		if (port->in.len <= FRAME_MAX)
			fds[POLL_PORT].events |= POLLIN;
		if (port->out.len > 0)
			fds[POLL_PORT].events |= POLLOUT;
	}
	if (port->in.len > 0 || port->in_eof) {
		fds[POLL_STDIN].fd = port->job.stdin_fd;
		fds[POLL_STDIN].events = POLLOUT;
	}
	if (room) {
		fds[POLL_STDOUT].fd = port->job.stdout_fd;
		fds[POLL_STDERR].fd = port->job.stderr_fd;
	}
	if (port->job.pid > 0 && !port->connected)
		timeout = HANGUP_MS;
	else if (port->exited && room)
		timeout = 0;
	if (poll(fds, POLL_N, timeout) < 0)
		perror("agent: poll");
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void handle_hangup(struct port *port, bool hung_up)
{
	if (port->connected && hung_up)
		port->hangup_ms = now_ms();
	port->connected = !hung_up;
	if (hung_up && now_ms() - port->hangup_ms >= HANGUP_MS)
		end_job(port);
}

static void serve(struct port *port)
{
	struct pollfd fds[POLL_N];
	struct pollfd probe = { .fd = port->fd, .events = POLLIN };

	for (;;) {
		wait_event(port, fds);
		if (fds[POLL_SIGNAL].revents)
			handle_signals(port);
		probe.revents = 0;
		poll(&probe, 1, 0);
		handle_hangup(port, probe.revents & POLLHUP);
		if (probe.revents & POLLIN && port->in.len <= FRAME_MAX)
			read_port(port);
		if (port->job.pid > 0) {
			write_stdin(port);
			pump_job(port);
		}
		if (port->connected && port->out.len > 0)
			write_port(port);
	}
}

int port_serve(const char *path)
{
	static struct port port;
	sigset_t set;

	port.fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (port.fd < 0)
		return -errno;
	job_init(&port.job);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	port.signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (port.signal_fd < 0 ||
	    fcntl(port.fd, F_SETOWN, getpid()) ||
	    fcntl(port.fd, F_SETFL, O_NONBLOCK | O_ASYNC))
		return -errno;
	/* The driver may have come before the SIGIO was asked for. */
	port.connected = true;
	serve(&port);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program reaches no descriptors but those that it has, by whatever call: io_hidden
 * [after], the second for itself after an execve(2) that closed all others.
 */
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "listed.h"

/* The usual limit on descriptors, and beyond: an mcexec has its own about there. */
#define FIRST 20
#define LAST 1100

static int pipe_ends[2];
static int sockets[2];
static int self;	/* a pidfd */

static int by_dup(int fd)
{
	return dup(fd);
}

static int by_dup2(int fd)
{
	return dup2(fd, 19);
}

static int by_fcntl(int fd)
{
	return fcntl(fd, F_DUPFD, 0);
}

static int by_getfd(int fd)
{
	return fcntl(fd, F_GETFD);
}

static int by_pidfd(int fd)
{
	return (int)syscall(SYS_pidfd_getfd, self, fd, 0);
}

static int by_kcmp(int fd)
{
	return (int)syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, fd, fd);
}

static int by_kcmp_second(int fd)
{
	return (int)syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, 0, fd);
}

static int by_splice(int fd)
{
	return (int)splice(fd, NULL, pipe_ends[1], NULL, 1, SPLICE_F_NONBLOCK);
}

static int by_splice_out(int fd)
{
	return (int)splice(pipe_ends[0], NULL, fd, NULL, 1, SPLICE_F_NONBLOCK);
}

static int by_tee(int fd)
{
	return (int)tee(fd, pipe_ends[1], 1, SPLICE_F_NONBLOCK);
}

static int by_sendfile(int fd)
{
	return (int)sendfile(pipe_ends[1], fd, NULL, 1);
}

static int by_copy(int fd)
{
	return (int)copy_file_range(fd, NULL, fd, NULL, 1, 0);
}

static void pass(struct msghdr *message, int *control, int fd)
{
	struct cmsghdr *header = (struct cmsghdr *)control;
	static char byte = 'x';
	static struct iovec part = { &byte, 1 };

	header->cmsg_len = CMSG_LEN(2 * sizeof(int));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	((int *)CMSG_DATA(header))[0] = 0;
	((int *)CMSG_DATA(header))[1] = fd;
	*message = (struct msghdr){
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(2 * sizeof(int)),
	};
}

static int by_message(int fd)
{
	int control[16] = { 0 };
	struct msghdr message;

	pass(&message, control, fd);
	return (int)sendmsg(sockets[0], &message, 0);
}

/* The second of two messages; the first is sent. */
static int by_messages(int fd)
{
	int control[16] = { 0 };
	struct mmsghdr messages[2] = { 0 };
	char byte;
	int sent;

	pass(&messages[1].msg_hdr, control, fd);
	messages[0].msg_hdr.msg_iov = messages[1].msg_hdr.msg_iov;
	messages[0].msg_hdr.msg_iovlen = 1;
	sent = sendmmsg(sockets[0], messages, 2, 0);
	MUST(recv(sockets[1], &byte, 1, 0) == 1);
	errno = EBADF;
	return sent == 1 ? -1 : sent;
}

static int by_first_message(int fd)
{
	int control[16] = { 0 };
	struct mmsghdr message = { 0 };

	pass(&message.msg_hdr, control, fd);
	return sendmmsg(sockets[0], &message, 1, 0);
}

static int by_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int ret = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);

	close(epoll);
	errno = ret ? errno : 0;
	return ret;
}

static int by_stat(int fd)
{
	struct stat st;

	return fstat(fd, &st);
}

static int by_statx(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st);
}

static int by_socket_option(int fd)
{
	int one = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

static int by_accept(int fd)
{
	return accept(fd, NULL, NULL);
}

static int by_inotify(int fd)
{
	return inotify_rm_watch(fd, 1);
}

static int by_timer(int fd)
{
	struct itimerspec value;

	return timerfd_gettime(fd, &value);
}

static int by_queue(int fd)
{
	return (int)syscall(SYS_mq_getsetattr, fd, NULL, NULL);
}

static int by_pidfd_signal(int fd)
{
	return (int)syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0);
}

static int by_execveat(int fd)
{
	char *argv[] = { "true", NULL };

	return (int)syscall(SYS_execveat, fd, "", argv, argv + 1, AT_EMPTY_PATH);
}

static int by_close(int fd)
{
	return close(fd);
}

static int by_close_range(int fd)
{
	/* It tells of nobody; what was there is looked at afterwards. */
	int ret = (int)syscall(SYS_close_range, fd, fd, 0);

	errno = EBADF;
	return ret ? ret : -1;
}

static const struct way {
	const char *name;
	int (*try)(int fd);
} ways[] = {
	{ "dup", by_dup },
	{ "dup2", by_dup2 },
	{ "F_DUPFD", by_fcntl },
	{ "F_GETFD", by_getfd },
	{ "pidfd_getfd", by_pidfd },
	{ "kcmp", by_kcmp },
	{ "kcmp, second", by_kcmp_second },
	{ "splice", by_splice },
	{ "splice, second", by_splice_out },
	{ "tee", by_tee },
	{ "sendfile", by_sendfile },
	{ "copy_file_range", by_copy },
	{ "sendmsg", by_message },
	{ "sendmmsg", by_messages },
	{ "sendmmsg, first", by_first_message },
	{ "epoll_ctl", by_epoll },
	{ "fstat", by_stat },
	{ "statx", by_statx },
	{ "setsockopt", by_socket_option },
	{ "accept", by_accept },
	{ "inotify_rm_watch", by_inotify },
	{ "timerfd_gettime", by_timer },
	{ "mq_getsetattr", by_queue },
	{ "pidfd_send_signal", by_pidfd_signal },
	{ "execveat", by_execveat },
	{ "close", by_close },
	{ "close_range", by_close_range },
};

static void try(const struct way *way)
{
	int other = 0;
	int reached = 0;
	int fd;

	for (fd = FIRST; fd <= LAST; fd++) {
		if (way->try(fd) >= 0)
			reached++;
		else
			other += errno != EBADF;
	}
	printf("%s: %d reached, %d refused for other reasons\n", way->name, reached, other);
}

int main(int argc, char **argv)
{
	char *again[] = { "io_hidden", "after", NULL };
	size_t i;

	if (argc > 1) {
		SHOW(listed());
		SHOW(open("/dev/null", O_RDONLY));
		return 0;
	}
	MUST(!pipe(pipe_ends));
	MUST(write(pipe_ends[1], "x", 1) == 1);
	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	MUST(self > 0 && self < FIRST - 1);
	SHOW(listed());
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		try(&ways[i]);
	SHOW(listed());
	SHOW(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC));
	SHOW(listed());
	execv("/proc/self/exe", again);
	MUST(0);
	(void)argv;
	return 1;
}

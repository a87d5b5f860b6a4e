// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls on files, terminals and sockets that a handler interrupts (interrupt.h): which are begun
 * again with SA_RESTART, and which never are.
 */
#include <mqueue.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>

#include "interrupt.h"

static char buf[65536];
static struct iovec vector = { buf, 1 };
static struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
static struct mmsghdr messages;
static int client = -1;
static mqd_t queue;

static void put(void)
{
	MUST(write(fds[1], "x", 1) == 1);
}

/* Until nothing more goes in. */
static void fill(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	MUST(!fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	while (write(fd, buf, sizeof(buf)) > 0)
		continue;
	while (write(fd, buf, 1) > 0)
		continue;
	MUST(errno == EAGAIN && !fcntl(fd, F_SETFL, flags));
}

static void drain(void)
{
	ssize_t len;

	MUST(!fcntl(fds[1], F_SETFL, O_RDWR | O_NONBLOCK));
	do {
		len = read(fds[1], buf, sizeof(buf));
	} while (len > 0);
}

static void swap(void)
{
	int fd = fds[0];

	fds[0] = fds[1];
	fds[1] = fd;
}

static void make_pipe(void)
{
	MUST(!pipe(fds));
}

static void make_full_pipe(void)
{
	MUST(!pipe(fds));
	swap();
	fill(fds[0]);
}

static void make_fifo(void)
{
	unlink("fifo");
	MUST(!mkfifo("fifo", 0600));
	fds[0] = open("fifo", O_RDWR);
	fds[1] = open("fifo", O_RDWR);
	MUST(fds[0] >= 0 && fds[1] >= 0);
}

static void make_terminal(void)
{
	struct termios raw;

	fds[1] = posix_openpt(O_RDWR | O_NOCTTY);
	MUST(fds[1] >= 0 && !grantpt(fds[1]) && !unlockpt(fds[1]));
	fds[0] = open(ptsname(fds[1]), O_RDWR | O_NOCTTY);
	MUST(fds[0] >= 0 && !tcgetattr(fds[0], &raw));
	cfmakeraw(&raw);
	MUST(!tcsetattr(fds[0], TCSANOW, &raw));
}

/* Output that is held up by ^S. */
static void make_stopped_terminal(void)
{
	make_terminal();
	MUST(!tcflow(fds[0], TCOOFF));
}

static void let_flow(void)
{
	MUST(!tcflow(fds[0], TCOON));
}

static void make_sockets(void)
{
	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static void make_full_sockets(void)
{
	make_sockets();
	fill(fds[0]);
}

static void set_timeout(int option)
{
	const struct timeval long_time = { .tv_sec = 1000 };

	MUST(!setsockopt(fds[0], SOL_SOCKET, option, &long_time, sizeof(long_time)));
}

static void make_timed_sockets(void)
{
	make_sockets();
	set_timeout(SO_RCVTIMEO);
}

static void make_full_timed_sockets(void)
{
	make_full_sockets();
	set_timeout(SO_SNDTIMEO);
}

static void make_inotify(void)
{
	fds[0] = inotify_init();
	MUST(fds[0] >= 0 && inotify_add_watch(fds[0], ".", IN_CREATE) >= 0);
	unlink("made");
}

static void make_file(void)
{
	fds[1] = open("made", O_CREAT | O_RDWR, 0600);
	MUST(fds[1] >= 0);
}

static void make_eventfd(void)
{
	fds[0] = eventfd(0, 0);
	MUST(fds[0] >= 0);
}

static void add_event(void)
{
	MUST(!eventfd_write(fds[0], 1));
}

static void make_full_eventfd(void)
{
	make_eventfd();
	MUST(!eventfd_write(fds[0], 0xfffffffffffffffe));
}

static void take_events(void)
{
	eventfd_t value;

	MUST(!eventfd_read(fds[0], &value));
}

static void make_timerfd(void)
{
	fds[0] = timerfd_create(CLOCK_MONOTONIC, 0);
	MUST(fds[0] >= 0);
}

static void set_timerfd(void)
{
	const struct itimerspec at_once = { .it_value.tv_nsec = 1 };

	MUST(!timerfd_settime(fds[0], 0, &at_once, NULL));
}

static void make_signalfd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	fds[0] = signalfd(-1, &set, 0);
	MUST(fds[0] >= 0);
}

static void send_hangup(void)
{
	MUST(!kill(getpid(), SIGHUP));
}

static long read_one(void)
{
	return read(fds[0], buf, 1);
}

static long read_some(void)
{
	return read(fds[0], buf, 512) > 0 ? 1 : -1;
}

static long readv_one(void)
{
	return readv(fds[0], &vector, 1);
}

static long write_one(void)
{
	return write(fds[0], buf, 1);
}

static long writev_one(void)
{
	return writev(fds[0], &vector, 1);
}

static long write_eight(void)
{
	return eventfd_write(fds[0], 1);
}

static long sendfile_one(void)
{
	int fd = open("/etc/passwd", O_RDONLY);
	long ret = sendfile(fds[0], fd, NULL, 1);

	close(fd);
	return ret;
}

static long splice_one(void)
{
	int ends[2];
	long ret;

	MUST(!pipe(ends));
	ret = splice(fds[0], NULL, ends[1], NULL, 1, 0);
	close(ends[0]);
	close(ends[1]);
	return ret;
}

static long tee_one(void)
{
	int ends[2];
	long ret;

	MUST(!pipe(ends));
	ret = tee(fds[0], ends[1], 1, 0);
	close(ends[0]);
	close(ends[1]);
	return ret;
}

static long vmsplice_one(void)
{
	return vmsplice(fds[0], &vector, 1, 0);
}

static long recv_one(void)
{
	return recv(fds[0], buf, 1, 0);
}

static long recvmsg_one(void)
{
	return recvmsg(fds[0], &message, 0);
}

static long recvmmsg_one(void)
{
	messages.msg_hdr = message;
	return recvmmsg(fds[0], &messages, 1, 0, NULL);
}

static long send_one(void)
{
	return send(fds[0], buf, 1, 0);
}

static long sendmsg_one(void)
{
	return sendmsg(fds[0], &message, 0);
}

static long sendmmsg_one(void)
{
	messages.msg_hdr = message;
	return sendmmsg(fds[0], &messages, 1, 0);
}

static const struct sockaddr_un address = { AF_UNIX, "listener" };

static int stream(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	MUST(fd >= 0);
	return fd;
}

static void make_listener(void)
{
	fds[0] = stream();
	unlink("listener");
	MUST(!bind(fds[0], (const void *)&address, sizeof(address)) && !listen(fds[0], 0));
}

static void connect_it(void)
{
	fds[1] = stream();
	MUST(!connect(fds[1], (const void *)&address, sizeof(address)));
}

static long accept_one(void)
{
	int fd = accept(fds[0], NULL, NULL);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return fd < 0 ? -1 : 0;
}

static long accept4_one(void)
{
	int fd = accept4(fds[0], NULL, NULL, SOCK_CLOEXEC);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return fd < 0 ? -1 : 0;
}

static void make_timed_listener(void)
{
	make_listener();
	set_timeout(SO_RCVTIMEO);
}

static void make_full_listener(void)
{
	make_listener();
	connect_it();
	close(client);
	client = fds[1];
	fds[1] = fds[0];
	fds[0] = stream();
}

static void make_full_timed_listener(void)
{
	make_full_listener();
	set_timeout(SO_SNDTIMEO);
}

static long connect_one(void)
{
	return connect(fds[0], (const void *)&address, sizeof(address));
}

static void accept_first(void)
{
	int fd = accept(fds[1], NULL, NULL);

	MUST(fd >= 0);
	close(fd);
}

static void make_fifo_name(void)
{
	unlink("fifo");
	MUST(!mkfifo("fifo", 0600));
}

static long open_reader(void)
{
	fds[0] = open("fifo", O_RDONLY);
	return fds[0] < 0 ? -1 : 0;
}

static long open_writer(void)
{
	fds[0] = open("fifo", O_WRONLY);
	return fds[0] < 0 ? -1 : 0;
}

static void open_both(void)
{
	fds[1] = open("fifo", O_RDWR);
	MUST(fds[1] >= 0);
}

static void open_locked(void)
{
	fds[0] = open("locked", O_CREAT | O_RDWR, 0600);
	fds[1] = open("locked", O_RDWR);
	MUST(fds[0] >= 0 && fds[1] >= 0);
}

static void make_flock(void)
{
	open_locked();
	MUST(!flock(fds[1], LOCK_EX));
}

static long flock_it(void)
{
	return flock(fds[0], LOCK_EX);
}

static void unflock(void)
{
	MUST(!flock(fds[1], LOCK_UN));
}

static struct flock whole_file = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

static void make_ofd_lock(void)
{
	open_locked();
	whole_file.l_type = F_WRLCK;
	MUST(!fcntl(fds[1], F_OFD_SETLK, &whole_file));
}

static long ofd_lock_it(void)
{
	return fcntl(fds[0], F_OFD_SETLKW, &whole_file);
}

/* A process's lock waits for an open file's, too. */
static long lock_it(void)
{
	return fcntl(fds[0], F_SETLKW, &whole_file);
}

static void ofd_unlock(void)
{
	struct flock unlock = whole_file;

	unlock.l_type = F_UNLCK;
	MUST(!fcntl(fds[1], F_OFD_SETLK, &unlock));
}

static void make_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	char name[32];

	if (queue)
		mq_close(queue);
	snprintf(name, sizeof(name), "/sig-%d", (int)getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
	MUST(queue >= 0 && !mq_unlink(name));
}

static void put_message(void)
{
	MUST(!mq_send(queue, "x", 1, 0));
}

static void make_full_queue(void)
{
	make_queue();
	put_message();
}

static void take_message(void)
{
	char text[8];

	MUST(mq_receive(queue, text, sizeof(text), NULL) == 1);
}

static long mq_receive_one(void)
{
	return mq_receive(queue, buf, 8, NULL);
}

static long mq_timedreceive_one(void)
{
	const struct timespec late = { .tv_sec = 100000000000 };

	return mq_timedreceive(queue, buf, 8, NULL, &late);
}

static long mq_send_one(void)
{
	return mq_send(queue, "y", 1, 0);
}

static long mq_timedsend_one(void)
{
	const struct timespec late = { .tv_sec = 100000000000 };

	return mq_timedsend(queue, "y", 1, 0, &late);
}

static const struct call restarted[] = {
	{ "read, pipe", SYS_read, make_pipe, read_one, put, false },
	{ "readv, pipe", SYS_readv, make_pipe, readv_one, put, false },
	{ "write, pipe", SYS_write, make_full_pipe, write_one, drain, false },
	{ "writev, pipe", SYS_writev, make_full_pipe, writev_one, drain, false },
	{ "sendfile", SYS_sendfile, make_full_pipe, sendfile_one, drain, false },
	{ "splice", SYS_splice, make_pipe, splice_one, put, false },
	{ "tee", SYS_tee, make_pipe, tee_one, put, false },
	{ "vmsplice", SYS_vmsplice, make_full_pipe, vmsplice_one, drain, false },
	{ "read, FIFO", SYS_read, make_fifo, read_one, put, false },
	{ "open, FIFO to read", SYS_openat, make_fifo_name, open_reader, open_both, false },
	{ "open, FIFO to write", SYS_openat, make_fifo_name, open_writer, open_both, false },
	{ "read, terminal", SYS_read, make_terminal, read_one, put, false },
	{ "write, terminal", SYS_write, make_stopped_terminal, write_one, let_flow, false },
	{ "read, inotify", SYS_read, make_inotify, read_some, make_file, false },
	{ "read, eventfd", SYS_read, make_eventfd, read_some, add_event, false },
	{ "write, eventfd", SYS_write, make_full_eventfd, write_eight, take_events, false },
	{ "read, timerfd", SYS_read, make_timerfd, read_some, set_timerfd, false },
	{ "read, signalfd", SYS_read, make_signalfd, read_some, send_hangup, false },
	{ "read, socket", SYS_read, make_sockets, read_one, put, false },
	{ "write, socket", SYS_write, make_full_sockets, write_one, drain, false },
	{ "recv", SYS_recvfrom, make_sockets, recv_one, put, false },
	{ "recvmsg", SYS_recvmsg, make_sockets, recvmsg_one, put, false },
	{ "recvmmsg", SYS_recvmmsg, make_sockets, recvmmsg_one, put, false },
	{ "send", SYS_sendto, make_full_sockets, send_one, drain, false },
	{ "sendmsg", SYS_sendmsg, make_full_sockets, sendmsg_one, drain, false },
	{ "sendmmsg", SYS_sendmmsg, make_full_sockets, sendmmsg_one, drain, false },
	{ "accept", SYS_accept, make_listener, accept_one, connect_it, false },
	{ "accept4", SYS_accept4, make_listener, accept4_one, connect_it, false },
	{ "connect", SYS_connect, make_full_listener, connect_one, accept_first, false },
	{ "flock", SYS_flock, make_flock, flock_it, unflock, false },
	{ "F_SETLKW", SYS_fcntl, make_ofd_lock, lock_it, ofd_unlock, false },
	{ "F_OFD_SETLKW", SYS_fcntl, make_ofd_lock, ofd_lock_it, ofd_unlock, false },
	{ "mq_receive", SYS_mq_timedreceive, make_queue, mq_receive_one, put_message, false },
	{ "mq_timedreceive", SYS_mq_timedreceive, make_queue, mq_timedreceive_one, put_message, false },
	{ "mq_send", SYS_mq_timedsend, make_full_queue, mq_send_one, take_message, false },
	{ "mq_timedsend", SYS_mq_timedsend, make_full_queue, mq_timedsend_one, take_message, false },
};

static const struct call never[] = {
	{ "read, SO_RCVTIMEO", SYS_read, make_timed_sockets, read_one, put, false },
	{ "recv, SO_RCVTIMEO", SYS_recvfrom, make_timed_sockets, recv_one, put, false },
	{ "recvmsg, SO_RCVTIMEO", SYS_recvmsg, make_timed_sockets, recvmsg_one, put, false },
	{ "recvmmsg, SO_RCVTIMEO", SYS_recvmmsg, make_timed_sockets, recvmmsg_one, put, false },
	{ "accept, SO_RCVTIMEO", SYS_accept, make_timed_listener, accept_one, connect_it, false },
	{ "write, SO_SNDTIMEO", SYS_write, make_full_timed_sockets, write_one, drain, false },
	{ "send, SO_SNDTIMEO", SYS_sendto, make_full_timed_sockets, send_one, drain, false },
	{ "sendmsg, SO_SNDTIMEO", SYS_sendmsg, make_full_timed_sockets, sendmsg_one, drain, false },
	{ "connect, SO_SNDTIMEO", SYS_connect, make_full_timed_listener, connect_one, accept_first,
	  false },
};

int main(int argc, char **argv)
{
	start_caller(argc, argv);
	try_calls(restarted, sizeof(restarted) / sizeof(restarted[0]), WITH_SA_RESTART);
	try_calls(never, sizeof(never) / sizeof(never[0]), NEVER);
	unlink("listener");
	return 0;
}

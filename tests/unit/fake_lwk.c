// SPDX-License-Identifier: GPL-2.0-only
/* An LWK that is none; see fake_lwk.h. */
#include "fake_lwk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/layout.h"
#include "tests/unit/unit.h"

/* Where this LWK puts things. */
#define FAKE_BIAS 0x555500000000
#define FAKE_INTERP_BIAS 0x7d0000000000
#define FAKE_ARGS 0x7edfff000000

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

/* In the child: ask the listener about each open() and about each ioctl() of mcctrl's. */
static int install_filter(void)
{
	struct sock_filter code[] = {
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4),
		LOAD(args[1]),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MCCTRL_IOC_TYPE << 8, 0, 1),
		RETURN(SECCOMP_RET_USER_NOTIF),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	CHECK(sendmsg(socket, &msg, 0) == 1);
}

static int receive_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	CHECK(recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) == 1);
	CHECK(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

void fake_peek(const struct fake_lwk *lwk, u64 addr, void *data, size_t len)
{
	struct iovec local = { data, len }, remote = { (void *)addr, len };

	CHECK(process_vm_readv(lwk->pid, &local, 1, &remote, 1, 0) == (ssize_t)len);
}

static void poke(const struct fake_lwk *lwk, u64 addr, const void *data, size_t len)
{
	struct iovec local = { (void *)data, len }, remote = { (void *)addr, len };

	CHECK(process_vm_writev(lwk->pid, &local, 1, &remote, 1, 0) == (ssize_t)len);
}

/* Answer a notification. Return: false if a signal or death came first. */
static bool respond(struct fake_lwk *lwk, u64 id, s64 value, u32 flags)
{
	struct seccomp_notif_resp resp = { .id = id, .flags = flags };

	if (value < 0 && !flags)
		resp.error = (s32)value;
	else
		resp.val = value;
	return !ioctl(lwk->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static void respond_fd(struct fake_lwk *lwk, u64 id, int fd)
{
	struct seccomp_notif_addfd add = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = O_CLOEXEC,
	};

	CHECK(ioctl(lwk->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0);
}

static void on_open(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	char path[sizeof("/dev/mcos0")] = "";
	struct iovec local = { path, sizeof(path) };
	struct iovec remote = { (void *)notif->data.args[1], sizeof(path) };
	int fd;

	/* A short path at the end of a page reads short: then it is not ours. */
	process_vm_readv(lwk->pid, &local, 1, &remote, 1, 0);
	if (memcmp(path, "/dev/mcos0", sizeof(path))) {
		respond(lwk, notif->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	respond_fd(lwk, notif->id, fd);
	close(fd);
}

static void on_create(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	/* As mcctrl does: the limit is the program's, not the proxy's. */
	CHECK(!prlimit(lwk->pid, RLIMIT_AS, &unlimited, &lwk->limit));
	if (lwk->memory >= 0)
		close(lwk->memory);
	lwk->memory = memfd_create("memory", MFD_CLOEXEC);
	CHECK(lwk->memory >= 0 && !ftruncate(lwk->memory, LWK_USER_END));
	lwk->started = false;
	respond_fd(lwk, notif->id, lwk->memory);
}

static void on_prepare(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	struct mcctrl_prepare prepare;

	fake_peek(lwk, notif->data.args[2], &prepare, sizeof(prepare));
	fake_peek(lwk, prepare.desc, &lwk->desc, sizeof(lwk->desc));
	if (lwk->prepare_error) {
		respond(lwk, notif->id, lwk->prepare_error, 0);
		return;
	}
	lwk->layout = (struct program_layout){
		.bias = lwk->desc.flags & PROGRAM_PIE ? FAKE_BIAS : 0,
		.interp_bias = FAKE_INTERP_BIAS,
		.args_start = FAKE_ARGS,
		.stack_top = FAKE_ARGS + (16 << 20),
	};
	prepare.layout = lwk->layout;
	poke(lwk, notif->data.args[2], &prepare, sizeof(prepare));
	respond(lwk, notif->id, 0, 0);
}

static s64 fill(struct fake_lwk *lwk, const struct mcctrl_fill *req)
{
	char data[4096], path[64];
	s64 ret = 0;
	ssize_t n;
	int fd;

	if (req->flags == MCCTRL_FILL_MEMORY) {
		CHECK(req->fd == -1 && req->len <= sizeof(data));
		fake_peek(lwk, req->offset, data, req->len);
		fake_write(lwk, req->to, data, req->len);
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", lwk->pid, req->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	for (u64 done = 0; done < req->len && !ret; done += (u64)n) {
		n = pread(fd, data, MIN(req->len - done, sizeof(data)),
			  (off_t)(req->offset + done));
		if (n > 0)
			fake_write(lwk, req->to + done, data, (size_t)n);
		else
			ret = -ENOEXEC;
	}
	close(fd);
	return ret;
}

static void on_fill(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	struct mcctrl_fill req;

	fake_peek(lwk, notif->data.args[2], &req, sizeof(req));
	respond(lwk, notif->id, fill(lwk, &req), 0);
}

static void on_wait(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	struct mcctrl_wait wait;

	lwk->waiting = true;
	lwk->wait_id = notif->id;
	lwk->wait_addr = notif->data.args[2];
	fake_peek(lwk, lwk->wait_addr, &wait, sizeof(wait));
	if (wait.flags & MCCTRL_WAIT_ANSWER) {
		lwk->answered = true;
		lwk->answer = wait.ret;
	}
}

static void on_signal(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	struct mcctrl_signal signal;

	CHECK(lwk->nsignals < FAKE_MAX_SIGNALS);
	fake_peek(lwk, notif->data.args[2], &signal, sizeof(signal));
	memcpy(lwk->signals[lwk->nsignals++], signal.info, sizeof(signal.info));
	lwk->shared = signal.shared;
	respond(lwk, notif->id, 0, 0);
}

/* There is none, and the request for it is answered when mcexec has undone what it did. */
static void on_add(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	struct mcctrl_twin twin;

	fake_peek(lwk, notif->data.args[2], &twin, sizeof(twin));
	if (twin.err) {
		lwk->answered = true;
		lwk->answer = twin.err;
	}
	respond(lwk, notif->id, twin.err ? 0 : -ENOTTY, 0);
}

static void on_ioctl(struct fake_lwk *lwk, const struct seccomp_notif *notif)
{
	switch ((u32)notif->data.args[1]) {
	case MCCTRL_IOC_CREATE_PROXY:
		on_create(lwk, notif);
		break;
	case MCCTRL_IOC_PREPARE_IMAGE:
		on_prepare(lwk, notif);
		break;
	case MCCTRL_IOC_FILL_IMAGE:
		on_fill(lwk, notif);
		break;
	case MCCTRL_IOC_SHOW:
		fake_peek(lwk, notif->data.args[2], &lwk->show, sizeof(lwk->show));
		respond(lwk, notif->id, 0, 0);
		break;
	case MCCTRL_IOC_START_IMAGE:
		lwk->started = true;
		lwk->executed = true;
		respond(lwk, notif->id, 0, 0);
		break;
	case MCCTRL_IOC_WAIT_SYSCALL:
		on_wait(lwk, notif);
		break;
	case MCCTRL_IOC_SEND_SIGNAL:
		on_signal(lwk, notif);
		break;
	case MCCTRL_IOC_ADD_TWIN:
		on_add(lwk, notif);
		break;
	default:
		respond(lwk, notif->id, -ENOTTY, 0);
	}
}

/* Serve one notification. Return: 0, or -EPIPE: mcexec has ended. */
static int serve(struct fake_lwk *lwk)
{
	struct pollfd poll_fd = { .fd = lwk->listener, .events = POLLIN };
	struct seccomp_notif notif = { 0 };

	CHECK(poll(&poll_fd, 1, -1) == 1);
	if (!(poll_fd.revents & POLLIN))
		return -EPIPE;
	/* ENOENT: a signal took it away again. */
	if (ioctl(lwk->listener, SECCOMP_IOCTL_NOTIF_RECV, &notif))
		return errno == ENOENT ? 0 : -EPIPE;
	if (notif.data.nr == SYS_openat)
		on_open(lwk, &notif);
	else
		on_ioctl(lwk, &notif);
	return 0;
}

/*
 * Whoever runs the tests may ignore or block some. By system calls: the C library would leave out
 * the two that it keeps to itself.
 */
static void default_signals(void)
{
	static const struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		u64 mask;
	} action;

	for (int signo = 1; signo < NSIG; signo++)
		syscall(SYS_rt_sigaction, signo, &action, NULL, sizeof(action.mask));
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &action.mask, NULL, sizeof(action.mask));
}

int fake_start(struct fake_lwk *lwk, char *const *argv, void (*setup)(void))
{
	int sockets[2];
	int err = 0;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	lwk->memory = -1;
	fflush(stdout);
	lwk->pid = fork();
	CHECK(lwk->pid >= 0);
	if (!lwk->pid) {
		default_signals();
		send_fd(sockets[1], install_filter());
		if (setup)
			setup();
		execv(argv[0], argv);
		_exit(99);
	}
	lwk->listener = receive_fd(sockets[0]);
	close(sockets[0]);
	close(sockets[1]);
	while (!err && !lwk->waiting)
		err = serve(lwk);
	return err;
}

int fake_request(struct fake_lwk *lwk, u64 nr, const u64 *args)
{
	struct mcctrl_wait wait = {
		.nr = nr,
		.sigmask = lwk->sigmask,
		.flags = lwk->wait_flags,
	};
	int err = 0;

	memcpy(wait.args, args, sizeof(wait.args));
	do {
		while (!err && !lwk->waiting)
			err = serve(lwk);
		if (err)
			return err;
		poke(lwk, lwk->wait_addr, &wait, sizeof(wait));
		lwk->waiting = false;
		lwk->answered = false;
		lwk->executed = false;
	} while (!respond(lwk, lwk->wait_id, 0, 0));
	return 0;
}

s64 fake_answer(struct fake_lwk *lwk)
{
	int err = 0;

	while (!err && !lwk->answered && !(lwk->waiting && lwk->executed))
		err = serve(lwk);
	if (err)
		return err;
	return lwk->answered ? lwk->answer : FAKE_EXECUTED;
}

int fake_end(struct fake_lwk *lwk)
{
	int status;

	if (lwk->waiting)
		respond(lwk, lwk->wait_id, -EPIPE, 0);
	while (!serve(lwk))
		;
	CHECK(waitpid(lwk->pid, &status, 0) == lwk->pid);
	close(lwk->listener);
	if (lwk->memory >= 0)
		close(lwk->memory);
	return status;
}

void fake_write(struct fake_lwk *lwk, u64 addr, const void *data, size_t len)
{
	CHECK(pwrite(lwk->memory, data, len, (off_t)addr) == (ssize_t)len);
}

void fake_read(struct fake_lwk *lwk, u64 addr, void *data, size_t len)
{
	CHECK(pread(lwk->memory, data, len, (off_t)addr) == (ssize_t)len);
}

u64 fake_signals(const struct fake_lwk *lwk, const char *name)
{
	char path[64], line[256];
	u64 set = ~0ULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", lwk->pid);
	file = fopen(path, "re");
	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			set = strtoull(strchr(line, ':') + 1, NULL, 16);
	}
	fclose(file);
	return set;
}

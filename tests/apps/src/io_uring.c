// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring by the system calls themselves: rings in the program's memory, requests that are done
 * at once, later, by a worker, by Linux's polling thread; waiting, signals, restrictions.
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alarms.h"
#include "app.h"

#define LEN 8192UL

struct ring {
	struct io_uring_params params;
	int fd;
	char *base;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static char in[LEN], out[LEN];

static unsigned int *word(struct ring *ring, unsigned int offset)
{
	return (unsigned int *)(ring->base + offset);
}

static unsigned int load(const unsigned int *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void store(unsigned int *at, unsigned int value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static long enter(struct ring *ring, unsigned int submit, unsigned int wait, unsigned int flags,
		  const void *arg, size_t len)
{
	return syscall(SYS_io_uring_enter, ring->fd, submit, wait, flags, arg, len);
}

static int begin(struct ring *ring, unsigned int flags)
{
	size_t cq_len, sq_len;

	*ring = (struct ring){ .params.flags = flags, .params.sq_thread_idle = 10000 };
	ring->fd = (int)syscall(SYS_io_uring_setup, 8, &ring->params);
	if (ring->fd < 0)
		return -1;
	MUST(ring->params.flags == flags && ring->params.features & IORING_FEAT_SINGLE_MMAP);
	cq_len = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(ring->cqes[0]);
	sq_len = ring->params.sq_off.array + ring->params.sq_entries * 4;
	ring->base = mmap(NULL, cq_len > sq_len ? cq_len : sq_len, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, ring->params.sq_entries * sizeof(ring->sqes[0]),
			  PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, (off_t)IORING_OFF_SQES);
	MUST(ring->base != MAP_FAILED && ring->sqes != MAP_FAILED);
	ring->cqes = (struct io_uring_cqe *)(ring->base + ring->params.cq_off.cqes);
	return 0;
}

static void put(struct ring *ring, struct io_uring_sqe sqe)
{
	unsigned int tail = *word(ring, ring->params.sq_off.tail);
	unsigned int index = tail & *word(ring, ring->params.sq_off.ring_mask);

	ring->sqes[index] = sqe;
	word(ring, ring->params.sq_off.array)[index] = index;
	store(word(ring, ring->params.sq_off.tail), tail + 1);
}

/* Take a completion, if there is one. */
static int take(struct ring *ring, struct io_uring_cqe *cqe)
{
	unsigned int head = *word(ring, ring->params.cq_off.head);

	if (load(word(ring, ring->params.cq_off.tail)) == head)
		return 0;
	*cqe = ring->cqes[head & *word(ring, ring->params.cq_off.ring_mask)];
	store(word(ring, ring->params.cq_off.head), head + 1);
	return 1;
}

static int spin(struct ring *ring)
{
	struct io_uring_cqe cqe;

	while (!take(ring, &cqe))
		;
	return cqe.res;
}

static int result(struct ring *ring)
{
	struct io_uring_cqe cqe;

	while (!take(ring, &cqe))
		MUST(enter(ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0) >= 0);
	return cqe.res;
}

static struct io_uring_sqe request(int op, int fd, const void *addr, unsigned int len, uint64_t off)
{
	return (struct io_uring_sqe){ .opcode = (uint8_t)op, .fd = fd, .addr = (uintptr_t)addr,
				      .len = len, .off = off };
}

static void show_result(const char *what, int res)
{
	printf("%s: %d %s\n", what, res < 0 ? -1 : res, res < 0 ? error_name(-res) : "");
}

static void perform(struct ring *ring, const char *what, struct io_uring_sqe sqe)
{
	put(ring, sqe);
	MUST(enter(ring, 1, 0, 0, NULL, 0) == 1);
	show_result(what, result(ring));
}

static void arguments(struct ring *ring)
{
	struct io_uring_params params = { .flags = 1U << 31 };

	SHOW(syscall(SYS_io_uring_setup, 8, NULL));
	SHOW(syscall(SYS_io_uring_setup, 8, &params));
	params.flags = 0;
	SHOW(syscall(SYS_io_uring_setup, 0, &params));
	SHOW(syscall(SYS_io_uring_enter, 999, 0, 0, 0, NULL, 0));
	SHOW(syscall(SYS_io_uring_enter, 0, 0, 0, 0, NULL, 0));
	SHOW(enter(ring, 0, 0, 1U << 31, NULL, 0));
	SHOW(syscall(SYS_io_uring_register, ring->fd, 99, NULL, 0));
	SHOW(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0) == -1);
	SHOW_PTR(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring->fd, 1UL << 29));
	SHOW_PTR(mmap(ring->base, 4096, PROT_READ, MAP_SHARED, ring->fd, 0));
}

static void files(struct ring *ring)
{
	struct iovec vec[2] = { { in, 100 }, { in + 200, 300 } };
	struct io_uring_sqe sqe;
	int fd;

	for (size_t i = 0; i < LEN; i++)
		out[i] = (char)(i * 7 + i / 4099);
	perform(ring, "nop", request(IORING_OP_NOP, -1, NULL, 0, 0));
	sqe = request(IORING_OP_OPENAT, AT_FDCWD, "file", 0644, 0);
	sqe.open_flags = O_CREAT | O_RDWR;
	put(ring, sqe);
	MUST(enter(ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1 && (fd = result(ring)) >= 0);
	perform(ring, "write", request(IORING_OP_WRITE, fd, out, LEN, 0));
	perform(ring, "read", request(IORING_OP_READ, fd, in, LEN, 0));
	SHOW(memcmp(in, out, LEN));
	perform(ring, "vector", request(IORING_OP_READV, fd, vec, 2, 50));
	SHOW(memcmp(in, out + 50, 100) || memcmp(in + 200, out + 150, 300));
	memset(in, 0, LEN);
	sqe = request(IORING_OP_READ, fd, in, LEN, 0);
	sqe.flags = IOSQE_ASYNC;
	perform(ring, "read by a worker", sqe);
	SHOW(memcmp(in, out, LEN));
	perform(ring, "fsync", request(IORING_OP_FSYNC, fd, NULL, 0, 0));
	perform(ring, "bad buffer", request(IORING_OP_READ, fd, (void *)8, LEN, 0));
	perform(ring, "bad file", request(IORING_OP_READ, 999, in, LEN, 0));
	perform(ring, "bad opcode", request(200, fd, in, LEN, 0));
	sqe = request(IORING_OP_READ, fd, in, LEN, 1);
	sqe.flags = IOSQE_IO_LINK;
	put(ring, sqe);
	put(ring, request(IORING_OP_NOP, -1, NULL, 0, 0));
	SHOW(enter(ring, 2, 2, IORING_ENTER_GETEVENTS, NULL, 0));
	show_result("short read, linked", result(ring));
	show_result("what followed", result(ring));
	perform(ring, "close", request(IORING_OP_CLOSE, fd, NULL, 0, 0));
	SHOW(close(fd));
}

static void direct(struct ring *ring)
{
	char *buf = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("file", O_RDWR | O_DIRECT);

	MUST(buf != MAP_FAILED && fd >= 0);
	perform(ring, "direct", request(IORING_OP_READ, fd, buf, LEN, 0));
	SHOW(memcmp(buf, out, LEN));
	/* The memory goes while the device may be writing to it. */
	put(ring, request(IORING_OP_READ, fd, buf, LEN, 0));
	SHOW(enter(ring, 1, 0, 0, NULL, 0));
	SHOW(munmap(buf, LEN));
	show_result("direct, unmapped", result(ring));
	close(fd);
}

/* What waits for something, and is finished while the program only looks. */
static void later(struct ring *ring)
{
	struct __kernel_timespec soon = { 0, 1000000 };
	struct io_uring_sqe sqe;
	int fds[2];

	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	put(ring, request(IORING_OP_RECV, fds[0], in, LEN, 0));
	SHOW(enter(ring, 1, 0, 0, NULL, 0));
	SHOW(write(fds[1], "message", 7));
	show_result("receive", spin(ring));
	SHOW(memcmp(in, "message", 7));
	sqe = request(IORING_OP_POLL_ADD, fds[0], NULL, 0, 0);
	sqe.poll32_events = POLLIN;
	put(ring, sqe);
	SHOW(enter(ring, 1, 0, 0, NULL, 0));
	perform(ring, "send", request(IORING_OP_SEND, fds[1], "again", 5, 0));
	show_result("poll", spin(ring));
	put(ring, request(IORING_OP_TIMEOUT, -1, &soon, 1, 0));
	SHOW(enter(ring, 1, 0, 0, NULL, 0));
	show_result("timeout", spin(ring));
	MUST(read(fds[0], in, LEN) == 5);
	sqe = request(IORING_OP_RECV, fds[0], in, LEN, 0);
	sqe.user_data = 5;
	put(ring, sqe);
	put(ring, request(IORING_OP_ASYNC_CANCEL, -1, (void *)5, 0, 0));
	SHOW(enter(ring, 2, 2, IORING_ENTER_GETEVENTS, NULL, 0));
	SHOW(result(ring) + result(ring) == -ECANCELED);
	close(fds[0]);
	close(fds[1]);
}

static void signals(struct ring *ring)
{
	struct __kernel_timespec soon = { 0, 1000000 };
	struct io_uring_getevents_arg arg = { .ts = (uintptr_t)&soon };
	sigset_t none, old, set;

	alarms_begin();
	SHOW(enter(ring, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	alarms_end();
	SHOW_TRUE(alarms > 0);
	SHOW(enter(ring, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg)));
	SHOW(enter(ring, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, 7));
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGALRM);
	alarms = 0;
	SHOW(enter(ring, 0, 1, IORING_ENTER_GETEVENTS, &none, 8));
	SHOW(alarms);
	raise(SIGALRM);
	arg.sigmask = (uintptr_t)&none;
	arg.sigmask_sz = 8;
	arg.ts = 0;
	SHOW(enter(ring, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg)));
	SHOW(alarms);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void registered(struct ring *ring)
{
	int file = open("file", O_RDONLY), memory = memfd_create("buffer", 0);
	struct io_uring_sqe sqe;
	struct iovec vec;

	MUST(file >= 0 && memory >= 0 && !ftruncate(memory, LEN));
	vec.iov_base = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	vec.iov_len = LEN;
	SHOW(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_BUFFERS, &vec, 1));
	SHOW(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES, &file, 1));
	close(file);
	sqe = request(IORING_OP_READ_FIXED, 0, vec.iov_base, LEN, 0);
	sqe.flags = IOSQE_FIXED_FILE;
	perform(ring, "registered", sqe);
	SHOW(memcmp(vec.iov_base, out, LEN));
	SHOW(syscall(SYS_io_uring_register, ring->fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
	close(memory);
}

/* Linux looks for requests by itself. */
static void polled(void)
{
	struct ring ring;
	int fd = open("file", O_RDONLY);

	MUST(!begin(&ring, IORING_SETUP_SQPOLL));
	memset(in, 0, LEN);
	put(&ring, request(IORING_OP_READ, fd, in, LEN, 0));
	if (load(word(&ring, ring.params.sq_off.flags)) & IORING_SQ_NEED_WAKEUP)
		enter(&ring, 0, 0, IORING_ENTER_SQ_WAKEUP, NULL, 0);
	show_result("by Linux's thread", spin(&ring));
	SHOW(memcmp(in, out, LEN));
	close(ring.fd);
	close(fd);
}

static void restricted(void)
{
	struct io_uring_restriction only[] = {
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP },
		{ .opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_MADVISE },
	};
	struct ring ring;

	MUST(!begin(&ring, IORING_SETUP_R_DISABLED));
	SHOW(enter(&ring, 1, 0, 0, NULL, 0) == -1);
	SHOW(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_RESTRICTIONS, only, 2));
	SHOW(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_RESTRICTIONS, only, 2));
	SHOW(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
	perform(&ring, "allowed", request(IORING_OP_NOP, -1, NULL, 0, 0));
	perform(&ring, "not allowed", request(IORING_OP_READ, 0, in, 1, 0));
	close(ring.fd);
	MUST(!begin(&ring, IORING_SETUP_R_DISABLED));
	SHOW(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
	perform(&ring, "nothing is restricted", request(IORING_OP_READ, 999, in, 1, 0));
	close(ring.fd);
}

/* Requests that are under way go with the program. */
static void leave(void)
{
	struct ring ring;
	int fds[2];
	int status;

	MUST(!pipe(fds));
	for (int i = 0; i < 2; i++) {
		if (!fork()) {
			MUST(!begin(&ring, 0));
			put(&ring, request(IORING_OP_READ, fds[0], in, 1, 0));
			MUST(enter(&ring, 1, 0, 0, NULL, 0) == 1);
			if (i)
				execlp("true", "true", NULL);
			_exit(0);
		}
		wait(&status);
		SHOW(status);
	}
}

/* What is not the same on the LWK. */
static void different(struct ring *ring)
{
	struct iovec vec = { out, 4096 };
	struct io_uring_sqe sqe = request(IORING_OP_MADVISE, -1, NULL, 4096, 0);

	sqe.addr = (uintptr_t)in & ~4095UL;
	sqe.fadvise_advice = MADV_NORMAL;
	perform(ring, "advice", sqe);
	SHOW(syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_BUFFERS, &vec, 1) == 0);
}

int main(int argc, char *argv[])
{
	struct ring ring;

	(void)argv;
	SHOW(begin(&ring, 0));
	if (argc > 1) {
		different(&ring);
		return 0;
	}
	arguments(&ring);
	files(&ring);
	direct(&ring);
	later(&ring);
	signals(&ring);
	registered(&ring);
	polled();
	restricted();
	leave();
	SHOW(munmap(ring.base, 4096));
	SHOW(close(ring.fd));
	return 0;
}

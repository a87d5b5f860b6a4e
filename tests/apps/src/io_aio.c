// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous I/O by the system calls themselves: what each of them says of good and bad
 * arguments, and what becomes of a context's ring.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/aio_abi.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "alarms.h"
#include "app.h"

#define LEN 8192UL
#define RING_MAGIC 0xa10a10a1

struct ring {
	unsigned int id, nevents, head, tail, magic, compat, incompat, header_len;
	struct io_event events[];
};

static struct io_event events[8];
static struct timespec now;

static long io_setup(unsigned int n, aio_context_t *ctx)
{
	return syscall(SYS_io_setup, n, ctx);
}

static long io_destroy(aio_context_t ctx)
{
	return syscall(SYS_io_destroy, ctx);
}

static long io_submit(aio_context_t ctx, long n, struct iocb **list)
{
	return syscall(SYS_io_submit, ctx, n, list);
}

static long io_getevents(aio_context_t ctx, long min, long n, struct timespec *timeout)
{
	return syscall(SYS_io_getevents, ctx, min, n, events, timeout);
}

static struct iocb request(int opcode, int fd, const void *buf, uint64_t len, int64_t offset)
{
	return (struct iocb){ .aio_lio_opcode = opcode, .aio_fildes = fd, .aio_buf = (uintptr_t)buf,
			      .aio_nbytes = len, .aio_offset = offset, .aio_data = 7 };
}

static long submit(aio_context_t ctx, struct iocb *iocb)
{
	return io_submit(ctx, 1, &iocb);
}

/* Submit one, and show what comes of it. */
static void perform(aio_context_t ctx, const char *what, struct iocb iocb)
{
	long ret = submit(ctx, &iocb);

	printf("%s: %s", what, ret < 0 ? error_name(errno) : "submitted");
	if (ret == 1 && io_getevents(ctx, 1, 8, NULL) == 1)
		printf(", %lld, of it %s, data %llu", (long long)events[0].res,
		       events[0].obj == (uintptr_t)&iocb ? "yes" : "no",
		       (unsigned long long)events[0].data);
	printf("\n");
}

static void arguments(void)
{
	aio_context_t ctx = 0, old = 1;
	struct iocb *none = NULL;
	struct iocb good;

	SHOW(io_setup(0, &ctx));
	SHOW(io_setup(4, &old));
	SHOW(io_setup(4, NULL));
	SHOW(io_setup(0x20000000, &ctx));
	SHOW(io_destroy(0));
	SHOW(io_destroy((uintptr_t)&ctx & ~4095UL));
	SHOW(io_getevents(0x1000, 0, 1, &now));
	SHOW(io_setup(4, &ctx));
	SHOW(io_submit(ctx, -1, &none));
	SHOW(io_submit(ctx, 0, NULL));
	SHOW(io_submit(ctx, 1, NULL));
	SHOW(io_submit(ctx, 1, &none));
	none = (struct iocb *)0x7ffffffff000;
	SHOW(io_submit(ctx, 1, &none));
	SHOW(io_submit(ctx + 4096, 1, &none));
	SHOW(io_getevents(ctx, 0, 1, &now));
	SHOW(io_getevents(ctx, 2, 1, &now));
	SHOW(io_getevents(ctx, -1, 1, &now));
	SHOW(syscall(SYS_io_getevents, ctx, 0L, 1L, events, (void *)1));
	good = request(IOCB_CMD_FSYNC, 99, NULL, 0, 0);
	SHOW(syscall(SYS_io_cancel, ctx, &good, events));
	SHOW(syscall(SYS_io_cancel, ctx, NULL, events));
	SHOW(io_destroy(ctx));
	SHOW(io_destroy(ctx));
	SHOW(io_submit(ctx, 0, NULL));
}

static void files(aio_context_t ctx)
{
	static char in[LEN], out[LEN];
	struct iovec vec[2] = { { in, 100 }, { in + 200, 300 } };
	struct iovec bad[2] = { { in, 100 }, { (void *)0x7ffffffff000, 300 } };
	struct iocb list[3], *pointers[3] = { &list[0], &list[1], &list[2] };
	int fd;

	for (size_t i = 0; i < LEN; i++)
		out[i] = (char)(i * 7 + i / 4099);
	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	perform(ctx, "write", request(IOCB_CMD_PWRITE, fd, out, LEN, 0));
	perform(ctx, "read", request(IOCB_CMD_PREAD, fd, in, LEN, 0));
	SHOW(memcmp(in, out, LEN));
	memset(in, 0, LEN);
	perform(ctx, "read at the end", request(IOCB_CMD_PREAD, fd, in, LEN, LEN - 10));
	perform(ctx, "vector", request(IOCB_CMD_PREADV, fd, vec, 2, 50));
	SHOW(memcmp(in, out + 50, 100) || memcmp(in + 200, out + 150, 300));
	perform(ctx, "bad vector", request(IOCB_CMD_PREADV, fd, (void *)8, 2, 50));
	perform(ctx, "half a vector", request(IOCB_CMD_PWRITEV, fd, bad, 2, LEN));
	perform(ctx, "fsync", request(IOCB_CMD_FSYNC, fd, NULL, 0, 0));
	perform(ctx, "fdsync", request(IOCB_CMD_FDSYNC, fd, NULL, 0, 0));
	perform(ctx, "bad opcode", request(99, fd, in, LEN, 0));
	perform(ctx, "bad file", request(IOCB_CMD_PREAD, 999, in, LEN, 0));
	perform(ctx, "bad buffer", request(IOCB_CMD_PREAD, fd, (void *)8, LEN, 0));
	perform(ctx, "foreign buffer", request(IOCB_CMD_PREAD, fd, (void *)0x7ffffffff000, LEN, 0));
	perform(ctx, "bad offset", request(IOCB_CMD_PREAD, fd, in, LEN, -1));
	list[0] = request(IOCB_CMD_PREAD, fd, in, 10, 0);
	list[1] = request(IOCB_CMD_PREAD, fd, in + 10, 20, 10);
	list[2] = request(99, fd, in, 10, 0);
	SHOW(io_submit(ctx, 3, pointers));
	SHOW(io_getevents(ctx, 2, 8, NULL));
	SHOW(memcmp(in, out, 30));
	close(fd);
}

/* A list that ends with the memory, and a number far beyond. */
static void short_list(aio_context_t ctx)
{
	struct iocb list[2], **end;
	int fd = open("file", O_RDONLY);
	char *pages = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(fd >= 0 && pages != MAP_FAILED);
	list[0] = request(IOCB_CMD_PREAD, fd, events, 10, 0);
	list[1] = request(IOCB_CMD_PREAD, fd, events, 10, 10);
	MUST(!munmap(pages + LEN / 2, LEN / 2));
	end = (struct iocb **)(pages + LEN / 2);
	end[-2] = &list[0];
	end[-1] = &list[1];
	SHOW(io_submit(ctx, LONG_MAX, end));
	SHOW(io_submit(ctx, LONG_MAX, end - 2));
	SHOW(io_getevents(ctx, 2, 8, NULL));
	SHOW(io_submit(ctx, LONG_MIN, end - 2));
	munmap(pages, LEN / 2);
	close(fd);
}

static void direct(aio_context_t ctx)
{
	char *in = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shared = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open("file", O_RDWR | O_DIRECT);
	struct iocb iocb;

	MUST(in != MAP_FAILED && shared != MAP_FAILED && fd >= 0);
	perform(ctx, "direct", request(IOCB_CMD_PREAD, fd, in, LEN, 0));
	perform(ctx, "direct, shared", request(IOCB_CMD_PREAD, fd, shared, LEN, 0));
	SHOW(memcmp(in, shared, LEN));
	perform(ctx, "direct write", request(IOCB_CMD_PWRITE, fd, in, LEN, LEN));
	perform(ctx, "direct, odd", request(IOCB_CMD_PREAD, fd, in + 1, LEN, 0));
	/* The memory goes while the device may be writing to it. */
	iocb = request(IOCB_CMD_PREAD, fd, in, LEN, 0);
	SHOW(submit(ctx, &iocb));
	SHOW(munmap(in, LEN));
	SHOW(io_getevents(ctx, 1, 8, NULL));
	SHOW((long)events[0].res);
	munmap(shared, LEN);
	close(fd);
}

static void notification(aio_context_t ctx)
{
	int event = eventfd(0, 0), fd = open("file", O_RDONLY);
	struct iocb iocb = request(IOCB_CMD_PREAD, fd, events, 0, 0);
	uint64_t count = 0;

	iocb.aio_flags = IOCB_FLAG_RESFD;
	iocb.aio_resfd = event;
	perform(ctx, "notified", iocb);
	SHOW(read(event, &count, sizeof(count)));
	SHOW(count == 1);
	iocb.aio_resfd = fd;
	perform(ctx, "no eventfd", iocb);
	close(event);
	close(fd);
}

static void poll_pipe(aio_context_t ctx)
{
	struct iocb iocb;
	int fds[2];

	MUST(!pipe(fds));
	iocb = request(IOCB_CMD_POLL, fds[0], (void *)1, 0, 0);
	SHOW(submit(ctx, &iocb));
	SHOW(io_getevents(ctx, 0, 8, &now));
	SHOW(write(fds[1], "x", 1));
	SHOW(io_getevents(ctx, 1, 8, NULL));
	SHOW((long)events[0].res);
	MUST(read(fds[0], events, 1) == 1);
	SHOW(submit(ctx, &iocb));
	SHOW(syscall(SYS_io_cancel, ctx, &iocb, events));
	SHOW(io_getevents(ctx, 1, 8, NULL));
	SHOW(syscall(SYS_io_cancel, ctx, &iocb, events));
	/* Left behind for the end of the context. */
	SHOW(submit(ctx, &iocb));
	close(fds[0]);
	close(fds[1]);
}

static void signals(void)
{
	sigset_t none, old, set;
	struct {
		const sigset_t *mask;
		size_t len;
	} arg = { &none, 8 };
	aio_context_t ctx = 0;

	MUST(!io_setup(1, &ctx));
	alarms_begin();
	SHOW(io_getevents(ctx, 1, 1, NULL));
	alarms_end();
	SHOW_TRUE(alarms > 0);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGALRM);
	alarms = 0;
	SHOW(syscall(SYS_io_pgetevents, ctx, 0L, 1L, events, &now, NULL));
	SHOW(alarms);
	SHOW(syscall(SYS_io_pgetevents, ctx, 1L, 1L, events, NULL, &arg));
	SHOW(alarms);
	SHOW(syscall(SYS_io_pgetevents, ctx, 0L, 1L, events, &now, &arg));
	arg.len = 3;
	SHOW(syscall(SYS_io_pgetevents, ctx, 0L, 1L, events, &now, &arg));
	SHOW(syscall(SYS_io_pgetevents, ctx, 0L, 1L, events, &now, (void *)8));
	sigprocmask(SIG_SETMASK, &old, NULL);
	SHOW(io_destroy(ctx));
}

/* What libraries do, which look into the ring. */
static void ring(void)
{
	int fd = open("file", O_RDONLY);
	struct iocb iocb = request(IOCB_CMD_PREAD, fd, events, 10, 0);
	aio_context_t ctx = 0;
	struct ring *ring;
	size_t len;
	int status;
	char *to;

	MUST(!io_setup(4, &ctx));
	ring = (struct ring *)ctx;
	SHOW_TRUE(ring->magic == RING_MAGIC && ring->header_len == sizeof(*ring));
	len = sizeof(*ring) + ring->nevents * sizeof(struct io_event);
	SHOW_TRUE(len % 4096 == 0);
	SHOW(submit(ctx, &iocb));
	while (((volatile struct ring *)ring)->tail == ring->head)
		;
	SHOW((long)ring->events[ring->head].res);
	ring->head = ring->tail;
	SHOW(io_getevents(ctx, 0, 1, &now));

	if (!fork()) {
		SHOW_TRUE(ring->magic == RING_MAGIC);
		SHOW(io_getevents(ctx, 0, 1, &now));
		SHOW(io_destroy(ctx));
		exit(3);
	}
	wait(&status);
	SHOW(WEXITSTATUS(status));

	to = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW_TRUE(mremap(ring, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	SHOW(io_getevents((uintptr_t)to, 0, 1, &now));
	SHOW(io_getevents(ctx, 0, 1, &now));
	SHOW(submit((uintptr_t)to, &iocb));
	SHOW(io_getevents((uintptr_t)to, 1, 1, NULL));
	SHOW(io_destroy(ctx));
	SHOW(mprotect(to, 4096, PROT_READ));
	SHOW(io_destroy((uintptr_t)to));
	SHOW(mincore(to, len, (unsigned char *)events));
	/* The place is the program's again, for Linux too. */
	SHOW_TRUE(mmap(to, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		       0) == to);
	strcpy(to, "again\n");
	SHOW(write(1, to, 6));
	munmap(to, len);

	ctx = 0;
	MUST(!io_setup(4, &ctx));
	SHOW(munmap((void *)ctx, len));
	SHOW(io_destroy(ctx));
	close(fd);
}

/* Contexts with something under way go with the program. */
static void leave(void)
{
	struct iocb iocb;
	aio_context_t ctx;
	int fds[2];
	int status;

	MUST(!pipe(fds));
	iocb = request(IOCB_CMD_POLL, fds[0], (void *)1, 0, 0);
	for (int i = 0; i < 2; i++) {
		if (!fork()) {
			for (int j = 0; j < 5; j++) {
				ctx = 0;
				MUST(!io_setup(3, &ctx) && submit(ctx, &iocb) == 1);
			}
			if (i)
				execlp("true", "true", NULL);
			_exit(0);
		}
		wait(&status);
		SHOW(status);
	}
}

int main(void)
{
	aio_context_t ctx = 0;

	arguments();
	SHOW(io_setup(20, &ctx));
	files(ctx);
	short_list(ctx);
	direct(ctx);
	notification(ctx);
	poll_pipe(ctx);
	SHOW(io_destroy(ctx));
	signals();
	ring();
	leave();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous I/O.
 *
 * Linux has no say in where io_setup(2) puts a ring, but lets it be moved, and then calls the
 * context by its new place. It is made here, above the program's memory, first.
 */
#include "aio.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/offload.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/space.h"
#include "user/mcexec/twin.h"

/* Requests looked at in one go, and in all: the LWK looks at no more either. */
#define CHUNK 32
#define MAX_LOOKS (1U << 16)

/* How Linux's ring of completions begins: what follows are its events. */
struct ring {
	u32 id;
	u32 nevents;
	u32 head;
	u32 tail;
	u32 magic;
	u32 compat_features;
	u32 incompat_features;
	u32 header_len;
};

#define RING_MAGIC 0xa10a10a1

static u64 ring_len(const struct ring *ring)
{
	return ring->header_len + ring->nevents * sizeof(struct io_event);
}

static void destroy(u64 context)
{
	twin_raw_syscall(SYS_io_destroy, (long)context, 0, 0, 0);
}

static s64 create(u64 nevents)
{
	u64 context = 0;
	s64 err = twin_raw_syscall(SYS_io_setup, (long)nevents, (long)&context, 0, 0);
	const struct ring *ring = (const struct ring *)context;

	if (err)
		return err;
	if (!ring)
		return -ENOSYS;
	err = 0;
	if (space_is_user(context, 0))
		err = -ENOMEM;
	else if (ring->magic != RING_MAGIC || ring_len(ring) % LWK_PAGE_SIZE)
		err = -ENOSYS;
	if (err) {
		destroy(context);
		return err;
	}
	return (s64)(context / LWK_PAGE_SIZE |
		     ring_len(ring) / LWK_PAGE_SIZE << OFFLOAD_AIO_LEN_SHIFT);
}

static s64 move(u64 context, u64 len, u64 to)
{
	if (!context || space_is_user(context, 0))
		return -EINVAL;
	if (context % LWK_PAGE_SIZE || len != ring_len((const struct ring *)context)) {
		destroy(context);
		return -EINVAL;
	}
	if (to && (!space_is_user(to, len) ||
		   mremap((void *)context, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) ==
			   MAP_FAILED)) {
		destroy(context);
		return -ENOMEM;
	}
	if (!to)
		destroy(context);
	return 0;
}

static bool is_context(u64 context)
{
	struct timespec now = { 0 };

	return !syscall(SYS_io_getevents, context, 0L, 0L, NULL, &now) || errno != EINVAL;
}

/*
 * By pages, because the program may have changed the protection of some, and the first one last:
 * the context is called by the piece that was moved last.
 */
static s64 take_away(u64 context, u64 len)
{
	char *from = (char *)context, *to;

	if (!len || (context | len) % LWK_PAGE_SIZE || !space_is_user(context, len) ||
	    !is_context(context))
		return -EINVAL;
	to = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (to == MAP_FAILED)
		return -ENOMEM;
	for (u64 left = len; left && !space_is_user((u64)to, 0);) {
		left -= LWK_PAGE_SIZE;
		if (mremap(from + left, LWK_PAGE_SIZE, LWK_PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, to + left) == MAP_FAILED)
			break;
		if (!left)
			return (s64)to;
	}
	munmap(to, len);
	return -ENOMEM;
}

s64 aio_setup(const u64 *args)
{
	if (!args[1])
		return create(args[0]);
	if (args[0])
		return take_away(args[1], args[2]);
	return move(args[1], args[2], args[3]);
}

static bool names_hidden(const struct iocb *iocb)
{
	return fds_is_hidden(iocb->aio_fildes) ||
	       (iocb->aio_flags & IOCB_FLAG_RESFD && fds_is_hidden(iocb->aio_resfd));
}

/*
 * Return: how many of @n requests, at most CHUNK, name none. What cannot be read is Linux's to
 * refuse: *@end says that it comes no further than these.
 */
static size_t good_ones(u64 at, size_t n, bool *end)
{
	struct iovec remote[CHUNK], local, theirs;
	struct iocb iocbs[CHUNK];
	u64 pointers[CHUNK];
	ssize_t len;
	size_t got;

	local = (struct iovec){ pointers, n * sizeof(pointers[0]) };
	theirs = (struct iovec){ (void *)at, n * sizeof(pointers[0]) };
	len = process_vm_readv(gettid(), &local, 1, &theirs, 1, 0);
	got = len > 0 ? (size_t)len / sizeof(pointers[0]) : 0;
	for (size_t i = 0; i < got; i++)
		remote[i] = (struct iovec){ (void *)pointers[i], sizeof(iocbs[0]) };
	local = (struct iovec){ iocbs, got * sizeof(iocbs[0]) };
	len = got ? process_vm_readv(gettid(), &local, 1, remote, got, 0) : 0;
	got = len > 0 ? (size_t)len / sizeof(iocbs[0]) : 0;
	*end = got < n;
	for (size_t i = 0; i < got; i++)
		if (names_hidden(&iocbs[i]))
			return i;
	return n;
}

s64 aio_submit(const u64 *args, const u32 *interrupted)
{
	u64 theirs[6] = { args[0], args[1], args[2] };
	size_t n = (s64)args[1] > 0 ? args[1] : 0;
	size_t some, good;
	bool end = false;

	/* A part may always be submitted. */
	if (n > MAX_LOOKS)
		theirs[1] = n = MAX_LOOKS;
	for (size_t done = 0; done < n && !end; done += some) {
		some = n - done < CHUNK ? n - done : CHUNK;
		good = good_ones(args[2] + done * sizeof(u64), some, &end);
		if (good == some)
			continue;
		theirs[1] = done + good;
		if (!theirs[1])
			return -EBADF;
		break;
	}
	return twin_syscall(SYS_io_submit, theirs, interrupted);
}

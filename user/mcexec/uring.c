// SPDX-License-Identifier: GPL-2.0-only
/*
 * io_uring.
 *
 * Requests are in memory that Linux shares with the program, so nobody looks at them in between.
 * Nearly all do what the program means, because the proxy has its files and, at the same addresses,
 * its memory. The others are forbidden to each ring by Linux's own means: restrictions, which a
 * ring may be given while it is disabled. Therefore each is made so, and enabled afterwards.
 *
 * A program that makes its ring so itself enables it by itself: it may have restrictions of its
 * own, of which what is forbidden is left out; else it gets ours then.
 */
#include "uring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/layout.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/space.h"
#include "user/mcexec/twin.h"

/* Linux 6.12's numbers, of which older headers have not all. */
enum {
	OP_MADVISE = 25,
	OP_FUTEX_WAIT = 51,
	OP_FUTEX_WAKE = 52,
	OP_FUTEX_WAITV = 53,
	OP_LAST = 57,
	REGISTER_RESTRICTIONS = 11,
	REGISTER_ENABLE_RINGS = 12,
	REGISTER_LAST = 30,
	REGISTER_FIRST_LAST = 12, /* of the first Linux that had restrictions, 5.10 */
	SETUP_R_DISABLED = 1 << 6,
	SETUP_REGISTERED_FD_ONLY = 1 << 15,
};

#define USE_REGISTERED_RING (1U << 31)

#define MAX_PROGRAMS 256

static s64 raw_register(u64 ring, u32 opcode, const void *arg, u32 n)
{
	return twin_raw_syscall(SYS_io_uring_register, (long)ring, (long)opcode, (long)arg, n);
}

/* Advice would be on the proxy's mapping, and futexes of the LWK's memory are the LWK's. */
static bool is_forbidden(u32 op)
{
	return op == OP_MADVISE || (op >= OP_FUTEX_WAIT && op <= OP_FUTEX_WAITV);
}

/* The highest request that this Linux knows, of those known here; or -errno. */
static int last_op(u64 ring, u32 flag)
{
	struct {
		struct io_uring_probe probe;
		struct io_uring_probe_op ops[256];
	} known = { 0 };
	s64 err = raw_register(ring, IORING_REGISTER_PROBE | flag, &known, 256);

	if (err)
		return (int)err;
	return known.probe.last_op < OP_LAST ? known.probe.last_op : OP_LAST;
}

/* Return: 0, -EBUSY: it has some already, or -errno. */
static int restrict_ring(u64 ring, u32 flag)
{
	struct io_uring_restriction list[OP_LAST + REGISTER_LAST + 3] = { 0 };
	int last = last_op(ring, flag);
	u32 n = 0;
	s64 err;

	if (last < 0)
		return last;
	for (int op = 0; op <= last; op++) {
		if (is_forbidden((u32)op))
			continue;
		list[n].opcode = IORING_RESTRICTION_SQE_OP;
		list[n++].sqe_op = (u8)op;
	}
	list[n].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
	list[n++].sqe_flags = 0xff;
	for (u32 op = 0; op <= REGISTER_LAST; op++) {
		list[n].opcode = IORING_RESTRICTION_REGISTER_OP;
		list[n++].register_op = (u8)op;
	}
	/* How many of these it knows Linux does not tell. */
	for (u32 less = 0; less <= REGISTER_LAST - REGISTER_FIRST_LAST; less++) {
		err = raw_register(ring, REGISTER_RESTRICTIONS | flag, list, n - less);
		if (err != -EINVAL)
			break;
	}
	return (int)err;
}

static int begin_ring(int fd)
{
	int err = restrict_ring((u64)fd, 0);

	return err ? err : (int)raw_register((u64)fd, REGISTER_ENABLE_RINGS, NULL, 0);
}

s64 uring_setup(const u64 *args)
{
	struct io_uring_params params;
	u32 flags;
	s64 fd;
	int err;

	if (memory_read(&params, args[1], sizeof(params)))
		return -EFAULT;
	flags = params.flags;
	/* It would have no number of a descriptor, by which we can begin it. */
	if (flags & SETUP_REGISTERED_FD_ONLY)
		return -EINVAL;
	params.flags |= SETUP_R_DISABLED;
	fd = twin_raw_syscall(SYS_io_uring_setup, (long)args[0], (long)&params, 0, 0);
	if (fd < 0)
		return fd;
	params.flags = flags;
	err = flags & SETUP_R_DISABLED ? 0 : begin_ring((int)fd);
	if (!err)
		err = memory_write(args[1], &params, sizeof(params));
	if (err)
		close((int)fd);
	return err ? err : fd;
}

/* The program's own restrictions. */
static s64 restrict_more(const u64 *args)
{
	struct io_uring_restriction list[MAX_PROGRAMS];
	u32 n = (u32)args[3], kept = 0;

	if (n > MAX_PROGRAMS)
		return -EINVAL;
	if (!args[2])
		return raw_register(args[0], (u32)args[1], NULL, n);
	if (n && memory_read(list, args[2], n * sizeof(list[0])))
		return -EFAULT;
	for (u32 i = 0; i < n; i++)
		if (list[i].opcode != IORING_RESTRICTION_SQE_OP || !is_forbidden(list[i].sqe_op))
			list[kept++] = list[i];
	return raw_register(args[0], (u32)args[1], list, kept);
}

s64 uring_register(const u64 *args, const u32 *interrupted)
{
	u32 flag = (u32)args[1] & USE_REGISTERED_RING;
	int err;

	switch ((u32)args[1] & ~USE_REGISTERED_RING) {
	case REGISTER_RESTRICTIONS:
		return restrict_more(args);
	case REGISTER_ENABLE_RINGS:
		err = restrict_ring(args[0], flag);
		if (err && err != -EBUSY)
			return err;
		break;
	}
	return twin_syscall(SYS_io_uring_register, args, interrupted);
}

/* What is one refuses such a probe for other reasons than what is none. */
static bool is_ring(int fd)
{
	s64 err = raw_register((u64)fd, IORING_REGISTER_PROBE, NULL, 0);

	return err != -EBADF && err != -EOPNOTSUPP && err != -ENOSYS;
}

s64 uring_map(int proxy, const u64 *args)
{
	void *place = (void *)args[0], *ring;
	int err;

	if (!(args[3] & MAP_32BIT) || args[0] < LWK_LOW_START || args[0] > LWK_LOW_END ||
	    args[1] > LWK_LOW_END - args[0] || args[0] % LWK_PAGE_SIZE || !is_ring((int)args[4]))
		return -EINVAL;
	/* The only room there is, and nobody else asks for such. */
	if (munmap(place, args[1]))
		return -errno;
	ring = mmap(NULL, args[1], (int)args[2], (int)args[3], (int)args[4], (off_t)args[5]);
	if (ring == place)
		return (s64)args[0];
	err = ring == MAP_FAILED ? errno : ENOMEM;
	if (ring != MAP_FAILED)
		munmap(ring, args[1]);
	if (space_map(proxy, args[0], args[0] + ((args[1] + LWK_PAGE_SIZE - 1) &
						 ~((u64)LWK_PAGE_SIZE - 1))))
		return -ENOMEM;
	return -err;
}

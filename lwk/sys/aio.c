// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls on asynchronous I/O of which a part is done here.
 */
#include "abi/errno.h"
#include "lwk/include/proc/aio.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/pointers.h"

/* Linux's struct iocb, as far as it is looked at. */
struct iocb {
	u64 data;
	u32 key;
	u32 rw_flags;
	u16 opcode;
	u16 priority;
	u32 fd;
	u64 buf;
	u64 len;
	u64 offset;
	u64 reserved;
	u32 flags;
	u32 result_fd;
};

_Static_assert(sizeof(struct iocb) == 64, "as Linux has it");

#define IOCB_CMD_PREADV 7
#define IOCB_CMD_PWRITEV 8

/* More than Linux lets one context have, unless its administrator says so. */
#define MAX_LOOKS (1U << 16)

s64 sys_io_setup(const u64 args[6])
{
	return aio_setup((u32)args[0], args[1]);
}

s64 sys_io_destroy(const u64 args[6])
{
	return aio_destroy(args[0]);
}

/* What cannot be read is Linux's to refuse. */
static bool iocb_is_bad(vaddr_t at)
{
	struct iocb iocb;

	if (copy_from_user(&iocb, at, sizeof(iocb)))
		return false;
	if (iocb.opcode == IOCB_CMD_PREADV || iocb.opcode == IOCB_CMD_PWRITEV)
		return pointers_vector_is_bad(iocb.buf, iocb.len);
	return pointers_is_bad(iocb.buf);
}

/* As with vectors: those before one that points to the proxy's own memory are submitted. */
s64 sys_io_submit(const u64 args[6])
{
	u64 theirs[6] = { args[0], args[1], args[2] };
	u64 n = (s64)args[1] > 0 ? MIN(args[1], (u64)MAX_LOOKS) : 0;
	vaddr_t at;

	/* A part may always be submitted. */
	if (n == MAX_LOOKS)
		theirs[1] = n;
	for (u64 i = 0; i < n; i++) {
		if (process_is_ending(task_current()->process))
			return -EINTR;
		thread_cond_resched();
		if (copy_from_user(&at, args[2] + i * sizeof(at), sizeof(at)))
			break;
		if (pointers_is_bad(at) || iocb_is_bad(at)) {
			theirs[1] = i ? i : 1;
			theirs[2] = i ? args[2] : 0;
			break;
		}
	}
	return syscall_offload(SYSCALL_io_submit, theirs);
}

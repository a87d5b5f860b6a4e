// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses in system calls that Linux makes for a program.
 *
 * Where the proxy has its own memory, from LWK_USER_END on, the program has nothing but the vDSO.
 * An argument that points there gets another value, which points to nothing in the proxy either:
 * so Linux finds out, and says whatever comes first, EFAULT or something else. The same is done if
 * it is a message that points there. A vector ends before the first part that does, so that
 * those before it are transferred, as Linux does.
 */
#include "lwk/sys/pointers.h"

#include "abi/layout.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/sys/iovec.h"

#define NARGS 6
#define NOWHERE 0x1000ULL /* below LWK_USER_START; the offset in the page stays */
#define CHUNK 8

_Static_assert(NOWHERE + LWK_PAGE_SIZE <= LWK_USER_START, "nothing is mapped there");

#define ARG(n) (1U << (n))

/* Arguments that are lengths or offsets, and may be as large as an address. */
static const u8 numbers[SYSCALL_COUNT] = {
	[SYSCALL_read] = ARG(2),
	[SYSCALL_write] = ARG(2),
	[SYSCALL_lseek] = ARG(1),
	[SYSCALL_pread64] = ARG(2) | ARG(3),
	[SYSCALL_pwrite64] = ARG(2) | ARG(3),
	[SYSCALL_shmget] = ARG(1),
	[SYSCALL_sendfile] = ARG(3),
	[SYSCALL_sendto] = ARG(2),
	[SYSCALL_recvfrom] = ARG(2),
	[SYSCALL_msgsnd] = ARG(2),
	[SYSCALL_msgrcv] = ARG(2),
	[SYSCALL_truncate] = ARG(1),
	[SYSCALL_ftruncate] = ARG(1),
	[SYSCALL_getcwd] = ARG(1),
	[SYSCALL_readahead] = ARG(1) | ARG(2),
	[SYSCALL_io_getevents] = ARG(1) | ARG(2),
	[SYSCALL_io_submit] = ARG(1),
	[SYSCALL_fadvise64] = ARG(1) | ARG(2),
	[SYSCALL_splice] = ARG(4),
	[SYSCALL_tee] = ARG(2),
	[SYSCALL_sync_file_range] = ARG(1) | ARG(2),
	[SYSCALL_fallocate] = ARG(2) | ARG(3),
	[SYSCALL_preadv] = ARG(3),
	[SYSCALL_pwritev] = ARG(3),
	[SYSCALL_getrandom] = ARG(1),
	[SYSCALL_copy_file_range] = ARG(4),
	[SYSCALL_preadv2] = ARG(3),
	[SYSCALL_pwritev2] = ARG(3),
	[SYSCALL_io_pgetevents] = ARG(1) | ARG(2),
};

/* Arguments that point to a struct iovec, a struct msghdr, or to many of these. */
enum kind {
	KIND_NONE,
	KIND_IOVEC,
	KIND_MSG,
	KIND_MSGS,
};

static const struct {
	u8 kind;
	u8 arg; /* the next one is how many */
} structures[SYSCALL_COUNT] = {
	[SYSCALL_readv] = { KIND_IOVEC, 1 },
	[SYSCALL_writev] = { KIND_IOVEC, 1 },
	[SYSCALL_sendmsg] = { KIND_MSG, 1 },
	[SYSCALL_recvmsg] = { KIND_MSG, 1 },
	[SYSCALL_vmsplice] = { KIND_IOVEC, 1 },
	[SYSCALL_preadv] = { KIND_IOVEC, 1 },
	[SYSCALL_pwritev] = { KIND_IOVEC, 1 },
	[SYSCALL_recvmmsg] = { KIND_MSGS, 1 },
	[SYSCALL_sendmmsg] = { KIND_MSGS, 1 },
	[SYSCALL_process_vm_readv] = { KIND_IOVEC, 1 },
	[SYSCALL_process_vm_writev] = { KIND_IOVEC, 1 },
	[SYSCALL_preadv2] = { KIND_IOVEC, 1 },
	[SYSCALL_pwritev2] = { KIND_IOVEC, 1 },
};

/* Linux's structures, as far as they are looked at. */
struct msghdr {
	u64 name;
	u64 name_len;
	u64 iov;
	u64 iov_len;
	u64 control;
	u64 control_len;
	u64 flags;
};

struct mmsghdr {
	struct msghdr msg;
	u64 len;
};

_Static_assert(sizeof(struct mmsghdr) == 64, "as Linux has it");

static int found(const struct vm_range *range, void *ctx)
{
	(void)range;
	(void)ctx;
	return 1;
}

/* Is it where the proxy has its own memory? One comparison. */
static inline bool is_beyond(u64 addr)
{
	return addr - LWK_USER_END < LWK_TASK_END - LWK_USER_END;
}

/* Is it the proxy's alone? */
static bool is_proxys(u64 addr)
{
	if (likely(!is_beyond(addr)))
		return false;
	return !vm_for_each_in(task_current()->process->vm, addr, addr + 1, found, NULL);
}

/* Does it belong to the proxy, if it is an address of another process of the LWK? */
static bool is_anothers_proxys(u64 addr)
{
	return is_beyond(addr);
}

/* Return: how many parts are not bad, at most @n. What cannot be read is Linux's to refuse. */
static u64 iovec_good(vaddr_t at, u64 n, bool (*is_bad)(u64 addr))
{
	struct iovec chunk[CHUNK];

	if (n > IOVEC_MAX)
		return n;
	for (u64 i = 0; i < n; i += CHUNK) {
		u64 some = MIN(n - i, (u64)CHUNK);

		if (copy_from_user(chunk, at + i * sizeof(chunk[0]), some * sizeof(chunk[0])))
			return n;
		for (u64 j = 0; j < some; j++) {
			if (is_bad(chunk[j].base))
				return i + j;
		}
	}
	return n;
}

static bool msg_is_bad(vaddr_t at)
{
	struct msghdr msg;

	if (copy_from_user(&msg, at, sizeof(msg)))
		return false;
	return is_proxys(msg.name) || is_proxys(msg.iov) || is_proxys(msg.control) ||
	       iovec_good(msg.iov, msg.iov_len, is_proxys) < msg.iov_len;
}

static bool msgs_are_bad(vaddr_t at, u64 n)
{
	for (u64 i = 0; i < MIN(n, (u64)IOVEC_MAX); i++) {
		if (msg_is_bad(at + i * sizeof(struct mmsghdr)))
			return true;
	}
	return false;
}

static void iovec_check(u64 *at, u64 *n, bool (*is_bad)(u64 addr))
{
	u64 good = iovec_good(*at, *n, is_bad);

	if (good < *n && !good)
		*at = NOWHERE;
	else
		*n = good;
}

/* @at and @n: the structure's argument and the next one, for Linux. */
static void structure_check(enum kind kind, u64 *at, u64 *n)
{
	switch (kind) {
	case KIND_IOVEC:
		iovec_check(at, n, is_proxys);
		break;
	case KIND_MSG:
		if (msg_is_bad(*at))
			*at = NOWHERE;
		break;
	case KIND_MSGS:
		if (msgs_are_bad(*at, (u32)*n))
			*at = NOWHERE;
		break;
	case KIND_NONE:
		break;
	}
}

static void arguments_check(u64 nr, u64 args[NARGS])
{
	for (u32 i = 0; i < NARGS; i++) {
		if (!(numbers[nr] & ARG(i)) && is_proxys(args[i]))
			args[i] = NOWHERE + args[i] % LWK_PAGE_SIZE;
	}
}

/* Written out: most calls pay for nothing but this. */
static inline bool any_beyond(const u64 args[NARGS])
{
	return is_beyond(args[0]) | is_beyond(args[1]) | is_beyond(args[2]) | is_beyond(args[3]) |
	       is_beyond(args[4]) | is_beyond(args[5]);
}

/* Not inline: its frame would be what most calls pay for. */
static __noinline const u64 *check_all(u64 nr, const u64 args[NARGS], u64 changed[NARGS])
{
	u32 arg = structures[nr].arg;

	memcpy(changed, args, NARGS * sizeof(changed[0]));
	arguments_check(nr, changed);
	structure_check(structures[nr].kind, &changed[arg], &changed[arg + 1]);
	return changed;
}

const u64 *pointers_check(u64 nr, const u64 args[NARGS], u64 changed[NARGS])
{
	if (likely(!any_beyond(args) && structures[nr].kind == KIND_NONE))
		return args;
	return check_all(nr, args, changed);
}

bool pointers_is_bad(u64 addr)
{
	return is_proxys(addr);
}

bool pointers_vector_is_bad(vaddr_t at, u64 n)
{
	return is_proxys(at) || iovec_good(at, n, is_proxys) < n;
}

void pointers_check_remote(u64 args[NARGS])
{
	u32 pid = (u32)args[0];

	if (!pid || iovec_good(args[3], args[4], is_anothers_proxys) == args[4])
		return;
	if (task_is_sibling(pid))
		iovec_check(&args[3], &args[4], is_proxys);
	else if (task_with_vtid(pid, NULL, NULL) != -ESRCH)
		iovec_check(&args[3], &args[4], is_anothers_proxys);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * futex_waitv(2): the arguments. All of the futexes are the LWK's, or all are Linux's.
 */
#include "abi/errno.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/futex.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/futex_time.h"

#define FUTEXV_MAX 128U
#define FUTEX_32 2U
#define FUTEX_PRIVATE 128U

/* Linux's struct futex_waitv. */
struct waitv {
	u64 value;
	u64 addr;
	u32 flags;
	u32 reserved;
};

/* Return: 0: the LWK's; -EXDEV: Linux's; -errno. */
static int get_one(vaddr_t at, struct futex_wait_one *wanted)
{
	struct waitv one;

	if (copy_from_user(&one, at, sizeof(one)))
		return -EFAULT;
	if (one.flags & ~(FUTEX_32 | FUTEX_PRIVATE) || !(one.flags & FUTEX_32) || one.reserved)
		return -EINVAL;
	wanted->value = (u32)one.value;
	if (!user_range_ok(one.addr, sizeof(u32)))
		return -EFAULT;
	return futex_key(one.addr, !(one.flags & FUTEX_PRIVATE), &wanted->key);
}

static int get_all(vaddr_t at, u32 n, struct futex_wait_one *wanted)
{
	u32 theirs = 0;

	for (u32 i = 0; i < n; i++) {
		int err = get_one(at + i * sizeof(struct waitv), &wanted[i]);

		if (err && err != -EXDEV)
			return err;
		theirs += !!err;
	}
	if (!theirs)
		return 0;
	/* Nobody can wait in both kernels at once. */
	return theirs == n ? -EXDEV : -EINVAL;
}

s64 sys_futex_waitv(const u64 args[6])
{
	u32 n = (u32)args[1];
	struct futex_wait_one *wanted;
	u64 deadline;
	s64 ret;

	if ((u32)args[2] || !n || n > FUTEXV_MAX || !args[0])
		return -EINVAL;
	ret = futex_get_time(args[3], (s32)args[4], &deadline);
	if (ret)
		return ret;
	wanted = kcalloc(n, sizeof(*wanted));
	if (!wanted)
		return -ENOMEM;
	ret = get_all(args[0], n, wanted);
	if (!ret)
		ret = futex_deadline((s32)args[4], &deadline);
	if (!ret)
		ret = futex_waitv(wanted, n, deadline);
	else if (ret == -EXDEV)
		ret = syscall_offload(SYSCALL_futex_waitv, args);
	kfree(wanted);
	return ret;
}

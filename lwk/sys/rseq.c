// SPDX-License-Identifier: GPL-2.0-only
/*
 * rseq(2): the arguments.
 */
#include "lwk/include/proc/rseq.h"

#include "abi/errno.h"
#include "lwk/include/sys/syscall.h"

#define RSEQ_FLAG_UNREGISTER 1U

s64 sys_rseq(const u64 args[6])
{
	const struct task_rseq rseq = {
		.addr = args[0],
		.len = (u32)args[1],
		.sig = (u32)args[3],
	};
	u32 flags = (u32)args[2];

	if (flags == RSEQ_FLAG_UNREGISTER)
		return rseq_unregister(&rseq);
	return flags ? -EINVAL : rseq_register(&rseq);
}

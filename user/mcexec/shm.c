// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory.
 *
 * Linux says how long a segment is, but not that it consists of huge pages: then a mapping is
 * longer than the segment, unless that is whole pages of their size, and would cover what the LWK
 * has behind it. Only at an address that suits huge pages that can happen, so it is tried
 * elsewhere first.
 */
#include "shm.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "abi/layout.h"
#include "user/mcexec/space.h"

#define LARGE_LEN (1ULL << 21)
#define HUGE_LEN (1ULL << 30)

/*
 * Where something is mapped already Linux attaches nothing, and says so last of all: EINVAL.
 */
s64 shm_length(u64 id, u64 flags)
{
	static char here;
	void *taken = (void *)((u64)&here & ~((u64)LWK_PAGE_SIZE - 1));
	struct shmid_ds ds;

	if (shmat((int)id, taken, (int)flags & (SHM_RDONLY | SHM_EXEC)) != (void *)-1 ||
	    errno != EINVAL)
		return -errno;
	return shmctl((int)id, IPC_STAT, &ds) ? -errno : (s64)ds.shm_segsz;
}

static bool suits(u64 addr, u64 len, u64 page_len)
{
	return !(addr % page_len) && len % page_len;
}

/* Return: 0, -EINVAL if it is longer than @len, or -errno of attaching. */
static int try_elsewhere(int id, int flags, u64 len)
{
	void *place = shmat(id, NULL, flags & ~(SHM_RND | SHM_REMAP));
	int err;

	if (place == (void *)-1)
		return -errno;
	/* A page of these cannot be cut. */
	err = mprotect(place, len, PROT_NONE) ? -errno : 0;
	shmdt(place);
	return err;
}

s64 shm_attach(const u64 *args)
{
	u64 addr = args[1];
	u64 len = (args[3] + LWK_PAGE_SIZE - 1) & ~(LWK_PAGE_SIZE - 1);
	int flags = (int)args[2];
	void *place;
	int err;

	if (!len || addr % LWK_PAGE_SIZE || !space_is_user(addr, len))
		return -EINVAL;
	if (suits(addr, len, LARGE_LEN) || suits(addr, len, HUGE_LEN)) {
		err = try_elsewhere((int)args[0], flags, len);
		if (err)
			return err;
	}
	place = shmat((int)args[0], (void *)addr, flags | SHM_REMAP);
	return place == (void *)-1 ? -errno : (s64)place;
}

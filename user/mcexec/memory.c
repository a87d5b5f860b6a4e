// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program's memory: by process_vm_readv(2) and process_vm_writev(2) on ourselves, which copy
 * as far as they can and never fault.
 */
#include "memory.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "abi/layout.h"
#include "user/mcexec/space.h"

int memory_read(void *to, u64 from, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)from, len };

	if (!space_is_user(from, len))
		return -EFAULT;
	return process_vm_readv(gettid(), &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int memory_write(u64 to, const void *from, size_t len)
{
	struct iovec local = { (void *)from, len };
	struct iovec remote = { (void *)to, len };

	if (!space_is_user(to, len))
		return -EFAULT;
	return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

/* As much as there is up to the end of the page. */
static size_t chunk_len(u64 from, size_t want)
{
	size_t left = LWK_PAGE_SIZE - from % LWK_PAGE_SIZE;

	return want < left ? want : left;
}

int memory_read_string(char *to, u64 from, size_t size)
{
	size_t done = 0, len;
	const char *end;

	while (done < size) {
		len = chunk_len(from + done, size - done);
		if (memory_read(to + done, from + done, len))
			return -EFAULT;
		end = memchr(to + done, '\0', len);
		if (end)
			return (int)(end - to);
		done += len;
	}
	return -ENAMETOOLONG;
}

int memory_count(u64 array, int max)
{
	u64 pointers[LWK_PAGE_SIZE / sizeof(u64)];
	int n = 0;
	size_t len;

	if (!array)
		return 0;
	while (n < max) {
		len = chunk_len(array + n * sizeof(u64), sizeof(pointers)) & ~(sizeof(u64) - 1);
		/* An entry across pages. */
		if (!len)
			len = sizeof(u64);
		if (memory_read(pointers, array + n * sizeof(u64), len))
			return -EFAULT;
		for (size_t i = 0; i < len / sizeof(u64); i++, n++)
			if (!pointers[i])
				return n;
	}
	return -E2BIG;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open device node and requests on it. A handle is the first member of
 * struct ihk_dev and struct ihk_instance, so its address is theirs in error_set().
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "build_id.h"

static int open_node(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/*
 * A node that is opened again may belong to a new instance of the same number, but only if the
 * old one has been destroyed, and then the first descriptor is hung up.
 */
int handle_open_again(struct ihk_handle *handle)
{
	struct pollfd first = { .fd = handle->fds[0] };
	int fd = open_node(handle->path);

	if (fd < 0)
		return fd;
	if (poll(&first, 1, 0) == 1 && first.revents & POLLHUP) {
		close(fd);
		return -ENODEV;
	}
	return fd;
}

/* Borrow a descriptor: its place in the table, or -errno. */
static int borrow_fd(struct ihk_handle *handle)
{
	int place;
	int fd;

	pthread_mutex_lock(&handle->lock);
	for (;;) {
		for (place = 0; place < handle->nfds; place++)
			if (!handle->busy[place])
				goto found;
		if (place < HANDLE_MAX_FDS) {
			fd = handle_open_again(handle);
			if (fd < 0) {
				place = fd;
				goto unlock;
			}
			handle->fds[handle->nfds++] = fd;
			goto found;
		}
		pthread_cond_wait(&handle->idle, &handle->lock);
	}
found:
	handle->busy[place] = true;
unlock:
	pthread_mutex_unlock(&handle->lock);
	return place;
}

static void return_fd(struct ihk_handle *handle, int place)
{
	pthread_mutex_lock(&handle->lock);
	handle->busy[place] = false;
	pthread_cond_signal(&handle->idle);
	pthread_mutex_unlock(&handle->lock);
}

int handle_explain(struct ihk_handle *handle, int fd, int err, const char *what)
{
	char text[IHK_ERROR_LEN] = "";
	struct ihk_ioc_blob blob = { (uintptr_t)text, sizeof(text) };

	if (!ioctl(fd, IHK_IOC_GET_ERROR, &blob)) {
		text[sizeof(text) - 1] = '\0';
		if (text[0])
			return error_set(handle, err, "%s", text);
	}
	if (err == -EPERM)
		return error_set(handle, err, "cannot %s: only root may (CAP_SYS_ADMIN)", what);
	return error_set(handle, err, "cannot %s: %s", what, strerror(-err));
}

static int check_build_id(struct ihk_handle *handle)
{
	char id[IHK_BUILD_ID_LEN] = "";
	int err = handle_text(handle, IHK_IOC_GET_BUILDID, id, sizeof(id), "ask for the build id");

	if (err)
		return err;
	if (strcmp(id, MCK_BUILD_ID))
		return error_set(handle, -ESTALE,
				 "the loaded module ihk has build id %s, this is %s: "
				 "load the module that was built with it", id, MCK_BUILD_ID);
	return 0;
}

int handle_open(struct ihk_handle *handle, const char *path, unsigned int flags)
{
	int fd;
	int err;

	if (flags & ~IHK_OPEN_SAME_BUILD)
		return error_set(handle, -EINVAL, "unknown flags 0x%x", flags);
	fd = open_node(path);
	if (fd == -EACCES || fd == -EPERM)
		return error_set(handle, fd, "no permission to open %s: only root may, "
				 "and the group in the module's parameter gid", path);
	if (fd == -ENOENT)
		return fd;
	if (fd < 0)
		return error_set(handle, fd, "cannot open %s: %s", path, strerror(-fd));

	snprintf(handle->path, sizeof(handle->path), "%s", path);
	pthread_mutex_init(&handle->lock, NULL);
	pthread_cond_init(&handle->idle, NULL);
	handle->fds[0] = fd;
	handle->nfds = 1;
	if (!(flags & IHK_OPEN_SAME_BUILD))
		return 0;
	err = check_build_id(handle);
	if (err)
		handle_close(handle);
	return err;
}

void handle_close(struct ihk_handle *handle)
{
	for (int i = 0; i < handle->nfds; i++)
		close(handle->fds[i]);
	pthread_cond_destroy(&handle->idle);
	pthread_mutex_destroy(&handle->lock);
}

int handle_call(struct ihk_handle *handle, unsigned int request, void *arg, const char *what)
{
	int place;
	int fd;
	int ret;

	place = borrow_fd(handle);
	if (place < 0)
		return error_set(handle, place, "cannot %s: cannot open %s once more: %s", what,
				 handle->path, strerror(-place));
	fd = handle->fds[place];
	ret = ioctl(fd, request, arg);
	if (ret < 0)
		ret = handle_explain(handle, fd, -errno, what);
	return_fd(handle, place);
	return ret;
}

int handle_send(struct ihk_handle *handle, unsigned int request, const void *items, int n,
		const char *what)
{
	struct ihk_ioc_list list = { .addr = (uintptr_t)items, .count = n };
	int ret = handle_call(handle, request, &list, what);

	return ret < 0 ? ret : 0;
}

int handle_fetch(struct ihk_handle *handle, unsigned int request, void *items, int max,
		 const char *what)
{
	struct ihk_ioc_list list = { .addr = (uintptr_t)items, .count = max };
	int ret;

	if (max < 0)
		return error_set(handle, -EINVAL, "cannot %s: room for %d entries", what, max);
	if (max && !items)
		return error_set(handle, -EFAULT, "cannot %s: no buffer", what);
	ret = handle_call(handle, request, &list, what);
	return ret < 0 ? ret : (int)list.count;
}

int handle_text(struct ihk_handle *handle, unsigned int request, char *buf, size_t size,
		const char *what)
{
	struct ihk_ioc_blob blob = { (uintptr_t)buf, size };
	int ret;

	if (!buf)
		return error_set(handle, -EFAULT, "cannot %s: no buffer", what);
	ret = handle_call(handle, request, &blob, what);
	return ret < 0 ? ret : 0;
}

int check_list(const void *owner, const void *items, int n, int max, const char *what)
{
	if (n < 1)
		return error_set(owner, -EINVAL, "cannot %s: the list is empty", what);
	if (n > max)
		return error_set(owner, -E2BIG, "cannot %s: %d entries, at most %d are possible",
				 what, n, max);
	if (!items)
		return error_set(owner, -EFAULT, "cannot %s: no list", what);
	return 0;
}

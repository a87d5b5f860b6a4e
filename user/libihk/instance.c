// SPDX-License-Identifier: GPL-2.0-only
/*
 * One OS instance: what it has, and its life cycle.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"

EXPORT int ihk_instance_open(int index, unsigned int flags, struct ihk_instance **result)
{
	char path[HANDLE_PATH_LEN];
	struct ihk_instance *os;
	int err;

	if (index < 0)
		return error_set(NULL, -ENOENT, "there is no OS instance %d", index);
	snprintf(path, sizeof(path), "/dev/mcos%d", index);
	os = calloc(1, sizeof(*os));
	if (!os)
		return error_set(NULL, -ENOMEM, "cannot open %s: out of memory", path);
	os->index = index;
	err = handle_open(&os->handle, path, flags);
	if (err) {
		if (err == -ENOENT && access("/dev/mcd0", F_OK))
			error_keep(NULL, "there is no OS instance %d: the module ihk is not "
				  "loaded (load it with: modprobe ihk)", index);
		else if (err == -ENOENT)
			error_keep(NULL, "there is no OS instance %d: %s does not exist "
				  "(create one with: ihkconfig 0 create)", index, path);
		free(os);
		return err;
	}
	*result = os;
	return 0;
}

EXPORT void ihk_instance_close(struct ihk_instance *os)
{
	if (!os)
		return;
	handle_close(&os->handle);
	free(os);
}

EXPORT int ihk_instance_fd(const struct ihk_instance *os)
{
	return os->handle.fds[0];
}

EXPORT int ihk_instance_get_build_id(struct ihk_instance *os, char *id, size_t size)
{
	return handle_text(&os->handle, IHK_IOC_GET_BUILDID, id, size, "ask for the build id");
}

EXPORT int ihk_instance_assign_cpus(struct ihk_instance *os, const int *cpus, int ncpus)
{
	return handle_send_cpus(&os->handle, IHK_IOC_ASSIGN_CPU, cpus, ncpus, "assign CPUs");
}

EXPORT int ihk_instance_release_cpus(struct ihk_instance *os, const int *cpus, int ncpus)
{
	return handle_send_cpus(&os->handle, IHK_IOC_UNASSIGN_CPU, cpus, ncpus, "release CPUs");
}

EXPORT int ihk_instance_query_cpus(struct ihk_instance *os, struct ihk_cpu_info *cpus, int max)
{
	return handle_fetch_cpus(&os->handle, IHK_IOC_OS_QUERY_CPU, cpus, max);
}

EXPORT int ihk_instance_assign_mem(struct ihk_instance *os, const struct ihk_mem_chunk *chunks,
				   int nchunks)
{
	return handle_send_mem(&os->handle, IHK_IOC_ASSIGN_MEM, chunks, nchunks, true,
			       "assign memory");
}

EXPORT int ihk_instance_release_mem(struct ihk_instance *os, const struct ihk_mem_chunk *chunks,
				    int nchunks)
{
	return handle_send_mem(&os->handle, IHK_IOC_UNASSIGN_MEM, chunks, nchunks, false,
			       "release memory");
}

EXPORT int ihk_instance_query_mem(struct ihk_instance *os, struct ihk_mem_info *mem, int max)
{
	return handle_fetch_mem(&os->handle, IHK_IOC_OS_QUERY_MEM, mem, max);
}

EXPORT int ihk_instance_set_ikc_map(struct ihk_instance *os, const struct ihk_ikc_cpu_map *map,
				    int n)
{
	static const char what[] = "set the IKC map";
	struct ihk_ioc_ikc *wire;
	int err;

	err = check_list(os, map, n, IHK_MAX_CPUS, what);
	if (err)
		return err;
	wire = calloc(n, sizeof(*wire));
	if (!wire)
		return error_set(os, -ENOMEM, "cannot %s: out of memory", what);
	for (int i = 0; i < n; i++) {
		wire[i].lwk_linux_cpu = map[i].src_cpu;
		wire[i].linux_cpu = map[i].dst_cpu;
		if (map[i].src_cpu < 0 || map[i].dst_cpu < 0) {
			err = error_set(os, -EINVAL, "cannot %s: there is no CPU %d", what,
					map[i].src_cpu < 0 ? map[i].src_cpu : map[i].dst_cpu);
			goto free_wire;
		}
	}
	err = handle_send(&os->handle, IHK_IOC_SET_IKC_MAP, wire, n, what);
free_wire:
	free(wire);
	return err;
}

EXPORT int ihk_instance_get_ikc_map(struct ihk_instance *os, struct ihk_ikc_cpu_map *map, int max)
{
	static const char what[] = "read the IKC map";
	struct ihk_ioc_ikc *wire = NULL;
	int n;

	if (max > IHK_MAX_CPUS)
		max = IHK_MAX_CPUS;
	if (max > 0 && map) {
		wire = calloc(max, sizeof(*wire));
		if (!wire)
			return error_set(os, -ENOMEM, "cannot %s: out of memory", what);
	}
	n = handle_fetch(&os->handle, IHK_IOC_GET_IKC_MAP, wire, max, what);
	for (int i = 0; wire && i < n && i < max; i++) {
		map[i].src_cpu = wire[i].lwk_linux_cpu;
		map[i].dst_cpu = wire[i].linux_cpu;
	}
	free(wire);
	return n;
}

static int read_image(struct ihk_instance *os, int fd, const char *path, struct ihk_ioc_blob *blob)
{
	struct stat st;
	ssize_t n;
	char *image;
	size_t done = 0;
	int err;

	if (fstat(fd, &st))
		return error_set(os, -errno, "cannot load %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(os, -EINVAL, "cannot load %s: not a regular file", path);
	if ((u64)st.st_size > IHK_IMAGE_MAX_LEN)
		return error_set(os, -E2BIG, "cannot load %s: %lld bytes, an image has at most %llu",
				 path, (long long)st.st_size, IHK_IMAGE_MAX_LEN);
	if (!st.st_size)
		return error_set(os, -ENOEXEC, "cannot load %s: the file is empty", path);
	image = malloc(st.st_size);
	if (!image)
		return error_set(os, -ENOMEM, "cannot load %s: out of memory", path);
	while (done < (size_t)st.st_size) {
		n = read(fd, image + done, st.st_size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err = n ? -errno : -EIO;
			free(image);
			return error_set(os, err, "cannot load %s: %s", path, strerror(-err));
		}
		done += n;
	}
	blob->addr = (uintptr_t)image;
	blob->len = done;
	return 0;
}

EXPORT int ihk_instance_load(struct ihk_instance *os, const char *path)
{
	struct ihk_ioc_blob blob = { 0 };
	int fd;
	int ret;

	if (!path)
		return error_set(os, -EFAULT, "cannot load an image: no file name");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(os, -errno, "cannot load %s: %s", path, strerror(errno));
	ret = read_image(os, fd, path, &blob);
	if (!ret) {
		ret = handle_call(&os->handle, IHK_IOC_LOAD, &blob, "load the image");
		/* The kernel's sentence knows no name. */
		if (ret < 0)
			ret = error_set(os, ret, "%s: %s", path, ihk_error());
		free((void *)(uintptr_t)blob.addr);
	}
	close(fd);
	return ret < 0 ? ret : 0;
}

EXPORT int ihk_instance_set_kargs(struct ihk_instance *os, const char *kargs)
{
	struct ihk_ioc_blob blob;
	int ret;

	if (!kargs)
		return error_set(os, -EFAULT, "cannot set the kernel arguments: no text");
	blob.addr = (uintptr_t)kargs;
	blob.len = strlen(kargs);
	if (blob.len >= IHK_KARGS_LEN)
		return error_set(os, -E2BIG, "cannot set the kernel arguments: %llu bytes, "
				 "at most %d are possible", blob.len, IHK_KARGS_LEN - 1);
	ret = handle_call(&os->handle, IHK_IOC_SET_KARGS, &blob, "set the kernel arguments");
	return ret < 0 ? ret : 0;
}

EXPORT int ihk_instance_get_kargs(struct ihk_instance *os, char *kargs, size_t size)
{
	return handle_text(&os->handle, IHK_IOC_GET_KARGS, kargs, size,
			   "read the kernel arguments");
}

static int life_cycle(struct ihk_instance *os, unsigned int request, const char *what)
{
	int ret = handle_call(&os->handle, request, NULL, what);

	return ret < 0 ? ret : 0;
}

EXPORT int ihk_instance_boot(struct ihk_instance *os)
{
	return life_cycle(os, IHK_IOC_BOOT, "boot");
}

EXPORT int ihk_instance_shutdown(struct ihk_instance *os)
{
	return life_cycle(os, IHK_IOC_SHUTDOWN, "shut down");
}

EXPORT int ihk_instance_freeze(struct ihk_instance *os)
{
	return life_cycle(os, IHK_IOC_FREEZE, "freeze");
}

EXPORT int ihk_instance_thaw(struct ihk_instance *os)
{
	return life_cycle(os, IHK_IOC_THAW, "thaw");
}

EXPORT int ihk_instance_debug_log(struct ihk_instance *os)
{
	return life_cycle(os, MCCTRL_IOC_DEBUG_LOG, "have the LWK log its programs");
}

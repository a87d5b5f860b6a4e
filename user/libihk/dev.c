// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine: what is reserved, which instances there are.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

EXPORT int ihk_dev_open(int index, unsigned int flags, struct ihk_dev **result)
{
	char path[HANDLE_PATH_LEN];
	struct ihk_dev *dev;
	int err;

	if (index < 0)
		return error_set(NULL, -ENOENT, "there is no device %d", index);
	snprintf(path, sizeof(path), "/dev/mcd%d", index);
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return error_set(NULL, -ENOMEM, "cannot open %s: out of memory", path);
	err = handle_open(&dev->handle, path, flags);
	if (err) {
		if (err == -ENOENT && !index)
			error_keep(NULL, "%s does not exist: the module ihk is not loaded "
				  "(load it with: modprobe ihk)", path);
		else if (err == -ENOENT)
			error_keep(NULL, "%s does not exist: the machine is device 0", path);
		free(dev);
		return err;
	}
	*result = dev;
	return 0;
}

EXPORT void ihk_dev_close(struct ihk_dev *dev)
{
	if (!dev)
		return;
	handle_close(&dev->handle);
	free(dev);
}

EXPORT int ihk_dev_get_build_id(struct ihk_dev *dev, char *id, size_t size)
{
	return handle_text(&dev->handle, IHK_IOC_GET_BUILDID, id, size, "ask for the build id");
}

EXPORT int ihk_dev_reserve_cpus(struct ihk_dev *dev, const int *cpus, int ncpus)
{
	return handle_send_cpus(&dev->handle, IHK_IOC_RESERVE_CPU, cpus, ncpus, "reserve CPUs");
}

EXPORT int ihk_dev_release_cpus(struct ihk_dev *dev, const int *cpus, int ncpus)
{
	return handle_send_cpus(&dev->handle, IHK_IOC_RELEASE_CPU, cpus, ncpus, "release CPUs");
}

EXPORT int ihk_dev_query_cpus(struct ihk_dev *dev, struct ihk_cpu_info *cpus, int max)
{
	return handle_fetch_cpus(&dev->handle, IHK_IOC_QUERY_CPU, cpus, max);
}

EXPORT int ihk_dev_reserve_mem(struct ihk_dev *dev, const struct ihk_mem_chunk *chunks,
			       int nchunks, const struct ihk_reserve_opts *opts)
{
	static const char what[] = "reserve memory";
	struct ihk_ioc_reserve_mem request = { 0 };
	struct ihk_ioc_mem *wire;
	int ret;

	ret = wire_mem(&dev->handle, chunks, nchunks, true, &wire, what);
	if (ret < 0)
		return ret;
	request.addr = (uintptr_t)wire;
	request.count = ret;
	if (opts) {
		request.flags = opts->flags;
		request.min_chunk = opts->min_chunk;
		request.max_percent = opts->max_percent;
		request.timeout_s = opts->timeout_s;
	}
	ret = handle_call(&dev->handle, IHK_IOC_RESERVE_MEM, &request, what);
	free(wire);
	return ret < 0 ? ret : 0;
}

EXPORT int ihk_dev_release_mem(struct ihk_dev *dev, const struct ihk_mem_chunk *chunks,
			       int nchunks)
{
	return handle_send_mem(&dev->handle, IHK_IOC_RELEASE_MEM, chunks, nchunks, false,
			       "release memory");
}

EXPORT int ihk_dev_query_mem(struct ihk_dev *dev, struct ihk_mem_info *mem, int max)
{
	return handle_fetch_mem(&dev->handle, IHK_IOC_QUERY_MEM, mem, max);
}

EXPORT int ihk_dev_create_instance(struct ihk_dev *dev)
{
	return handle_call(&dev->handle, IHK_IOC_CREATE_OS, NULL, "create an OS instance");
}

EXPORT int ihk_dev_destroy_instance(struct ihk_dev *dev, int index)
{
	int ret;

	if (index < 0)
		return error_set(dev, -ENOENT, "there is no OS instance %d", index);
	ret = handle_call(&dev->handle, IHK_IOC_DESTROY_OS, (void *)(uintptr_t)index,
			  "destroy the OS instance");
	return ret < 0 ? ret : 0;
}

EXPORT int ihk_dev_query_instances(struct ihk_dev *dev, int *ids, int max)
{
	u32 wire[IHK_MAX_OS];
	int n;

	if (max > 0 && !ids)
		return error_set(dev, -EFAULT, "cannot list OS instances: no buffer");
	if (max > IHK_MAX_OS)
		max = IHK_MAX_OS;
	n = handle_fetch(&dev->handle, IHK_IOC_GET_OS_INSTANCES, wire, max, "list OS instances");
	for (int i = 0; i < n && i < max; i++)
		ids[i] = wire[i];
	return n;
}

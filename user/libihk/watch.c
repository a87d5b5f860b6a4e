// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watching an instance: status, log, events, what its CPUs do, round trips.
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

EXPORT int ihk_instance_get_status(struct ihk_instance *os, struct ihk_status_info *info)
{
	struct ihk_ioc_status wire = { 0 };
	int ret = handle_call(&os->handle, IHK_IOC_GET_STATUS, &wire, "read the status");

	if (ret < 0)
		return ret;
	memset(info, 0, sizeof(*info));
	info->status = wire.status;
	info->ncpus = wire.ncpus;
	info->nchunks = wire.nchunks;
	info->nnodes = wire.nnodes;
	info->boots = wire.boots;
	info->mem = wire.mem;
	info->boot_ns = wire.boot_ns;
	_Static_assert(sizeof(info->reason) == sizeof(wire.reason), "ihk.h: reason");
	memcpy(info->reason, wire.reason, sizeof(info->reason) - 1);
	return 0;
}

EXPORT int ihk_instance_eventfd(struct ihk_instance *os, int type)
{
	struct ihk_ioc_event event = { .type = type };
	int ret;

	event.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event.fd < 0)
		return error_set(os, -errno, "cannot make an eventfd: %s", strerror(errno));
	ret = handle_call(&os->handle, IHK_IOC_SET_EVENTFD, &event, "register an eventfd");
	if (ret < 0) {
		close(event.fd);
		return ret;
	}
	return event.fd;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Sleep until the status changes: 0, or -errno. */
static int wait_change(struct ihk_instance *os, int fd, long long deadline_ms)
{
	struct pollfd change = { .fd = fd, .events = POLLPRI };
	long long left = -1;
	int n;

	if (deadline_ms >= 0) {
		left = deadline_ms - now_ms();
		if (left < 0)
			left = 0;
	}
	n = poll(&change, 1, (int)left);
	if (n < 0)
		return error_set(os, -errno, "waiting for the status: %s", strerror(errno));
	if (!n)
		return error_set(os, -ETIMEDOUT, "the status was not reached in time");
	if (change.revents & POLLHUP)
		return error_set(os, -ENODEV, "OS instance %d was destroyed", os->index);
	return 0;
}

/*
 * A change counts since the last query on the same descriptor, so this has one of its own, and
 * asks before it sleeps: no change can be missed.
 */
EXPORT int ihk_instance_wait_status(struct ihk_instance *os, unsigned int mask, int timeout_ms)
{
	long long deadline_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	struct ihk_ioc_status wire = { 0 };
	int fd;
	int ret;

	fd = handle_open_again(&os->handle);
	if (fd == -ENODEV || fd == -ENOENT)
		return error_set(os, -ENODEV, "OS instance %d was destroyed", os->index);
	if (fd < 0)
		return error_set(os, fd, "cannot watch OS instance %d: %s", os->index,
				 strerror(-fd));
	do {
		if (ioctl(fd, IHK_IOC_GET_STATUS, &wire)) {
			ret = handle_explain(&os->handle, fd, -errno, "read the status");
			break;
		}
		if (wire.status < IHK_NUM_STATUS && mask & 1U << wire.status) {
			ret = wire.status;
			break;
		}
		ret = wait_change(os, fd, deadline_ms);
	} while (!ret);
	close(fd);
	return ret;
}

EXPORT long ihk_instance_read_kmsg(struct ihk_instance *os, char *buf, size_t size, uint64_t *pos,
				   uint64_t *lost)
{
	struct ihk_ioc_kmsg request = { (uintptr_t)buf, size, *pos, 0 };
	int ret;

	if (!buf)
		return error_set(os, -EFAULT, "cannot read the log: no buffer");
	ret = handle_call(&os->handle, IHK_IOC_READ_KMSG, &request, "read the log");
	if (ret < 0)
		return ret;
	*pos = request.pos;
	if (lost)
		*lost = request.lost;
	return (long)request.len;
}

EXPORT int ihk_instance_clear_kmsg(struct ihk_instance *os)
{
	int ret = handle_call(&os->handle, IHK_IOC_CLEAR_KMSG, NULL, "clear the log");

	return ret < 0 ? ret : 0;
}

EXPORT int ihk_instance_query_nodes(struct ihk_instance *os, struct ihk_node_info *nodes, int max)
{
	struct ihk_ioc_node wire[IHK_MAX_NODES];
	int n;

	if (max > 0 && !nodes)
		return error_set(os, -EFAULT, "cannot list nodes: no buffer");
	if (max > IHK_MAX_NODES)
		max = IHK_MAX_NODES;
	n = handle_fetch(&os->handle, IHK_IOC_QUERY_NODES, wire, max, "list nodes");
	for (int i = 0; i < n && i < max; i++) {
		nodes[i].node = wire[i].linux_node;
		nodes[i].total = wire[i].total;
		nodes[i].free = wire[i].free;
	}
	return n;
}

EXPORT int ihk_instance_query_monitors(struct ihk_instance *os, struct ihk_monitor_info *monitors,
				       int max)
{
	static const char what[] = "list what the CPUs do";
	struct ihk_ioc_monitor *wire = NULL;
	int n;

	if (max > IHK_MAX_CPUS)
		max = IHK_MAX_CPUS;
	if (max > 0 && monitors) {
		wire = calloc(max, sizeof(*wire));
		if (!wire)
			return error_set(os, -ENOMEM, "cannot %s: out of memory", what);
	}
	n = handle_fetch(&os->handle, IHK_IOC_QUERY_MONITORS, wire, max, what);
	for (int i = 0; wire && i < n && i < max; i++)
		monitors[i] = (struct ihk_monitor_info){
			.state = wire[i].state,
			.ikc_cpu = wire[i].ikc_linux_cpu,
			.counter = wire[i].counter,
			.irqs = wire[i].irqs,
			.stray_irqs = wire[i].stray_irqs,
			.nmis = wire[i].nmis,
		};
	free(wire);
	return n;
}

EXPORT int ihk_instance_ping(struct ihk_instance *os, struct ihk_ping *ping)
{
	struct ihk_ioc_ping wire = {
		.lwk_cpu = ping->lwk_cpu,
		.mode = ping->mode,
		.count = ping->count,
		.timeout_ms = ping->timeout_ms,
	};
	int ret = handle_call(&os->handle, IHK_IOC_PING, &wire, "ping");

	ping->done = wire.done;
	ping->total_ns = wire.total_ns;
	ping->min_ns = wire.min_ns;
	ping->max_ns = wire.max_ns;
	ping->bells_in = wire.bells_in;
	return ret < 0 ? ret : 0;
}

EXPORT int ihk_instance_test(struct ihk_instance *os, struct ihk_test_call *call)
{
	struct ihk_ioc_test wire = {
		.test = call->test,
		.lwk_cpu = call->lwk_cpu,
		.timeout_ms = call->timeout_ms,
	};
	int ret;

	for (int i = 0; i < 6; i++)
		wire.words[i] = call->words[i];
	ret = handle_call(&os->handle, IHK_IOC_TEST, &wire, "run the test");
	for (int i = 0; i < 6; i++)
		call->words[i] = wire.words[i];
	return ret < 0 ? ret : 0;
}

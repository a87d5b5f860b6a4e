// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mcosN.
 */
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "abi/ihk_ioctl.h"
#include "abi/mcctrl_ioctl.h"
#include "user/mcexec/fds.h"
#include "user/mcexec/twin.h"
#include "user/tools/cli.h"

/* Longest sentence of the module that is printed. */
#define SENTENCE_LEN 512

int device_open(int os)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/mcos%d", os);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fds_hide(fd);
	fd = -errno;
	if (fd == -ENOENT)
		cli_fail("there is no LWK %d; mcreboot(8) boots one", os);
	else if (fd == -EACCES || fd == -EPERM)
		cli_fail("no permission for %s; its owner is set by mcreboot --owner, its group by "
			 "the parameter gid of the module ihk", path);
	else
		cli_fail("cannot open %s: %s", path, strerror(-fd));
	return fd;
}

/* What the module says about its last refusal, or what the errno means. */
static const char *reason(int device, int err, char *sentence)
{
	struct ihk_ioc_blob blob = { .addr = (u64)sentence, .len = SENTENCE_LEN };

	sentence[0] = '\0';
	if (ioctl(device, IHK_IOC_GET_ERROR, &blob) || !sentence[0])
		return strerror(err);
	return sentence;
}

static const char *status_name(u32 status)
{
	static const char *const names[] = {
#define IHK_STATUS(number, name, doc) [number] = #name,
#include "abi/status.def"
	};

	return status < sizeof(names) / sizeof(names[0]) && names[status] ? names[status] :
		"UNKNOWN";
}

/* Say so if the LWK is in a state in which it runs nothing. Return: is it? */
static _Bool tell_down(int device, int os)
{
	struct ihk_ioc_status status;

	if (ioctl(device, IHK_IOC_GET_STATUS, &status))
		return 0;
	switch (status.status) {
	case IHK_STATUS_RUNNING:
		return 0;
	case IHK_STATUS_INACTIVE:
		cli_fail("LWK %d is not running; \"ihkosctl %d boot\" boots it, or mcreboot(8)", os,
			 os);
		return 1;
	case IHK_STATUS_PANIC:
	case IHK_STATUS_HUNGUP:
		cli_fail("LWK %d is not running, it is %s (%s); \"ihkosctl %d shutdown\" and "
			 "\"ihkosctl %d boot\" boot it again", os, status_name(status.status),
			 status.reason, os, os);
		return 1;
	case IHK_STATUS_FREEZING:
	case IHK_STATUS_FROZEN:
		cli_fail("LWK %d is not running, it is %s; \"ihkosctl %d thaw\" lets it go on", os,
			 status_name(status.status), os);
		return 1;
	case IHK_STATUS_SHUTDOWN:
		cli_fail("LWK %d is not running, it is being shut down", os);
		return 1;
	default:
		cli_fail("LWK %d is not running, it is %s; \"ihkosctl %d wait RUNNING\" waits for "
			 "it", os, status_name(status.status), os);
		return 1;
	}
}

static int make_proxy(void *device)
{
	const struct mcctrl_create create = {
		.version = MCCTRL_VERSION,
		.look = (u64)twin_syscall_look,
		.made = (u64)twin_syscall_made,
		.abort = (u64)twin_syscall_abort,
	};
	int fd = ioctl(*(int *)device, MCCTRL_IOC_CREATE_PROXY, &create);

	return fd < 0 ? -errno : fd;
}

int device_create_proxy(int device, int os)
{
	int fd = fds_make(make_proxy, &device);
	char sentence[SENTENCE_LEN];
	int err = -fd;

	if (fd >= 0)
		return fds_hide(fd);
	if (tell_down(device, os))
		return -err;
	if (err == ENOTTY)
		cli_fail("LWK %d cannot run programs: the module mcctrl is not loaded; \"modprobe "
			 "mcctrl\" loads it", os);
	else
		cli_fail("cannot run anything on LWK %d: %s", os, reason(device, err, sentence));
	return -err;
}

void device_tell_lost(int device, int os, int err)
{
	struct ihk_ioc_status status = { .status = IHK_STATUS_INACTIVE };

	if (err != -EPIPE) {
		cli_fail("lost LWK %d: %s", os, strerror(-err));
		return;
	}
	ioctl(device, IHK_IOC_GET_STATUS, &status);
	if (status.reason[0])
		cli_fail("lost LWK %d: %s", os, status.reason);
	else if (status.status == IHK_STATUS_RUNNING)
		cli_fail("LWK %d has ended the process", os);
	else
		cli_fail("lost LWK %d: it was shut down", os);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For programs that make mcctrl's requests by hand, as a proxy or as somebody who is none: they say
 * what should have been refused, or served, and was not, and end with @wrong.
 */
#ifndef BY_HAND_H
#define BY_HAND_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "abi/mcctrl_ioctl.h"
#include "tests/guest/sound_program.h"

/* What runs on the LWK, and forks for ever: mov $57,%eax; syscall; jmp 0. */
static const unsigned char code[] = { 0xb8, 0x39, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7 };

/* A section that is to be mapped, and never is. */
#define MAPPED_VA (CODE_VA + 0x10000)

static int wrong;

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(2);
}

/* What is tried comes to @ret, and errno; it must be refused with @err, or served if that is 0. */
static inline void expect(const char *what, long ret, int err)
{
	const char *got = ret == -1 ? strerrorname_np(errno) : "success";

	if (ret == -1 ? errno == err : !err)
		return;
	fprintf(stderr, "%s: %s: %s instead of %s\n", program_invocation_short_name, what, got,
		err ? strerrorname_np(err) : "success");
	wrong = 1;
}

/* The file of a proxy that the calling process becomes. */
static inline int create_proxy(const char *device_path)
{
	struct mcctrl_create create = { .version = MCCTRL_VERSION };
	int device = open(device_path, O_RDONLY);
	int proxy;

	if (device < 0)
		die(device_path);
	proxy = ioctl(device, MCCTRL_IOC_CREATE_PROXY, &create);
	if (proxy < 0)
		die("CREATE_PROXY");
	close(device);
	return proxy;
}

static inline void prepare(int proxy, struct program_layout *layout)
{
	struct program_load_desc desc = sound_program(sizeof(code));
	struct mcctrl_prepare req = { .desc = (uintptr_t)&desc };

	desc.nsections = 2;
	desc.sections[1] = desc.sections[0];
	desc.sections[1].vaddr = MAPPED_VA;
	desc.sections[1].mapped = 1;
	if (mmap((void *)CODE_VA, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, proxy,
		 CODE_VA) == MAP_FAILED)
		die("mmap");
	if (ioctl(proxy, MCCTRL_IOC_PREPARE_IMAGE, &req))
		die("PREPARE_IMAGE");
	*layout = req.layout;
}

static inline void fill(int proxy, uint64_t to, const void *from, uint64_t len)
{
	struct mcctrl_fill req = { .to = to, .len = len, .fd = memfd_create("content", 0) };

	if (write(req.fd, from, len) != (ssize_t)len ||
	    ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, &req))
		die("FILL_IMAGE");
	close(req.fd);
}

static inline void tick(int sig)
{
	(void)sig;
}

/* AWAIT_CHILD while a timer interrupts every wait: who has to wait is told EINTR. */
static inline int await_now(int proxy, pid_t pid, uint32_t flags)
{
	static const struct itimerval often = { { 0, 5000 }, { 0, 5000 } }, never;
	struct mcctrl_await await = { .pid = (uint32_t)pid, .flags = flags };
	struct sigaction action = { .sa_handler = tick };
	int ret, err;

	if (sigaction(SIGALRM, &action, NULL) || setitimer(ITIMER_REAL, &often, NULL))
		die("setitimer");
	ret = ioctl(proxy, MCCTRL_IOC_AWAIT_CHILD, &await);
	err = errno;
	if (setitimer(ITIMER_REAL, &never, NULL))
		die("setitimer");
	errno = err;
	return ret;
}

/* AWAIT_CHILD. */
static inline void await_child(int proxy, pid_t pid, uint32_t flags)
{
	struct mcctrl_await await = { .pid = (uint32_t)pid, .flags = flags };

	while (ioctl(proxy, MCCTRL_IOC_AWAIT_CHILD, &await)) {
		if (errno != EINTR)
			die("AWAIT_CHILD");
		await.pid = 0;
	}
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fires seeded random requests at /dev/mcd0 and /dev/mcosN, to be run both as root and as
 * an ordinary user. It proves nothing by itself but that it comes to its end; the
 * test around it checks that both kernels live on and that nothing leaked.
 *
 * Half of the requests are well-formed with odd values, half are noise. Requests that
 * would take the machine's last CPU or memory are as welcome as any other: refusing them is
 * what is tested. CPU 0 and sizes beyond the machine are favourites.
 *
 *   ioctl_fuzz SEED ROUNDS DEVICE...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/ihk_ioctl.h"
#include "tests/guest/fuzz_random.h"

#define BUFFER_LEN 65536
#define MAX_DEVICES 8

/* Every request number of the ABI; noise requests take others too. */
static const unsigned int requests[] = {
	IHK_IOC_GET_BUILDID,	 IHK_IOC_GET_ERROR,	   IHK_IOC_RESERVE_CPU,
	IHK_IOC_RELEASE_CPU,	 IHK_IOC_QUERY_CPU,	   IHK_IOC_RESERVE_MEM,
	IHK_IOC_RELEASE_MEM,	 IHK_IOC_QUERY_MEM,	   IHK_IOC_CREATE_OS,
	IHK_IOC_DESTROY_OS,	 IHK_IOC_GET_OS_INSTANCES, IHK_IOC_ASSIGN_CPU,
	IHK_IOC_UNASSIGN_CPU,	 IHK_IOC_OS_QUERY_CPU,	   IHK_IOC_ASSIGN_MEM,
	IHK_IOC_UNASSIGN_MEM,	 IHK_IOC_OS_QUERY_MEM,	   IHK_IOC_SET_IKC_MAP,
	IHK_IOC_GET_IKC_MAP,	 IHK_IOC_LOAD,		   IHK_IOC_SET_KARGS,
	IHK_IOC_GET_KARGS,	 IHK_IOC_BOOT,		   IHK_IOC_SHUTDOWN,
	IHK_IOC_GET_STATUS,	 IHK_IOC_READ_KMSG,	   IHK_IOC_CLEAR_KMSG,
	IHK_IOC_SET_EVENTFD,	 IHK_IOC_QUERY_NODES,	   IHK_IOC_QUERY_MONITORS,
	IHK_IOC_FREEZE,		 IHK_IOC_THAW,
};

#define NREQUESTS (sizeof(requests) / sizeof(requests[0]))

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0,    1,	  2,	      3,	   4,	      7,	     63,
		4095, 4096,	  1 << 21,    1 << 24,	   1U << 31,  0xffffffffULL, 1ULL << 46,
		~0ULL, ~0ULL - 4095, 1ULL << 63, 0x7fffffff, 8ULL << 20,
	};

	if (rng() % 8 == 0)
		return rng();
	return values[rng() % (sizeof(values) / sizeof(values[0]))];
}

/* An address that may be good, read-only, absent, unaligned or the kernel's. */
static uint64_t odd_address(unsigned char *good, unsigned char *readonly)
{
	switch (rng() % 8) {
	case 0:
		return 0;
	case 1:
		return (uintptr_t)readonly;
	case 2:
		return (uintptr_t)good + BUFFER_LEN - rng() % 64;
	case 3:
		return 0xffff888000000000ULL + odd_value();
	case 4:
		return (uintptr_t)good + rng() % 64;
	default:
		return (uintptr_t)good;
	}
}

static void fill(unsigned char *buffer, size_t len)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof(word) <= len; i += sizeof(word)) {
		word = rng() % 3 ? odd_value() : odd_value() << 32 | odd_value() % 16;
		memcpy(buffer + i, &word, sizeof(word));
	}
}

static void fire(int fd, unsigned char *good, unsigned char *readonly)
{
	unsigned int request = requests[rng() % NREQUESTS];
	union {
		struct ihk_ioc_list list;
		uint64_t words[64];
	} arg;

	fill((unsigned char *)arg.words, sizeof(arg.words));
	fill(good, 256);
	if (rng() % 4 == 0)
		request = (unsigned int)rng();
	/* Most requests begin with a user address and a count. */
	if (rng() % 4) {
		arg.list.addr = odd_address(good, readonly);
		arg.list.count = rng() % 2 ? rng() % 5 : (uint32_t)odd_value();
		arg.list.reserved = rng() % 8 ? 0 : 1;
	}
	if (rng() % 16 == 0)
		ioctl(fd, request, odd_address(good, readonly));
	else if (rng() % 16 == 0)
		ioctl(fd, request, odd_value());
	else
		ioctl(fd, request, &arg);
}

int main(int argc, char **argv)
{
	unsigned char *good, *readonly;
	unsigned long rounds, i;
	int fds[MAX_DEVICES];
	int nfds = 0;
	int n;

	if (argc < 4 || argc - 3 > MAX_DEVICES) {
		fprintf(stderr, "usage: ioctl_fuzz SEED ROUNDS DEVICE...\n");
		return 2;
	}
	rng_state = strtoull(argv[1], NULL, 0) * 2 + 1;
	rounds = strtoul(argv[2], NULL, 0);
	for (n = 3; n < argc; n++) {
		/* Not being allowed to open is a fine answer to an ordinary user. */
		fds[nfds] = open(argv[n], O_RDONLY | O_NONBLOCK);
		if (fds[nfds] >= 0)
			nfds++;
		else
			printf("%s: %s\n", argv[n], strerror(errno));
	}
	good = mmap(NULL, BUFFER_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, BUFFER_LEN, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (good == MAP_FAILED || readonly == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (i = 0; nfds && i < rounds; i++)
		fire(fds[rng() % (unsigned int)nfds], good, readonly);
	printf("%lu requests to %d devices\n", nfds ? rounds : 0, nfds);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes every request of a table of bad ones at /dev/mcd0 and at an idle instance,
 * and checks the errno and that a sentence explains it.
 *
 *   bad_ioctl OS          as root: each row's own errno
 *   bad_ioctl OS denied   as somebody else: -EPERM for every request of an admin
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "abi/boot.h"
#include "abi/ihk_ioctl.h"

#define BUFFER_LEN 65536
#define GOOD 1		/* words[0]: stands for the address of a buffer that holds data[] */
#define KERNEL 0xffffffff81000000ULL
#define LOW_HIGH(low, high) ((uint64_t)(low) | (uint64_t)(high) << 32)
#define LIST(count) GOOD, (count)
#define ADMIN true

/**
 * struct bad_request - one row
 * @what:	name
 * @admin:	only CAP_SYS_ADMIN may
 * @request:	ioctl number
 * @words:	its argument, as 64-bit words
 * @data:	what the argument points to
 * @err:	errno that must come
 */
struct bad_request {
	const char *what;
	bool admin;
	unsigned int request;
	uint64_t words[8];
	uint64_t data[8];
	int err;
};

static const struct bad_request machine_requests[] = {
#define BAD_MACHINE
#include "bad_ioctl.def"
};

static const struct bad_request instance_requests[] = {
#define BAD_INSTANCE
#include "bad_ioctl.def"
};

static unsigned char buffer[BUFFER_LEN];

/* The argument is a number, not an address. */
static bool by_value(unsigned int request)
{
	return request == IHK_IOC_DESTROY_OS || request == IHK_IOC_CREATE_OS;
}

static int make_request(int fd, const struct bad_request *bad)
{
	uint64_t words[64] = { 0 };
	size_t i;

	memcpy(words, bad->words, sizeof(bad->words));
	if (words[0] == GOOD && !by_value(bad->request))
		words[0] = (uintptr_t)buffer;
	memset(buffer, 0, sizeof(buffer));
	memcpy(buffer, bad->data, sizeof(bad->data));
	/* Text fills as much of the buffer as the request says. */
	for (i = 8; bad->request == IHK_IOC_SET_KARGS && i < IHK_KARGS_LEN; i++)
		buffer[i] = 'a';
	if (by_value(bad->request))
		return ioctl(fd, bad->request, bad->words[0]) < 0 ? errno : 0;
	return ioctl(fd, bad->request, words) < 0 ? errno : 0;
}

static bool has_sentence(int fd)
{
	char text[IHK_ERROR_LEN] = "";
	struct ihk_ioc_blob blob = { (uintptr_t)text, sizeof(text) };

	if (ioctl(fd, IHK_IOC_GET_ERROR, &blob) || strlen(text) < 10)
		return false;
	printf("     %s\n", text);
	return true;
}

static bool check(int fd, const struct bad_request *bad, int wanted)
{
	int err = make_request(fd, bad);

	printf("%s: %s\n", bad->what, err ? strerror(err) : "accepted");
	if (err != wanted) {
		printf("FAIL %s: %s was expected\n", bad->what, strerror(wanted));
		return false;
	}
	if (!has_sentence(fd)) {
		printf("FAIL %s: no sentence explains it\n", bad->what);
		return false;
	}
	return true;
}

static int check_all(const char *device, const struct bad_request *rows, size_t nrows, bool denied)
{
	int fd = open(device, O_RDONLY);
	int failures = 0;
	size_t i;

	if (fd < 0) {
		printf("FAIL %s: %s\n", device, strerror(errno));
		return 1;
	}
	for (i = 0; i < nrows; i++) {
		if (denied && !rows[i].admin)
			continue;
		if (!check(fd, &rows[i], denied ? EPERM : rows[i].err))
			failures++;
	}
	close(fd);
	return failures;
}

#define NROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

int main(int argc, char **argv)
{
	char device[32];
	bool denied = argc == 3 && !strcmp(argv[2], "denied");
	int failures;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: bad_ioctl OS [denied]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	snprintf(device, sizeof(device), "/dev/mcos%d", atoi(argv[1]));
	failures = check_all("/dev/mcd0", machine_requests, NROWS(machine_requests), denied);
	failures += check_all(device, instance_requests, NROWS(instance_requests), denied);
	printf("%d failures\n", failures);
	return failures ? 1 : 0;
}

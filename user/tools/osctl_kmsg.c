// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl's actions on the LWK's log: print, follow, clear.
 */
#include "osctl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "kmsg.h"

static void print_line(void *arg, const char *line, size_t len)
{
	(void)arg;
	fwrite(line, 1, len, stdout);
	putchar('\n');
}

static void add_line(void *arg, const char *line, size_t len)
{
	json_bytes(arg, NULL, line, len);
}

static void tell_loss(uint64_t lost)
{
	if (lost)
		cli_fail("%llu bytes were overwritten before they could be read",
			 (unsigned long long)lost);
}

static int print_log(struct ihk_instance *os)
{
	struct kmsg_reader reader;
	uint64_t lost = 0;
	int err;

	kmsg_start(&reader, os);
	err = kmsg_drain(&reader, print_line, NULL, &lost);
	kmsg_flush(&reader, print_line, NULL);
	tell_loss(lost);
	return err;
}

static int print_log_json(struct ihk_instance *os)
{
	struct kmsg_reader reader;
	struct json json = { 0 };
	uint64_t lost = 0;
	uint64_t pos = 0;
	char c;
	long n;
	int err;

	/* Whether there is a log must be known before the document begins. */
	n = ihk_instance_read_kmsg(os, &c, 1, &pos, NULL);
	if (n < 0)
		return n;
	kmsg_start(&reader, os);
	json_open(&json, NULL, '{');
	json_open(&json, "lines", '[');
	err = kmsg_drain(&reader, add_line, &json, &lost);
	kmsg_flush(&reader, add_line, &json);
	json_close(&json, ']');
	json_unsigned(&json, "lost", lost);
	json_close(&json, '}');
	return err;
}

static int wait_for_more(struct pollfd *fds, int nfds)
{
	uint64_t count;

	if (poll(fds, nfds, -1) < 0)
		return -errno;
	for (int i = 0; i < nfds; i++)
		if (fds[i].revents & POLLIN && read(fds[i].fd, &count, sizeof(count)) < 0 &&
		    errno != EAGAIN)
			return -errno;
	return 0;
}

/* Until the instance is destroyed or a signal ends the tool. */
static int follow_log(struct ihk_instance *os)
{
	struct kmsg_reader reader;
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	uint64_t lost;
	int err;

	fds[0].fd = ihk_instance_eventfd(os, IHK_EVENT_KMSG);
	if (fds[0].fd < 0)
		return fds[0].fd;
	fds[1].fd = ihk_instance_eventfd(os, IHK_EVENT_STATUS);
	if (fds[1].fd < 0) {
		err = fds[1].fd;
		goto close_kmsg;
	}
	kmsg_start(&reader, os);
	do {
		lost = 0;
		err = kmsg_drain(&reader, print_line, NULL, &lost);
		tell_loss(lost);
		if (fflush(stdout))
			err = -errno;
		if (!err || err == -ENODATA)
			err = wait_for_more(fds, 2);
	} while (!err);
	if (err == -ENODEV)
		err = 0;
	close(fds[1].fd);
close_kmsg:
	close(fds[0].fd);
	return err;
}

int osctl_kmsg(const struct cli_request *request)
{
	struct ihk_instance *os;
	int err;

	if (request->json && cli_option_value(request, "follow"))
		return cli_usage("\"kmsg\" cannot follow the log as JSON");
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	if (cli_option_value(request, "follow"))
		err = follow_log(os);
	else if (request->json)
		err = print_log_json(os);
	else
		err = print_log(os);
	return osctl_finish(os, err);
}

int osctl_clear_kmsg(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_clear_kmsg(os));
}

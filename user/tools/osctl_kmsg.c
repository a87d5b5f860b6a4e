// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl's actions on the LWK's log: print, follow, clear.
 */
#include "osctl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

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

/* Until the instance is destroyed or a signal ends the tool. */
static int follow_log(struct ihk_instance *os)
{
	struct pollfd more = { .fd = ihk_instance_fd(os), .events = POLLIN };
	struct kmsg_reader reader;
	uint64_t lost;
	int err;

	kmsg_start(&reader, os);
	do {
		lost = 0;
		err = kmsg_drain(&reader, print_line, NULL, &lost);
		tell_loss(lost);
		cli_flush();
		/* Nothing of the library's. */
		if (ferror(stdout))
			return 0;
		if (err && err != -ENODATA)
			break;
		err = poll(&more, 1, -1) < 0 ? -errno : 0;
	} while (!err && !(more.revents & POLLHUP));
	return err == -ENODEV ? 0 : err;
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

int osctl_debug_log(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_debug_log(os));
}

int osctl_clear_kmsg(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_clear_kmsg(os));
}

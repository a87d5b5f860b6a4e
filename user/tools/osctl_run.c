// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkosctl's actions on an instance's life: load, boot, stop, freeze, wait, ping, test.
 */
#include "osctl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <ihk/parse.h>

#include "config.h"
#include "json.h"

static int life_cycle(const struct cli_request *request, int (*fn)(struct ihk_instance *os))
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, fn(os));
}

int osctl_load(const struct cli_request *request)
{
	struct ihk_instance *os = osctl_open(request);

	if (!os)
		return CLI_FAILED;
	return osctl_finish(os, ihk_instance_load(os, request->argc ? request->argv[0] :
						  config_image()));
}

int osctl_boot(const struct cli_request *request)
{
	return life_cycle(request, ihk_instance_boot);
}

int osctl_shutdown(const struct cli_request *request)
{
	return life_cycle(request, ihk_instance_shutdown);
}

int osctl_freeze(const struct cli_request *request)
{
	return life_cycle(request, ihk_instance_freeze);
}

int osctl_thaw(const struct cli_request *request)
{
	return life_cycle(request, ihk_instance_thaw);
}

/* "PANIC,HUNGUP": the states as a mask, or -EINVAL. */
static int parse_states(const char *text, unsigned int *mask)
{
	char words[128];
	char *save;
	int status;

	*mask = 0;
	snprintf(words, sizeof(words), "%s", text);
	for (char *word = strtok_r(words, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		status = ihk_status_number(word);
		if (status < 0)
			return status;
		*mask |= 1U << status;
	}
	return 0;
}

int osctl_wait(const struct cli_request *request)
{
	struct ihk_instance *os;
	struct ihk_status_info info;
	uint64_t seconds = 0;
	unsigned int mask;
	int ret;

	if (parse_states(request->argv[0], &mask))
		return cli_bad_text();
	if (!mask)
		return cli_usage("\"wait\" needs a status");
	if (cli_option_number(request, "timeout", 0, INT_MAX / 1000, &seconds))
		return CLI_USAGE;
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	ret = ihk_instance_wait_status(os, mask, cli_option_value(request, "timeout") ?
				       (int)seconds * 1000 : -1);
	if (ret == -ETIMEDOUT && !ihk_instance_get_status(os, &info)) {
		cli_fail("OS instance %d is still %s, not %s, after %d s", request->number,
			 ihk_status_name(info.status), request->argv[0], (int)seconds);
		ihk_instance_close(os);
		return CLI_FAILED;
	}
	return osctl_finish(os, ret);
}

static const char *const ping_modes[] = {
	[IHK_PING_IRQ] = "irq",
	[IHK_PING_WORK] = "work",
	[IHK_PING_POLL] = "poll",
};

static int ping_options(const struct cli_request *request, struct ihk_ping *ping)
{
	const char *mode = cli_option_value(request, "mode");
	uint64_t cpu = 0;
	uint64_t count = 1;
	uint64_t timeout = 0;

	if (cli_option_number(request, "cpu", 0, IHK_MAX_CPUS - 1, &cpu) ||
	    cli_option_number(request, "count", 1, 10000000, &count) ||
	    cli_option_number(request, "timeout", 1, INT_MAX, &timeout))
		return CLI_USAGE;
	*ping = (struct ihk_ping){ .lwk_cpu = cpu, .count = count, .timeout_ms = timeout };
	if (!mode)
		return CLI_OK;
	for (ping->mode = 0; ping->mode <= IHK_PING_POLL; ping->mode++)
		if (!strcmp(mode, ping_modes[ping->mode]))
			return CLI_OK;
	return cli_usage("bad mode \"%s\": one of irq, work, poll", mode);
}

static void print_ping(const struct ihk_ping *ping, bool as_json)
{
	struct json json = { 0 };

	if (!as_json) {
		printf("%u round trips to LWK CPU %u (%s): %.3f us each", ping->done,
		       ping->lwk_cpu, ping_modes[ping->mode],
		       ping->done ? ping->total_ns / 1000.0 / ping->done : 0.0);
		if (ping->max_ns)
			printf(", shortest %.3f us, longest %.3f us", ping->min_ns / 1000.0,
			       ping->max_ns / 1000.0);
		printf(", %llu doorbells\n", (unsigned long long)ping->bells_in);
		return;
	}
	json_open(&json, NULL, '{');
	json_unsigned(&json, "lwk_cpu", ping->lwk_cpu);
	json_text(&json, "mode", ping_modes[ping->mode]);
	json_unsigned(&json, "count", ping->count);
	json_unsigned(&json, "done", ping->done);
	json_unsigned(&json, "total_ns", ping->total_ns);
	json_unsigned(&json, "min_ns", ping->min_ns);
	json_unsigned(&json, "max_ns", ping->max_ns);
	json_unsigned(&json, "bells_in", ping->bells_in);
	json_close(&json, '}');
}

int osctl_ping(const struct cli_request *request)
{
	struct ihk_instance *os;
	struct ihk_ping ping;
	int err;

	if (ping_options(request, &ping))
		return CLI_USAGE;
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	err = ihk_instance_ping(os, &ping);
	if (!err)
		print_ping(&ping, request->json);
	return osctl_finish(os, err);
}

static void print_test(const struct ihk_test_call *call, bool as_json)
{
	struct json json = { 0 };

	if (!as_json) {
		for (int i = 0; i < 6; i++)
			printf("%s%llu", i ? " " : "", (unsigned long long)call->words[i]);
		putchar('\n');
		return;
	}
	json_open(&json, NULL, '[');
	for (int i = 0; i < 6; i++)
		json_unsigned(&json, NULL, call->words[i]);
	json_close(&json, ']');
}

static int list_tests(void)
{
	for (int i = 0; ihk_test_word(i); i++)
		printf("%-16s %s\n", ihk_test_word(i), ihk_test_doc(i));
	return CLI_OK;
}

int osctl_test(const struct cli_request *request)
{
	struct ihk_test_call call = { 0 };
	struct ihk_instance *os;
	uint64_t cpu = 0;
	uint64_t timeout = 60000;
	int number;
	int err;

	if (!request->argc)
		return list_tests();
	number = ihk_test_number(request->argv[0]);
	if (number < 0)
		return cli_bad_text();
	if (cli_option_number(request, "cpu", 0, IHK_MAX_CPUS - 1, &cpu) ||
	    cli_option_number(request, "timeout", 0, INT_MAX, &timeout))
		return CLI_USAGE;
	if (cli_option_value(request, "no-wait"))
		timeout = 0;
	else if (!timeout)
		return cli_usage("bad timeout \"0\": use --no-wait");
	call.test = number;
	call.lwk_cpu = cpu;
	call.timeout_ms = timeout;
	for (int i = 1; i < request->argc; i++)
		if (ihk_parse_number(request->argv[i], UINT64_MAX, "argument", &call.words[i]))
			return cli_bad_text();
	os = osctl_open(request);
	if (!os)
		return CLI_FAILED;
	err = ihk_instance_test(os, &call);
	if (!err && call.timeout_ms)
		print_test(&call, request->json);
	return osctl_finish(os, err);
}

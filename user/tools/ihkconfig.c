// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkconfig: what is taken from Linux, and which OS instances there are.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ihk/ihk.h>
#include <ihk/parse.h>

#include "cli.h"
#include "json.h"
#include "lists.h"

static struct ihk_dev *open_dev(const struct cli_request *request)
{
	struct ihk_dev *dev;

	if (!ihk_dev_open(request->number, 0, &dev))
		return dev;
	cli_library_failed();
	return NULL;
}

/* The end of each action: @err is what the last call returned. */
static int finish(struct ihk_dev *dev, int err)
{
	int status = err < 0 ? cli_library_failed() : CLI_OK;

	ihk_dev_close(dev);
	return status;
}

static int run_create(const struct cli_request *request)
{
	struct ihk_dev *dev = open_dev(request);
	struct json json = { 0 };
	int index;

	if (!dev)
		return CLI_FAILED;
	index = ihk_dev_create_instance(dev);
	if (index >= 0 && request->json) {
		json_open(&json, NULL, '{');
		json_number(&json, "os", index);
		json_close(&json, '}');
	} else if (index >= 0) {
		printf("%d\n", index);
	}
	return finish(dev, index);
}

static int run_destroy(const struct cli_request *request)
{
	struct ihk_dev *dev;
	uint64_t index;

	if (ihk_parse_number(request->argv[0], 9999, "OS instance", &index))
		return cli_bad_text();
	dev = open_dev(request);
	if (!dev)
		return CLI_FAILED;
	return finish(dev, ihk_dev_destroy_instance(dev, index));
}

static int run_reserve_cpu(const struct cli_request *request)
{
	struct ihk_dev *dev;
	int cpus[IHK_MAX_CPUS];
	int n = ihk_parse_cpus(request->argv[0], cpus, IHK_MAX_CPUS);

	if (n < 0)
		return cli_bad_text();
	dev = open_dev(request);
	if (!dev)
		return CLI_FAILED;
	return finish(dev, ihk_dev_reserve_cpus(dev, cpus, n));
}

static int reserve_options(const struct cli_request *request, struct ihk_reserve_opts *opts)
{
	uint64_t percent = 0;
	uint64_t timeout = 0;
	const char *min_chunk = cli_option_value(request, "min-chunk");

	*opts = (struct ihk_reserve_opts){ 0 };
	if (cli_option_value(request, "balanced"))
		opts->flags |= IHK_RESERVE_BALANCED;
	if (cli_option_value(request, "best-effort"))
		opts->flags |= IHK_RESERVE_BEST_EFFORT;
	if (min_chunk && ihk_parse_size(min_chunk, &opts->min_chunk))
		return cli_bad_text();
	/* To the kernel 0 is the default. */
	if (cli_option_number(request, "max-percent", 1, 100, &percent) ||
	    cli_option_number(request, "timeout", 1, 86400, &timeout))
		return CLI_USAGE;
	opts->max_percent = percent;
	opts->timeout_s = timeout;
	return CLI_OK;
}

static int run_reserve_mem(const struct cli_request *request)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	struct ihk_reserve_opts opts;
	struct ihk_dev *dev;
	int n;

	if (reserve_options(request, &opts))
		return CLI_USAGE;
	n = ihk_parse_mem(request->argv[0], 0, chunks, IHK_MAX_CHUNKS);
	if (n < 0)
		return cli_bad_text();
	dev = open_dev(request);
	if (!dev)
		return CLI_FAILED;
	return finish(dev, ihk_dev_reserve_mem(dev, chunks, n, &opts));
}

/* The CPUs that no instance has: how many, or -errno. */
static int unassigned_cpus(struct ihk_dev *dev, int *cpus)
{
	struct cpu_list list;
	int err = dev_cpus(dev, &list);
	int n;

	if (err)
		return err;
	keep_cpus(&list, IHK_NO_OS);
	n = cpu_numbers(&list, cpus);
	cpu_list_free(&list);
	return n;
}

static int run_release_cpu(const struct cli_request *request)
{
	bool all = !strcasecmp(request->argv[0], "all");
	struct ihk_dev *dev;
	int cpus[IHK_MAX_CPUS];
	int n = 0;

	if (!all)
		n = ihk_parse_cpus(request->argv[0], cpus, IHK_MAX_CPUS);
	if (n < 0)
		return cli_bad_text();
	dev = open_dev(request);
	if (!dev)
		return CLI_FAILED;
	if (all)
		n = unassigned_cpus(dev, cpus);
	return finish(dev, n > 0 ? ihk_dev_release_cpus(dev, cpus, n) : n);
}

static int run_release_mem(const struct cli_request *request)
{
	struct ihk_mem_chunk chunks[IHK_MAX_CHUNKS];
	struct ihk_dev *dev;
	int n = ihk_parse_mem(request->argv[0], IHK_ANY_NODE, chunks, IHK_MAX_CHUNKS);

	if (n < 0)
		return cli_bad_text();
	dev = open_dev(request);
	if (!dev)
		return CLI_FAILED;
	return finish(dev, ihk_dev_release_mem(dev, chunks, n));
}

static int run_query_cpu(const struct cli_request *request)
{
	struct ihk_dev *dev = open_dev(request);
	struct cpu_list list = { 0 };
	int err;

	if (!dev)
		return CLI_FAILED;
	err = dev_cpus(dev, &list);
	if (!request->json && !cli_option_value(request, "all"))
		keep_cpus(&list, IHK_NO_OS);
	if (!err)
		print_cpus(&list, request->json);
	cpu_list_free(&list);
	return finish(dev, err);
}

static int run_query_mem(const struct cli_request *request)
{
	struct ihk_dev *dev = open_dev(request);
	struct mem_list list = { 0 };
	int err;

	if (!dev)
		return CLI_FAILED;
	err = dev_mem(dev, &list);
	if (!request->json && !cli_option_value(request, "all"))
		keep_mem(&list, IHK_NO_OS);
	if (!err)
		print_mem(&list, request->json);
	mem_list_free(&list);
	return finish(dev, err);
}

static int run_get_instances(const struct cli_request *request)
{
	struct ihk_dev *dev = open_dev(request);
	struct json json = { 0 };
	int ids[IHK_MAX_OS];
	int n;

	if (!dev)
		return CLI_FAILED;
	n = ihk_dev_query_instances(dev, ids, IHK_MAX_OS);
	if (n >= 0 && request->json) {
		json_open(&json, NULL, '[');
		for (int i = 0; i < n; i++)
			json_number(&json, NULL, ids[i]);
		json_close(&json, ']');
	} else if (n >= 0) {
		for (int i = 0; i < n; i++)
			printf("%s%d", i ? "," : "", ids[i]);
		putchar('\n');
	}
	return finish(dev, n);
}

static int run_get_buildid(const struct cli_request *request)
{
	struct ihk_dev *dev = open_dev(request);
	struct json json = { 0 };
	char id[128] = "";
	int err;

	if (!dev)
		return CLI_FAILED;
	err = ihk_dev_get_build_id(dev, id, sizeof(id));
	if (!err && request->json) {
		json_open(&json, NULL, '{');
		json_text(&json, "module", id);
		json_text(&json, "library", ihk_build_id());
		json_close(&json, '}');
	} else if (!err) {
		puts(id);
	}
	return finish(dev, err);
}

#define ALL_OPTION { 'a', "all", NULL, "also what instances have (JSON always shows that)" }

static const struct cli_action actions[] = {
	{ "reserve cpu", "LIST", "take CPUs from Linux", "All of them or, on failure, none.",
	  1, 1, false, { { 0 } }, run_reserve_cpu },
	{ "reserve mem", "LIST", "take memory from Linux",
	  "SIZE without @NODE is of node 0; ALL without @NODE is of every node.\n"
	  "All of it or, on failure, none, unless --best-effort is given.",
	  1, 1, false, {
		{ 'b', "balanced", NULL, "the same amount on every node of the list" },
		{ 'e', "best-effort", NULL, "less than asked for is no error" },
		{ 'c', "min-chunk", "SIZE", "least length of a contiguous piece (4M)" },
		{ 'p', "max-percent", "N", "ALL takes at most so much of a node's free memory (95)" },
		{ 't', "timeout", "SECONDS", "give up after this time (60)" },
	  }, run_reserve_mem },
	{ "release cpu", "LIST|all", "give CPUs back to Linux",
	  "\"all\" are those that no instance has.", 1, 1, false, { { 0 } }, run_release_cpu },
	{ "release mem", "LIST|all", "give memory back to Linux",
	  "SIZE without @NODE is of any node; \"all\" is what no instance has.",
	  1, 1, false, { { 0 } }, run_release_mem },
	{ "query cpu", "", "list reserved CPUs that no instance has", NULL,
	  0, 0, true, { ALL_OPTION }, run_query_cpu },
	{ "query mem", "", "list reserved memory that no instance has, bytes@node",
	  "JSON lists each contiguous piece; physical addresses are shown to root only.",
	  0, 0, true, { ALL_OPTION }, run_query_mem },
	{ "create", "", "create an OS instance and print its number", NULL,
	  0, 0, true, { { 0 } }, run_create },
	{ "destroy", "OS", "remove an OS instance",
	  "It must not run. What it had stays reserved.", 1, 1, false, { { 0 } }, run_destroy },
	{ "get os_instances", "", "list the OS instances", NULL,
	  0, 0, true, { { 0 } }, run_get_instances },
	{ "get buildid", "", "print the build id of the loaded module", NULL,
	  0, 0, true, { { 0 } }, run_get_buildid },
	{ 0 },
};

static const struct cli_tool ihkconfig = {
	.name = "ihkconfig",
	.number = "DEVICE",
	.about = "Take CPUs and memory from Linux for lightweight kernels, and give them back.\n"
		 "DEVICE is 0: /dev/mcd0.",
	.actions = actions,
};

int main(int argc, char **argv)
{
	return cli_main(&ihkconfig, argc, argv);
}

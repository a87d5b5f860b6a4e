// SPDX-License-Identifier: GPL-2.0-only
/*
 * mcstop: stop every LWK and give everything back to Linux.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ihk/ihk.h>

#include "cli.h"
#include "lists.h"
#include "module.h"
#include "stop.h"

#define MAX_USERS 64
/* How long a killed process may take to go, each. */
#define KILL_TIMEOUT_MS 10000
/*
 * ihkmond and others that watch close the devices as soon as they see that all is over, and what
 * has been a proxy has an end in Linux's kernel, too, when it is no process any more.
 */
#define UNLOAD_TRIES 100
#define UNLOAD_PAUSE_MS 50

static bool quiet;

__attribute__((format(printf, 1, 2)))
static void say(const char *fmt, ...)
{
	va_list args;

	if (quiet)
		return;
	va_start(args, fmt);
	printf("mcstop: ");
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	cli_flush();
}

static void print_help(void)
{
	printf("Usage: mcstop [OPTION...]\n\n"
	       "Stop and remove all OS instances, give their CPUs and memory back to Linux, and\n"
	       "remove the modules.\n\n"
	       "  -k, --kill     kill processes that use the devices\n"
	       "  -R, --keep     keep the modules, and CPUs and memory reserved\n"
	       "  -q, --quiet    print errors only\n"
	       "      --help     print this help\n"
	       "  -V, --version  print version and build id\n\n"
	       "See mcstop(8).\n");
}

/* -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, bool *kill_users, bool *keep)
{
	static const struct option longs[] = {
		{ "kill", 0, NULL, 'k' },
		{ "keep", 0, NULL, 'R' },
		{ "quiet", 0, NULL, 'q' },
		{ "help", 0, NULL, 'H' },
		{ "version", 0, NULL, 'V' },
		{ 0 },
	};
	int c;

	argv[0] = "mcstop";
	while ((c = getopt_long(argc, argv, "kRqV", longs, NULL)) != -1) {
		switch (c) {
		case 'k':
			*kill_users = true;
			break;
		case 'R':
			*keep = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'H':
			print_help();
			return CLI_OK;
		case 'V':
			cli_print_version("mcstop");
			return CLI_OK;
		default:
			return cli_bad_option();
		}
	}
	if (optind < argc)
		return cli_usage("unexpected argument \"%s\"; see mcstop --help", argv[optind]);
	return -1;
}

/* A pidfd is of that very process, and readable when it has ended. */
static void kill_one(pid_t pid)
{
	struct pollfd end = { .events = POLLIN };

	end.fd = syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0)
		return;
	say("killing process %d, which uses the devices", pid);
	if (syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0) ||
	    poll(&end, 1, KILL_TIMEOUT_MS) < 1)
		cli_fail("process %d does not end", pid);
	close(end.fd);
}

static void kill_all_users(void)
{
	pid_t pids[MAX_USERS];
	int n = module_users(pids, MAX_USERS);

	for (int i = 0; i < n; i++)
		kill_one(pids[i]);
}

static int stop_all(struct ihk_dev *dev)
{
	int ids[IHK_MAX_OS];
	int n = ihk_dev_query_instances(dev, ids, IHK_MAX_OS);
	int status = CLI_OK;

	if (n < 0)
		return cli_library_failed();
	for (int i = 0; i < n; i++) {
		say("stopping OS instance %d", ids[i]);
		if (stop_instance(dev, ids[i]))
			status = CLI_FAILED;
	}
	return status;
}

static int release_all(struct ihk_dev *dev)
{
	struct ihk_mem_chunk all = { IHK_MEM_ALL, IHK_ANY_NODE };
	struct cpu_list cpu_list;
	struct mem_list mem_list;
	int cpus[IHK_MAX_CPUS];
	int status = CLI_OK;
	int n;

	say("giving memory and CPUs back to Linux");
	if (dev_mem(dev, &mem_list))
		return cli_library_failed();
	if (mem_list.n && ihk_dev_release_mem(dev, &all, 1))
		status = cli_library_failed();
	mem_list_free(&mem_list);
	if (dev_cpus(dev, &cpu_list))
		return cli_library_failed();
	n = cpu_numbers(&cpu_list, cpus);
	if (n && ihk_dev_release_cpus(dev, cpus, n))
		status = cli_library_failed();
	cpu_list_free(&cpu_list);
	return status;
}

static int remove_module(void)
{
	pid_t pids[1];
	int err;

	say("removing the modules mcctrl and ihk");
	for (int i = 0; i < UNLOAD_TRIES; i++) {
		err = module_unload(MODULE_ALL);
		if (!err)
			return CLI_OK;
		if (err != -EWOULDBLOCK)
			break;
		poll(NULL, 0, UNLOAD_PAUSE_MS);
	}
	if (module_users(pids, 1))
		return cli_fail("cannot remove the module ihk: process %d uses it (-k kills it)",
				pids[0]);
	return cli_fail("cannot remove the module ihk: %s", strerror(-err));
}

int main(int argc, char **argv)
{
	struct ihk_dev *dev;
	bool kill_users = false;
	bool keep = false;
	int status;

	cli_set_name("mcstop");
	status = parse_options(argc, argv, &kill_users, &keep);
	if (status >= 0)
		return cli_close_stdout(status);
	cli_survive_pipe();
	if (geteuid())
		return cli_fail("only root may stop OS instances");
	if (!module_is_loaded()) {
		say("nothing to do: the module ihk is not loaded");
		return cli_close_stdout(CLI_OK);
	}
	if (kill_users)
		kill_all_users();
	if (ihk_dev_open(0, 0, &dev))
		return cli_library_failed();
	status = stop_all(dev);
	if (!status && !keep)
		status = release_all(dev);
	ihk_dev_close(dev);
	if (!status && !keep)
		status = remove_module();
	return cli_close_stdout(status);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ihkmond: carries the logs and the changes of status of all LWKs into the system log.
 *
 * One thread sleeps in poll(2) on /dev, where instances come, and on each instance's
 * device, which reports growth of the log, changes of status, and the end. It keeps no
 * files. A device that was opened is closed as soon as its instance is destroyed, so that the
 * module can be removed.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <syslog.h>
#include <unistd.h>

#include <ihk/ihk.h>
#include <ihk/parse.h>

#include "cli.h"
#include "kmsg.h"

/* One watched instance; @reader.os is NULL where there is none. */
struct watched {
	int index;
	int status;
	struct kmsg_reader reader;
};

static struct watched watched[IHK_MAX_OS];
static bool want_kmsg = true;
static volatile sig_atomic_t stop;

static void handle_stop(int number)
{
	(void)number;
	stop = 1;
}

static void print_help(void)
{
	printf("Usage: ihkmond [OPTION...]\n\n"
	       "Write the logs and the changes of status of all lightweight kernels to syslog.\n\n"
	       "  -f, --facility=NAME  LOG_LOCAL0 to LOG_LOCAL7 (LOG_LOCAL6)\n"
	       "  -k, --kmsg=0|1       also the logs, not only the status (1)\n"
	       "  -F, --foreground     do not become a daemon; also write to stderr\n"
	       "  -?, --help           print this help\n"
	       "  -V, --version        print version and build id\n\n"
	       "See ihkmond(8).\n");
}

/* "LOG_LOCAL3" or "local3": the facility, or -1. */
static int parse_facility(const char *text)
{
	static const int facilities[] = { LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3,
					  LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7 };

	if (!strncasecmp(text, "LOG_", 4))
		text += 4;
	if (strncasecmp(text, "LOCAL", 5) || text[5] < '0' || text[5] > '7' || text[6])
		return -1;
	return facilities[text[5] - '0'];
}

/* "<3>[...]": the level that the LWK gave the line. */
static void log_line(void *arg, const char *line, size_t len)
{
	const struct watched *w = arg;
	int level = LOG_INFO;

	if (len >= 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>') {
		level = line[1] - '0';
		line += 3;
		len -= 3;
	}
	syslog(level, "mcos%d: %.*s", w->index, (int)len, line);
}

static int severity(int status)
{
	return status == IHK_STATUS_PANIC || status == IHK_STATUS_HUNGUP ? LOG_CRIT : LOG_NOTICE;
}

static int log_status(struct watched *w)
{
	struct ihk_status_info info;
	int err = ihk_instance_get_status(w->reader.os, &info);

	if (err || info.status == w->status)
		return err;
	syslog(severity(info.status), "mcos%d: status %s%s%s", w->index,
	       ihk_status_name(info.status), info.reason[0] ? ": " : "", info.reason);
	w->status = info.status;
	return 0;
}

static void forget(struct watched *w)
{
	syslog(LOG_NOTICE, "mcos%d: destroyed", w->index);
	kmsg_flush(&w->reader, log_line, w);
	ihk_instance_close(w->reader.os);
	w->reader.os = NULL;
}

/* Look at an instance, as often as its device says so. */
static void look(struct watched *w)
{
	uint64_t lost = 0;
	int err = log_status(w);

	if (!err && want_kmsg)
		err = kmsg_drain(&w->reader, log_line, w, &lost);
	if (lost)
		syslog(LOG_WARNING, "mcos%d: %llu bytes of the log were lost", w->index,
		       (unsigned long long)lost);
	if (err == -ENODEV)
		forget(w);
	else if (err && err != -ENODATA)
		syslog(LOG_ERR, "mcos%d: %s", w->index, ihk_error());
}

static void watch(int index)
{
	struct ihk_instance *os;
	struct watched *w;

	if (index < 0 || index >= IHK_MAX_OS || watched[index].reader.os)
		return;
	w = &watched[index];
	/* The node may be gone again by now. */
	if (ihk_instance_open(index, 0, &os))
		return;
	w->index = index;
	w->status = -1;
	kmsg_start(&w->reader, os);
	look(w);
}

static int node_index(const char *name)
{
	uint64_t index;

	if (strncmp(name, "mcos", 4) ||
	    ihk_parse_number(name + 4, IHK_MAX_OS - 1, "OS instance", &index))
		return -1;
	return index;
}

static int open_dev_watch(void)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0 || inotify_add_watch(fd, "/dev", IN_CREATE | IN_ATTRIB) < 0)
		return cli_fail("cannot watch /dev: %s", strerror(errno)), -1;
	for (int i = 0; i < IHK_MAX_OS; i++)
		watch(i);
	return fd;
}

static void take_new_nodes(int fd)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *event;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (char *at = buf; at < buf + n; at += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)at;
			if (event->mask & IN_Q_OVERFLOW)
				for (int i = 0; i < IHK_MAX_OS; i++)
					watch(i);
			else if (event->len)
				watch(node_index(event->name));
		}
	}
}

static void run(int dev_watch)
{
	struct pollfd fds[IHK_MAX_OS + 1];
	struct watched *of[IHK_MAX_OS + 1];
	short events = want_kmsg ? POLLIN | POLLPRI : POLLPRI;
	int n;

	while (!stop) {
		fds[0] = (struct pollfd){ .fd = dev_watch, .events = POLLIN };
		n = 1;
		for (int i = 0; i < IHK_MAX_OS; i++) {
			if (!watched[i].reader.os)
				continue;
			fds[n] = (struct pollfd){ ihk_instance_fd(watched[i].reader.os), events,
						  0 };
			of[n++] = &watched[i];
		}
		if (poll(fds, n, -1) < 0)
			continue;
		for (int i = 1; i < n; i++) {
			if (fds[i].revents & POLLHUP)
				forget(of[i]);
			else if (fds[i].revents)
				look(of[i]);
		}
		if (fds[0].revents)
			take_new_nodes(dev_watch);
	}
}

/* -1 to go on, or an exit status. */
static int parse_options(int argc, char **argv, int *facility, bool *foreground)
{
	static const struct option longs[] = {
		{ "facility", 1, NULL, 'f' },
		{ "kmsg", 1, NULL, 'k' },
		{ "foreground", 0, NULL, 'F' },
		{ "help", 0, NULL, 'H' },
		{ "version", 0, NULL, 'V' },
		{ 0 },
	};
	int c;

	argv[0] = "ihkmond";
	while ((c = getopt_long(argc, argv, "f:k:Fi:V?", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			*facility = parse_facility(optarg);
			if (*facility < 0)
				return cli_usage("bad facility \"%s\": LOG_LOCAL0 to LOG_LOCAL7",
						 optarg);
			break;
		case 'k':
			if (strcmp(optarg, "0") && strcmp(optarg, "1"))
				return cli_usage("bad value \"%s\" of --kmsg: 0 or 1", optarg);
			want_kmsg = optarg[0] == '1';
			break;
		case 'F':
			*foreground = true;
			break;
		case 'i':
			return cli_usage("option -i is not supported: the module itself detects "
					 "hangs, see its parameter hang_timeout_s");
		case 'V':
			cli_print_version("ihkmond");
			return CLI_OK;
		default:
			/* getopt says '?' of what it does not know, too. */
			if (c == '?' && strcmp(argv[optind - 1], "-?"))
				return cli_bad_option();
			print_help();
			return CLI_OK;
		}
	}
	if (optind < argc)
		return cli_usage("unexpected argument \"%s\"; see ihkmond --help", argv[optind]);
	return -1;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = handle_stop };
	bool foreground = false;
	int facility = LOG_LOCAL6;
	int dev_watch;
	int status;

	cli_set_name("ihkmond");
	status = parse_options(argc, argv, &facility, &foreground);
	if (status >= 0)
		return cli_close_stdout(status);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	openlog("ihkmond", foreground ? LOG_PERROR : 0, facility);
	if (!foreground && daemon(0, 0))
		return cli_fail("cannot become a daemon: %s", strerror(errno));
	dev_watch = open_dev_watch();
	if (dev_watch < 0)
		return CLI_FAILED;
	run(dev_watch);
	for (int i = 0; i < IHK_MAX_OS; i++)
		ihk_instance_close(watched[i].reader.os);
	close(dev_watch);
	return CLI_OK;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * inotify: events of one's own doing.
 */
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

static void show_events(int fd)
{
	char buf[4096] __attribute__((aligned(8)));
	const struct inotify_event *event;
	ssize_t len = read(fd, buf, sizeof(buf));
	ssize_t at;

	if (len < 0)
		printf("%s\n", error_name(errno));
	for (at = 0; at < len; at += (ssize_t)(sizeof(*event) + event->len)) {
		event = (const struct inotify_event *)(buf + at);
		printf("watch %d, %#x, cookie %s, %s\n", event->wd, event->mask,
		       event->cookie ? "yes" : "no", event->len ? event->name : "-");
	}
}

int main(void)
{
	int file;
	int fd;

	MUST((fd = inotify_init1(IN_NONBLOCK)) >= 0);
	SHOW(inotify_add_watch(fd, ".", IN_ALL_EVENTS & ~IN_ACCESS));
	SHOW(inotify_add_watch(fd, "none", IN_ALL_EVENTS));
	SHOW(inotify_add_watch(fd, ".", 0));
	show_events(fd);
	MUST((file = open("file", O_CREAT | O_WRONLY, 0644)) >= 0);
	SHOW(write(file, "x", 1));
	close(file);
	show_events(fd);
	SHOW(rename("file", "other"));
	SHOW(chmod("other", 0600));
	SHOW(mkdir("dir", 0755));
	SHOW(unlink("other"));
	show_events(fd);
	SHOW(inotify_rm_watch(fd, 1));
	SHOW(inotify_rm_watch(fd, 1));
	show_events(fd);
	return 0;
}

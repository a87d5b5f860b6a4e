// SPDX-License-Identifier: GPL-2.0-only
/*
 * Readiness: poll(), select(), epoll, eventfd.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include "app.h"

static void show_poll(void)
{
	struct pollfd items[4] = {
		{ .fd = -1, .events = POLLIN }, { .fd = 999, .events = POLLIN },
		{ .events = POLLIN }, { .events = POLLOUT | POLLIN },
	};
	const struct rlimit few = { 3, 1000 };
	int fds[2];
	int i;

	MUST(pipe(fds) == 0);
	items[2].fd = fds[0];
	items[3].fd = fds[1];
	SHOW(poll(items, 4, 1000));
	MUST(write(fds[1], "x", 1) == 1);
	SHOW(poll(items, 4, -1));
	close(fds[1]);
	SHOW(poll(items, 3, 0));
	for (i = 0; i < 4; i++)
		printf("%#x\n", (unsigned int)items[i].revents);
	SHOW(poll(items, 0, 0));
	MUST(setrlimit(RLIMIT_NOFILE, &few) == 0);
	SHOW(poll(items, 4, 0));
	close(fds[0]);
}

static void show_select(void)
{
	struct timeval none = { 0 };
	struct timeval bad = { .tv_sec = -1 };
	fd_set writable;
	fd_set readable;
	int fds[2];

	MUST(pipe(fds) == 0);
	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_SET(fds[0], &readable);
	FD_SET(fds[1], &writable);
	SHOW(select(fds[1] + 1, &readable, &writable, NULL, NULL));
	SHOW(FD_ISSET(fds[0], &readable));
	SHOW(FD_ISSET(fds[1], &writable));
	FD_ZERO(&readable);
	FD_SET(100, &readable);
	SHOW(select(101, &readable, NULL, NULL, &none));
	SHOW(select(-1, NULL, NULL, NULL, &none));
	SHOW(select(0, NULL, NULL, NULL, &bad));
	close(fds[0]);
	close(fds[1]);
}

static void print_events(int epoll, const char *what)
{
	struct epoll_event events[4];
	int n = epoll_wait(epoll, events, 4, 0);
	int i;

	printf("%s:", what);
	for (i = 0; i < n; i++)
		printf(" %#x for %lu", events[i].events, (unsigned long)events[i].data.u64);
	printf("\n");
}

static void show_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 1 };
	int epoll;
	int fds[2];
	int file;
	char byte;

	SHOW(epoll_create1(7));
	SHOW(epoll_create(0));
	MUST((epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 && pipe(fds) == 0);
	MUST((file = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, fds[1], &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, fds[1], NULL));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event));
	SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
	SHOW(epoll_ctl(epoll, 77, fds[0], &event));
	print_events(epoll, "empty");
	MUST(write(fds[1], "xx", 2) == 2);
	print_events(epoll, "level");
	print_events(epoll, "level again");
	event.events = EPOLLIN | EPOLLET;
	SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, fds[0], &event));
	print_events(epoll, "edge");
	print_events(epoll, "edge again");
	MUST(write(fds[1], "x", 1) == 1);
	print_events(epoll, "edge, one more");
	event.events = EPOLLIN | EPOLLONESHOT;
	SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, fds[0], &event));
	print_events(epoll, "one shot");
	print_events(epoll, "one shot again");
	SHOW(read(fds[0], &byte, 1));
	close(fds[1]);
	event.events = EPOLLRDHUP;
	SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, fds[0], &event));
	print_events(epoll, "closed");
	SHOW(epoll_wait(epoll, &event, 0, 0));
	SHOW(epoll_wait(fds[0], &event, 1, 0));
	close(fds[0]);
	close(file);
	close(epoll);
}

static void show_eventfd(void)
{
	uint64_t count;
	int fd;

	MUST((fd = eventfd(3, EFD_NONBLOCK)) >= 0);
	SHOW(read(fd, &count, 8));
	SHOW((long)count);
	SHOW(read(fd, &count, 8));
	count = UINT64_MAX - 1;
	SHOW(write(fd, &count, 8));
	count = 1;
	SHOW(write(fd, &count, 8));
	count = UINT64_MAX;
	SHOW(write(fd, &count, 8));
	SHOW(write(fd, &count, 4));
	SHOW(read(fd, &count, 8));
	SHOW_TRUE(count == UINT64_MAX - 1);
	close(fd);
	MUST((fd = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE)) >= 0);
	SHOW(read(fd, &count, 8));
	SHOW((long)count);
	SHOW(read(fd, &count, 8));
	SHOW(read(fd, &count, 8));
	close(fd);
}

int main(void)
{
	show_select();
	show_epoll();
	show_eventfd();
	show_poll();
	return 0;
}

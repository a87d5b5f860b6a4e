// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of one thread with itself: pairs, TCP and UDP on the loopback, descriptors that
 * are passed.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app.h"

#define LEN (4UL << 20)

static void show_pairs(void)
{
	char buf[16] = "";
	int fds[2];

	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
	SHOW(send(fds[0], "first", 5, 0));
	SHOW(send(fds[0], "second", 6, 0));
	SHOW(recv(fds[1], buf, sizeof(buf), MSG_PEEK));
	SHOW(recv(fds[1], buf, 2, MSG_TRUNC));
	SHOW(recv(fds[1], buf, sizeof(buf), MSG_DONTWAIT));
	SHOW(recv(fds[1], buf, sizeof(buf), MSG_DONTWAIT));
	close(fds[0]);
	close(fds[1]);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	SHOW(shutdown(fds[0], SHUT_WR));
	SHOW(recv(fds[1], buf, sizeof(buf), 0));
	SHOW(send(fds[0], "x", 1, MSG_NOSIGNAL));
	SHOW(send(fds[1], "x", 1, 0));
	close(fds[0]);
	SHOW(send(fds[1], "x", 1, MSG_NOSIGNAL));
	close(fds[1]);
	SHOW(socketpair(AF_INET, SOCK_STREAM, 0, fds));
	SHOW(socket(AF_UNIX, 77, 0));
	SHOW(socket(9999, SOCK_STREAM, 0));
}

static void show_passing(void)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	char byte = 'd';
	struct iovec vec = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	char buf[8] = "";
	int passed;
	int fds[2];
	int file;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	MUST((file = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	MUST(pwrite(file, "passed", 6, 0) == 6);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &file, sizeof(int));
	SHOW(sendmsg(fds[0], &message, 0));
	memset(control, 0, sizeof(control));
	SHOW(recvmsg(fds[1], &message, 0));
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	SHOW_TRUE(passed != file);
	SHOW(pread(passed, buf, 6, 0));
	printf("%s\n", buf);
	close(fds[0]);
	close(fds[1]);
}

static uint64_t checksum(const unsigned char *data)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LEN; i++)
		sum = sum * 31 + data[i];
	return sum;
}

/* Both ends in turn, never waiting for oneself. */
static void transfer(int from, int to)
{
	static unsigned char out[LEN];
	static unsigned char in[LEN];
	size_t received = 0;
	size_t sent = 0;
	size_t i;

	for (i = 0; i < LEN; i++)
		out[i] = (unsigned char)(i * 7 + i / 251);
	while (received < LEN) {
		struct pollfd items[2] = {
			{ from, sent < LEN ? POLLOUT : 0, 0 }, { to, POLLIN, 0 },
		};
		ssize_t n;

		MUST(poll(items, 2, -1) > 0);
		if (items[0].revents & POLLOUT) {
			n = send(from, out + sent, LEN - sent, MSG_DONTWAIT);
			sent += n > 0 ? (size_t)n : 0;
		}
		if (items[1].revents & POLLIN) {
			n = recv(to, in + received, LEN - received, MSG_DONTWAIT);
			received += n > 0 ? (size_t)n : 0;
		}
	}
	SHOW_TRUE(checksum(in) == checksum(out));
}

static void show_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int value = 1;
	int server;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(listener >= 0 && client >= 0);
	SHOW(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	MUST(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
	SHOW(connect(client, (struct sockaddr *)&address, len));
	SHOW(accept(listener, NULL, NULL));
	SHOW(listen(listener, 1));
	SHOW(connect(client, (struct sockaddr *)&address, len));
	MUST((server = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0);
	SHOW(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
	len = sizeof(value);
	value = 0;
	SHOW(getsockopt(client, IPPROTO_TCP, TCP_NODELAY, &value, &len));
	SHOW(value);
	transfer(client, server);
	transfer(server, client);
	SHOW(shutdown(client, SHUT_WR));
	SHOW(recv(server, &value, 4, 0));
	close(server);
	SHOW(recv(client, &value, 4, 0));
	close(client);
	close(listener);
}

static void show_udp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int server = socket(AF_INET, SOCK_DGRAM, 0);
	int client = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in from;
	char buf[64] = "";

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(server >= 0 && client >= 0);
	MUST(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0);
	MUST(getsockname(server, (struct sockaddr *)&address, &len) == 0);
	SHOW(sendto(client, "datagram", 8, 0, (struct sockaddr *)&address, len));
	SHOW(recvfrom(server, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len));
	printf("%s from %s\n", buf, inet_ntoa(from.sin_addr));
	SHOW(send(client, "x", 1, 0));
	close(server);
	SHOW(connect(client, (struct sockaddr *)&address, len));
	SHOW(send(client, "x", 1, 0));
	SHOW(recv(client, buf, 1, 0));
	close(client);
}

static void show_names(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	SHOW(bind(listener, (struct sockaddr *)&address, sizeof(address)));
	SHOW(bind(client, (struct sockaddr *)&address, sizeof(address)));
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	SHOW(listen(listener, 0));
	SHOW(connect(client, (struct sockaddr *)&address, sizeof(address)));
	SHOW(unlink("socket"));
	close(client);
	close(listener);
}

int main(void)
{
	show_pairs();
	show_passing();
	show_tcp();
	show_udp();
	show_names();
	return 0;
}

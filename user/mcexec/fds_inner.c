// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that name file descriptors in other ways than as an argument that is always one:
 * in messages, and as those of a process.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/mcexec/fds.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/text.h"

/* Linux takes no more in a message (SCM_MAX_FD), nor more messages at once (UIO_MAXIOV). */
#define MAX_PASSED 253
#define MAX_MESSAGES 1024

static bool passes_hidden(u64 at, size_t len)
{
	int passed[MAX_PASSED];
	size_t n = len / sizeof(passed[0]);

	/* What is too long or cannot be read is Linux's to refuse. */
	if (n > MAX_PASSED || memory_read(passed, at, n * sizeof(passed[0])))
		return false;
	for (size_t i = 0; i < n; i++)
		if (fds_is_hidden((u64)passed[i]))
			return true;
	return false;
}

static bool message_names_hidden(const struct msghdr *message)
{
	u64 at = (uintptr_t)message->msg_control;
	size_t left = message->msg_controllen;
	struct cmsghdr header;
	size_t len;

	if (left > INT_MAX)
		return false;
	while (left >= sizeof(header) && !memory_read(&header, at, sizeof(header))) {
		len = header.cmsg_len;
		if (len < sizeof(header) || len > left)
			return false;
		if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_RIGHTS &&
		    passes_hidden(at + sizeof(header), len - sizeof(header)))
			return true;
		len = CMSG_ALIGN(len);
		if (len > left)
			return false;
		at += len;
		left -= len;
	}
	return false;
}

/* This and the next are not inline: all calls would pay for their frames. */
static bool __attribute__((noinline)) sends_hidden(u64 at)
{
	struct msghdr message;

	return !memory_read(&message, at, sizeof(message)) && message_names_hidden(&message);
}

/* As on Linux the messages before a bad one are sent. */
static bool __attribute__((noinline)) sends_hidden_first(u64 *args)
{
	u64 n = (u32)args[2] < MAX_MESSAGES ? (u32)args[2] : MAX_MESSAGES;
	struct mmsghdr message;

	for (u64 i = 0; i < n; i++) {
		if (memory_read(&message, args[1] + i * sizeof(message), sizeof(message)))
			return false;
		if (!message_names_hidden(&message.msg_hdr))
			continue;
		args[2] = i;
		return !i;
	}
	return false;
}

/* Does the number mean one of this process's threads? */
static bool is_own(u64 tid)
{
	return (int)tid > 0 && !syscall(SYS_tgkill, getpid(), (int)tid, 0);
}

static bool compares_hidden(const u64 *args)
{
	if ((int)args[2] != KCMP_FILE && (int)args[2] != KCMP_EPOLL_TFD)
		return false;
	if (fds_is_hidden(args[3]) && is_own(args[0]))
		return true;
	return (int)args[2] == KCMP_FILE && fds_is_hidden(args[4]) && is_own(args[1]);
}

static bool is_own_pidfd(int fd)
{
	char path[64], text[512], *pid;
	ssize_t len;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return false;
	len = read(info, text, sizeof(text) - 1);
	close(info);
	text[len > 0 ? len : 0] = '\0';
	pid = strstr(text, "\nPid:");
	return pid && atoi(pid + strlen("\nPid:")) == text_own_pid();
}

bool fds_forbids_inner(u64 nr, u64 *args)
{
	switch (nr) {
	case SYS_sendmsg:
		return sends_hidden(args[1]);
	case SYS_sendmmsg:
		return sends_hidden_first(args);
	case SYS_kcmp:
		return compares_hidden(args);
	case SYS_pidfd_getfd:
		return fds_is_hidden(args[1]) && is_own_pidfd((int)args[0]);
	default:
		return false;
	}
}

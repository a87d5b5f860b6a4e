// SPDX-License-Identifier: GPL-2.0-only
/*
 * POSIX message queues: order, limits, time-outs, notification, between processes, and what is
 * refused. The queue is named after the process, so that runs side by side have one each.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define LEN 32

static char name[32];

static void show_attributes(mqd_t queue)
{
	struct mq_attr attr = { .mq_flags = 99 };

	SHOW(mq_getattr(queue, &attr));
	printf("flags %#lx, %ld of %ld messages of %ld\n", attr.mq_flags, attr.mq_curmsgs,
	       attr.mq_maxmsg, attr.mq_msgsize);
}

static void receive(mqd_t queue)
{
	unsigned int priority = 99;
	char buf[LEN + 1] = "";
	long len = mq_receive(queue, buf, LEN, &priority);

	show("mq_receive", len);
	if (len >= 0)
		printf("  %s, priority %u\n", buf, priority);
}

static void show_order(mqd_t queue)
{
	const struct timespec past = { .tv_sec = 1 };
	const struct timespec bad = { .tv_nsec = -1 };
	char buf[LEN];

	SHOW(mq_send(queue, "low", 4, 1));
	SHOW(mq_send(queue, "high", 5, 7));
	SHOW(mq_send(queue, "low too", 8, 1));
	SHOW(mq_timedsend(queue, "full", 5, 1, &past));
	SHOW(mq_timedsend(queue, "full", 5, 1, &bad));
	SHOW(mq_send(queue, buf, LEN + 1, 1));
	SHOW(mq_send(queue, buf, 1, 40000));
	SHOW(syscall(SYS_mq_timedsend, queue, (void *)1, 5, 1, NULL));
	show_attributes(queue);
	SHOW(mq_receive(queue, buf, LEN - 1, NULL));
	receive(queue);
	receive(queue);
	receive(queue);
	SHOW(mq_timedreceive(queue, buf, LEN, NULL, &past));
	SHOW(syscall(SYS_mq_timedreceive, queue, (void *)1, LEN, NULL, &past));
}

static void show_flags(mqd_t queue)
{
	struct mq_attr attr = { .mq_flags = O_NONBLOCK };
	struct mq_attr old;

	SHOW(mq_setattr(queue, &attr, &old));
	receive(queue);
	show_attributes(queue);
	attr.mq_flags = 0x40000000;
	SHOW(mq_setattr(queue, &attr, NULL));
	attr.mq_flags = 0;
	SHOW(mq_setattr(queue, &attr, NULL));
}

static void show_peers(mqd_t queue)
{
	pid_t pid = fork();
	char buf[LEN];
	int status;

	MUST(pid >= 0);
	if (!pid) {
		/* Waits for the parent's word, and answers with two. */
		MUST(mq_receive(queue, buf, LEN, NULL) == 6);
		mq_send(queue, "from", 5, 0);
		mq_send(queue, "child", 6, 0);
		_exit(5);
	}
	SHOW(mq_send(queue, "parent", 6, 0));
	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(WEXITSTATUS(status));
	receive(queue);
	receive(queue);
}

static void show_notification(mqd_t queue)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
		.sigev_value.sival_int = 42,
	};
	siginfo_t info = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	SHOW(mq_notify(queue, &event));
	SHOW(mq_notify(queue, &event));
	SHOW(mq_send(queue, "notify", 7, 0));
	SHOW(sigwaitinfo(&set, &info));
	SHOW(info.si_code);
	SHOW(info.si_value.sival_int);
	SHOW_TRUE(info.si_pid == getpid());
	receive(queue);
	SHOW(mq_notify(queue, NULL));
	event.sigev_signo = 99;
	SHOW(mq_notify(queue, &event));
}

static void show_refused(void)
{
	struct mq_attr attr = { .mq_maxmsg = 3, .mq_msgsize = LEN };

	SHOW(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, &attr));
	SHOW(mq_open("/no-such-queue", O_RDWR));
	SHOW(mq_open("/a/b", O_CREAT | O_RDWR, 0600, &attr));
	SHOW(mq_open("no-slash", O_RDWR));
	SHOW(syscall(SYS_mq_open, (void *)1, O_RDWR, 0, NULL));
	SHOW(syscall(SYS_mq_open, "other", O_CREAT | O_RDWR, 0600, (void *)1));
	attr.mq_maxmsg = 0;
	SHOW(mq_open("/zero", O_CREAT | O_RDWR, 0600, &attr));
	SHOW(mq_send(0, "x", 1, 0));
	SHOW(mq_receive(-1, name, 1, NULL));
	SHOW(mq_unlink("/no-such-queue"));
}

int main(void)
{
	struct mq_attr attr = { .mq_maxmsg = 3, .mq_msgsize = LEN };
	mqd_t queue;
	mqd_t reader;

	snprintf(name, sizeof(name), "/ipc_mq-%d", (int)getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
	MUST(queue >= 0);
	show_attributes(queue);
	show_order(queue);
	show_flags(queue);
	show_peers(queue);
	show_notification(queue);
	show_refused();
	reader = mq_open(name, O_RDONLY);
	SHOW(mq_send(reader, "x", 1, 0));
	SHOW(mq_unlink(name));
	SHOW(mq_unlink(name));
	SHOW(mq_close(reader));
	SHOW(mq_close(queue));
	SHOW(mq_send(queue, "x", 1, 0));
	return 0;
}

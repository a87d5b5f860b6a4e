// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V semaphores and message queues: waiting and what ends it, SEM_UNDO, errors.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <time.h>

#include "fork.h"

struct message {
	long type;
	char text[32];
};

static int sem;
static int queue;

static int post(int value, int flags)
{
	struct sembuf op = { 0, (short)value, (short)flags };

	return semop(sem, &op, 1);
}

static int value(void)
{
	return semctl(sem, 0, GETVAL);
}

static void nothing(int signal)
{
	(void)signal;
}

/* Until a signal comes, however often it has to come before the call has begun. */
static void alarms(int on, int flags)
{
	const struct itimerval timer = { { 0, on * 50000 }, { 0, on * 50000 } };
	struct sigaction action = { .sa_handler = nothing, .sa_flags = flags };

	MUST(!sigaction(SIGALRM, &action, NULL));
	MUST(!setitimer(ITIMER_REAL, &timer, NULL));
}

/* Wait until @n processes wait for the semaphore. */
static void await_waiters(int n)
{
	while (semctl(sem, 0, GETNCNT) < n)
		usleep(1000);
}

static void show_errors(void)
{
	struct sembuf ops[2] = { { 0, -1, IPC_NOWAIT }, { 7, 1, 0 } };
	struct timespec soon = { 0, 1000000 };

	SHOW(post(-1, IPC_NOWAIT));
	SHOW(semop(sem, ops, 2));
	SHOW(semop(sem, ops, 100000));
	SHOW(semop(sem, NULL, 1));
	SHOW(semop(-1, ops, 1));
	SHOW(semctl(sem, 0, SETVAL, 40000));
	ops[0].sem_flg = 0;
	SHOW(semtimedop(sem, ops, 1, &soon));
	alarms(1, 0);
	SHOW(post(-1, 0));
	alarms(1, SA_RESTART);
	SHOW(post(-1, 0));
	alarms(0, 0);
	SHOW(value());
}

static void *undo_in_thread(void *arg)
{
	SHOW(post(3, SEM_UNDO));
	return arg;
}

static void show_undo(void)
{
	pthread_t thread;
	pid_t pid = fork_must();

	if (!pid) {
		SHOW(post(5, SEM_UNDO));
		SHOW(value());
		exit(0);
	}
	reap(pid, "undone by exit");
	SHOW(value());
	pid = fork_must();
	if (!pid) {
		SHOW(post(5, SEM_UNDO));
		kill(getpid(), SIGKILL);
	}
	reap(pid, "undone by death");
	SHOW(value());
	pid = fork_must();
	if (!pid) {
		MUST(!pthread_create(&thread, NULL, undo_in_thread, NULL));
		MUST(!pthread_join(thread, NULL));
		SHOW(value());
		exit(0);
	}
	reap(pid, "not undone by the end of a thread");
	SHOW(value());
	pid = fork_must();
	if (!pid) {
		MUST(!post(2, SEM_UNDO));
		execlp("true", "true", (char *)NULL);
		_exit(1);
	}
	reap(pid, "undone after another program");
	SHOW(value());
}

static void show_waiting(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		SHOW(post(-2, 0));
		exit(0);
	}
	await_waiters(1);
	MUST(!post(1, 0) && !post(1, 0));
	reap(pid, "a child that waited");
	SHOW(value());
	pid = fork_must();
	if (!pid) {
		SHOW(post(-1, 0));
		exit(0);
	}
	await_waiters(1);
	MUST(!semctl(sem, 0, IPC_RMID));
	reap(pid, "a child that waited for what was removed");
	SHOW(value());
}

static void send(long type, const char *text)
{
	struct message message = { .type = type };

	strcpy(message.text, text);
	MUST(!msgsnd(queue, &message, strlen(text) + 1, 0));
}

static void receive(long type, int flags)
{
	struct message message = { 0 };

	if (SHOW(msgrcv(queue, &message, sizeof(message.text), type, flags)) >= 0)
		printf("%ld: %s\n", message.type, message.text);
}

/* How many messages wait. */
static long waiting(void)
{
	struct msqid_ds ds;

	MUST(!msgctl(queue, IPC_STAT, &ds));
	return (long)ds.msg_qnum;
}

static void show_messages(void)
{
	struct message message = { .type = 1 };
	pid_t pid;

	MUST((queue = msgget(IPC_PRIVATE, 0600)) >= 0);
	send(3, "three");
	send(1, "one");
	send(2, "two");
	receive(2, 0);
	receive(-2, 0);
	SHOW(msgrcv(queue, &message, 2, 0, 0));
	SHOW(msgrcv(queue, &message, 2, 0, MSG_NOERROR));
	receive(0, IPC_NOWAIT);
	SHOW(msgsnd(queue, &message, 1 << 20, 0));
	message.type = 0;
	SHOW(msgsnd(queue, &message, 1, 0));
	alarms(1, SA_RESTART);
	receive(0, 0);
	alarms(0, 0);
	pid = fork_must();
	if (!pid) {
		receive(7, 0);
		/* EIDRM if it waits already. */
		SHOW_TRUE(msgrcv(queue, &message, 1, 7, 0) < 0 &&
			  (errno == EIDRM || errno == EINVAL));
		exit(0);
	}
	send(8, "another's");
	send(7, "the child's");
	/* When it has taken that, it waits for what never comes. */
	while (waiting() > 1)
		usleep(1000);
	MUST(!msgctl(queue, IPC_RMID, NULL));
	reap(pid, "a child that received");
}

int main(void)
{
	MUST((sem = semget(IPC_PRIVATE, 2, 0600)) >= 0);
	show_errors();
	show_undo();
	show_waiting();
	show_messages();
	return 0;
}

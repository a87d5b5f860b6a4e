// SPDX-License-Identifier: GPL-2.0-only
/*
 * To whom of several threads a signal goes, with its value, also while others are in a handler; the
 * queue's order and limit; who may pretend to be whom.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "order.h"
#include "threads.h"

#define SIG SIGRTMIN
#define MANY 20

static __thread int number;
static sem_t ready, go, entered, leave, came;

static union sigval value(int n)
{
	return (union sigval){ .sival_int = n };
}

/* The thread's number and the value. The first one stays until it may leave. */
static void stay(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	note_order(info->si_value.sival_int);
	sem_post(&entered);
	if (info->si_value.sival_int == 1)
		wait_sem(&leave);
	sem_post(&came);
}

static void *be_there(void *arg)
{
	number = (int)(long)arg;
	block(SIG_UNBLOCK, SIG);
	sem_post(&ready);
	wait_sem(&go);
	return NULL;
}

static void handle(int flags)
{
	struct sigaction action = { .sa_sigaction = stay, .sa_flags = SA_SIGINFO | flags };

	MUST(!sigaction(SIG, &action, NULL));
}

static void start(pthread_t *threads, int n)
{
	block(SIG_BLOCK, SIG);
	for (long i = 0; i < n; i++) {
		MUST(!pthread_create(&threads[i], NULL, be_there, (void *)(i + 1)));
		wait_sem(&ready);
	}
}

static void finish(pthread_t *threads, int n)
{
	for (int i = 0; i < n; i++)
		sem_post(&go);
	for (int i = 0; i < n; i++)
		MUST(!pthread_join(threads[i], NULL));
}

/* While one thread is in its handler, another one takes the next. */
static void show_both(void)
{
	pthread_t threads[2];

	handle(0);
	start(threads, 2);
	MUST(!sigqueue(getpid(), SIG, value(1)));
	wait_sem(&entered);
	for (int i = 2; i <= 5; i++) {
		MUST(!sigqueue(getpid(), SIG, value(i)));
		wait_sem(&entered);
		wait_sem(&came);
	}
	sem_post(&leave);
	wait_sem(&came);
	show_order("one stays, the other takes");
	finish(threads, 2);
}

/* The same when it is alone: they wait, in order. */
static void show_one(void)
{
	pthread_t threads[1];

	start(threads, 1);
	MUST(!sigqueue(getpid(), SIG, value(1)));
	wait_sem(&entered);
	for (int i = 2; i <= MANY; i++)
		MUST(!sigqueue(getpid(), SIG, value(i)));
	printf("in the handler: %d\n", norder);
	sem_post(&leave);
	for (int i = 1; i <= MANY; i++)
		wait_sem(&came);
	show_order("in order");
	while (!sem_trywait(&entered))
		continue;
	finish(threads, 1);
}

/* What is for one thread waits for it, whoever else could take it. */
static void show_directed(void)
{
	pthread_t threads[2];

	start(threads, 2);
	MUST(!pthread_sigqueue(threads[0], SIG, value(1)));
	wait_sem(&entered);
	for (int i = 2; i <= 4; i++)
		MUST(!pthread_sigqueue(threads[0], SIG, value(i)));
	MUST(!pthread_sigqueue(threads[1], SIG, value(9)));
	wait_sem(&entered);
	wait_sem(&came);
	show_order("one stays, the other takes its own");
	sem_post(&leave);
	for (int i = 1; i <= 4; i++)
		wait_sem(&came);
	show_order("its own");
	while (!sem_trywait(&entered))
		continue;
	finish(threads, 2);
}

/* With SA_NODEFER the handler is interrupted by the next one. */
static void show_nested(void)
{
	pthread_t threads[1];

	handle(SA_NODEFER);
	start(threads, 1);
	MUST(!sigqueue(getpid(), SIG, value(1)));
	wait_sem(&entered);
	MUST(!sigqueue(getpid(), SIG, value(2)));
	wait_sem(&entered);
	wait_sem(&came);
	sem_post(&leave);
	wait_sem(&came);
	show_order("nested");
	finish(threads, 1);
	handle(0);
}

/* Both kinds of queue have one limit, that of the user. */
static void show_limit(void)
{
	struct rlimit before, limit;
	siginfo_t info = { .si_code = SI_QUEUE };
	const struct timespec no_time = { 0 };
	sigset_t set;
	int n = 0;

	sigemptyset(&set);
	sigaddset(&set, SIG);
	MUST(!getrlimit(RLIMIT_SIGPENDING, &before));
	limit = (struct rlimit){ 5, before.rlim_max };
	MUST(!setrlimit(RLIMIT_SIGPENDING, &limit));
	while (!sigqueue(getpid(), SIG, value(n + 1)))
		n++;
	printf("queued at most 5: %s, %s\n", n <= 5 ? "yes" : "no", error_name(errno));
	info.si_signo = SIG;
	SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), SIG, &info));
	SHOW(kill(getpid(), SIG));
	for (int i = 1; i <= n; i++)
		MUST(sigtimedwait(&set, &info, &no_time) == SIG && info.si_value.sival_int == i);
	while (sigtimedwait(&set, &info, &no_time) == SIG)
		continue;
	MUST(!setrlimit(RLIMIT_SIGPENDING, &before));
	SHOW(sigqueue(getpid(), SIG, value(7)));
	SHOW(sigtimedwait(&set, &info, &no_time) == SIG && info.si_value.sival_int == 7);
}

/* What may be said of oneself, and not of others. */
static void show_pretence(void)
{
	static const int codes[] = { SI_USER, SI_TKILL, SI_QUEUE, SI_TIMER, SI_KERNEL, -99 };
	pid_t self = getpid(), parent = getppid(), tid = (pid_t)syscall(SYS_gettid);
	const struct timespec no_time = { 0 };
	siginfo_t info = { 0 }, got;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIG);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		info.si_code = codes[i];
		info.si_pid = 4321;
		info.si_uid = 99;
		printf("code %d\n", codes[i]);
		SHOW(syscall(SYS_rt_sigqueueinfo, parent, 0, &info));
		SHOW(syscall(SYS_rt_tgsigqueueinfo, self, tid, SIG, &info));
		SHOW(sigtimedwait(&set, &got, &no_time) == SIG);
		SHOW(got.si_code == codes[i] && got.si_pid == 4321 && got.si_uid == 99);
	}
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, parent, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, 0, tid, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, 0, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, tid, 65, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, self, SIG, (void *)1));
	SHOW(syscall(SYS_tgkill, 0, tid, 0));
	SHOW(syscall(SYS_tgkill, self, -1, 0));
	SHOW(syscall(SYS_tgkill, self, tid, -1));
	SHOW(syscall(SYS_tkill, tid, 0));
}

int main(void)
{
	MUST(!sem_init(&ready, 0, 0) && !sem_init(&go, 0, 0) && !sem_init(&came, 0, 0) &&
	     !sem_init(&entered, 0, 0) && !sem_init(&leave, 0, 0));
	show_both();
	show_one();
	show_directed();
	show_nested();
	show_limit();
	show_pretence();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals from one thread to another one of its process: what they say, in which order they come,
 * where they are while they are blocked, and that none is lost, whatever the other one does just
 * then.
 */
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "order.h"
#include "threads.h"

#define TURNS 100

static sem_t ready, go, stay, inside;
static pthread_t first;
static pid_t other_tid;

static void note(int sig, siginfo_t *info, void *context)
{
	(void)context;
	note_order(sig);
	if (info->si_code != SI_TKILL && info->si_code != SI_QUEUE)
		printf("code %d\n", info->si_code);
	MUST(info->si_pid == getpid() && info->si_uid == getuid());
	if (info->si_code == SI_QUEUE)
		note_order(info->si_value.sival_int);
}

/* With everything blocked, until it is let go. */
static void note_and_stay(int sig, siginfo_t *info, void *context)
{
	note(sig, info, context);
	sem_post(&inside);
	wait_sem(&stay);
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigfillset(&action.sa_mask);
	MUST(!sigaction(sig, &action, NULL));
}

static void *wait_here(void *arg)
{
	sem_post(&ready);
	wait_sem(&go);
	return arg;
}

/* Sent while a handler blocks them all, they come by number, each once, the first of its kind. */
static void show_handler(void)
{
	static const int sent[] = { SIGUSR2, SIGUSR1, SIGHUP, SIGUSR2, SIGTERM, SIGINT, SIGUSR1 };
	pthread_t other;

	handle(SIGALRM, note_and_stay, SA_RESTART);
	MUST(!pthread_create(&other, NULL, wait_here, NULL));
	wait_sem(&ready);
	MUST(!pthread_kill(other, SIGALRM));
	wait_sem(&inside);
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		MUST(!pthread_kill(other, sent[i]));
	MUST(!pthread_sigqueue(other, SIGWINCH, (union sigval){ .sival_int = 501 }));
	MUST(!pthread_sigqueue(other, SIGWINCH, (union sigval){ .sival_int = 502 }));
	MUST(!pthread_kill(other, SIGRTMIN));
	MUST(!pthread_kill(other, SIGRTMIN));
	sem_post(&stay);
	sem_post(&go);
	MUST(!pthread_join(other, NULL));
	show_order("in a handler");
}

static unsigned long long pending_of(pid_t tid)
{
	unsigned long long set = 0;
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	file = fopen(path, "r");
	MUST(file != NULL);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "SigPnd: %llx", &set);
	fclose(file);
	return set;
}

static void *hold_back(void *arg)
{
	const struct timespec no_time = { 0 };
	struct signalfd_siginfo read_info;
	siginfo_t info;
	sigset_t set;
	int fd;

	sigfillset(&set);
	MUST(!pthread_sigmask(SIG_BLOCK, &set, NULL));
	other_tid = (pid_t)syscall(SYS_gettid);
	sem_post(&ready);
	wait_sem(&go);
	MUST(!sigpending(&set));
	SHOW(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	SHOW(sigtimedwait(&set, &info, &no_time));
	SHOW(info.si_pid == getpid());
	SHOW(sigtimedwait(&set, &info, &no_time));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	MUST(fd >= 0);
	SHOW(read(fd, &read_info, sizeof(read_info)) == (ssize_t)sizeof(read_info));
	SHOW(read_info.ssi_signo);
	SHOW(read(fd, &read_info, sizeof(read_info)));
	close(fd);
	/* Sleeping, it gets what comes then. */
	sem_post(&ready);
	sigaddset(&set, SIGUSR1);
	SHOW(sigwaitinfo(&set, &info));
	sigdelset(&set, SIGUSR2);
	sem_post(&ready);
	wait_sem(&go);
	sigfillset(&set);
	MUST(!pthread_sigmask(SIG_UNBLOCK, &set, NULL));
	return arg;
}

/* What a thread blocks is to be seen, and to be had by all calls. */
static void show_blocked(void)
{
	unsigned long long set;
	pthread_t other;

	MUST(!pthread_create(&other, NULL, hold_back, NULL));
	wait_sem(&ready);
	MUST(!pthread_kill(other, SIGUSR2));
	MUST(!pthread_kill(other, SIGUSR1));
	MUST(!pthread_kill(other, SIGUSR1));
	set = pending_of(other_tid);
	SHOW(set == (1ULL << (SIGUSR1 - 1) | 1ULL << (SIGUSR2 - 1)));
	sem_post(&go);
	wait_sem(&ready);
	MUST(!pthread_kill(other, SIGUSR1));
	wait_sem(&ready);
	MUST(!pthread_kill(other, SIGUSR2));
	MUST(!pthread_kill(other, SIGHUP));
	sem_post(&go);
	MUST(!pthread_join(other, NULL));
	show_order("unblocked");
}

static __thread volatile sig_atomic_t my_turn;
static volatile sig_atomic_t turn;

static void take_turn(int sig)
{
	(void)sig;
	my_turn = 1;
	turn++;
}

static void sleep_by_suspend(const sigset_t *none)
{
	sigsuspend(none);
}

static void sleep_by_poll(const sigset_t *none)
{
	MUST(ppoll(NULL, 0, NULL, none) == -1 && errno == EINTR);
}

static void (*sleep_for_turn)(const sigset_t *none);

/* SIGUSR1 is blocked but while they sleep. */
static void take_turns(pthread_t whom, int n)
{
	sigset_t none;

	sigemptyset(&none);
	while (n--) {
		while (!my_turn)
			sleep_for_turn(&none);
		my_turn = 0;
		MUST(!pthread_kill(whom, SIGUSR1));
	}
}

static void *answer_turns(void *arg)
{
	take_turns(first, TURNS);
	return arg;
}

/* Each sleeps until the other's signal comes. */
static void show_turns(const char *what, void (*how)(const sigset_t *none))
{
	struct sigaction action = { .sa_handler = take_turn };
	pthread_t other;

	MUST(!sigaction(SIGUSR1, &action, NULL));
	block(SIG_BLOCK, SIGUSR1);
	sleep_for_turn = how;
	turn = 0;
	my_turn = 1;
	first = pthread_self();
	MUST(!pthread_create(&other, NULL, answer_turns, NULL));
	take_turns(other, TURNS);
	MUST(!pthread_join(other, NULL));
	/* The last one is for this thread. */
	block(SIG_UNBLOCK, SIGUSR1);
	my_turn = 0;
	printf("%s: %d\n", what, turn);
}

static volatile sig_atomic_t stop, taken;

static void take(int sig)
{
	(void)sig;
	taken++;
}

/* It blocks and unblocks, makes calls of either kernel, or none. */
static void *be_busy(void *arg)
{
	const struct timespec moment = { .tv_nsec = 1000 };
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (unsigned int i = 0; !stop; i++) {
		switch (i % 5) {
		case 0:
			MUST(!pthread_sigmask(SIG_BLOCK, &set, &old));
			(void)getppid();
			MUST(!pthread_sigmask(SIG_SETMASK, &old, NULL));
			break;
		case 1:
			(void)getppid();
			break;
		case 2:
			nanosleep(&moment, NULL);
			break;
		case 3:
			ppoll(NULL, 0, &moment, &set);
			break;
		default:
			(void)syscall(SYS_gettid);
		}
	}
	return arg;
}

/* Each is taken before the next is sent: none is lost. */
static void show_busy(void)
{
	struct sigaction action = { .sa_handler = take };
	pthread_t other;

	MUST(!sigaction(SIGUSR1, &action, NULL));
	MUST(!pthread_create(&other, NULL, be_busy, NULL));
	for (int i = 0; i < TURNS; i++) {
		MUST(!pthread_kill(other, SIGUSR1));
		while (taken == i)
			sched_yield();
	}
	stop = 1;
	MUST(!pthread_join(other, NULL));
	printf("busy: %d\n", taken);
}

static void *pause_here(void *arg)
{
	while (!turn) {
		errno = 0;
		MUST(pause() == -1 && errno == EINTR);
	}
	return arg;
}

/* To one that sleeps for good, or is about to, until it has seen one. */
static void show_pause(void)
{
	pthread_t other;

	turn = 0;
	MUST(!sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = take_turn }, NULL));
	MUST(!pthread_create(&other, NULL, pause_here, NULL));
	while (pthread_tryjoin_np(other, NULL)) {
		MUST(!pthread_kill(other, SIGUSR1));
		sched_yield();
	}
	printf("paused\n");
}

int main(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH };

	MUST(!sem_init(&ready, 0, 0) && !sem_init(&go, 0, 0) && !sem_init(&stay, 0, 0) &&
	     !sem_init(&inside, 0, 0));
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		handle(signals[i], note, SA_RESTART);
	handle(SIGRTMIN, note, SA_RESTART);
	show_handler();
	/* Before a signalfd(2) and after it. */
	show_turns("turns by sigsuspend", sleep_by_suspend);
	show_turns("turns by ppoll", sleep_by_poll);
	show_busy();
	show_pause();
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		handle(signals[i], note, SA_RESTART);
	show_blocked();
	show_turns("turns with a signalfd", sleep_by_suspend);
	return 0;
}

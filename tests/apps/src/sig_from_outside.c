// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that another process sends to single threads, and to the process: who of them handles it,
 * and what it is told.
 *
 *   sig_from_outside threads	says in the FIFO "ids" who it is, and in "acks" what came
 *   sig_from_outside send	sends, one after the other
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

#define SIG SIGRTMIN
#define NTHREADS 4
#define VALUE 1234567

static __thread int number;
static pid_t tids[NTHREADS];
static sem_t up, came, taken;
static int word, ends[2];

/* What the handler saw last. */
static siginfo_t last;
static int last_thread;

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	last = *info;
	last_thread = number;
	sem_post(&came);
	wait_sem(&taken);
}

/* In user mode, in a call of Linux's, in one of the LWK's, in short calls. */
static void *be(void *arg)
{
	char byte;

	number = (int)(long)arg;
	tids[number] = gettid();
	/* What is sent to the process is for the last one. */
	if (number != NTHREADS - 1)
		block(SIG_BLOCK, SIGUSR2);
	sem_post(&up);
	for (;;) {
		switch (number) {
		case 0:
			__atomic_load_n(&word, __ATOMIC_RELAXED);
			break;
		case 1:
			(void)!read(ends[0], &byte, 1);
			break;
		case 2:
			syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
			break;
		default:
			getppid();
		}
	}
	return NULL;
}

static void threads(void)
{
	const struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	int ids = open("ids", O_WRONLY), acks = open("acks", O_WRONLY);
	pthread_t thread;
	pid_t sender = 0;

	MUST(ids >= 0 && acks >= 0 && !pipe(ends));
	MUST(!sem_init(&up, 0, 0) && !sem_init(&came, 0, 0) && !sem_init(&taken, 0, 0));
	MUST(!sigaction(SIGUSR1, &action, NULL) && !sigaction(SIGUSR2, &action, NULL) &&
	     !sigaction(SIG, &action, NULL));
	for (long i = 0; i < NTHREADS; i++) {
		MUST(!pthread_create(&thread, NULL, be, (void *)i));
		wait_sem(&up);
	}
	block(SIG_BLOCK, SIGUSR1);
	block(SIG_BLOCK, SIGUSR2);
	block(SIG_BLOCK, SIG);
	dprintf(ids, "%d", getpid());
	for (int i = 0; i < NTHREADS; i++)
		dprintf(ids, " %d", tids[i]);
	dprintf(ids, "\n");
	for (;;) {
		wait_sem(&came);
		/* The first one says who sends. */
		if (!sender)
			sender = last.si_value.sival_int;
		dprintf(acks, "thread %d, signal %d, code %d, sender %s, uid %s%s\n", last_thread,
			last.si_signo, last.si_code, last.si_pid == sender ? "right" : "wrong",
			last.si_uid == getuid() ? "right" : "wrong",
			last.si_code == SI_QUEUE && last.si_value.sival_int == VALUE ?
			", value right" : "");
		sem_post(&taken);
	}
}

static FILE *acks_in;

/* Print what the other one has to say of it. */
static void expect(const char *what, long ret)
{
	char line[128];

	if (ret) {
		printf("%s: %s\n", what, error_name(errno));
		return;
	}
	MUST(fgets(line, sizeof(line), acks_in) != NULL);
	printf("%s: %s", what, line);
}

static siginfo_t queued(int signal, int value)
{
	siginfo_t info = { .si_signo = signal, .si_code = SI_QUEUE };

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = value;
	return info;
}

static void send_all(void)
{
	FILE *ids = fopen("ids", "r");
	siginfo_t info;
	int pid, tid[NTHREADS], fd;

	acks_in = fopen("acks", "r");
	MUST(ids && acks_in && fscanf(ids, "%d", &pid) == 1);
	for (int i = 0; i < NTHREADS; i++)
		MUST(fscanf(ids, "%d", &tid[i]) == 1);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	MUST(fd >= 0);
	info = queued(SIG, getpid());
	expect("first", syscall(SYS_rt_tgsigqueueinfo, pid, tid[0], SIG, &info));
	for (int i = 0; i < NTHREADS; i++) {
		expect("tgkill", syscall(SYS_tgkill, pid, tid[i], SIGUSR1));
		expect("tkill", syscall(SYS_tkill, tid[i], SIGUSR1));
		info = queued(SIG, VALUE);
		expect("tgsigqueue", syscall(SYS_rt_tgsigqueueinfo, pid, tid[i], SIG, &info));
	}
	expect("kill", kill(pid, SIGUSR2));
	info = queued(SIGUSR2, VALUE);
	expect("sigqueue", syscall(SYS_rt_sigqueueinfo, pid, SIGUSR2, &info));
	expect("pidfd", syscall(SYS_pidfd_send_signal, fd, SIGUSR2, NULL, 0));
	expect("pidfd, queued", syscall(SYS_pidfd_send_signal, fd, SIGUSR2, &info, 0));
	/* A thread is not a process, and another process's no thread of this one. */
	expect("tgkill, other group", syscall(SYS_tgkill, tid[0], tid[1], SIGUSR1));
	SHOW(syscall(SYS_pidfd_open, tid[0], 0));
	info.si_code = SI_USER;
	expect("pretending", syscall(SYS_rt_tgsigqueueinfo, pid, tid[0], SIG, &info));
	SHOW(syscall(SYS_tgkill, pid, tid[0], SIGKILL));
	MUST(!fgetc(acks_in) || feof(acks_in));
	puts("it has ended");
}

int main(int argc, char **argv)
{
	MUST(argc > 1);
	if (!strcmp(argv[1], "threads"))
		threads();
	send_all();
	return 0;
}

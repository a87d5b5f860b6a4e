// SPDX-License-Identifier: GPL-2.0-only
/*
 * Signals that tell of events: O_ASYNC with F_SETOWN, F_SETOWN_EX, F_SETSIG, urgent data, F_NOTIFY,
 * leases, timers and queues that wake a thread, aio; and those that a thread's own call causes.
 */
#include <aio.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static sigset_t all_of_them;
static const struct timespec no_time;

static void hear(const char *what, int fd)
{
	siginfo_t info = { 0 };

	if (sigwaitinfo(&all_of_them, &info) < 0)
		show(what, -1);
	else if (info.si_signo == SIGIO || info.si_signo == SIGRTMIN)
		printf("%s: signal %s, code %d, band %#lx, fd %s\n", what,
		       info.si_signo == SIGIO ? "SIGIO" : "SIGRTMIN", info.si_code,
		       info.si_code == SI_KERNEL ? 0 : info.si_band,
		       info.si_code == SI_KERNEL ? "unknown" : info.si_fd == fd ? "right" : "wrong");
	else
		printf("%s: signal %d, code %d\n", what, info.si_signo, info.si_code);
}

static void hear_nothing(const char *what)
{
	show(what, sigtimedwait(&all_of_them, NULL, &no_time));
}

static void make_async(int fd)
{
	MUST(!fcntl(fd, F_SETOWN, getpid()));
	MUST(!fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
}

static void show_async(void)
{
	struct f_owner_ex owner;
	int ends[2], pair[2];
	char bytes[8];

	MUST(!pipe(ends) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	SHOW(fcntl(ends[0], F_GETSIG));
	make_async(ends[0]);
	SHOW(fcntl(ends[0], F_GETOWN) == getpid());
	MUST(write(ends[1], "x", 1) == 1);
	hear("a pipe, readable", ends[0]);
	SHOW(fcntl(ends[0], F_SETSIG, 65));
	SHOW(fcntl(ends[0], F_SETSIG, SIGRTMIN));
	SHOW(fcntl(ends[0], F_GETSIG) == SIGRTMIN);
	MUST(write(ends[1], "x", 1) == 1);
	hear("with a number", ends[0]);
	close(ends[1]);
	hear("closed", ends[0]);
	MUST(!fcntl(pair[0], F_SETSIG, SIGRTMIN));
	make_async(pair[0]);
	MUST(write(pair[1], "xyz", 3) == 3);
	hear("a socket, readable", pair[0]);
	MUST(read(pair[0], bytes, sizeof(bytes)) == 3);
	while (sigtimedwait(&all_of_them, NULL, &no_time) > 0)
		continue;
	MUST(!fcntl(pair[0], F_SETFL, O_RDWR));
	MUST(write(pair[1], "x", 1) == 1);
	hear_nothing("not any more");
	SHOW(fcntl(pair[0], F_SETOWN, -getpgrp()));
	MUST(!fcntl(pair[0], F_GETOWN_EX, &owner));
	SHOW(owner.type == F_OWNER_PGRP && owner.pid == getpgrp());
	SHOW(fcntl(pair[0], F_SETOWN, 0x3fffffff));
	owner.type = (enum __pid_type)9;
	SHOW(fcntl(pair[0], F_SETOWN_EX, &owner));
	close(ends[0]);
	close(pair[0]);
	close(pair[1]);
}

static pthread_barrier_t ready, done;

/* All threads block all of it: who waits for what is sent to another one hears nothing. */
static void *own(void *arg)
{
	struct f_owner_ex owner = { F_OWNER_TID, (pid_t)syscall(SYS_gettid) };
	int fd = *(int *)arg;

	MUST(!fcntl(fd, F_SETOWN_EX, &owner) && !fcntl(fd, F_SETFL, O_ASYNC));
	pthread_barrier_wait(&ready);
	pthread_barrier_wait(&done);
	hear("the owner", fd);
	return NULL;
}

static void show_thread_owner(void)
{
	pthread_t thread;
	int ends[2];

	MUST(!pipe(ends) && !fcntl(ends[0], F_SETSIG, SIGRTMIN));
	MUST(!pthread_create(&thread, NULL, own, &ends[0]));
	pthread_barrier_wait(&ready);
	MUST(write(ends[1], "x", 1) == 1);
	hear_nothing("another thread");
	pthread_barrier_wait(&done);
	MUST(!pthread_join(thread, NULL));
	close(ends[0]);
	close(ends[1]);
}

/* Its handler's thread, as the owner's. */
static __thread int my_number;
static int who_handled, handled_signal;
static siginfo_t handled_info;

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	who_handled = my_number;
	handled_signal = signal;
	handled_info = *info;
}

static void tell_handled(const char *what)
{
	printf("%s: signal %s by %d, code %d\n", what,
	       handled_signal == SIGRTMIN ? "SIGRTMIN" : handled_signal == SIGPIPE ? "SIGPIPE" :
	       handled_signal == SIGXFSZ ? "SIGXFSZ" : "none", who_handled, handled_info.si_code);
	handled_signal = 0;
}

static void *cause(void *arg)
{
	/* Not so small that standard output is larger. */
	const struct rlimit small = { 1 << 20, RLIM_INFINITY };
	struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	timer_t timer;
	int ends[2], fd;

	my_number = 2;
	MUST(!pthread_sigmask(SIG_UNBLOCK, &all_of_them, NULL));
	MUST(!pipe(ends));
	close(ends[0]);
	SHOW(write(ends[1], "x", 1));
	tell_handled("a broken pipe");
	close(ends[1]);
	fd = open("limited", O_CREAT | O_RDWR | O_TRUNC, 0600);
	MUST(fd >= 0 && !setrlimit(RLIMIT_FSIZE, &small));
	SHOW(pwrite(fd, "0123456789abcdef", 16, (1 << 20) - 10));
	SHOW(pwrite(fd, "x", 1, 1 << 20));
	tell_handled("a file too large");
	event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	MUST(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	MUST(!timer_settime(timer, 0, &soon, NULL));
	while (!__atomic_load_n(&handled_signal, __ATOMIC_ACQUIRE))
		sched_yield();
	tell_handled("a timer");
	timer_delete(timer);
	close(fd);
	return arg;
}

static void show_own(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	pthread_t thread;
	timer_t timer;

	MUST(!sigaction(SIGPIPE, &action, NULL) && !sigaction(SIGXFSZ, &action, NULL) &&
	     !sigaction(SIGRTMIN, &action, NULL));
	my_number = 1;
	event.sigev_notify_thread_id = 1;
	SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
	/* The first thread takes these signals, too, if they come to it. */
	MUST(!pthread_sigmask(SIG_UNBLOCK, &all_of_them, NULL));
	MUST(!pthread_create(&thread, NULL, cause, NULL));
	MUST(!pthread_join(thread, NULL));
	MUST(!pthread_sigmask(SIG_BLOCK, &all_of_them, NULL));
	setrlimit(RLIMIT_FSIZE, &none);
	unlink("limited");
}

static void show_urgent(void)
{
	struct sockaddr_in address = { AF_INET, 0, { htonl(INADDR_LOOPBACK) }, { 0 } };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(address);
	int server;

	MUST(!bind(listener, (void *)&address, len) && !listen(listener, 1));
	MUST(!getsockname(listener, (void *)&address, &len));
	MUST(!connect(client, (void *)&address, len));
	server = accept(listener, NULL, NULL);
	MUST(server >= 0 && !fcntl(server, F_SETOWN, getpid()));
	MUST(send(client, "!", 1, MSG_OOB) == 1);
	hear("urgent data", server);
	MUST(!fcntl(server, F_SETSIG, SIGRTMIN));
	MUST(send(client, "?", 1, MSG_OOB) == 1);
	hear("with a number", server);
	close(listener);
	close(client);
	close(server);
}

static void show_directory(void)
{
	int fd = open(".", O_RDONLY);

	MUST(fd >= 0);
	SHOW(fcntl(fd, F_SETSIG, SIGRTMIN));
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE | DN_DELETE | DN_MULTISHOT));
	close(open("noticed", O_CREAT | O_WRONLY, 0600));
	hear("a file made", fd);
	unlink("noticed");
	hear("a file gone", fd);
	SHOW(fcntl(fd, F_NOTIFY, 0));
	hear_nothing("not any more");
	SHOW(fcntl(fd, F_SETSIG, 0));
	SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
	close(open("noticed", O_CREAT | O_WRONLY, 0600));
	hear("without a number", fd);
	unlink("noticed");
	SHOW(fcntl(0, F_NOTIFY, DN_CREATE));
	close(fd);
}

static void show_lease(void)
{
	int fd = open("leased", O_CREAT | O_RDWR, 0600);
	pid_t pid;

	MUST(fd >= 0);
	SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
	SHOW(fcntl(fd, F_GETLEASE) == F_WRLCK);
	SHOW(fcntl(fd, F_SETSIG, SIGRTMIN));
	pid = fork_must();
	if (!pid) {
		/* One does not wait for it to be given up, the other does. */
		if (open("leased", O_RDONLY | O_NONBLOCK) != -1 || errno != EAGAIN)
			_exit(1);
		_exit(open("leased", O_RDONLY) >= 0 ? 0 : 2);
	}
	hear("a lease to be given up", fd);
	SHOW(fcntl(fd, F_GETLEASE) == F_RDLCK);
	SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
	reap(pid, "who opens");
	while (sigtimedwait(&all_of_them, NULL, &no_time) > 0)
		continue;
	close(fd);
	unlink("leased");
}

static sem_t notified;
static int notified_value;

/*
 * The C library starts the thread with no signal blocked, and it may outlive what comes next: a
 * signal for the process would be taken by it, instead of by who waits.
 */
static void notify(union sigval value)
{
	MUST(!pthread_sigmask(SIG_BLOCK, &all_of_them, NULL));
	notified_value = value.sival_int;
	MUST(!sem_post(&notified));
}

static void wait_notified(const char *what)
{
	while (sem_wait(&notified))
		continue;
	printf("%s: %d\n", what, notified_value);
}

/* The C library's threads. */
static void show_threads(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD,
		.sigev_notify_function = notify,
		.sigev_value.sival_int = 11,
	};
	char name[32], byte[8] = "";
	struct aiocb control = { .aio_buf = byte, .aio_nbytes = 1 };
	timer_t timer;
	mqd_t queue;

	MUST(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	MUST(!timer_settime(timer, 0, &soon, NULL));
	wait_notified("timer");
	timer_delete(timer);
	snprintf(name, sizeof(name), "/sig-async-%d", (int)getpid());
	queue = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
	MUST(queue >= 0 && !mq_unlink(name));
	event.sigev_value.sival_int = 22;
	MUST(!mq_notify(queue, &event) && !mq_send(queue, "x", 1, 0));
	wait_notified("queue");
	mq_close(queue);
	event.sigev_value.sival_int = 33;
	control.aio_fildes = open("/etc/passwd", O_RDONLY);
	control.aio_sigevent = event;
	MUST(!aio_read(&control));
	wait_notified("aio");
	SHOW(aio_error(&control));
	SHOW(aio_return(&control));
	control.aio_sigevent = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL,
						  .sigev_signo = SIGUSR2 };
	MUST(!aio_read(&control));
	hear("aio", -1);
	SHOW(aio_return(&control));
	close(control.aio_fildes);
}

int main(void)
{
	sigemptyset(&all_of_them);
	sigaddset(&all_of_them, SIGIO);
	sigaddset(&all_of_them, SIGURG);
	sigaddset(&all_of_them, SIGUSR2);
	sigaddset(&all_of_them, SIGRTMIN);
	MUST(!sigprocmask(SIG_BLOCK, &all_of_them, NULL));
	MUST(!pthread_barrier_init(&ready, NULL, 2) && !pthread_barrier_init(&done, NULL, 2));
	MUST(!sem_init(&notified, 0, 0));
	show_async();
	show_thread_owner();
	show_own();
	show_urgent();
	show_directory();
	show_lease();
	show_threads();
	return 0;
}

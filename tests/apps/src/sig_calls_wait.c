// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that wait for processes, threads, events or time, and are interrupted by a handler
 * (interrupt.h): which are begun again with SA_RESTART, which never, which always.
 */
#include <limits.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/wait.h>

#include "interrupt.h"

#define MASK_LEN 8

static const struct timespec long_time = { .tv_sec = 100000 };
static const unsigned long none;
static uint32_t *shared_word, private_word, *word;
static int queue = -1, semaphores = -1;
static sem_t sem;
static pthread_mutex_t mutex;
static pthread_cond_t cond;
static pthread_barrier_t barrier;
static bool signalled;
static pid_t child;
static int process_fd;

static void put(void)
{
	MUST(write(fds[1], "x", 1) == 1);
}

static void make_pipe(void)
{
	MUST(!pipe(fds));
}

static void make_child(void)
{
	char byte;

	/* The one whose parent did not wait for it has ended by now. */
	while (wait(NULL) > 0)
		continue;
	make_pipe();
	fflush(stdout);
	child = fork();
	MUST(child >= 0);
	if (child)
		return;
	close(fds[1]);
	_exit(read(fds[0], &byte, 1) == 1 ? 0 : 1);
}

static long wait_it(void)
{
	int status;

	return syscall(SYS_wait4, child, &status, 0, NULL) == child ? 0 : -1;
}

static long wait_any(void)
{
	return wait(NULL) == child ? 0 : -1;
}

static long waitid_it(void)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)child, &info, WEXITED);
}

static long waitid_fd(void)
{
	siginfo_t info;
	long ret;
	int error;

	process_fd = (int)syscall(SYS_pidfd_open, child, 0);
	MUST(process_fd >= 0);
	ret = waitid(P_PIDFD, (id_t)process_fd, &info, WEXITED);
	error = errno;
	close(process_fd);
	errno = error;
	return ret;
}

static void make_private(void)
{
	word = &private_word;
	*word = 0;
}

static void make_shared(void)
{
	word = shared_word;
	*word = 0;
}

static void wake(void)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Woken before it was begun again is as well. */
static long woken(long ret)
{
	return ret < 0 && errno == EAGAIN ? 0 : ret;
}

static long futex_wait(void)
{
	return woken(syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0));
}

static long futex_bitset(void)
{
	return woken(syscall(SYS_futex, word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1));
}

static long futex_timed(void)
{
	return syscall(SYS_futex, word, FUTEX_WAIT, 0, &long_time, NULL, 0);
}

static void make_semaphore(void)
{
	MUST(!sem_init(&sem, 0, 0));
}

static void post(void)
{
	MUST(!sem_post(&sem));
}

static long sem_wait_it(void)
{
	return sem_wait(&sem);
}

static long sem_timedwait_it(void)
{
	const struct timespec late = { .tv_sec = 100000000000 };

	return sem_timedwait(&sem, &late);
}

/* Whoever unlocks a mutex without a kind need not be who locked it. */
static void make_mutex(void)
{
	MUST(!pthread_mutex_init(&mutex, NULL) && !pthread_mutex_lock(&mutex));
}

static long lock_it(void)
{
	return pthread_mutex_lock(&mutex);
}

static void unlock_it(void)
{
	pthread_mutex_unlock(&mutex);
}

static void make_condition(void)
{
	signalled = false;
	MUST(!pthread_mutex_init(&mutex, NULL) && !pthread_cond_init(&cond, NULL));
}

static long cond_wait_it(void)
{
	long ret = 0;

	pthread_mutex_lock(&mutex);
	while (!signalled && !ret)
		ret = pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return ret;
}

static void signal_it(void)
{
	pthread_mutex_lock(&mutex);
	signalled = true;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
}

static void make_barrier(void)
{
	MUST(!pthread_barrier_init(&barrier, NULL, 2));
}

static long barrier_wait_it(void)
{
	int ret = pthread_barrier_wait(&barrier);

	return ret == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : ret;
}

static void reach_barrier(void)
{
	pthread_barrier_wait(&barrier);
}

static long poll_it(void)
{
	struct pollfd in = { fds[0], POLLIN, 0 };

	return syscall(SYS_poll, &in, 1, -1);
}

static long poll_timed(void)
{
	struct pollfd in = { fds[0], POLLIN, 0 };

	return syscall(SYS_poll, &in, 1, 100000000);
}

/* The time that is left is written back. Linux's may be larger, by what its timers may be late. */
static bool is_left(const struct timespec *time)
{
	return time->tv_sec > 90000 && time->tv_sec <= 100000;
}

static long if_left(long ret, const struct timespec *time)
{
	if (ret == -1 && errno == EINTR && !is_left(time))
		errno = ETIME;
	return ret;
}

static long ppoll_it(void)
{
	struct pollfd in = { fds[0], POLLIN, 0 };
	struct timespec time = long_time;

	return if_left(syscall(SYS_ppoll, &in, 1, &time, &none, MASK_LEN), &time);
}

static long select_it(void)
{
	struct timeval time = { .tv_sec = 100000 };
	struct timespec left;
	fd_set set;
	long ret;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	ret = syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, &time);
	left.tv_sec = time.tv_sec;
	return if_left(ret, &left);
}

static long pselect_it(void)
{
	const struct {
		const void *mask;
		size_t len;
	} pair = { &none, MASK_LEN };
	struct timespec time = long_time;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	return if_left(syscall(SYS_pselect6, fds[0] + 1, &set, NULL, NULL, &time, &pair), &time);
}

static void make_epoll(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int reader;

	make_pipe();
	reader = fds[0];
	fds[0] = epoll_create1(0);
	MUST(fds[0] >= 0 && !epoll_ctl(fds[0], EPOLL_CTL_ADD, reader, &event));
}

static long epoll_wait_it(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_wait, fds[0], &event, 1, -1);
}

static long epoll_pwait_it(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait, fds[0], &event, 1, -1, &none, MASK_LEN);
}

static long epoll_pwait2_it(void)
{
	struct epoll_event event;

	return syscall(SYS_epoll_pwait2, fds[0], &event, 1, &long_time, NULL, MASK_LEN);
}

struct message {
	long type;
	char text[8192];
};

static void make_queue(void)
{
	queue = msgget(IPC_PRIVATE, 0600);
	MUST(queue >= 0);
}

static void make_full_queue(void)
{
	static struct message message = { .type = 1 };

	make_queue();
	while (!msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT))
		continue;
	MUST(errno == EAGAIN);
}

static void remove_queue(void)
{
	msgctl(queue, IPC_RMID, NULL);
}

static long and_remove_queue(long ret)
{
	int error = errno;

	remove_queue();
	errno = error;
	return ret;
}

static long receive_it(void)
{
	static struct message message;

	return and_remove_queue(msgrcv(queue, &message, sizeof(message.text), 0, 0));
}

static long send_it(void)
{
	static struct message message = { .type = 1 };

	return and_remove_queue(msgsnd(queue, &message, sizeof(message.text), 0));
}

static void make_semaphores(void)
{
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	MUST(semaphores >= 0);
}

static void remove_semaphores(void)
{
	semctl(semaphores, 0, IPC_RMID);
}

static long take_it(long nr, const struct timespec *time)
{
	struct sembuf take = { .sem_op = -1 };
	long ret = syscall(nr, semaphores, &take, 1, time);
	int error = errno;

	remove_semaphores();
	errno = error;
	return ret;
}

static long semop_it(void)
{
	return take_it(SYS_semop, NULL);
}

static long semtimedop_it(void)
{
	return take_it(SYS_semtimedop, &long_time);
}

static long nanosleep_it(void)
{
	struct timespec left = { 0 };

	return if_left(syscall(SYS_nanosleep, &long_time, &left), &left);
}

static long sleep_by(clockid_t clock)
{
	struct timespec left = { 0 };

	return if_left(syscall(SYS_clock_nanosleep, clock, 0, &long_time, &left), &left);
}

static long sleep_monotonic(void)
{
	return sleep_by(CLOCK_MONOTONIC);
}

static long sleep_boottime(void)
{
	return sleep_by(CLOCK_BOOTTIME);
}

/* Nothing is written about the time left. */
static long sleep_until_by(clockid_t clock)
{
	struct timespec until, left = { .tv_sec = 99000 };

	clock_gettime(clock, &until);
	until.tv_sec += 100000;
	return if_left(syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &until, &left), &left);
}

static long sleep_until_monotonic(void)
{
	return sleep_until_by(CLOCK_MONOTONIC);
}

static long sleep_until_realtime(void)
{
	return sleep_until_by(CLOCK_REALTIME);
}

static long usleep_it(void)
{
	return usleep(4000000000U);
}

static long pause_it(void)
{
	return syscall(SYS_pause);
}

static long sigsuspend_it(void)
{
	return syscall(SYS_rt_sigsuspend, &none, MASK_LEN);
}

static long sigwaitinfo_it(void)
{
	return syscall(SYS_rt_sigtimedwait, &none, NULL, NULL, MASK_LEN);
}

static long sigtimedwait_it(void)
{
	return syscall(SYS_rt_sigtimedwait, &none, NULL, &long_time, MASK_LEN);
}

static long get_events(long nr)
{
	struct io_event event;
	aio_context_t context = 0;
	long ret;
	int error;

	MUST(!syscall(SYS_io_setup, 1, &context));
	ret = syscall(nr, context, 1, 1, &event, NULL, NULL);
	error = errno;
	syscall(SYS_io_destroy, context);
	errno = error;
	return ret;
}

static long io_getevents_it(void)
{
	return get_events(SYS_io_getevents);
}

static long io_pgetevents_it(void)
{
	return get_events(SYS_io_pgetevents);
}

static const struct call restarted[] = {
	{ "wait", SYS_wait4, make_child, wait_any, put, false },
	{ "wait4", SYS_wait4, make_child, wait_it, put, false },
	{ "waitid", SYS_waitid, make_child, waitid_it, put, false },
	{ "waitid, P_PIDFD", SYS_waitid, make_child, waitid_fd, put, false },
	{ "FUTEX_WAIT", SYS_futex, make_private, futex_wait, wake, true },
	{ "FUTEX_WAIT_BITSET", SYS_futex, make_private, futex_bitset, wake, true },
	{ "FUTEX_WAIT, of a file", SYS_futex, make_shared, futex_wait, wake, false },
	{ "FUTEX_WAIT_BITSET, of a file", SYS_futex, make_shared, futex_bitset, wake, false },
	{ "sem_wait", SYS_futex, make_semaphore, sem_wait_it, post, true },
};

static const struct call always[] = {
	{ "pthread_mutex_lock", SYS_futex, make_mutex, lock_it, unlock_it, true },
	{ "pthread_cond_wait", SYS_futex, make_condition, cond_wait_it, signal_it, true },
	{ "pthread_barrier_wait", SYS_futex, make_barrier, barrier_wait_it, reach_barrier, true },
};

static const struct call never[] = {
	{ "FUTEX_WAIT, timed", SYS_futex, make_private, futex_timed, wake, true },
	{ "FUTEX_WAIT, timed, of a file", SYS_futex, make_shared, futex_timed, wake, false },
	{ "sem_timedwait", SYS_futex, make_semaphore, sem_timedwait_it, post, true },
	{ "poll", SYS_poll, make_pipe, poll_it, put, false },
	{ "poll, timed", SYS_poll, make_pipe, poll_timed, put, false },
	{ "ppoll", SYS_ppoll, make_pipe, ppoll_it, put, false },
	{ "select", SYS_select, make_pipe, select_it, put, false },
	{ "pselect6", SYS_pselect6, make_pipe, pselect_it, put, false },
	{ "epoll_wait", SYS_epoll_wait, make_epoll, epoll_wait_it, put, false },
	{ "epoll_pwait", SYS_epoll_pwait, make_epoll, epoll_pwait_it, put, false },
	{ "epoll_pwait2", SYS_epoll_pwait2, make_epoll, epoll_pwait2_it, put, false },
	{ "msgrcv", SYS_msgrcv, make_queue, receive_it, remove_queue, false },
	{ "msgsnd", SYS_msgsnd, make_full_queue, send_it, remove_queue, false },
	{ "semop", SYS_semop, make_semaphores, semop_it, remove_semaphores, false },
	{ "semtimedop", SYS_semtimedop, make_semaphores, semtimedop_it, remove_semaphores, false },
	{ "nanosleep", SYS_nanosleep, NULL, nanosleep_it, NULL, true },
	{ "clock_nanosleep, CLOCK_MONOTONIC", SYS_clock_nanosleep, NULL, sleep_monotonic, NULL,
	  true },
	{ "clock_nanosleep, CLOCK_BOOTTIME", SYS_clock_nanosleep, NULL, sleep_boottime, NULL, true },
	{ "clock_nanosleep, until, CLOCK_MONOTONIC", SYS_clock_nanosleep, NULL,
	  sleep_until_monotonic, NULL, true },
	{ "clock_nanosleep, until, CLOCK_REALTIME", SYS_clock_nanosleep, NULL,
	  sleep_until_realtime, NULL, true },
	{ "usleep", SYS_clock_nanosleep, NULL, usleep_it, NULL, true },
	{ "pause", SYS_pause, NULL, pause_it, NULL, false },
	{ "sigsuspend", SYS_rt_sigsuspend, NULL, sigsuspend_it, NULL, false },
	{ "sigwaitinfo", SYS_rt_sigtimedwait, NULL, sigwaitinfo_it, NULL, false },
	{ "sigtimedwait", SYS_rt_sigtimedwait, NULL, sigtimedwait_it, NULL, false },
	{ "io_getevents", SYS_io_getevents, NULL, io_getevents_it, NULL, false },
	{ "io_pgetevents", SYS_io_pgetevents, NULL, io_pgetevents_it, NULL, false },
};

int main(int argc, char **argv)
{
	int fd = memfd_create("word", 0);

	start_caller(argc, argv);
	MUST(fd >= 0 && !ftruncate(fd, 4096));
	shared_word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(shared_word != MAP_FAILED);
	try_calls(restarted, sizeof(restarted) / sizeof(restarted[0]), WITH_SA_RESTART);
	try_calls(always, sizeof(always) / sizeof(always[0]), ALWAYS);
	try_calls(never, sizeof(never) / sizeof(never[0]), NEVER);
	return 0;
}

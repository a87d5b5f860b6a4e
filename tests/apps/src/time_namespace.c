// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time namespaces: what the clocks say in one, absolute waits by them, and how a process comes
 * into another. To be run as root.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#include "fork.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define LOCK_PI2 13
#define SIZE_32 2

#define MS 1000000LL
#define SECOND (1000 * MS)

static uint32_t word, target, owned;

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	MUST(clock_gettime(clock, &ts) == 0);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

static long wait_bitset(const struct timespec *until)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, until, NULL, ~0U);
}

static long wait_requeue_pi(const struct timespec *until)
{
	return syscall(SYS_futex, &word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, until, &target, 0);
}

static long waitv(const struct timespec *until)
{
	const struct {
		uint64_t value, addr;
		uint32_t flags, reserved;
	} vector = { 0, (uintptr_t)&word, SIZE_32 | FUTEX_PRIVATE_FLAG, 0 };

	return syscall(SYS_futex_waitv, &vector, 1, 0, until, CLOCK_MONOTONIC);
}

/* Of a lock that the first thread has. */
static long lock_pi2(const struct timespec *until)
{
	return syscall(SYS_futex, &owned, LOCK_PI2 | FUTEX_PRIVATE_FLAG, 0, until, NULL, 0);
}

static long sleep_monotonic(const struct timespec *until)
{
	errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, until, NULL);
	return errno ? -1 : 0;
}

static long sleep_boottime(const struct timespec *until)
{
	errno = clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, until, NULL);
	return errno ? -1 : 0;
}

static long read_timerfd(const struct timespec *until)
{
	const struct itimerspec timer = { .it_value = *until };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t n = 0;

	MUST(fd >= 0 && !timerfd_settime(fd, TFD_TIMER_ABSTIME, &timer, NULL));
	MUST(read(fd, &n, sizeof(n)) == sizeof(n));
	close(fd);
	return n >= 1;
}

static void wait_until(const char *what, long (*wait)(const struct timespec *until),
		       clockid_t clock)
{
	const int64_t past = now(clock) - SECOND;
	const int64_t soon = now(clock) + 20 * MS;

	show(what, wait(&(struct timespec){ past / SECOND, past % SECOND }));
	show(what, wait(&(struct timespec){ soon / SECOND, soon % SECOND }));
	puts(now(clock) >= soon ? "in time" : "too early");
}

#define WAIT_UNTIL(call, clock) wait_until(#call, call, clock)

static void *other_main(void *arg)
{
	(void)arg;
	WAIT_UNTIL(lock_pi2, CLOCK_MONOTONIC);
	return NULL;
}

/* Most with one thread alone, which may still change its namespace. */
static void show_waits(void)
{
	WAIT_UNTIL(sleep_monotonic, CLOCK_MONOTONIC);
	WAIT_UNTIL(sleep_boottime, CLOCK_BOOTTIME);
	WAIT_UNTIL(wait_bitset, CLOCK_MONOTONIC);
	WAIT_UNTIL(wait_requeue_pi, CLOCK_MONOTONIC);
	WAIT_UNTIL(waitv, CLOCK_MONOTONIC);
	WAIT_UNTIL(read_timerfd, CLOCK_MONOTONIC);
}

static void show_thread(void)
{
	pthread_t other;
	int err;

	owned = (uint32_t)gettid();
	err = pthread_create(&other, NULL, other_main, NULL);
	if (!err)
		MUST(!pthread_join(other, NULL));
	printf("thread: %s\n", err ? error_name(err) : "ended");
}

/* What each clock is ahead of what it was at @begin, in thousands of seconds. */
static void show_ahead(const int64_t begin[2])
{
	static const clockid_t clocks[] = { CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	for (int i = 0; i < 2; i++) {
		struct timespec ts;

		MUST(!syscall(SYS_clock_gettime, clocks[i], &ts));
		printf("ahead: %ld, %ld\n", (long)((ts.tv_sec - begin[i] / SECOND) / 1000),
		       (long)((now(clocks[i]) - begin[i]) / (1000 * SECOND)));
	}
}

static void enter(int fd, int type)
{
	printf("setns(%#x): ", (unsigned int)type);
	puts(setns(fd, type) ? error_name(errno) : "done");
}

static int read_begin(char **argv, int64_t begin[2])
{
	begin[0] = strtoll(argv[2], NULL, 10);
	begin[1] = strtoll(argv[3], NULL, 10);
	return atoi(argv[4]);
}

/* A program that a child executes. */
static void executed(char **argv)
{
	int64_t begin[2];
	int old = read_begin(argv, begin);

	show_ahead(begin);
	show_waits();
	enter(old, CLONE_NEWTIME);
	show_ahead(begin);
	show_thread();
}

static void execute(const int64_t begin[2], int old)
{
	char texts[3][24];

	snprintf(texts[0], sizeof(texts[0]), "%lld", (long long)begin[0]);
	snprintf(texts[1], sizeof(texts[1]), "%lld", (long long)begin[1]);
	snprintf(texts[2], sizeof(texts[2]), "%d", old);
	execl("/proc/self/exe", "time_namespace", "executed", texts[0], texts[1], texts[2], NULL);
	_exit(98);
}

static void write_offsets(const char *text)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY);

	MUST(fd >= 0);
	SHOW(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void made(void)
{
	const int64_t begin[2] = { now(CLOCK_MONOTONIC), now(CLOCK_BOOTTIME) };
	int old = open("/proc/self/ns/time", O_RDONLY);
	pid_t pid;

	MUST(old >= 0);
	show_waits();
	SHOW(unshare(CLONE_NEWTIME));
	write_offsets("monotonic 100000 5\nboottime 200000 0\n");
	/* Its children alone are in it. */
	show_ahead(begin);
	show_waits();
	pid = fork_must();
	if (!pid) {
		show_ahead(begin);
		show_waits();
		pid = fork_must();
		if (!pid) {
			show_ahead(begin);
			show_thread();
			exit(0);
		}
		reap(pid, "grandchild");
		enter(old, 0);
		show_ahead(begin);
		show_waits();
		exit(0);
	}
	reap(pid, "child");
	pid = vfork();
	if (!pid)
		execute(begin, old);
	printf("vfork: %s\n", pid < 0 ? error_name(errno) : "made");
	if (pid > 0)
		reap(pid, "vforked");
	show_ahead(begin);
	show_thread();
	fflush(stdout);
	execute(begin, old);
}

int main(int argc, char **argv)
{
	MUST(argc >= 2);
	if (!strcmp(argv[1], "waits")) {
		show_waits();
		show_thread();
	} else if (!strcmp(argv[1], "made")) {
		made();
	} else {
		MUST(argc == 5);
		executed(argv);
	}
	return 0;
}

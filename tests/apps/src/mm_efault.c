// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls get memory that is not mapped, or only readable: EFAULT, and not a signal.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
/* Raw calls: the C library itself would use the memory. */
#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))

static char *none;	/* nothing there */
static char *constant;	/* read-only */
static char *edge;	/* its last byte is mapped, the next is not */

static void show_paths(void)
{
	CALL(openat, AT_FDCWD, none, O_RDONLY);
	CALL(openat, AT_FDCWD, edge, O_RDONLY);
	CALL(openat, AT_FDCWD, 0xffff800000000000, O_RDONLY);
	CALL(openat, AT_FDCWD, 0x8000000000000000, O_RDONLY);
	CALL(newfstatat, AT_FDCWD, ".", none, 0);
	CALL(newfstatat, AT_FDCWD, ".", constant, 0);
	CALL(statfs, ".", none);
	CALL(readlink, "/proc/self", constant, 100);
	CALL(getcwd, constant, 100);
	CALL(getcwd, edge, 100);
	CALL(mkdir, none, 0700);
	CALL(unlink, none);
	CALL(chdir, none);
	CALL(symlink, ".", none);
	CALL(execve, none, NULL, NULL);
}

static void show_files(void)
{
	int zero = open("/dev/zero", O_RDONLY);
	int dir = open("/", O_RDONLY);
	int fds[2];

	MUST(zero >= 0 && dir >= 0 && pipe(fds) == 0);
	CALL(read, zero, none, 10);
	CALL(read, zero, constant, 10);
	CALL(read, zero, edge, 10);
	CALL(write, fds[1], none, 10);
	CALL(write, fds[1], edge, 10);
	CALL(write, fds[1], constant, 10);
	CALL(read, fds[0], none, 1);
	CALL(readv, zero, none, 1);
	CALL(writev, fds[1], none, 1);
	CALL(pipe2, constant, 0);
	CALL(getdents64, dir, constant, 1000);
	CALL(ioctl, fds[0], FIONREAD, none);
	CALL(fcntl, zero, F_GETLK, none);
	CALL(poll, none, 1, 0);
	CALL(poll, constant, 1, 0);
	CALL(select, 10, none, NULL, NULL, NULL);
	CALL(select, 0, NULL, NULL, NULL, none);
	CALL(epoll_wait, epoll_create1(0), none, 1, 0);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, constant);
	CALL(sendfile, fds[1], zero, none, 10);
	CALL(getrandom, constant, 10, 0);
}

static void show_times(void)
{
	CALL(gettimeofday, none, NULL);
	CALL(clock_gettime, CLOCK_MONOTONIC, none);
	CALL(clock_gettime, CLOCK_MONOTONIC, constant);
	CALL(clock_getres, CLOCK_MONOTONIC, constant);
	CALL(time, none);
	CALL(nanosleep, none, NULL);
	CALL(nanosleep, edge, NULL);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, none, NULL);
	CALL(setitimer, ITIMER_REAL, none, NULL);
	CALL(getitimer, ITIMER_REAL, constant);
	CALL(timer_create, CLOCK_MONOTONIC, NULL, constant);
	CALL(timer_create, CLOCK_MONOTONIC, none, none);
	CALL(timerfd_settime, timerfd_create(CLOCK_MONOTONIC, 0), 0, none, NULL);
	CALL(times, constant);
	CALL(getrusage, RUSAGE_SELF, none);
}

static void show_process(void)
{
	CALL(rt_sigaction, SIGUSR1, none, NULL, 8);
	CALL(rt_sigaction, SIGUSR1, NULL, constant, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, none, NULL, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, NULL, constant, 8);
	CALL(rt_sigpending, none, 8);
	CALL(rt_sigtimedwait, none, NULL, NULL, 8);
	CALL(rt_sigqueueinfo, getpid(), SIGUSR1, none);
	CALL(sigaltstack, none, NULL);
	CALL(sigaltstack, NULL, constant);
	CALL(uname, none);
	CALL(uname, constant);
	CALL(sysinfo, constant);
	CALL(getrlimit, RLIMIT_CORE, constant);
	CALL(setrlimit, RLIMIT_CORE, none);
	CALL(prlimit64, 0, RLIMIT_CORE, NULL, none);
	CALL(getgroups, 100, none);
	CALL(getresuid, none, none, none);
	CALL(sched_getaffinity, 0, 128, none);
	CALL(sched_setaffinity, 0, 128, none);
	CALL(futex, none, 0, 0, NULL);
	CALL(futex, constant, 1, 1);
	CALL(set_robust_list, none, 24);
	CALL(arch_prctl, 0x1003, none);
	CALL(prctl, 16, none);
	CALL(mincore, constant, PAGE, none);
	CALL(getcpu, none, NULL);
}

int main(void)
{
	none = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(none != MAP_FAILED);
	constant = none + 2 * PAGE;
	edge = none + PAGE - 1;
	memset(none, 'x', 4 * PAGE);
	MUST(mprotect(constant, PAGE, PROT_READ) == 0);
	MUST(munmap(none + PAGE, PAGE) == 0);
	none += PAGE;
	show_paths();
	show_files();
	show_times();
	show_process();
	return 0;
}

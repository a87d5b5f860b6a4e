// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resource limits when they are reached: which call fails, with what, and what still works. To
 * be run without privileges.
 */
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define MIB (1UL << 20)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static volatile sig_atomic_t came;

static void note(int sig)
{
	came = sig;
}

static void set_limit(int resource, unsigned long value)
{
	struct rlimit limit;

	MUST(!getrlimit((__rlimit_resource_t)resource, &limit));
	limit.rlim_cur = value;
	MUST(!setrlimit((__rlimit_resource_t)resource, &limit));
}

/* Each in a child of its own, with a limit of its own. */
static void run_case(const char *name, void (*fn)(void))
{
	int status;
	pid_t pid;

	printf("-- %s\n", name);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		fn();
		exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	if (status)
		printf("status %#x\n", status);
}

static void *nothing(void *arg)
{
	pause();
	return arg;
}

/* Threads and processes of the user count alike. */
static void processes(void)
{
	pthread_t thread;
	int nforks = 0, nthreads = 0;
	pid_t pid;

	set_limit(RLIMIT_NPROC, 12);
	while (!pthread_create(&thread, NULL, nothing, NULL))
		nthreads++;
	SHOW_TRUE(nthreads > 0 && nthreads < 12);
	pid = fork();
	printf("fork: %s\n", pid < 0 ? error_name(errno) : "a process");
	if (!pid)
		_exit(0);
	set_limit(RLIMIT_NPROC, 15);
	while ((pid = fork()) > 0)
		nforks++;
	if (!pid) {
		pause();
		_exit(0);
	}
	printf("%d: %s\n", nforks, error_name(errno));
	signal(SIGTERM, SIG_IGN);
	/* All of this case's are in its group; the next cases count what the user has. */
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		continue;
}

static void processes_in_group(void)
{
	MUST(!setpgid(0, 0));
	processes();
}

static void address_space(void)
{
	char *brk = sbrk(0), *a;

	a = mmap(NULL, 4 * MIB, RW, ANON, -1, 0);
	MUST(a != MAP_FAILED);
	set_limit(RLIMIT_AS, 4 * MIB);
	SHOW_PTR(mmap(NULL, MIB, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, MIB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
	SHOW_PTR(mmap(NULL, MIB, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SHOW_PTR(mremap(a, 4 * MIB, 5 * MIB, MREMAP_MAYMOVE));
	SHOW_PTR(mremap(a, 4 * MIB, 3 * MIB, 0));
	SHOW_TRUE(syscall(SYS_brk, brk + MIB) == (long)brk);
}

static void data(void)
{
	char *brk = sbrk(0), *a, *file;
	int fd = open("data", O_CREAT | O_RDWR, 0600);

	MUST(fd >= 0 && !ftruncate(fd, (long)MIB));
	a = mmap(NULL, MIB, PROT_READ, ANON, -1, 0);
	file = mmap(NULL, MIB, PROT_READ, MAP_PRIVATE, fd, 0);
	MUST(a != MAP_FAILED && file != MAP_FAILED);
	set_limit(RLIMIT_DATA, 0);
	SHOW_PTR(mmap(NULL, MIB, RW, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, MIB, RW, MAP_PRIVATE, fd, 0));
	SHOW_PTR(mmap(NULL, MIB, PROT_READ, ANON, -1, 0));
	SHOW_PTR(mmap(NULL, MIB, RW, MAP_SHARED, fd, 0));
	SHOW_PTR(mmap(NULL, MIB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	SHOW(mprotect(a, MIB, RW));
	SHOW(mprotect(file, MIB, RW));
	SHOW_TRUE(syscall(SYS_brk, brk + MIB) == (long)brk);
	unlink("data");
}

static int __attribute__((noinline)) deep(int n)
{
	volatile char page[4096];

	page[0] = (char)n;
	return n ? deep(n - 1) + page[0] : 0;
}

static void stack(void)
{
	set_limit(RLIMIT_STACK, MIB);
	printf("deep: %d\n", deep(100) != 1);
	deep(400);
	puts("not reached");
}

static void memory_locked(void)
{
	char *a = mmap(NULL, 4 * MIB, RW, ANON, -1, 0);

	MUST(a != MAP_FAILED);
	set_limit(RLIMIT_MEMLOCK, 65536);
	SHOW(mlock(a, 65536));
	SHOW(mlock(a, 65536));
	SHOW(mlock(a + 65536, 4096));
	SHOW(mlock2(a + 65536, 4096, MLOCK_ONFAULT));
	SHOW_PTR(mmap(NULL, 4096, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(munlock(a, 4096));
	SHOW(mlock(a + 65536, 4096));
	SHOW(mlockall(MCL_FUTURE));
	set_limit(RLIMIT_MEMLOCK, 0);
	SHOW(mlock(a + MIB, 4096));
	SHOW(munlockall());
}

static void pending_signals(void)
{
	const union sigval value = { .sival_int = 0 };
	sigset_t set;
	int n = 0;

	set_limit(RLIMIT_SIGPENDING, 10);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (!sigqueue(getpid(), SIGRTMIN, value))
		n++;
	printf("%d: %s\n", n, error_name(errno));
	SHOW(kill(getpid(), SIGUSR1));
	SHOW(sigqueue(getpid(), SIGUSR1, value));
	SHOW(raise(SIGRTMIN));
	for (n = 0; !sigpending(&set) && sigismember(&set, SIGRTMIN); n++) {
		sigemptyset(&set);
		sigaddset(&set, SIGRTMIN);
		MUST(sigwaitinfo(&set, NULL) == SIGRTMIN);
	}
	printf("taken %d\n", n);
}

static void timers(void)
{
	timer_t timer;
	int n = 0;

	set_limit(RLIMIT_SIGPENDING, 5);
	while (!timer_create(CLOCK_MONOTONIC, NULL, &timer))
		n++;
	printf("%d timers: %s\n", n, error_name(errno));
}

static void files(void)
{
	struct pollfd fds[65] = { { .fd = 0 } };
	int n = 0, fd, ends[2];

	set_limit(RLIMIT_NOFILE, 64);
	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		n = fd;
	printf("%d: %s\n", n, error_name(errno));
	SHOW(dup(0));
	SHOW(dup2(0, 64));
	SHOW(dup2(0, 63));
	SHOW(dup3(0, 10000, 0));
	SHOW(fcntl(0, F_DUPFD, 10));
	SHOW(fcntl(0, F_DUPFD, 64));
	SHOW(pipe(ends));
	SHOW(close(63));
	SHOW(pipe(ends));
	SHOW(fcntl(0, F_DUPFD, 10));
	for (n = 0; n < 65; n++)
		fds[n].fd = -1;
	SHOW(poll(fds, 65, 0));
	SHOW(poll(fds, 64, 0));
	set_limit(RLIMIT_NOFILE, 3);
	SHOW(close(50));
	SHOW(dup(0));
	SHOW(dup2(0, 50));
	SHOW(fcntl(60, F_GETFD));
}

static void file_size(void)
{
	static char buf[8192];
	int fd = open("size", O_CREAT | O_RDWR | O_TRUNC, 0600);

	MUST(fd >= 0);
	signal(SIGXFSZ, note);
	set_limit(RLIMIT_FSIZE, 10000);
	SHOW(write(fd, buf, 8192));
	SHOW(write(fd, buf, 8192));
	SHOW(came);
	SHOW(write(fd, buf, 1));
	SHOW(came == SIGXFSZ);
	came = 0;
	SHOW(pwrite(fd, buf, 1, 9999));
	SHOW(came);
	SHOW(ftruncate(fd, 10001));
	SHOW(came == SIGXFSZ);
	came = 0;
	SHOW(fallocate(fd, 0, 0, 20000));
	SHOW(came == SIGXFSZ);
	SHOW(lseek(fd, 0, SEEK_END));
	signal(SIGXFSZ, SIG_IGN);
	SHOW(write(fd, buf, 1));
	signal(SIGXFSZ, SIG_DFL);
	unlink("size");
	write(fd, buf, 1);
	puts("not reached");
}

static void message_queues(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 1000 };
	char name[] = "/limit_reached.0";
	int n = 0;

	set_limit(RLIMIT_MSGQUEUE, 10000);
	while (n < 9 && mq_open(name, O_CREAT | O_RDWR, 0600, &attr) >= 0) {
		MUST(!mq_unlink(name));
		n++;
		name[sizeof(name) - 2]++;
	}
	printf("%d: %s\n", n, error_name(errno));
	attr.mq_maxmsg = 1;
	SHOW_TRUE(mq_open(name, O_CREAT | O_RDWR, 0600, &attr) >= 0);
	MUST(!mq_unlink(name));
	set_limit(RLIMIT_MSGQUEUE, 0);
	SHOW(mq_open(name, O_CREAT | O_RDWR, 0600, &attr));
}

/* Which Linux keeps, and does nothing with. */
static void without_effect(void)
{
	char *a;
	int fd;

	set_limit(RLIMIT_RSS, 0);
	set_limit(RLIMIT_LOCKS, 0);
	a = mmap(NULL, 4 * MIB, RW, ANON | MAP_POPULATE, -1, 0);
	MUST(a != MAP_FAILED);
	memset(a, 1, 4 * MIB);
	SHOW(a[4 * MIB - 1]);
	fd = open("lock", O_CREAT | O_RDWR, 0600);
	MUST(fd >= 0 && !unlink("lock"));
	SHOW(flock(fd, LOCK_EX));
	SHOW(lockf(fd, F_LOCK, 0));
}

/* A warning at the limit, and the end at the hard one: later, as it may use a second at once. */
static void cpu_time(void)
{
	struct rlimit limit = { 1, 100 };
	volatile unsigned long n = 0;

	signal(SIGXCPU, note);
	MUST(!setrlimit(RLIMIT_CPU, &limit));
	while (came != SIGXCPU)
		n++;
	puts("warned");
	limit.rlim_cur = limit.rlim_max = 2;
	MUST(!setrlimit(RLIMIT_CPU, &limit));
	for (;;)
		n++;
}

static void priorities(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	set_limit(RLIMIT_NICE, 0);
	SHOW(setpriority(PRIO_PROCESS, 0, -1));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(setpriority(PRIO_PROCESS, 0, 4));
	SHOW(sched_setscheduler(0, SCHED_FIFO, &param));
}

int main(void)
{
	run_case("processes", processes_in_group);
	run_case("address space", address_space);
	run_case("data", data);
	run_case("stack", stack);
	run_case("locked memory", memory_locked);
	run_case("pending signals", pending_signals);
	run_case("timers", timers);
	run_case("files", files);
	run_case("file size", file_size);
	run_case("message queues", message_queues);
	run_case("no effect", without_effect);
	run_case("CPU time", cpu_time);
	run_case("priorities", priorities);
	return 0;
}

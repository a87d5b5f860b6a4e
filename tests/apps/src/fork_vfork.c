// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child of vfork() has its parent's memory: what it writes, maps and unmaps is the parent's. What
 * is a process's own is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "fork.h"

#define PAGE 4096
#define THREADS 4
#define ROUNDS 3

extern char **environ;

static volatile int value;
static volatile sig_atomic_t caught;
static char *volatile mapped;

static void on_signal(int sig)
{
	caught = sig;
}

static void test_memory(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *file, *before;
	pid_t pid;

	MUST(fd >= 0 && write(fd, "from the file", 14) == 14);
	before = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	MUST(before != MAP_FAILED && file != MAP_FAILED);
	fflush(stdout);
	pid = vfork();
	if (!pid) {
		value = 42;
		file[0] = 'F';
		munmap(before, PAGE);
		mapped = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			      -1, 0);
		mapped[PAGE] = 'm';
		lseek(fd, 5, SEEK_SET);
		/* Linux writes where both see it. */
		_exit(read(fd, mapped, 3) == 3 ? 5 : 99);
	}
	reap(pid, "memory");
	SHOW(value);
	printf("%s\n", file);
	printf("%c %.3s\n", mapped[PAGE], mapped);
	SHOW(msync(before, PAGE, MS_ASYNC));
	SHOW(lseek(fd, 0, SEEK_CUR));
	close(fd);
}

/* Not the parent's: dispositions, descriptors, the working directory, limits. */
static void test_own(void)
{
	struct rlimit limit = { 8192 * 1024, 8192 * 1024 }, after;
	pid_t parent = getpid(), pid;

	fflush(stdout);
	signal(SIGUSR1, on_signal);
	getrlimit(RLIMIT_STACK, &after);
	value = 0;
	pid = vfork();
	if (!pid) {
		signal(SIGUSR1, SIG_IGN);
		close(0);
		setrlimit(RLIMIT_STACK, &limit);
		value = getpid() != parent && getppid() == parent && !chdir("/");
		_exit(0);
	}
	reap(pid, "own");
	SHOW(value);
	SHOW(raise(SIGUSR1));
	SHOW(caught);
	SHOW(fcntl(0, F_GETFD) >= 0);
	getrlimit(RLIMIT_STACK, &limit);
	SHOW(limit.rlim_max == after.rlim_max);
	SHOW(access("file", F_OK));
}

static void test_exec(void)
{
	char *argv[] = { "x", NULL };
	pid_t pid;

	fflush(stdout);
	value = 0;
	pid = vfork();
	if (!pid) {
		execv("/nonexistent", argv);
		value = errno;
		execv("file", argv);
		_exit(errno == EACCES ? 3 : 99);
	}
	reap(pid, "failing exec");
	printf("%s\n", strerrorname_np(value));
	printf("%s\n", strerrorname_np(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ)));
	printf("%s\n", strerrorname_np(posix_spawn(&pid, "file", NULL, NULL, argv, environ)));
	SHOW(posix_spawnp(&pid, "true", NULL, NULL, argv, environ));
	reap(pid, "true");
	SHOW(waitpid(-1, NULL, 0));
}

static void test_nested(void)
{
	pid_t pid;

	fflush(stdout);
	value = 1;
	pid = vfork();
	if (!pid) {
		pid_t inner = vfork();
		int status;

		if (!inner) {
			value = value * 10 + 2;
			_exit(1);
		}
		waitpid(inner, &status, 0);
		value = value * 10 + WEXITSTATUS(status) + 2;
		/* A copy of the memory, made by one who shares it. */
		inner = fork();
		if (!inner) {
			value = 0;
			_exit(6);
		}
		waitpid(inner, &status, 0);
		value = value * 10 + WEXITSTATUS(status);
		_exit(0);
	}
	reap(pid, "nested");
	SHOW(value);
}

/* The parent's signals wait; the child may be killed. */
static void test_signals(void)
{
	pid_t pid;

	fflush(stdout);
	caught = 0;
	value = 1;
	signal(SIGINT, on_signal);
	pid = vfork();
	if (!pid) {
		kill(getppid(), SIGINT);
		value = caught ? 99 : 7;
		raise(SIGKILL);
		_exit(99);
	}
	SHOW(value);
	SHOW(caught == SIGINT);
	reap(pid, "killed");
}

static void *spawn_many(void *arg)
{
	char *argv[] = { "true", NULL };
	int failed = 0, status;
	pid_t pid;

	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		if (posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ) != ENOENT)
			failed++;
		if (posix_spawnp(&pid, "true", NULL, NULL, argv, environ) ||
		    waitpid(pid, &status, 0) != pid || status)
			failed++;
	}
	return (void *)(long)failed;
}

static void test_threads(void)
{
	pthread_t threads[THREADS];
	void *failed;

	for (int i = 0; i < THREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, spawn_many, NULL));
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_join(threads[i], &failed));
		printf("thread: %ld failed\n", (long)failed);
	}
}

int main(void)
{
	test_memory();
	test_own();
	test_exec();
	test_nested();
	test_signals();
	test_threads();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time to make and end processes and threads, of a signal, and of memory that several threads map
 * at once.
 *
 *   tasks ROUNDS PROGRAM
 *
 * PROGRAM is what is executed; its output is thrown away. Each sample is the mean of many; a round
 * takes one sample of each. Of what threads do at once, it is the time divided by all they did.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "samples.h"

#define KIB 1024UL
#define SMALL (4 * KIB)
#define PIECE (64 * KIB)
#define MAX_THREADS 2

static const char *program;
static volatile sig_atomic_t nsignals;
static pthread_barrier_t barrier;

static void wait_for(pid_t pid)
{
	int status;

	check(waitpid(pid, &status, 0) == pid, "waitpid");
	check(WIFEXITED(status) && !WEXITSTATUS(status), "the child");
}

static void do_fork(int n)
{
	pid_t pid;

	while (n--) {
		pid = fork();
		check(pid >= 0, "fork");
		if (!pid)
			_exit(0);
		wait_for(pid);
	}
}

static void do_exec(int n)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t pid;

	check(null >= 0, "open /dev/null");
	while (n--) {
		pid = fork();
		check(pid >= 0, "fork");
		if (!pid) {
			dup2(null, STDOUT_FILENO);
			execl(program, program, NULL);
			_exit(127);
		}
		wait_for(pid);
	}
	close(null);
}

static void *do_nothing(void *arg)
{
	return arg;
}

static void do_thread(int n)
{
	pthread_t thread;

	while (n--) {
		check(!pthread_create(&thread, NULL, do_nothing, NULL), "pthread_create");
		check(!pthread_join(thread, NULL), "pthread_join");
	}
}

static void on_signal(int sig)
{
	(void)sig;
	nsignals++;
}

static void do_signal(int n)
{
	sig_atomic_t before = nsignals;
	int i;

	signal(SIGUSR1, on_signal);
	for (i = 0; i < n; i++)
		check(!raise(SIGUSR1), "raise");
	check(nsignals - before == n, "signals");
}

static void map_pieces(int n)
{
	volatile char *start;
	size_t at;

	while (n--) {
		start = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		check(start != MAP_FAILED, "mmap");
		for (at = 0; at < PIECE; at += SMALL)
			start[at] = 1;
		check(!munmap((void *)start, PIECE), "munmap");
	}
}

static void *map_beside(void *count)
{
	pthread_barrier_wait(&barrier);
	map_pieces(*(int *)count);
	return NULL;
}

static void do_map_one(int n)
{
	map_pieces(n);
}

static void do_map_all(int n)
{
	pthread_t threads[MAX_THREADS];
	int each = n / MAX_THREADS;
	int i;

	check(!pthread_barrier_init(&barrier, NULL, MAX_THREADS), "pthread_barrier_init");
	for (i = 0; i < MAX_THREADS; i++)
		check(!pthread_create(&threads[i], NULL, map_beside, &each), "pthread_create");
	for (i = 0; i < MAX_THREADS; i++)
		check(!pthread_join(threads[i], NULL), "pthread_join");
	pthread_barrier_destroy(&barrier);
}

/* What a round consists of: how it is called, what does it, how many times for a sample. */
static const struct {
	const char *name;
	void (*repeat)(int n);
	int count;
} tasks[] = {
	{ "fork + exit + wait", do_fork, 10 },
	{ "fork + exec of a static hello + wait", do_exec, 5 },
	{ "pthread_create + join", do_thread, 50 },
	{ "signal to oneself, with handler", do_signal, 200 },
	{ "mmap + touch + munmap of 64 KiB, 1 thread", do_map_one, 200 },
	{ "mmap + touch + munmap of 64 KiB, 2 threads at once", do_map_all, 400 },
};

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	uint64_t start;
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: tasks ROUNDS PROGRAM\n");
		return 2;
	}
	program = argv[2];
	while (rounds--) {
		for (i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
			start = now_ns();
			MARK_BEGIN();
			tasks[i].repeat(tasks[i].count);
			MARK_END();
			sample(tasks[i].name, now_ns() - start, (uint64_t)tasks[i].count);
		}
	}
	return 0;
}

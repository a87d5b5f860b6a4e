// SPDX-License-Identifier: GPL-2.0-only
/* The frame of a unit test program; see unit.h. */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/shim/shim.h"

/* A hung test is killed after so many seconds; none takes a tenth of it. */
#define HANG_SECONDS 120

static bool wanted(int argc, char **argv, const char *name)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], name))
			return true;
	}
	return argc <= 1;
}

static bool run_one(const struct unit_test *test)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		perror("fork");
		return false;
	}
	if (pid == 0) {
		alarm(HANG_SECONDS);
		test->run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid) {
		perror("waitpid");
		return false;
	}
	if (WIFSIGNALED(status))
		printf("# %s: killed by signal %d\n", test->name,
		       WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int unit_run(int argc, char **argv, const struct unit_test *tests, int ntests)
{
	int failed = 0;
	int count = 0;
	int i;

	for (i = 0; i < ntests; i++) {
		if (!wanted(argc, argv, tests[i].name))
			continue;
		count++;
		if (run_one(&tests[i])) {
			printf("ok %d - %s\n", count, tests[i].name);
		} else {
			printf("not ok %d - %s\n", count, tests[i].name);
			failed++;
		}
	}
	printf("1..%d\n", count);
	return failed || !count;
}

bool unit_panics(void (*fn)(void *arg), void *arg, const char *text)
{
	char message[512];
	ssize_t len;
	int fds[2];
	int status;
	pid_t pid;

	fflush(stdout);
	CHECK(!pipe(fds));
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		shim_panic_fd = fds[1];
		fn(arg);
		_exit(0);
	}
	close(fds[1]);
	/* One write of less than PIPE_BUF bytes arrives whole. */
	len = read(fds[0], message, sizeof(message) - 1);
	close(fds[0]);
	CHECK(waitpid(pid, &status, 0) == pid);
	if (len <= 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != SHIM_PANIC_STATUS) {
		printf("# no panic, but wait status %#x\n", status);
		return false;
	}
	message[len] = '\0';
	if (!strstr(message, text))
		printf("# panic says: %s\n", message);
	return strstr(message, text);
}

u64 unit_random(struct unit_random *rng, u64 bound)
{
	u64 x;

	/* splitmix64: any seed will do, zero included. */
	rng->state += 0x9e3779b97f4a7c15ULL;
	x = rng->state;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return (x ^ (x >> 31)) % bound;
}

struct cpu_thread {
	pthread_t thread;
	pthread_barrier_t *start;
	void (*fn)(u32 cpu);
	u32 cpu;
};

static void *cpu_main(void *arg)
{
	struct cpu_thread *ct = arg;

	shim_cpu.id = ct->cpu;
	pthread_barrier_wait(ct->start);
	ct->fn(ct->cpu);
	return NULL;
}

void unit_threads(u32 ncpus, void (*fn)(u32 cpu))
{
	struct cpu_thread *threads = calloc(ncpus, sizeof(*threads));
	pthread_barrier_t start;
	u32 i;

	CHECK(threads);
	CHECK(!pthread_barrier_init(&start, NULL, ncpus));
	for (i = 0; i < ncpus; i++) {
		threads[i].start = &start;
		threads[i].fn = fn;
		threads[i].cpu = i;
		CHECK(!pthread_create(&threads[i].thread, NULL, cpu_main,
				      &threads[i]));
	}
	for (i = 0; i < ncpus; i++)
		CHECK(!pthread_join(threads[i].thread, NULL));
	pthread_barrier_destroy(&start);
	free(threads);
}

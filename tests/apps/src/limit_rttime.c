// SPDX-License-Identifier: GPL-2.0-only
/*
 * RLIMIT_RTTIME: how long a real-time thread may run without waiting. To be run as root.
 */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "fork.h"

static volatile sig_atomic_t warned;

static void note(int sig)
{
	(void)sig;
	warned++;
}

static void set_limit(rlim_t cur, rlim_t max)
{
	const struct rlimit limit = { cur, max };

	MUST(!setrlimit(RLIMIT_RTTIME, &limit));
}

static void become_fifo(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	MUST(!sched_setscheduler(0, SCHED_FIFO, &param));
}

static long used_ms(void)
{
	struct timespec now;

	MUST(!clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until it has used that much more, or was warned. */
static void use(long ms)
{
	long until = used_ms() + ms;

	while (used_ms() < until && !warned)
		continue;
}

static void warns(void)
{
	struct rlimit limit;

	set_limit(100000, RLIM_INFINITY);
	become_fifo();
	while (!warned)
		continue;
	MUST(!getrlimit(RLIMIT_RTTIME, &limit));
	SHOW(limit.rlim_cur);
	SHOW_TRUE(limit.rlim_max == RLIM_INFINITY);
}

static void kills(void)
{
	set_limit(100000, 300000);
	become_fifo();
	while (!warned)
		continue;
	puts("warned");
	for (;;)
		continue;
}

static void kills_at_once(void)
{
	set_limit(100000, 100000);
	become_fifo();
	for (;;)
		continue;
}

/* Who waits now and then is not meant. */
static void waits(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	set_limit(400000, 500000);
	become_fifo();
	for (int i = 0; i < 20 && !warned; i++) {
		use(40);
		nanosleep(&moment, NULL);
	}
	SHOW(warned);
}

/* Nor who has another policy, until then. */
static void ordinary(void)
{
	set_limit(300000, RLIM_INFINITY);
	use(500);
	SHOW(warned);
	become_fifo();
	use(100);
	SHOW(warned);
	while (!warned)
		continue;
	puts("warned");
}

/* A program that is executed has it, too. */
static void executes(void)
{
	set_limit(123456, 234567);
	execlp("sh", "sh", "-c", "grep realtime /proc/self/limits | tr -s ' '", NULL);
}

static void run_case(const char *name, void (*fn)(void))
{
	pid_t pid;

	warned = 0;
	pid = fork_must();
	if (!pid) {
		signal(SIGXCPU, note);
		fn();
		exit(0);
	}
	reap(pid, name);
}

int main(void)
{
	run_case("warns", warns);
	run_case("kills", kills);
	run_case("kills at once", kills_at_once);
	run_case("waits", waits);
	run_case("ordinary", ordinary);
	run_case("executes", executes);
	return 0;
}

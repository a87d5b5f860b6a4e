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

/*
 * Until it has used that much more, or was warned. Return: what it has used, which is more if the
 * CPU stood still meanwhile.
 */
static long use(long ms)
{
	long from = used_ms();

	while (used_ms() < from + ms && !warned)
		continue;
	return used_ms() - from;
}

static void use_until_warned(void)
{
	while (!warned)
		continue;
	puts("warned");
}

/* The soft limit grows by a second each time. */
static void warns(void)
{
	struct rlimit limit;

	set_limit(100000, RLIM_INFINITY);
	become_fifo();
	use_until_warned();
	MUST(!getrlimit(RLIMIT_RTTIME, &limit));
	SHOW_TRUE(limit.rlim_cur > 1000000);
	SHOW(limit.rlim_cur % 1000000);
	SHOW_TRUE(limit.rlim_max == RLIM_INFINITY);
}

static void kills(void)
{
	set_limit(100000, RLIM_INFINITY);
	become_fifo();
	use_until_warned();
	fflush(stdout);
	set_limit(200000, 200000);
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

/* Who waits now and then is not meant, however much it uses in all. */
static void waits(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	long longest = 0;

	set_limit(400000, RLIM_INFINITY);
	become_fifo();
	for (int i = 0; i < 20 && !warned; i++) {
		long used = use(40);

		longest = used > longest ? used : longest;
		nanosleep(&moment, NULL);
	}
	SHOW_TRUE(!warned || longest > 300);
}

/* Nor who has another policy, until then. */
static void ordinary(void)
{
	long used;

	set_limit(300000, RLIM_INFINITY);
	use(500);
	SHOW(warned);
	become_fifo();
	used = use(100);
	SHOW_TRUE(!warned || used > 200);
	use_until_warned();
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * thr_spare WHAT N: a program for which mcexec -T N keeps spare twins ready is not told apart from
 * one of a single thread, ends as it would without, leaves its children none, and may make many
 * threads at once.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

#include "spares.h"

/*
 * Who has no other thread may do what others may not. A thread that is joined may be on its way
 * still.
 */

static int while_not_alone(int (*call)(void))
{
	int ret;

	do {
		ret = call();
	} while (ret && (errno == EINVAL || errno == EUSERS));
	return ret;
}

static int new_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static int space = -1;

static int enter_space(void)
{
	return setns(space, 0);
}

static void alone(const char *what, int (*call)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		await_spares();
		printf("%s: %d\n", what, while_not_alone(call));
		/* Linux lists a joined thread for a little longer than it counts it. */
		do {
			list_spares();
		} while (nlisted);
		puts("no others");
		await_spares();
		fflush(stdout);
		_exit(0);
	}
	wait_for(pid);
}

/* Who has a table of descriptors for itself has closed for good what it closes. */
static ssize_t read_closed(void)
{
	int ends[2];
	char byte;

	MUST(!pipe(ends) && !close_range(ends[1], ends[1], CLOSE_RANGE_UNSHARE));
	return read(ends[0], &byte, 1);
}

static void try_alone(void)
{
	await_spares();
	alone("unshare", new_user);
	space = open("/proc/self/ns/mnt", O_RDONLY);
	alone("setns of a mount namespace", enter_space);
	close(space);
	space = open("/proc/self/ns/time", O_RDONLY);
	alone("setns of a time namespace", enter_space);
	await_spares();
	printf("read of a pipe without another end: %zd\n", read_closed());
}

/*
 * Ends
 */

static void *do_nothing(void *arg)
{
	return arg;
}

static void *end_by(void *arg)
{
	const char *how = arg;

	if (!strcmp(how, "exit"))
		exit(3);
	if (!strcmp(how, "kill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "exec"))
		execl("/bin/true", "true", NULL);
	return NULL;
}

/* The first thread has ended before, or not. */
static void end(const char *how, bool first)
{
	pid_t pid = fork();
	int status;

	MUST(pid >= 0);
	if (!pid) {
		pthread_t thread;

		await_spares();
		MUST(!pthread_create(&thread, NULL, end_by, (void *)how));
		if (first)
			pthread_exit(NULL);
		pthread_join(thread, NULL);
		_exit(4);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	printf("%s: %#x\n", how, status & ~0x80);
}

static void try_ends(void)
{
	static const char *const hows[] = { "exit", "kill", "abort", "exec", "return" };

	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		end(hows[i], false);
		end(hows[i], true);
	}
}

/*
 * Children
 */

static void fork_with_thread(int left)
{
	pid_t pid;

	await_spares();
	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		list_spares();
		printf("at first: %d\n", nlisted);
		if (left)
			fork_with_thread(left - 1);
		fflush(stdout);
		_exit(0);
	}
	wait_for(pid);
}

static void *make_others(void *arg)
{
	pthread_t thread;

	for (int i = 0; i < 50; i++)
		MUST(!pthread_create(&thread, NULL, do_nothing, NULL) &&
		     !pthread_join(thread, NULL));
	return arg;
}

/* Several creators, of different names. */
static void *make_named(void *arg)
{
	char name[16];

	snprintf(name, sizeof(name), "creator %ld", (long)arg);
	MUST(!prctl(PR_SET_NAME, name));
	return make_others(arg);
}

static void try_many(void)
{
	run(make_others, 8);
	run(make_named, 8);
	for (int i = 0; i < 200; i++)
		make_thread();
	puts("all have ended");
}

/* For who changes it from outside: tells its threads, and whether each was a spare. */
static void *tell_and_stay(void *arg)
{
	printf("%d %s\n", gettid(), is_listed(gettid()) ? "spare" : "new");
	fflush(stdout);
	pause();
	return arg;
}

static void obey(void)
{
	pthread_t thread;

	await_spares();
	puts("ready");
	fflush(stdout);
	MUST(getchar() == '\n');
	MUST(!pthread_create(&thread, NULL, tell_and_stay, NULL));
	MUST(getchar() == EOF);
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	MUST(argc > 2);
	spares_begin(argv[2]);
	if (!strcmp(what, "alone"))
		try_alone();
	else if (!strcmp(what, "ends"))
		try_ends();
	else if (!strcmp(what, "children"))
		fork_with_thread(3);
	else if (!strcmp(what, "obey"))
		obey();
	else if (!strcmp(what, "many"))
		try_many();
	return 0;
}

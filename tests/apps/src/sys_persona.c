// SPDX-License-Identifier: GPL-2.0-only
/*
 * personality(2): what a process has of it, and what its threads, children and programs do.
 * "sys_persona refused" has those that the LWK does not serve, "sys_persona show" shows one's own.
 */
#include <pthread.h>
#include <sys/personality.h>
#include <sys/select.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define QUERY 0xffffffffUL

static int is_old(void)
{
	struct utsname name;

	MUST(!uname(&name));
	return !strncmp(name.release, "2.6.", 4);
}

static void show_machine(void)
{
	struct utsname name;

	MUST(!uname(&name));
	printf("machine %s\n", name.machine);
}

static void *in_thread(void *arg)
{
	printf("a thread: %#x, old: %d\n", personality(QUERY), is_old());
	personality(PER_LINUX);
	return arg;
}

static void show_heirs(void)
{
	pthread_t thread;
	pid_t pid;

	MUST(!pthread_create(&thread, NULL, in_thread, NULL));
	MUST(!pthread_join(thread, NULL));
	printf("afterwards %#x\n", personality(QUERY));
	fflush(stdout);
	MUST((pid = fork()) >= 0);
	if (!pid) {
		printf("a child: %#x\n", personality(QUERY));
		exit(0);
	}
	MUST(waitpid(pid, NULL, 0) == pid);
}

/* Linux leaves the time as it was. */
static void show_timeout(void)
{
	struct timeval time = { 0, 1000 };

	SHOW(select(0, NULL, NULL, NULL, &time));
	printf("%ld left\n", (long)time.tv_usec);
}

static void show_served(void)
{
	static const unsigned long values[] = {
		UNAME26, ADDR_NO_RANDOMIZE, FDPIC_FUNCPTRS, ADDR_COMPAT_LAYOUT, ADDR_LIMIT_32BIT,
		SHORT_INODE, WHOLE_SECONDS, STICKY_TIMEOUTS, ADDR_LIMIT_3GB, PER_LINUX32,
		PER_LINUX_32BIT, PER_BSD, PER_LINUX32_3GB, 0x10000000,
	};
	size_t i;

	personality(PER_LINUX);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const int before = personality(values[i]);

		printf("%#lx after %#x: %#x\n", values[i], before, personality(QUERY));
	}
	personality(PER_LINUX);
	SHOW_TRUE(!is_old());
	show_timeout();
	show_machine();
	SHOW(personality(PER_LINUX32));
	show_machine();
	SHOW(personality(STICKY_TIMEOUTS));
	show_timeout();
	SHOW(personality(UNAME26 | ADDR_NO_RANDOMIZE));
	SHOW_TRUE(is_old());
	show_heirs();
}

static void show_refused(void)
{
	personality(PER_LINUX);
	SHOW(personality(READ_IMPLIES_EXEC));
	personality(PER_LINUX);
	SHOW(personality(MMAP_PAGE_ZERO));
	personality(PER_LINUX);
	SHOW(personality(PER_SVR4));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "show"))
		printf("%#x, old: %d\n", personality(QUERY), is_old());
	else if (!strcmp(what, "refused"))
		show_refused();
	else
		show_served();
	return 0;
}

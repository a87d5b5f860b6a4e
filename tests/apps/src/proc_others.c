// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls about another process: its limits, locks, files, memory, priorities, CPUs.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "fork.h"

#define PAGE 4096UL
#define NOBODY 99999999
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO(class, level) ((class) << 13 | (level))
#define MADV_COLD_ 20
#define MADV_PAGEOUT_ 21

static char *area;
static int to_child[2], from_child[2];

static void show_limit(const char *what, int resource)
{
	struct rlimit limit;

	MUST(!getrlimit(resource, &limit));
	printf("%s: %ld %ld\n", what, (long)limit.rlim_cur, (long)limit.rlim_max);
}

static void show_limits(void)
{
	show_limit("files", RLIMIT_NOFILE);
	show_limit("addresses", RLIMIT_AS);
	show_limit("stack", RLIMIT_STACK);
	show_limit("locked", RLIMIT_MEMLOCK);
}

static void child(char **argv)
{
	char byte;

	MUST(dup2(1, 77) == 77);
	memset(area, 2, 4 * PAGE);
	/* Linux has these pages, too, from now on. */
	MUST(write(from_child[1], area, 2 * PAGE) == 2 * PAGE && read(to_child[0], &byte, 1) == 1);
	show_limits();
	SHOW(area[0] + area[PAGE]);
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0));
	SHOW(sched_getscheduler(0));
	fflush(stdout);
	/* The next program of the process has the same. */
	execl("/proc/self/exe", argv[0], "limits", NULL);
	_exit(99);
}

static void change_limit(const char *what, pid_t pid, int resource, rlim_t to)
{
	struct rlimit limit = { to, 2 * to }, old = { 1, 1 };
	char text[64];

	snprintf(text, sizeof(text), "set %s", what);
	show(text, prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL));
	snprintf(text, sizeof(text), "get %s", what);
	show(text, prlimit(pid, (__rlimit_resource_t)resource, NULL, &old));
	printf("%ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
	limit.rlim_cur = 4 * to;
	show(text, prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL));
}

static void change_limits(pid_t pid)
{
	struct rlimit limit;

	change_limit("files", pid, RLIMIT_NOFILE, 100);
	change_limit("addresses", pid, RLIMIT_AS, 1UL << 32);
	change_limit("stack", pid, RLIMIT_STACK, 1UL << 22);
	change_limit("locked", pid, RLIMIT_MEMLOCK, 1UL << 16);
	SHOW(prlimit(NOBODY, RLIMIT_AS, NULL, &limit));
	SHOW(prlimit(pid, (__rlimit_resource_t)99, NULL, &limit));
	SHOW(prlimit(pid, RLIMIT_AS, (void *)8, NULL));
}

static void *stay_alone(void *first)
{
	char byte;

	MUST(!pthread_join(*(pthread_t *)first, NULL));
	MUST(write(from_child[1], "x", 1) == 1 && read(to_child[0], &byte, 1) == 1);
	show_limits();
	exit(6);
}

/* Of a process whose first thread has ended. */
static void show_without_first(void)
{
	static pthread_t first;
	pthread_t other;
	char byte;
	pid_t pid;

	MUST(!pipe(to_child) && !pipe(from_child));
	pid = fork_must();
	if (!pid) {
		change_limit("mine", 0, RLIMIT_AS, 1UL << 33);
		first = pthread_self();
		MUST(!pthread_create(&other, NULL, stay_alone, &first));
		pthread_exit(NULL);
	}
	MUST(read(from_child[0], &byte, 1) == 1);
	change_limit("without its first thread", pid, RLIMIT_AS, 1UL << 32);
	MUST(write(to_child[1], "x", 1) == 1);
	reap(pid, "without its first thread");
}

static void show_robust_lists(pid_t pid)
{
	void *mine = NULL, *other = NULL;
	size_t len = 0;

	SHOW(syscall(SYS_get_robust_list, 0, &mine, &len));
	SHOW(syscall(SYS_get_robust_list, pid, &other, &len));
	SHOW(len);
	/* That of a child's first thread is where its parent's is. */
	SHOW_TRUE(mine && other == mine);
	SHOW(syscall(SYS_get_robust_list, 1, &other, &len));
	SHOW_TRUE(other != mine);
	SHOW(syscall(SYS_get_robust_list, NOBODY, &other, &len));
	SHOW(syscall(SYS_get_robust_list, pid, NULL, &len));
}

static void show_advice(int pidfd)
{
	struct iovec part = { area, 2 * PAGE };

	for (int advice = 0; advice <= 24; advice++) {
		if (advice >= 5 && advice <= 7)
			continue;
		printf("advice %d: ", advice);
		SHOW(syscall(SYS_process_madvise, pidfd, &part, 1UL, advice, 0));
	}
	SHOW(syscall(SYS_process_madvise, pidfd, &part, 1UL, MADV_COLD_, 1));
	SHOW(syscall(SYS_process_madvise, 999, &part, 1UL, MADV_COLD_, 0));
	SHOW(syscall(SYS_process_madvise, pidfd, &part, 2000UL, MADV_COLD_, 0));
	part.iov_base = area + 1;
	SHOW(syscall(SYS_process_madvise, pidfd, &part, 1UL, MADV_PAGEOUT_, 0));
}

/* Its parent is one of Linux's, wherever this program runs. */
static void show_advice_to_linux(void)
{
	unsigned long start, end = 0;
	struct iovec part = { NULL, PAGE };
	char path[32], line[512];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", getppid());
	maps = fopen(path, "r");
	MUST(maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		if (strstr(line, "[stack]"))
			MUST(sscanf(line, "%lx-%lx", &start, &end) == 2);
	}
	fclose(maps);
	MUST(end);
	part.iov_base = (void *)(end - PAGE);
	SHOW(syscall(SYS_process_madvise, syscall(SYS_pidfd_open, getppid(), 0), &part, 1UL,
		     MADV_COLD_, 0));
}

static void show_files(pid_t pid, int pidfd)
{
	const pid_t self = getpid();

	SHOW(syscall(SYS_pidfd_getfd, pidfd, 77, 0) >= 0);
	SHOW(syscall(SYS_pidfd_getfd, pidfd, 999, 0));
	SHOW(syscall(SYS_pidfd_getfd, pidfd, 1, 5));
	for (int type = 1; type <= 6; type++) {
		printf("kind %d: ", type);
		SHOW(syscall(SYS_kcmp, self, pid, type, 0, 0) != 0);
		SHOW(syscall(SYS_kcmp, self, self, type, 0, 0));
	}
	SHOW(syscall(SYS_kcmp, self, pid, 0, 1, 77));
	SHOW(syscall(SYS_kcmp, self, pid, 0, 1, 555));
}

static void change_schedule(pid_t pid)
{
	struct sched_param param = { 0 };
	cpu_set_t cpus, one;
	int first = 0;

	SHOW(setpriority(PRIO_PROCESS, (id_t)pid, 5));
	SHOW(getpriority(PRIO_PROCESS, (id_t)pid));
	SHOW(sched_setscheduler(pid, SCHED_BATCH, &param));
	SHOW(sched_getscheduler(pid));
	SHOW(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, IOPRIO(2, 3)));
	SHOW(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, pid));
	SHOW(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, NOBODY, IOPRIO(2, 3)));
	SHOW(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO(5, 0)));
	MUST(!sched_getaffinity(pid, sizeof(cpus), &cpus));
	while (!CPU_ISSET(first, &cpus))
		first++;
	CPU_ZERO(&one);
	SHOW(sched_setaffinity(pid, sizeof(one), &one));
	CPU_SET(first, &one);
	SHOW(sched_setaffinity(pid, sizeof(one), &one));
	MUST(!sched_getaffinity(pid, sizeof(cpus), &cpus));
	SHOW_TRUE(CPU_EQUAL(&cpus, &one));
	SHOW(sched_setaffinity(NOBODY, sizeof(one), &one));
}

int main(int argc, char **argv)
{
	char byte;
	int pidfd;
	pid_t pid;

	if (argc > 1) {
		show_limits();
		return 0;
	}
	area = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(area != MAP_FAILED && !pipe(to_child) && !pipe(from_child));
	pid = fork_must();
	if (!pid)
		child(argv);
	MUST(read(from_child[0], &byte, 1) == 1);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	MUST(pidfd >= 0);
	change_limits(pid);
	show_robust_lists(pid);
	show_advice(pidfd);
	show_advice((int)syscall(SYS_pidfd_open, getpid(), 0));
	show_advice_to_linux();
	show_files(pid, pidfd);
	change_schedule(pid);
	SHOW(syscall(SYS_process_mrelease, pidfd, 0));
	SHOW(syscall(SYS_process_mrelease, pidfd, 1));
	MUST(write(to_child[1], "x", 1) == 1);
	reap(pid, "child");
	SHOW(syscall(SYS_process_mrelease, pidfd, 0));
	SHOW(prlimit(pid, RLIMIT_AS, NULL, NULL));
	show_without_first();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that have their descriptors in common, but not their memory: CLONE_FILES alone. To be
 * run as root.
 */
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fork.h"
#include "listed.h"
#include "raw_call.h"

#define NUMBER 50 /* a descriptor that is free */

/* Steps that processes wait for, in memory that all have. */
static volatile int *step;

static void go(int to)
{
	__atomic_store_n(step, to, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, step, 1 /* FUTEX_WAKE */, 1000, NULL, NULL, 0);
}

static void await(int to)
{
	int now;

	while ((now = __atomic_load_n(step, __ATOMIC_SEQ_CST)) < to)
		syscall(SYS_futex, step, 0 /* FUTEX_WAIT */, now, NULL, NULL, 0);
}

static pid_t clone_must(unsigned long more)
{
	long pid;

	fflush(stdout);
	pid = raw_call2(SYS_clone, (long)(CLONE_FILES | SIGCHLD | more), 0);
	MUST(pid >= 0);
	return (pid_t)pid;
}

static __attribute__((noreturn)) void leave(int status)
{
	fflush(stdout);
	_exit(status);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Memory of Linux's and of the LWK's, mapped anew, that Linux looks at, too. */
static void use_memory(void)
{
	char text[8] = "";
	int fd = open("/bin/sh", O_RDONLY);
	char *file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	char *own = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ends[2];

	MUST(file != MAP_FAILED && own != MAP_FAILED && !close(fd));
	MUST(!memcmp(file, "\177ELF", 4));
	/* A hole where the file was, and another file in its place. */
	MUST(mmap(file, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		  0) == file);
	strcpy(file, "hole");
	memset(own, 'a', 1 << 20);
	MUST(!pipe(ends));
	MUST(write(ends[1], file, 5) == 5 && read(ends[0], text, 8) == 5 && !strcmp(text, "hole"));
	MUST(write(ends[1], own + 70000, 3) == 3 && read(ends[0], own, 3) == 3);
	close(ends[0]);
	close(ends[1]);
	MUST(!munmap(file, 4096) && !munmap(own, 1 << 20));
}

static void show_common(void)
{
	const int before = listed();
	pid_t pid;
	int fd;

	go(0);
	pid = clone_must(0);
	if (!pid) {
		use_memory();
		MUST(dup2(1, NUMBER) == NUMBER);
		MUST(listed() == before + 1);
		go(1);
		await(2);
		MUST(!is_open(NUMBER) && is_open(NUMBER + 1));
		MUST(!close(NUMBER + 1));
		leave(3);
	}
	await(1);
	SHOW(is_open(NUMBER));
	SHOW(listed() - before);
	MUST(!close(NUMBER));
	fd = dup2(1, NUMBER + 1);
	MUST(fd == NUMBER + 1);
	go(2);
	reap(pid, "the child");
	SHOW(is_open(NUMBER + 1));
	use_memory();
}

static void on_signal(int sig)
{
	(void)sig;
	MUST(dup2(1, NUMBER) == NUMBER);
}

static void *thread_main(void *arg)
{
	(void)arg;
	use_memory();
	MUST(dup2(1, NUMBER + 2) == NUMBER + 2);
	return NULL;
}

static void have_signals_and_threads(void)
{
	pthread_t thread;

	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	MUST(!pthread_create(&thread, NULL, thread_main, NULL));
	MUST(!pthread_join(thread, NULL));
}

/* With a copy of the memory. */
static void have_children(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		use_memory();
		close(NUMBER);
		leave(listed() > 1 ? 0 : 1);
	}
	reap(pid, "fork");
	MUST(is_open(NUMBER));
	pid = clone_must(0);
	if (!pid) {
		use_memory();
		close(NUMBER);
		if (!clone_must(CLONE_PARENT))
			MUST(dup2(1, NUMBER + 3) == NUMBER + 3);
		leave(0);
	}
	reap(pid, "the same files again");
	/* The one that it has made here. */
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	MUST(!is_open(NUMBER) && is_open(NUMBER + 3));
}

/* With the same memory. */
static void have_sharers(void)
{
	pid_t pid = vfork();

	if (!pid) {
		close(NUMBER + 3);
		_exit(0);
	}
	reap(pid, "vfork");
	MUST(is_open(NUMBER + 3));
	pid = (pid_t)raw_call2(SYS_clone, CLONE_FILES | CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
	if (!pid) {
		close(NUMBER + 3);
		_exit(0);
	}
	reap(pid, "vfork with the same files");
	MUST(!is_open(NUMBER + 3));
}

/* Signals, threads, and children of all kinds, of a child. */
static void show_family(void)
{
	pid_t pid = clone_must(0);

	if (!pid) {
		have_signals_and_threads();
		have_children();
		have_sharers();
		SHOW(system("exit 3"));
		leave(4);
	}
	reap(pid, "the child");
	SHOW(is_open(NUMBER));
	SHOW(is_open(NUMBER + 2));
	MUST(!close(NUMBER + 2));
}

static void show_parting(void)
{
	pid_t pid = clone_must(0);

	if (!pid) {
		MUST(!unshare(CLONE_FILES));
		dup2(1, NUMBER);
		use_memory();
		leave(1);
	}
	reap(pid, "unshare");
	SHOW(is_open(NUMBER));
	pid = clone_must(0);
	if (!pid) {
		MUST(!syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_UNSHARE));
		dup2(1, NUMBER);
		use_memory();
		pid = fork_must();
		if (!pid)
			leave(5);
		reap(pid, "fork after that");
		leave(2);
	}
	reap(pid, "close_range, unshared");
	SHOW(is_open(NUMBER));
	MUST(dup2(1, NUMBER) == NUMBER);
	pid = clone_must(0);
	if (!pid) {
		MUST(!syscall(SYS_close_range, 3, ~0U, 0));
		use_memory();
		leave(3);
	}
	reap(pid, "close_range");
	SHOW(is_open(NUMBER));
	use_memory();
	/* The other one. */
	go(0);
	pid = clone_must(0);
	if (!pid) {
		await(1);
		MUST(!is_open(NUMBER));
		use_memory();
		leave(4);
	}
	MUST(!unshare(CLONE_FILES) && dup2(1, NUMBER) == NUMBER);
	go(1);
	reap(pid, "of whom the parent has parted");
	MUST(!close(NUMBER));
}

/* Closes on execve(2) only what is its own then. */
static void show_exec(void)
{
	char *const argv[] = { "sh", "-c", "echo new program; test -e /proc/self/fd/50; exit $?", NULL };
	pid_t pid;

	MUST(dup3(1, NUMBER, O_CLOEXEC) == NUMBER);
	pid = clone_must(0);
	if (!pid) {
		execv("/bin/sh", argv);
		leave(9);
	}
	reap(pid, "execve");
	SHOW(is_open(NUMBER));
	pid = clone_must(CLONE_VFORK);
	if (!pid) {
		execv("/bin/sh", argv);
		leave(9);
	}
	reap(pid, "execve after vfork");
	SHOW(is_open(NUMBER));
	pid = clone_must(0);
	if (!pid) {
		SHOW(execv("/nonexistent", argv));
		SHOW(execv("/dev/null", argv));
		use_memory();
		SHOW(close(NUMBER));
		leave(6);
	}
	reap(pid, "execve that fails");
	SHOW(is_open(NUMBER));
}

/* A parent that ends, is killed, or executes a program; its child goes on. */
static void show_orphan(int how)
{
	char *const argv[] = { "true", NULL };
	pid_t pid, first;

	go(0);
	first = fork_must();
	if (!first) {
		MUST(dup2(1, NUMBER) == NUMBER);
		pid = clone_must(0);
		if (!pid) {
			await(1);
			MUST(is_open(NUMBER));
			use_memory();
			pid = fork_must();
			if (!pid) {
				use_memory();
				leave(7);
			}
			reap(pid, "the orphan's child");
			pid = clone_must(0);
			if (!pid) {
				MUST(!close(NUMBER));
				leave(8);
			}
			reap(pid, "the orphan's child, same files");
			MUST(!is_open(NUMBER));
			fflush(stdout);
			go(2);
			leave(0);
		}
		if (how == 0)
			leave(1);
		if (how == 1)
			kill(getpid(), SIGKILL);
		execv("/bin/true", argv);
		leave(9);
	}
	reap(first, "the parent");
	go(1);
	await(2);
}

static void show_killed(void)
{
	pid_t pid;

	go(0);
	pid = clone_must(0);
	if (!pid) {
		MUST(dup2(1, NUMBER) == NUMBER);
		go(1);
		for (;;)
			pause();
	}
	await(1);
	MUST(!kill(pid, SIGKILL));
	reap(pid, "killed");
	SHOW(close(NUMBER));
	use_memory();
	pid = clone_must(0);
	if (!pid)
		abort();
	reap(pid, "aborted");
	use_memory();
}

/* Whoever has the descriptors is the owner. */
static void show_locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open("locked", O_RDWR | O_CREAT, 0600);
	pid_t pid;

	MUST(fd >= 0);
	SHOW(fcntl(fd, F_SETLK, &lock));
	pid = fork_must();
	if (!pid) {
		SHOW(fcntl(fd, F_SETLK, &lock));
		leave(0);
	}
	reap(pid, "files of its own");
	pid = clone_must(0);
	if (!pid) {
		SHOW(fcntl(fd, F_SETLK, &lock));
		leave(0);
	}
	reap(pid, "the same files");
	lock.l_type = F_WRLCK;
	pid = fork_must();
	if (!pid) {
		SHOW(fcntl(fd, F_GETLK, &lock));
		SHOW(lock.l_type == F_WRLCK);
		leave(0);
	}
	reap(pid, "is it kept");
	close(fd);
	unlink("locked");
}

static void show_few(void)
{
	struct rlimit limit, few = { NUMBER, NUMBER };
	pid_t pid = fork_must(), other;
	int n = 0;

	if (!pid) {
		MUST(!getrlimit(RLIMIT_NOFILE, &limit));
		few.rlim_max = limit.rlim_max;
		MUST(!setrlimit(RLIMIT_NOFILE, &few));
		while (dup(1) >= 0)
			n++;
		printf("no more descriptors: %s\n", error_name(errno));
		other = clone_must(0);
		if (!other) {
			printf("nor in the child: %d %s\n", dup(1), error_name(errno));
			MUST(!close(NUMBER - 1));
			leave(0);
		}
		reap(other, "with none left");
		SHOW(dup(1) == NUMBER - 1);
		leave(0);
	}
	reap(pid, "few");
}

static void show_namespaces(void)
{
	static const unsigned long flags[] = {
		CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID | CLONE_VFORK,
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		pid_t pid = clone_must(flags[i]);

		if (!pid) {
			use_memory();
			MUST(dup2(1, NUMBER) == NUMBER);
			leave(getpid() == 1);
		}
		reap(pid, "in a namespace of its own");
		SHOW(close(NUMBER));
	}
}

/* Many at once. */
static void show_many(void)
{
	pid_t pids[12];
	int n = 0;

	go(0);
	for (int i = 0; i < 12; i++) {
		pids[i] = clone_must(0);
		if (!pids[i]) {
			MUST(dup2(1, NUMBER + i) == NUMBER + i);
			await(1);
			use_memory();
			leave(i);
		}
	}
	go(1);
	for (int i = 0; i < 12; i++) {
		int status;

		MUST(waitpid(pids[i], &status, 0) == pids[i] && WEXITSTATUS(status) == i);
		n += !close(NUMBER + i);
	}
	printf("%d descriptors of children\n", n);
}

int main(void)
{
	step = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(step != MAP_FAILED);
	show_common();
	show_family();
	show_parting();
	show_exec();
	for (int how = 0; how < 3; how++)
		show_orphan(how);
	show_killed();
	show_locks();
	show_few();
	show_namespaces();
	show_many();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone3(2) with every flag and every pair of flags, for processes and for threads: which are
 * refused, and what the child has in common with the caller. To be run as root.
 *
 * A worker makes the children; the first process is the parent of those that CLONE_PARENT
 * makes, too.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fork.h"

#define FREE_FD 60
#define LEN 88
#define IOPRIO_BEST_EFFORT (2 << 13)

#define FLAG(name) { CLONE_##name, #name }

static const struct flag {
	uint64_t bit;
	const char *name;
} flags[] = {
	FLAG(VM), FLAG(FS), FLAG(FILES), FLAG(SIGHAND), FLAG(PIDFD), FLAG(PTRACE), FLAG(VFORK),
	FLAG(PARENT), FLAG(THREAD), FLAG(NEWNS), FLAG(SYSVSEM), FLAG(SETTLS),
	FLAG(PARENT_SETTID), FLAG(CHILD_CLEARTID), FLAG(DETACHED), FLAG(UNTRACED),
	FLAG(CHILD_SETTID), FLAG(NEWCGROUP), FLAG(NEWUTS), FLAG(NEWIPC), FLAG(NEWUSER),
	FLAG(NEWPID), FLAG(NEWNET), FLAG(IO), FLAG(NEWTIME), FLAG(CLEAR_SIGHAND),
	FLAG(INTO_CGROUP),
};

#define NFLAGS (sizeof(flags) / sizeof(flags[0]))
#define THREAD (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define NAMESPACES                                                                    \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

static const char *const spaces[] = {
	"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts",
};

#define NSPACES (sizeof(spaces) / sizeof(spaces[0]))

static const struct kind {
	int type;
	const char *name;
} kinds[] = {
	{ KCMP_VM, "vm" }, { KCMP_FILES, "files" }, { KCMP_FS, "fs" },
	{ KCMP_SIGHAND, "sighand" }, { KCMP_IO, "io" }, { KCMP_SYSVSEM, "sysvsem" },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

/* What a child tells, in memory that it shares however it was made. */
static struct told {
	int done;
	int pid, ppid;
	int id_stored;
	int handler;
	int in_group;
	int same[NKINDS];
	char spaces[NSPACES][40];
} *told;

/* Each child has one of its own: a thread may not have ended when the next begins. */
#define STACK_LEN (64UL << 10)
#define NSTACKS 512

static char *stacks;
static size_t nstacks;
static char own_spaces[NSPACES][40];
static int worker, worker_tid, group_fd;
static int memory_seen;
static int parent_word, child_word, pidfd;

static void on_signal(int sig)
{
	(void)sig;
}

static void on_other(int sig)
{
	(void)sig;
}

static void read_spaces(char (*to)[40])
{
	char path[64];

	for (size_t i = 0; i < NSPACES; i++) {
		memset(to[i], 0, sizeof(to[i]));
		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", spaces[i]);
		if (readlink(path, to[i], sizeof(to[i]) - 1) < 0)
			strcpy(to[i], "?");
	}
}

static int reads_group(void)
{
	char text[1024];
	int fd = open("/proc/thread-self/cgroup", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "fork_flags") != NULL;
}

/* Changes what it may have in common with the caller, which looks at it afterwards. */
static void child(void)
{
	struct sigaction action;
	int tid = (int)syscall(SYS_gettid);

	told->pid = getpid();
	told->ppid = getppid();
	told->id_stored = child_word == tid;
	sigaction(SIGUSR1, NULL, &action);
	told->handler = action.sa_handler == on_signal;
	told->in_group = reads_group();
	for (size_t i = 0; i < NKINDS; i++) {
		long ret = syscall(SYS_kcmp, worker_tid, tid, kinds[i].type, 0, 0);

		told->same[i] = ret < 0 ? -1 : ret == 0;
	}
	read_spaces(told->spaces);
	memory_seen = 1;
	umask(0123);
	dup2(0, FREE_FD);
	signal(SIGUSR2, on_other);
	__atomic_store_n(&told->done, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &told->done, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	syscall(SYS_exit, 7);
}

/* The child may have the caller's memory, and returns nowhere. */
static long clone_raw(struct clone_args *args)
{
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "and $-16, %%rsp\n\t"
			 "call *%%rdx\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "0"(SYS_clone3), "D"(args), "S"(LEN), "d"(child)
			 : "rcx", "r11", "memory");
	return ret;
}

static void wait_until_done(void)
{
	while (!__atomic_load_n(&told->done, __ATOMIC_SEQ_CST))
		syscall(SYS_futex, &told->done, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void print_told(uint64_t set)
{
	const struct told *t = told;

	printf(t->pid == 1 ? " first" : t->pid == worker ? " same" : " other");
	printf(!t->ppid ? ",none" : t->ppid == worker ? ",child" : ",sibling");
	printf(t->handler ? "" : " cleared");
	printf(t->id_stored ? " child-id" : "");
	printf(t->in_group ? " group" : "");
	printf(set & CLONE_PARENT_SETTID && parent_word > 0 ? " parent-id" : "");
	printf(" same:");
	for (size_t i = 0; i < NKINDS; i++) {
		if (t->same[i])
			printf(" %s%s", kinds[i].name, t->same[i] < 0 ? "?" : "");
	}
	printf(" new:");
	for (size_t i = 0; i < NSPACES; i++) {
		if (strcmp(t->spaces[i], own_spaces[i]))
			printf(" %s", spaces[i]);
	}
}

/* What the child has left behind here, which is taken back. */
static void print_left(void)
{
	struct sigaction action;

	printf(" left:");
	if (memory_seen)
		printf(" memory");
	if (umask(022) == 0123)
		printf(" umask");
	if (!close(FREE_FD))
		printf(" file");
	sigaction(SIGUSR2, NULL, &action);
	if (action.sa_handler == on_other)
		printf(" handler");
	signal(SIGUSR2, SIG_DFL);
}

static void finish(uint64_t set, int pid)
{
	int status = 0;

	if (set & CLONE_VM && set & CLONE_CHILD_CLEARTID) {
		int tid;

		while ((tid = __atomic_load_n(&child_word, __ATOMIC_SEQ_CST)))
			syscall(SYS_futex, &child_word, FUTEX_WAIT, tid, NULL, NULL, 0);
		printf(" id-cleared");
	}
	if (set & CLONE_PIDFD) {
		printf(fcntl(pidfd, F_GETFD) == FD_CLOEXEC ? " pidfd" : " no-pidfd");
		close(pidfd);
	}
	if (set & CLONE_THREAD)
		return;
	if (waitpid(pid, &status, __WALL) == pid)
		printf(" status %#x", status);
	else
		printf(" %s", error_name(errno));
}

static void try(uint64_t set)
{
	struct clone_args args = {
		.flags = set,
		.exit_signal = set & (CLONE_THREAD | CLONE_PARENT) ? 0 : SIGCHLD,
		.pidfd = (uintptr_t)&pidfd,
		.parent_tid = (uintptr_t)&parent_word,
		.child_tid = (uintptr_t)&child_word,
		.tls = (uintptr_t)__builtin_thread_pointer(),
		.cgroup = (unsigned int)group_fd,
	};
	long pid;

	if (set & CLONE_VM) {
		MUST(nstacks < NSTACKS);
		args.stack = (uintptr_t)stacks + nstacks++ * STACK_LEN;
		args.stack_size = STACK_LEN;
	}
	memset(told, 0, sizeof(*told));
	memory_seen = 0;
	parent_word = 0;
	child_word = set & CLONE_VM ? -1 : 0;
	pidfd = -1;
	fflush(stdout);
	pid = clone_raw(&args);
	if (pid < 0) {
		printf(" %s\n", error_name((int)-pid));
		return;
	}
	if (set & CLONE_VFORK && !told->done)
		printf(" not waited for");
	wait_until_done();
	print_told(set);
	print_left();
	finish(set, (int)pid);
	putchar('\n');
}

/* Of those in @set, beside @base. */
static void try_pairs(uint64_t base, uint64_t set)
{
	set &= ~base;
	printf("alone:");
	try(base);
	for (size_t i = 0; i < NFLAGS; i++) {
		if (!(set & flags[i].bit))
			continue;
		printf("%s:", flags[i].name);
		try(base | flags[i].bit);
		for (size_t j = i + 1; j < NFLAGS; j++) {
			if (!(set & flags[j].bit))
				continue;
			printf("%s, %s:", flags[i].name, flags[j].name);
			try(base | flags[i].bit | flags[j].bit);
		}
	}
}

/* So that there is something to have in common. */
static void begin(void)
{
	struct sembuf undo = { .sem_op = 1, .sem_flg = SEM_UNDO };
	int sem = semget(IPC_PRIVATE, 1, 0600);

	worker = getpid();
	worker_tid = worker;
	MUST(sem >= 0 && !semop(sem, &undo, 1) && !semctl(sem, 0, IPC_RMID));
	MUST(!syscall(SYS_ioprio_set, 1, 0, IOPRIO_BEST_EFFORT | 4));
	signal(SIGUSR1, on_signal);
	umask(022);
	read_spaces(own_spaces);
}

/* One that threads may be in apart from their process, if @threaded. */
static void make_group(bool threaded)
{
	const char type[] = "threaded";
	int fd;

	MUST(!mkdir("groups", 0700) && !mount("none", "groups", "cgroup2", 0, NULL));
	MUST(!mkdir("groups/fork_flags", 0700));
	group_fd = open("groups/fork_flags", O_RDONLY | O_DIRECTORY);
	MUST(group_fd >= 0);
	if (!threaded)
		return;
	fd = openat(group_fd, "cgroup.type", O_WRONLY);
	MUST(fd >= 0 && write(fd, type, strlen(type)) == (ssize_t)strlen(type));
	close(fd);
}

/* No group, though it has what looks like a part of one. */
static void try_folder(void)
{
	const char name[] = "cgroup.threads";
	struct stat was;
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	MUST(fd >= 0);
	close(fd);
	group_fd = open(".", O_RDONLY | O_DIRECTORY);
	MUST(group_fd >= 0);
	printf("a folder:");
	try(THREAD | CLONE_INTO_CGROUP);
	MUST(!stat(name, &was));
	printf("written to it: %ld\n", (long)was.st_size);
	MUST(!unlink(name));
}

int main(int argc, char **argv)
{
	int n = 0, status;
	pid_t pid, first;
	bool threads;

	MUST(argc == 2);
	stacks = mmap(NULL, NSTACKS * STACK_LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(stacks != MAP_FAILED);
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	MUST(told != MAP_FAILED);
	threads = !strcmp(argv[1], "threads");
	make_group(threads);
	first = fork_must();
	if (!first) {
		begin();
		if (threads) {
			try_pairs(THREAD, ~0ULL);
			try_folder();
		} else if (!strcmp(argv[1], "namespaces")) {
			try_pairs(0, NAMESPACES);
		} else {
			try_pairs(0, ~NAMESPACES);
		}
		exit(0);
	}
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (pid == first)
			printf("worker: %#x\n", status);
		else
			n++;
	}
	printf("siblings: %d\n", n);
	close(group_fd);
	SHOW(rmdir("groups/fork_flags"));
	SHOW(umount("groups"));
	SHOW(rmdir("groups"));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads with ids that their creator chooses, by clone3(2). To be run as root.
 */
#include <limits.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fork.h"

#define LEN 88
#define STACK_LEN (64UL << 10)
#define NSTACKS 64
#define THREAD                                                                           \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)
#define IOPRIO(class, level) ((class) << 13 | (level))

static struct thread {
	int parent_word, child_word;
	int tid, pid, stored;
} threads[NSTACKS];

static char *stacks;
static int may_end;

static void wait_while(int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
		syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void set(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void run(struct thread *thread)
{
	thread->pid = getpid();
	thread->stored = thread->child_word;
	set(&thread->tid, (int)syscall(SYS_gettid));
	wait_while(&may_end, 0);
	syscall(SYS_exit, 0);
}

static long clone_raw(struct clone_args *args, struct thread *thread)
{
	register struct thread *r8 __asm__("r8") = thread;
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r8, %%rdi\n\t"
			 "call *%%rdx\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "0"(SYS_clone3), "D"(args), "S"(LEN), "d"(run), "r"(r8)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Return: 0: there is one; or -errno. */
static long start(unsigned int n, uint64_t more, const int *ids, uint64_t nids)
{
	struct thread *thread = &threads[n];
	struct clone_args args = {
		.flags = THREAD | more,
		.parent_tid = (uintptr_t)&thread->parent_word,
		.child_tid = (uintptr_t)&thread->child_word,
		.stack = (uintptr_t)stacks + n * STACK_LEN,
		.stack_size = STACK_LEN,
		.set_tid = (uintptr_t)ids,
		.set_tid_size = nids,
	};
	long ret;

	memset(thread, 0, sizeof(*thread));
	thread->child_word = -1;
	ret = clone_raw(&args, thread);
	return ret < 0 ? ret : ret == thread->parent_word ? 0 : 1;
}

static void finish(unsigned int n)
{
	int tid;

	set(&may_end, 1);
	while ((tid = __atomic_load_n(&threads[n].child_word, __ATOMIC_SEQ_CST)))
		wait_while(&threads[n].child_word, tid);
}

static void print(unsigned int n, int id)
{
	const struct thread *thread = &threads[n];

	printf("the chosen id: %d, stored: %d %d, of the process: %d\n", thread->tid == id,
	       thread->parent_word == id, thread->stored == id, thread->pid == getpid());
}

static void try_with(const char *what, uint64_t more, const int *ids, uint64_t nids)
{
	long ret;

	may_end = 0;
	ret = start(0, more, ids, nids);
	printf("%s: ", what);
	if (ret) {
		printf("%s\n", ret < 0 ? error_name((int)-ret) : "ids differ");
		return;
	}
	finish(0);
	print(0, ids[0]);
}

static void try(const char *what, int id)
{
	try_with(what, 0, &id, 1);
}

static void show_errors(void)
{
	const int ids[2] = { free_id(), free_id() };

	try("an id that is free", ids[0]);
	try("the process's", getpid());
	try("another process's", getppid());
	try("zero", 0);
	try("negative", -4);
	try("too large", 1 << 30);
	try_with("in two namespaces", 0, ids, 2);
	try_with("in too many", 0, ids, 33);
	try_with("nowhere", 0, (const int *)8, 1);
	try_with("of a thread in a namespace of its own", CLONE_NEWPID, ids, 1);
}

/* The id of a thread that has ended is free as soon as Linux has forgotten it. */
static void start_again(const int *ids, uint64_t nids)
{
	long ret;

	may_end = 0;
	do {
		ret = start(0, 0, ids, nids);
	} while (ret == -EEXIST);
	MUST(!ret);
}

static void show_again(void)
{
	const int id = free_id();

	for (int i = 0; i < 8; i++) {
		start_again(&id, 1);
		wait_while(&threads[0].tid, 0);
		MUST(!syscall(SYS_tgkill, getpid(), id, 0));
		MUST(!syscall(SYS_tgkill, getpid(), id, SIGCONT));
		MUST(sched_getscheduler(id) == SCHED_OTHER);
		finish(0);
	}
	print(0, id);
}

/* Some at once, none of which hides another, nor another's id. */
static void show_many(unsigned int n)
{
	int ids[NSTACKS], count = 0;
	char path[64];

	for (unsigned int i = 0; i < n; i++)
		ids[i] = free_id();
	may_end = 0;
	for (unsigned int i = 0; i < n; i++)
		MUST(!start(i, 0, &ids[i], 1));
	for (unsigned int i = 0; i < n; i++) {
		MUST(start(n, 0, &ids[i], 1) == -EEXIST);
		snprintf(path, sizeof(path), "/proc/self/task/%d", ids[i]);
		count += !access(path, F_OK);
	}
	printf("listed: %d\n", count);
	for (unsigned int i = 0; i < n; i++)
		finish(i);
	for (unsigned int i = 0; i < n; i++)
		MUST(threads[i].tid == ids[i]);
	print(n - 1, ids[n - 1]);
}

static void show_io(void)
{
	const int id = free_id();

	may_end = 0;
	MUST(!syscall(SYS_ioprio_set, 1, 0, IOPRIO(2, 4)));
	MUST(!start(0, CLONE_IO, &id, 1));
	wait_while(&threads[0].tid, 0);
	SHOW(syscall(SYS_kcmp, getpid(), id, KCMP_IO, 0, 0));
	SHOW(syscall(SYS_ioprio_set, 1, id, IOPRIO(2, 6)));
	SHOW(syscall(SYS_ioprio_get, 1, 0) == IOPRIO(2, 6));
	finish(0);
	print(0, id);
}

/* As its first process: there nobody else takes ids. */
static void show_inside(int outer, bool has_files)
{
	const int ids[2] = { 50, outer };
	char path[64];

	try_with("in both namespaces", 0, ids, 2);
	try("the first one's", 1);
	try("the next", 2);
	try("the next", 3);
	start_again(ids, 2);
	/* By the outer namespace's files, unless they are another's. */
	snprintf(path, sizeof(path), "/proc/%d", outer);
	if (has_files)
		printf("in the outer one: %d\n", access(path, F_OK));
	finish(0);
	fflush(stdout);
	_exit(0);
}

static void show_namespace(void)
{
	const int outer = free_id();
	char self[16] = "";
	bool has_files;
	pid_t pid;

	MUST(readlink("/proc/self", self, sizeof(self) - 1) > 0);
	has_files = atoi(self) == getpid();
	MUST(!unshare(CLONE_NEWPID));
	pid = fork_must();
	if (!pid)
		show_inside(outer, has_files);
	reap(pid, "the namespace");
}

static void show_unprivileged(void)
{
	const int id = free_id();
	pid_t pid = fork_must();

	if (!pid) {
		SHOW(setuid(65534));
		try("without privileges", id);
		fflush(stdout);
		_exit(0);
	}
	reap(pid, "without privileges");
}

int main(void)
{
	stacks = mmap(NULL, NSTACKS * STACK_LEN, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(stacks != MAP_FAILED);
	show_errors();
	show_again();
	show_many(12);
	show_io();
	show_unprivileged();
	show_namespace();
	return 0;
}

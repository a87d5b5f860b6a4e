// SPDX-License-Identifier: GPL-2.0-only
/*
 * Robust mutexes in shared memory whose owners are ended: by SIGKILL, by exit_group() or execve()
 * of another thread. Who gets such a lock finds that its owner does not run any more.
 *
 * thr_killed: owners are children. thr_killed FILE create; thr_killed FILE hold END (an owner), or
 * thr_killed FILE take (who kills it): apart, for one on each kernel.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork.h"

#define WAITERS 0x80000000U

/**
 * struct shared - what owner and taker have in common
 * @mutex:	the lock
 * @pid:	the owner's process
 * @held:	it has the lock
 * @go:		its main thread is to end it
 * @count:	grows as long as the owner runs
 */
struct shared {
	pthread_mutex_t mutex;
	pid_t pid;
	int held;
	int go;
	unsigned long count;
};

static void wait_for(const int *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void set(int *flag)
{
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
}

static void init(struct shared *shared, int protocol)
{
	pthread_mutexattr_t attr;

	memset(shared, 0, sizeof(*shared));
	pthread_mutexattr_init(&attr);
	MUST(!pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	MUST(!pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	MUST(!pthread_mutexattr_setprotocol(&attr, protocol));
	MUST(!pthread_mutex_init(&shared->mutex, &attr));
}

/* After a call of Linux's the list of locks is known there, and that the thread computes. */
static void lock(struct shared *shared)
{
	MUST(!access("/", F_OK));
	MUST(!pthread_mutex_lock(&shared->mutex));
	set(&shared->held);
}

/* In user mode for good. */
static void *hold(void *arg)
{
	struct shared *shared = arg;

	lock(shared);
	for (;;)
		__atomic_fetch_add(&shared->count, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* In a call of Linux's. */
static void hold_in_call(struct shared *shared)
{
	lock(shared);
	for (;;)
		pause();
}

static void own(struct shared *shared, const char *end)
{
	pthread_t thread;

	shared->pid = getpid();
	if (!strcmp(end, "running"))
		hold(shared);
	if (!strcmp(end, "waiting"))
		hold_in_call(shared);
	MUST(!pthread_create(&thread, NULL, hold, shared));
	wait_for(&shared->go);
	if (!strcmp(end, "exit"))
		_exit(7);
	if (!strcmp(end, "exec"))
		execlp("true", "true", NULL);
	for (;;)
		pause();
}

/* What the kernel sees of it. */
static int is_awaited(const struct shared *shared)
{
	return __atomic_load_n((const unsigned int *)&shared->mutex.__data.__lock,
			       __ATOMIC_RELAXED) & WAITERS;
}

static void *end_owner(void *arg)
{
	struct shared *shared = arg;

	while (!is_awaited(shared))
		sched_yield();
	set(&shared->go);
	return NULL;
}

static void *kill_owner(void *arg)
{
	struct shared *shared = arg;

	while (!is_awaited(shared))
		sched_yield();
	MUST(!kill(shared->pid, SIGKILL));
	return NULL;
}

/* Return: how far the owner had come. */
static unsigned long take(struct shared *shared, void *(*end)(void *arg))
{
	unsigned long count;
	pthread_t thread;
	int err;

	wait_for(&shared->held);
	MUST(!pthread_create(&thread, NULL, end, shared));
	err = pthread_mutex_lock(&shared->mutex);
	count = __atomic_load_n(&shared->count, __ATOMIC_RELAXED);
	printf("%s", err ? error_name(err) : "locked");
	MUST(!pthread_join(thread, NULL));
	MUST(!pthread_mutex_consistent(&shared->mutex));
	MUST(!pthread_mutex_unlock(&shared->mutex));
	return count;
}

static void show_end(struct shared *shared, const char *end)
{
	bool ends = !strcmp(end, "exit") || !strcmp(end, "exec");
	unsigned long count;
	pid_t pid = fork_must();

	if (!pid)
		own(shared, end);
	printf("  %s: ", end);
	count = take(shared, ends ? end_owner : kill_owner);
	MUST(waitpid(pid, NULL, 0) == pid);
	printf(", the owner %s\n",
	       count == __atomic_load_n(&shared->count, __ATOMIC_RELAXED) ? "had ended" : "RAN");
}

static void show_all(struct shared *shared, const char *memory, int protocol)
{
	static const char *const ends[] = { "running", "waiting", "thread", "exit", "exec" };

	printf("%s, %s\n", memory, protocol == PTHREAD_PRIO_NONE ? "plain" : "PI");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		init(shared, protocol);
		show_end(shared, ends[i]);
	}
}

/*
 * By hand: the owner dies between an unlocking and its wake-up, or before the lock is in its list.
 */
static void show_pending(struct shared *shared, bool unlocked)
{
	static struct robust_list_head head = { .list = { &head.list } };
	unsigned int *word = (unsigned int *)&shared->count;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	pid = fork_must();
	if (!pid) {
		head.list_op_pending = (struct robust_list *)word;
		MUST(!syscall(SYS_set_robust_list, &head, sizeof(head)));
		__atomic_store_n(word, (unsigned int)getpid() | WAITERS, __ATOMIC_RELAXED);
		set(&shared->held);
		wait_for(&shared->go);
		if (unlocked)
			__atomic_store_n(word, 0, __ATOMIC_RELAXED);
		set(&shared->pid);
		for (;;)
			;
	}
	wait_for(&shared->held);
	if (!fork_must()) {
		set(&shared->go);
		/* EAGAIN: it has come too late to wait. */
		syscall(SYS_futex, word, FUTEX_WAIT, (unsigned int)pid | WAITERS, NULL);
		_exit(0);
	}
	wait_for(&shared->pid);
	MUST(!kill(pid, SIGKILL));
	MUST(wait(NULL) > 0 && wait(NULL) > 0);
	printf("pending, %s: %#x\n", unlocked ? "unlocked" : "locked", *word);
}

static struct shared *map(int fd)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

	MUST(shared != MAP_FAILED);
	return shared;
}

static struct shared *map_file(const char *name, int flags)
{
	int fd = open(name, O_RDWR | flags, 0600);

	MUST(fd >= 0 && !ftruncate(fd, sizeof(struct shared)));
	return map(fd);
}

static struct shared *attach(void)
{
	int id = shmget(IPC_PRIVATE, sizeof(struct shared), 0600);
	struct shared *shared = shmat(id, NULL, 0);

	MUST(shared != (void *)-1 && !shmctl(id, IPC_RMID, NULL));
	return shared;
}

static void show_memories(void)
{
	struct shared *memfd, *own_memory = map(-1);
	int fd = memfd_create("locks", 0);

	MUST(!ftruncate(fd, sizeof(struct shared)));
	memfd = map(fd);
	show_all(own_memory, "anonymous memory", PTHREAD_PRIO_NONE);
	show_all(own_memory, "anonymous memory", PTHREAD_PRIO_INHERIT);
	show_all(memfd, "memfd", PTHREAD_PRIO_NONE);
	show_all(map_file("locks", O_CREAT), "file", PTHREAD_PRIO_INHERIT);
	show_all(attach(), "shm", PTHREAD_PRIO_NONE);
	for (int i = 0; i < 2; i++) {
		show_pending(own_memory, i);
		show_pending(memfd, i);
	}
	MUST(!unlink("locks"));
}

static int take_from_other(struct shared *shared)
{
	unsigned long count = take(shared, kill_owner);

	/* Its process may not be gone yet, nor does this one hear of that. */
	for (int i = 0; i < 1000; i++)
		sched_yield();
	printf(", the owner %s\n",
	       count == __atomic_load_n(&shared->count, __ATOMIC_RELAXED) ? "had ended" : "RAN");
	return 0;
}

int main(int argc, char **argv)
{
	struct shared *shared;

	if (argc < 3) {
		show_memories();
		return 0;
	}
	shared = map_file(argv[1], O_CREAT);
	if (!strcmp(argv[2], "create"))
		init(shared, argc > 3 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
	else if (!strcmp(argv[2], "take"))
		return take_from_other(shared);
	else
		own(shared, argv[3]);
	return 0;
}

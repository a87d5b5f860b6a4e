// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program can do to itself at the same time, by a seed: threads that make threads,
 * processes, mappings, signals and copies of each other's memory; then processes of which one
 * thread ends or replaces all.
 *
 *   thr_races SEED STEPS
 *
 * Each step checks its own outcome; nothing depends on which comes first.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define NWORKERS 4
#define PAGE 4096UL
#define ARENA_PAGES 16UL
#define CHILD_STATUS 7

struct worker {
	uint64_t random;
	char *arena; /* between those of the others */
	pthread_t thread;
	unsigned int steps;
	unsigned int *count; /* in memory that all processes share */
};

static struct worker workers[NWORKERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t all_there;
static unsigned int locked_count; /* @lock */
static unsigned int handled;
static __thread volatile sig_atomic_t handled_here;
static unsigned int *shared;
static char self_path[4096];
static char *volatile nowhere;

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void on_signal(int sig)
{
	(void)sig;
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
	handled_here++;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		MUST(errno == EINTR);
	return status;
}

static void fill(char *at, unsigned long npages, char value)
{
	for (unsigned long i = 0; i < npages; i++)
		at[i * PAGE] = value;
}

static int is_filled(const char *at, unsigned long npages, char value)
{
	for (unsigned long i = 0; i < npages; i++)
		if (at[i * PAGE] != value)
			return 0;
	return 1;
}

/* Steps */

static void *short_thread(void *arg)
{
	pthread_mutex_lock(&lock);
	locked_count++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return arg;
}

static void do_thread(struct worker *worker)
{
	pthread_t thread;
	void *result;

	MUST(!pthread_create(&thread, NULL, short_thread, worker));
	MUST(!pthread_join(thread, &result) && result == worker);
}

/* Nobody joins it: its end races with whatever comes. */
static void do_detached(struct worker *worker)
{
	pthread_attr_t attr;
	pthread_t thread;
	unsigned int before;

	MUST(!pthread_attr_init(&attr));
	MUST(!pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED));
	pthread_mutex_lock(&lock);
	before = locked_count;
	MUST(!pthread_create(&thread, &attr, short_thread, worker));
	while (locked_count == before)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	MUST(!pthread_attr_destroy(&attr));
}

static void do_fork(struct worker *worker)
{
	char value = (char)next_random(&worker->random);
	pid_t pid;

	fill(worker->arena, ARENA_PAGES, value);
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		if (!is_filled(worker->arena, ARENA_PAGES, value))
			_exit(1);
		fill(worker->arena, ARENA_PAGES, (char)(value + 1));
		__atomic_fetch_add(worker->count, 1, __ATOMIC_RELAXED);
		_exit(is_filled(worker->arena, ARENA_PAGES, (char)(value + 1)) ? CHILD_STATUS : 2);
	}
	fill(worker->arena, ARENA_PAGES / 2, (char)(value + 2));
	MUST(WEXITSTATUS(status_of(pid)) == CHILD_STATUS);
	MUST(is_filled(worker->arena, ARENA_PAGES / 2, (char)(value + 2)));
	MUST(is_filled(worker->arena + ARENA_PAGES / 2 * PAGE, ARENA_PAGES / 2, value));
	__atomic_fetch_sub(worker->count, 1, __ATOMIC_RELAXED);
}

static void do_exec(struct worker *worker)
{
	pid_t pid = fork();

	(void)worker;
	MUST(pid >= 0);
	if (!pid) {
		execl(self_path, "again", NULL);
		_exit(1);
	}
	MUST(WEXITSTATUS(status_of(pid)) == CHILD_STATUS);
}

static void do_kill(struct worker *worker)
{
	pid_t pid = fork();

	(void)worker;
	MUST(pid >= 0);
	if (!pid)
		for (;;)
			fill(worker->arena, ARENA_PAGES, 1);
	MUST(!kill(pid, SIGKILL));
	MUST(WTERMSIG(status_of(pid)) == SIGKILL);
}

static void do_signal(struct worker *worker)
{
	sig_atomic_t before = handled_here;

	MUST(!pthread_kill(workers[next_random(&worker->random) % NWORKERS].thread, SIGUSR1));
	MUST(!kill(getpid(), SIGUSR2));
	/* One to the thread itself has been handled when the call returns. */
	MUST(!pthread_kill(pthread_self(), SIGUSR1));
	MUST(handled_here != before);
}

static void do_map(struct worker *worker)
{
	unsigned long from = next_random(&worker->random) % ARENA_PAGES;
	unsigned long npages = 1 + next_random(&worker->random) % (ARENA_PAGES - from);
	char *at = worker->arena + from * PAGE;

	/* Never a hole: it could become somebody's stack. */
	MUST(mmap(at, npages * PAGE, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	     at);
	MUST(mmap(at, npages * PAGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
	MUST(is_filled(at, npages, 0));
	fill(at, npages, 3);
	MUST(!mprotect(at, npages * PAGE, PROT_READ));
	MUST(is_filled(at, npages, 3));
	/* The kernel must not write there either. */
	MUST(syscall(SYS_clock_gettime, 0, at) == -1 && errno == EFAULT);
	MUST(!mprotect(at, npages * PAGE, PROT_READ | PROT_WRITE));
	fill(at, npages, 4);
	MUST(!madvise(at, npages * PAGE, MADV_DONTNEED) && is_filled(at, npages, 0));
}

static void do_remap(struct worker *worker)
{
	unsigned long npages = 1 + next_random(&worker->random) % 600;
	char *at = mmap(NULL, npages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	MUST(at != MAP_FAILED);
	fill(at, npages, 5);
	at = mremap(at, npages * PAGE, 2 * npages * PAGE, MREMAP_MAYMOVE);
	MUST(at != MAP_FAILED && is_filled(at, npages, 5));
	MUST(is_filled(at + npages * PAGE, npages, 0));
	MUST(!munmap(at, 2 * npages * PAGE));
}

/* Of all pages of a worker's arena in another process; none of its own steps looks there. */
static ssize_t copy(const struct worker *worker, pid_t pid, int writes, char *mine)
{
	struct iovec local = { mine, ARENA_PAGES * 8 }, remote[ARENA_PAGES];

	for (unsigned long i = 0; i < ARENA_PAGES; i++)
		remote[i] = (struct iovec){ worker->arena + i * PAGE + 16, 8 };
	return writes ? process_vm_writev(pid, &local, 1, remote, ARENA_PAGES, 0) :
			process_vm_readv(pid, &local, 1, remote, ARENA_PAGES, 0);
}

/* The parent sleeps in waitpid(2), or does the same to this process. */
static void copied_child(struct worker *worker, char *mine, int with)
{
	for (uint64_t turns = next_random(&worker->random) % 4 + 1; turns || with == 2; turns--) {
		do_map(worker);
		MUST(copy(worker, getppid(), 0, mine) == ARENA_PAGES * 8);
		for (unsigned long i = 0; i < ARENA_PAGES * 8; i++)
			MUST(mine[i] == 9);
	}
	if (with == 1)
		execl(self_path, "again", NULL);
	_exit(CHILD_STATUS);
}

/* Memory of a child that maps, forgets, executes, or ends meanwhile, and copies the parent's. */
static void do_copy(struct worker *worker)
{
	int with = (int)(next_random(&worker->random) % 3);
	char mine[ARENA_PAGES * 8];
	pid_t pid;
	int status;

	for (unsigned long i = 0; i < ARENA_PAGES; i++)
		memset(worker->arena + i * PAGE + 16, 9, 8);
	pid = fork();
	MUST(pid >= 0);
	if (!pid)
		copied_child(worker, mine, with);
	for (unsigned int i = 0; i < 6; i++) {
		/* The next program's memory is not to be written to, and its content not known. */
		ssize_t done = copy(worker, pid, with != 1 && i % 2, mine);

		MUST(done > 0 ? done % 8 == 0 : errno == EFAULT || errno == ESRCH);
		for (ssize_t byte = 0; byte < done && with != 1; byte++)
			MUST(mine[byte] == 0 || mine[byte] == 9);
		memset(mine, 9, sizeof(mine));
	}
	if (with == 2)
		MUST(!kill(pid, SIGKILL));
	status = status_of(pid);
	MUST(with == 2 ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == CHILD_STATUS);
	MUST(copy(worker, pid, 0, mine) == -1 && errno == ESRCH);
}

/* Text of the program, which is Linux's, beside all else. */
static void do_file(struct worker *worker)
{
	FILE *file = fopen(self_path, "r");
	char *at;

	(void)worker;
	MUST(file != NULL);
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(file), 0);
	MUST(at != MAP_FAILED && !memcmp(at, "\177ELF", 4));
	at[0] = 0;
	MUST(!munmap(at, PAGE) && !fclose(file));
}

static void *work(void *arg)
{
	static void (*const steps[])(struct worker *worker) = {
		do_thread, do_detached, do_fork, do_exec, do_kill, do_signal,
		do_map, do_map, do_remap, do_file, do_signal, do_thread, do_copy, do_copy,
	};
	struct worker *worker = arg;

	/* Until then some have an id, but cannot be signalled. */
	pthread_barrier_wait(&all_there);
	for (unsigned int i = 0; i < worker->steps; i++)
		steps[next_random(&worker->random) % (sizeof(steps) / sizeof(steps[0]))](worker);
	/* Whatever the seed chose. */
	do_signal(worker);
	return NULL;
}

/* Ends of processes */

static void *run_for_ever(void *arg)
{
	struct worker worker = *(struct worker *)arg;
	pthread_t thread;

	for (;;) {
		do_map(&worker);
		/* While a thread is in execve(2) Linux makes no others: EAGAIN. */
		if (!pthread_create(&thread, NULL, short_thread, NULL))
			MUST(!pthread_join(thread, NULL));
	}
	return NULL;
}

/* A process of some threads, which all do something when one of them ends it. */
static void end_together(uint64_t *random, int with)
{
	pthread_t thread;

	for (unsigned int i = 0; i < 3; i++)
		if (pthread_create(&thread, NULL, run_for_ever, &workers[i]))
			_exit(1);
	for (uint64_t turns = next_random(random) % 4; turns; turns--)
		do_remap(&workers[3]);
	if (with == 0)
		_exit(CHILD_STATUS);
	if (with == 1)
		execl(self_path, "again", NULL);
	if (with == 2)
		kill(getpid(), SIGKILL);
	if (with == 3)
		*nowhere = 0;
	_exit(1);
}

static void ends(uint64_t *random, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int with = (int)(i % 4);
		pid_t pid = fork();
		int status;

		MUST(pid >= 0);
		if (!pid)
			end_together(random, with);
		(void)next_random(random);
		status = status_of(pid);
		if (with < 2)
			MUST(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_STATUS);
		else
			MUST(WIFSIGNALED(status) &&
			     WTERMSIG(status) == (with == 2 ? SIGKILL : SIGSEGV));
	}
}

static void make_workers(uint64_t *random, unsigned int steps)
{
	char *arena = mmap(NULL, NWORKERS * ARENA_PAGES * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(arena != MAP_FAILED);
	for (unsigned int i = 0; i < NWORKERS; i++) {
		workers[i] = (struct worker){
			.random = next_random(random),
			.arena = arena + i * ARENA_PAGES * PAGE,
			.steps = steps,
			.count = shared,
		};
	}
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	uint64_t random;

	if (!strcmp(argv[0], "again"))
		return CHILD_STATUS;
	MUST(argc == 3);
	MUST(readlink("/proc/self/exe", self_path, sizeof(self_path) - 1) > 0);
	MUST(!sigaction(SIGUSR1, &action, NULL) && !sigaction(SIGUSR2, &action, NULL));
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(shared != MAP_FAILED);
	random = strtoull(argv[1], NULL, 10);
	MUST(!pthread_barrier_init(&all_there, NULL, NWORKERS));
	make_workers(&random, (unsigned int)atoi(argv[2]));
	workers[0].thread = pthread_self();
	for (unsigned int i = 1; i < NWORKERS; i++)
		MUST(!pthread_create(&workers[i].thread, NULL, work, &workers[i]));
	work(&workers[0]);
	for (unsigned int i = 1; i < NWORKERS; i++)
		MUST(!pthread_join(workers[i].thread, NULL));
	SHOW_TRUE(*shared == 0);
	SHOW_TRUE(handled > 0);
	ends(&random, 4);
	printf("done\n");
	return 0;
}

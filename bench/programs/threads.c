// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time of what 1, 2, 4 ... threads of a process do at once, up to one for each CPU that it may use,
 * each on a CPU of its own: memory mapped, touched and unmapped; touched and dropped; first touches
 * of pages of one mapping. A sample is the time divided by all that they did.
 *
 *   threads ROUNDS
 */
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>

#include "samples.h"

#define PAGE_LEN 4096UL
#define PIECE (64UL << 10)
#define PIECES 200		/* of each thread in a sample */
#define SHARE (2UL << 20)	/* of each thread in the mapping: no page table serves two */
#define MAX_THREADS 64

static pthread_barrier_t barrier;
static cpu_set_t allowed;
static uint64_t started_ns;
static char *mapping;

static void touch(volatile char *start, size_t len)
{
	size_t at;

	for (at = 0; at < len; at += PAGE_LEN)
		start[at] = 1;
}

static void map_pieces(unsigned int me)
{
	char *start;
	int n;

	(void)me;
	for (n = 0; n < PIECES; n++) {
		start = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		check(start != MAP_FAILED, "mmap");
		touch(start, PIECE);
		check(!munmap(start, PIECE), "munmap");
	}
}

/* As the allocators of programs do with memory that they have no use for. */
static void drop_pieces(unsigned int me)
{
	char *start = mapping + me * SHARE;
	int n;

	for (n = 0; n < PIECES; n++) {
		touch(start, PIECE);
		check(!madvise(start, PIECE, MADV_DONTNEED), "madvise");
	}
}

static void touch_share(unsigned int me)
{
	touch(mapping + me * SHARE, SHARE);
}

static const struct {
	const char *name;
	void (*work)(unsigned int me);
	unsigned int count;	/* of each thread */
} kinds[] = {
	{ "mmap + touch + munmap of 64 KiB", map_pieces, PIECES },
	{ "touch + MADV_DONTNEED of 64 KiB", drop_pieces, PIECES },
	{ "fault on a 4 KiB page", touch_share, SHARE / PAGE_LEN },
};

struct worker {
	pthread_t thread;
	unsigned int me;
	size_t kind;
};

/* The CPU with this number among those that the process may use. */
static void move_to(unsigned int which)
{
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && !which--)
			break;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	check(!sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	move_to(worker->me);
	/* The last to come starts the clock: all the others are on their CPUs by then. */
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		started_ns = now_ns();
	kinds[worker->kind].work(worker->me);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void measure(size_t kind, unsigned int nthreads)
{
	struct worker workers[MAX_THREADS];
	uint64_t ended_ns;
	char name[96];
	unsigned int i;

	mapping = mmap(NULL, (nthreads + 1) * SHARE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(mapping != MAP_FAILED, "mmap");
	check(!madvise(mapping, (nthreads + 1) * SHARE, MADV_NOHUGEPAGE), "madvise");
	check(!pthread_barrier_init(&barrier, NULL, nthreads), "pthread_barrier_init");
	for (i = 1; i < nthreads; i++) {
		workers[i] = (struct worker){ .me = i, .kind = kind };
		check(!pthread_create(&workers[i].thread, NULL, work, &workers[i]),
		      "pthread_create");
	}
	workers[0] = (struct worker){ .me = 0, .kind = kind };
	work(&workers[0]);
	ended_ns = now_ns();
	for (i = 1; i < nthreads; i++)
		check(!pthread_join(workers[i].thread, NULL), "pthread_join");
	pthread_barrier_destroy(&barrier);
	check(!munmap(mapping, (nthreads + 1) * SHARE), "munmap");
	snprintf(name, sizeof(name), "%s, %u thread%s", kinds[kind].name, nthreads,
		 nthreads > 1 ? "s at once" : "");
	sample(name, ended_ns - started_ns, (uint64_t)nthreads * kinds[kind].count);
}

int main(int argc, char **argv)
{
	unsigned int rounds = number(argc > 1 ? argv[1] : NULL, 1000);
	unsigned int ncpus, n;
	size_t kind;

	check(!sched_getaffinity(0, sizeof(allowed), &allowed), "sched_getaffinity");
	ncpus = (unsigned int)CPU_COUNT(&allowed);
	while (rounds--)
		for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
			for (n = 1; n <= ncpus && n <= MAX_THREADS; n *= 2)
				measure(kind, n);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads change one address space at once: they map, touch, protect, unmap, grow the heap, read
 * into memory, and see each other's writes.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

#define THREADS 4
#define PAGE 4096
#define LEN (64 * PAGE)

static char *common;
static int zero_fd, file_fd;
static long bad;

static void check(int true_)
{
	if (!true_)
		__atomic_fetch_add(&bad, 1, __ATOMIC_RELAXED);
}

static void map_and_touch(long seed)
{
	char *own = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(own != MAP_FAILED);
	for (int i = 0; i < LEN; i += PAGE) {
		check(!own[i]);
		own[i] = (char)seed;
	}
	MUST(!mprotect(own, LEN / 2, PROT_READ));
	MUST(!munmap(own + LEN / 4, LEN / 4));
	for (int i = LEN / 2; i < LEN; i += PAGE)
		check(own[i] == (char)seed);
	check(read(zero_fd, own, 1) < 0 && errno == EFAULT);
	check(read(zero_fd, own + LEN / 2, PAGE) == PAGE && !own[LEN / 2]);
	/* The hole may be another thread's by now. */
	MUST(!munmap(own, LEN / 4) && !munmap(own + LEN / 2, LEN / 2));
}

static void map_file(void)
{
	const char *text = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file_fd, 0);

	MUST(text != MAP_FAILED);
	for (int i = 0; i < 4; i++)
		check(text[i * PAGE] == 'a' + i);
	MUST(!munmap((void *)text, 4 * PAGE));
}

static void *change(void *arg)
{
	long n = (long)arg;

	for (int round = 0; round < 25; round++) {
		map_and_touch(n + 1);
		map_file();
		free(memset(malloc(200000), 1, 200000));
		__atomic_fetch_add((long *)(common + (round % 16) * PAGE), 1, __ATOMIC_RELAXED);
		MUST(!madvise(common + (32 + n) * PAGE, PAGE, MADV_DONTNEED));
		check(!common[(32 + n) * PAGE]);
		common[(32 + n) * PAGE] = 1;
	}
	return NULL;
}

static void show_changes(void)
{
	long sum = 0;

	run(change, THREADS);
	for (int i = 0; i < 16; i++)
		sum += *(long *)(common + i * PAGE);
	printf("changes: sum %ld, bad %ld\n", sum, bad);
}

/*
 * One writes to a page without end, the first one takes the right away: after that no write may
 * come, on whatever CPU.
 */
static volatile long *word;
static volatile int phase;
static __thread sigjmp_buf back;
static long faults;

static void on_fault(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static void *write_always(void *arg)
{
	int seen = 0;

	while (seen < 20) {
		if (!sigsetjmp(back, 1)) {
			for (;;)
				__atomic_fetch_add(word, 1, __ATOMIC_RELAXED);
		}
		__atomic_fetch_add(&faults, 1, __ATOMIC_RELAXED);
		seen++;
		/* Until it may write again. */
		while (phase < 2 * seen)
			sched_yield();
	}
	return arg;
}

static void show_shootdown(void)
{
	pthread_t thread;
	long before;

	word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(word != MAP_FAILED);
	signal(SIGSEGV, on_fault);
	MUST(!pthread_create(&thread, NULL, write_always, NULL));
	for (int i = 0; i < 20; i++) {
		before = *word;
		while (*word == before)
			sched_yield();
		MUST(!mprotect((void *)word, PAGE, PROT_READ));
		before = *word;
		while (__atomic_load_n(&faults, __ATOMIC_RELAXED) <= i)
			sched_yield();
		check(*word == before);
		MUST(!mprotect((void *)word, PAGE, PROT_READ | PROT_WRITE));
		phase = 2 * (i + 1);
	}
	MUST(!pthread_join(thread, NULL));
	printf("shootdown: faults %ld, bad %ld\n", faults, bad);
}

/* All touch the same fresh pages at the same time. */
static void *touch(void *arg)
{
	for (int i = 0; i < LEN; i += PAGE)
		__atomic_fetch_add((long *)(common + i), (long)arg + 1, __ATOMIC_RELAXED);
	return NULL;
}

static void show_same_pages(void)
{
	long sum = 0;

	for (int round = 0; round < 10; round++) {
		MUST(!madvise(common, LEN, MADV_DONTNEED));
		run(touch, THREADS);
		for (int i = 0; i < LEN; i += PAGE)
			sum += *(long *)(common + i);
	}
	printf("same pages: %ld\n", sum);
}

int main(void)
{
	char page[PAGE];

	common = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	zero_fd = open("/dev/zero", O_RDONLY);
	file_fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	MUST(common != MAP_FAILED && zero_fd >= 0 && file_fd >= 0);
	for (int i = 0; i < 4; i++)
		MUST(write(file_fd, memset(page, 'a' + i, PAGE), PAGE) == PAGE);
	show_changes();
	show_same_pages();
	show_shootdown();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls with little data while another thread takes their memory away and gives it back:
 * they succeed, perhaps with fewer bytes, or are EFAULT, nothing else. Each thread makes few calls,
 * and many threads do.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define THREADS 10
#define ROUNDS 4

static char *page;	/* taken away and given back */
static atomic_int stop;
static atomic_int made;	/* calls: who takes it away does so about once for each */
static int zero, file;

static void put(int prot)
{
	MUST(mmap(page, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
}

static void *change(void *unused)
{
	int seen = 0;

	(void)unused;
	while (!atomic_load(&stop)) {
		while (atomic_load(&made) == seen && !atomic_load(&stop))
			sched_yield();
		seen = atomic_load(&made);
		put(PROT_NONE);
		put(PROT_READ | PROT_WRITE);
		MUST(!mprotect(page, PAGE, PROT_READ));
		MUST(!mprotect(page, PAGE, PROT_READ | PROT_WRITE));
	}
	return NULL;
}

/* @most: what it returns, unless the memory goes while it is copied; -1: it cannot succeed. */
static void expect(const char *what, long result, long most, int error)
{
	atomic_fetch_add(&made, 1);
	if (result < 0 ? errno == EFAULT || errno == error : result <= most && (result || !most))
		return;
	printf("%s: %ld, errno %d\n", what, result, errno);
}

static void *call(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		expect("read", syscall(SYS_read, zero, page + 8, 8), 8, 0);
		expect("uname", syscall(SYS_uname, page + 16), 0, 0);
		expect("pread", syscall(SYS_pread64, file, page, 3, 0), 3, 0);
		expect("pwrite", syscall(SYS_pwrite64, file, page, 3, 0), 3, 0);
		expect("access", syscall(SYS_access, page + 1000, R_OK), -1, ENOENT);
		expect("getrandom", syscall(SYS_getrandom, page + 100, 16, 0), 16, 0);
	}
	return NULL;
}

/* What was written there is what was read, or of a new page. */
static int is_sound(const char *start)
{
	for (int i = 0; i < 3; i++)
		if (start[i] && start[i] != "abc"[i])
			return 0;
	return 1;
}

int main(void)
{
	pthread_t changer, caller;
	char byte;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(page != MAP_FAILED);
	MUST((zero = open("/dev/zero", O_RDONLY)) >= 0);
	MUST((file = open("file", O_CREAT | O_RDWR, 0600)) >= 0 && write(file, "abcdef", 6) == 6);
	/* What it begins with depends on who was faster. */
	MUST(!unlink("file"));
	MUST(!pthread_create(&changer, NULL, change, NULL));
	for (int i = 0; i < THREADS; i++) {
		MUST(!pthread_create(&caller, NULL, call, NULL));
		MUST(!pthread_join(caller, NULL));
	}
	atomic_store(&stop, 1);
	MUST(!pthread_join(changer, NULL));
	put(PROT_READ | PROT_WRITE);
	SHOW(syscall(SYS_pread64, file, page, 3, 0));
	SHOW_TRUE(is_sound(page));
	SHOW(syscall(SYS_pread64, file, page, 8, 3));
	SHOW_TRUE(!memcmp(page, "def", 4));
	SHOW(read(zero, &byte, 1));
	return 0;
}

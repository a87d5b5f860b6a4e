// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protection keys: keys and their errors, what a thread's rights forbid, with what signal, to whom
 * rights and keys go on. On a processor without keys only the errors are left.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define SEGV_KEY_ERROR 4

static sigjmp_buf back;
static volatile int code, key_told;
static volatile unsigned int own_rights;
static int has_keys;

static void on_segv(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	code = info->si_code;
	/* The C library of this name may not have si_pkey. */
	key_told = *(volatile int *)((char *)info + 32);
	siglongjmp(back, 1);
}

static unsigned int read_rights(void)
{
	unsigned int value;

	__asm__ volatile("rdpkru" : "=a"(value) : "c"(0) : "rdx");
	return value;
}

static void touch(const char *what, volatile char *at, int write)
{
	if (has_keys)
		own_rights = read_rights();
	code = 0;
	if (!sigsetjmp(back, 1)) {
		if (write)
			*at = 1;
		else
			(void)*at;
	}
	/* A jump out of the handler leaves the handler's. */
	if (has_keys)
		__asm__ volatile("wrpkru" : : "a"(own_rights), "c"(0), "d"(0) : "memory");
	if (code == SEGV_KEY_ERROR)
		printf("%s: refused by key %d\n", what, key_told);
	else if (code)
		printf("%s: signal with code %d\n", what, code);
	else
		printf("%s: done\n", what);
}

static char *page_of(int prot)
{
	char *page = mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(page != MAP_FAILED);
	return page;
}

static void errors(void)
{
	char *page = page_of(PROT_READ | PROT_WRITE);

	SHOW(syscall(SYS_pkey_alloc, 1, 0));
	SHOW(syscall(SYS_pkey_alloc, 0, 4));
	SHOW(syscall(SYS_pkey_free, 16));
	SHOW(syscall(SYS_pkey_free, -1));
	SHOW(syscall(SYS_pkey_free, 5));
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ, 5));
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ, 16));
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ, -2));
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ, -1));
	SHOW(syscall(SYS_pkey_mprotect, page, 0, PROT_READ, 5));
	SHOW(syscall(SYS_pkey_mprotect, page + 1, PAGE, PROT_READ, 5));
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, 0x100, 5));
	munmap(page, PAGE);
}

static void *in_thread(void *page)
{
	touch("read in a thread", page, 0);
	touch("write in a thread", page, 1);
	return NULL;
}

static void on_usr1(int number)
{
	(void)number;
	/* A handler begins with the rights of a program, whatever they were before. */
	printf("first key in a handler: %d\n", pkey_get(1));
}

static void heirs(char *page, int key)
{
	pthread_t thread;
	pid_t pid;
	int status;

	MUST(!pthread_create(&thread, NULL, in_thread, page));
	MUST(!pthread_join(thread, NULL));
	pid = fork();
	MUST(pid >= 0);
	if (!pid) {
		touch("read in a child", page, 0);
		touch("write in a child", page, 1);
		SHOW(syscall(SYS_pkey_free, key));
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid && !status);
	signal(SIGUSR1, on_usr1);
	MUST(!raise(SIGUSR1));
	printf("and behind it: %d\n", pkey_get(key));
}

/* Memory of the program's own, and of a file: the one is the LWK's, the other Linux's. */
static void rights(char *page, int key)
{
	*page = 7;
	SHOW(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key));
	touch("read", page, 0);
	touch("write", page, 1);
	MUST(!pkey_set(key, PKEY_DISABLE_WRITE));
	touch("read", page, 0);
	touch("write", page, 1);
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	touch("read", page, 0);
	touch("write", page, 1);
	/* The kernel itself has no more rights than the thread. */
	SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, page, 8));
	/* mprotect() leaves the key. */
	SHOW(mprotect(page, PAGE, PROT_READ));
	touch("read", page, 0);
	MUST(!pkey_set(key, 0));
	touch("read", page, 0);
	touch("write", page, 1);
	SHOW(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key));
	touch("write", page, 1);
	printf("%d\n", *page);
}

static void files(int key)
{
	FILE *file = tmpfile();
	char *page;

	MUST(file && !ftruncate(fileno(file), PAGE));
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
	MUST(page != MAP_FAILED);
	rights(page, key);
	munmap(page, PAGE);
	fclose(file);
}

static void pieces(int key)
{
	const unsigned long len = 4UL << 20;
	char *area = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(area != MAP_FAILED);
	memset(area, 1, len);
	SHOW(pkey_mprotect(area + len / 2 + PAGE, PAGE, PROT_READ | PROT_WRITE, key));
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	touch("before the piece", area + len / 2, 1);
	touch("the piece", area + len / 2 + PAGE, 1);
	touch("behind it", area + len / 2 + 2 * PAGE, 1);
	SHOW(pkey_mprotect(area, len, PROT_READ | PROT_WRITE, 0));
	touch("the piece", area + len / 2 + PAGE, 1);
	MUST(!pkey_set(key, 0));
	munmap(area, len);
}

/* A key that nobody has leaves a file's mapping as it was, on both sides; the key moves along. */
static void files_kept(int key)
{
	FILE *file = tmpfile();
	char *page, *moved;

	MUST(file && !ftruncate(fileno(file), PAGE));
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
	MUST(page != MAP_FAILED);
	SHOW(syscall(SYS_pkey_mprotect, page, PAGE, PROT_READ, 14));
	/* By Linux. */
	SHOW(pread(fileno(file), page, 8, 0));
	touch("write to what was not changed", page, 1);
	MUST(!pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key));
	moved = mremap(page, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	MUST(moved != MAP_FAILED);
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	touch("read what was moved", moved, 0);
	MUST(!pkey_set(key, 0));
	munmap(moved, 2 * PAGE);
	fclose(file);
}

static long futex(unsigned int *word, int operation, int value, unsigned int *other)
{
	return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, other, 0);
}

static unsigned int waited_for;

static void *wait_requeue(void *to)
{
	return (void *)futex(&waited_for, FUTEX_WAIT_REQUEUE_PI, 0, to);
}

static void requeue(unsigned int *word, int key)
{
	pthread_t thread;
	void *result;
	long moved;

	*word = 0;
	MUST(!pthread_create(&thread, NULL, wait_requeue, word));
	MUST(!pkey_set(key, PKEY_DISABLE_WRITE));
	/* 0 until there is somebody. */
	while (!(moved = futex(&waited_for, FUTEX_CMP_REQUEUE_PI, 1, word)))
		sched_yield();
	show("requeue to a word that cannot be written", moved);
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	SHOW(futex(&waited_for, FUTEX_CMP_REQUEUE_PI, 1, word));
	SHOW(futex(word, FUTEX_CMP_REQUEUE_PI, 1, &waited_for));
	MUST(!pkey_set(key, 0));
	SHOW(futex(&waited_for, FUTEX_CMP_REQUEUE_PI, 1, word));
	MUST(!pthread_join(thread, &result));
	show("the one who waited", (long)result);
}

/* The kernel changes the words of PI futexes by the rights of the thread. */
static void futexes(int key)
{
	unsigned int *word = (unsigned int *)page_of(PROT_READ | PROT_WRITE);

	*word = 0;
	MUST(!pkey_mprotect(word, PAGE, PROT_READ | PROT_WRITE, key));
	MUST(!pkey_set(key, PKEY_DISABLE_WRITE));
	SHOW(futex(word, FUTEX_LOCK_PI, 0, NULL));
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	SHOW(futex(word, FUTEX_LOCK_PI, 0, NULL));
	MUST(!pkey_set(key, 0));
	SHOW(futex(word, FUTEX_LOCK_PI, 0, NULL));
	MUST(!pkey_set(key, PKEY_DISABLE_WRITE));
	SHOW(futex(word, FUTEX_UNLOCK_PI, 0, NULL));
	MUST(!pkey_set(key, PKEY_DISABLE_ACCESS));
	SHOW(futex(word, FUTEX_UNLOCK_PI, 0, NULL));
	MUST(!pkey_set(key, 0));
	SHOW(futex(word, FUTEX_UNLOCK_PI, 0, NULL));
	requeue(word, key);
	munmap(word, PAGE);
}

static void execute_only(void)
{
	char *page = page_of(PROT_READ | PROT_WRITE);
	char *other;

	memcpy(page, "\xb8\x2a\0\0\0\xc3", 6); /* mov $42, %eax; ret */
	SHOW(mprotect(page, PAGE, PROT_EXEC));
	printf("it says %d\n", ((int (*)(void))page)());
	touch("read", page, 0);
	other = page_of(PROT_EXEC);
	touch("read what was mapped so", other, 0);
	SHOW(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
	touch("read", page, 0);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO };
	char *page;
	int key, i;

	sigaction(SIGSEGV, &action, NULL);
	errors();
	key = pkey_alloc(0, 0);
	show("pkey_alloc(0, 0)", key);
	if (key < 0)
		return 0;
	has_keys = 1;
	page = page_of(PROT_READ | PROT_WRITE);
	rights(page, key);
	files(key);
	files_kept(key);
	pieces(key);
	futexes(key);
	MUST(!pkey_set(key, PKEY_DISABLE_WRITE));
	heirs(page, key);
	execute_only();
	for (i = 0; pkey_alloc(0, PKEY_DISABLE_ACCESS) > 0; i++)
		;
	printf("%d more keys, then %s\n", i, error_name(errno));
	SHOW(pkey_free(key));
	SHOW(pkey_free(key));
	SHOW(pkey_alloc(0, PKEY_DISABLE_ACCESS));
	/* The page has the key still, and its next owner's rights. */
	touch("read with a key that was freed", page, 0);
	SHOW(pkey_free(0));
	SHOW(pkey_alloc(0, 0));
	return 0;
}

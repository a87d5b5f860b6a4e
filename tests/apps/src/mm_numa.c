// SPDX-License-Identifier: GPL-2.0-only
/*
 * NUMA memory policies on two nodes, 0 and 1: what the calls accept and tell, who inherits a
 * policy, how ranges have them, on which nodes pages are, and how they move.
 *
 *	mm_numa		all of it
 *	mm_numa tell	the policy that the program began with
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fork.h"

enum { DEFAULT, PREFERRED, BIND, INTERLEAVE, LOCAL, PREFERRED_MANY };
enum { STATIC = 1 << 15, RELATIVE = 1 << 14, BALANCING = 1 << 13 };
enum { F_NODE = 1, F_ADDR = 2, F_ALLOWED = 4 };
enum { STRICT = 1, MOVE = 2, MOVE_ALL = 4 };

#define PAGE 4096UL
#define PAGES 8
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)
#define MAX 1024

static long set_policy(int mode, unsigned long nodes)
{
	return syscall(SYS_set_mempolicy, mode, &nodes, 64);
}

static long bind_range(void *start, size_t len, int mode, unsigned long nodes, int flags)
{
	return syscall(SYS_mbind, start, len, mode, &nodes, 64, flags);
}

static void tell(const char *what, void *addr, int flags)
{
	unsigned long nodes[MAX / 64] = { 0 };
	int mode = -1;

	if (syscall(SYS_get_mempolicy, &mode, nodes, MAX, addr, flags))
		printf("%s: %s\n", what, error_name(errno));
	else
		printf("%s: mode %#x nodes %#lx\n", what, mode, nodes[0]);
}

static char *area(size_t len)
{
	char *start = mmap(NULL, len, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(start != MAP_FAILED);
	MUST(!madvise(start, len, MADV_NOHUGEPAGE));
	return start;
}

/*
 * The nodes of pages. For one that was never touched Linux 6.12 says ENOENT, as its manual does,
 * and Linux 6.1 EFAULT.
 */
static void where(const char *what, char *start, int npages)
{
	void *pages[64];
	int status[64];

	for (int i = 0; i < npages; i++)
		pages[i] = start + i * PAGE;
	MUST(!syscall(SYS_move_pages, 0, npages, pages, NULL, status, 0));
	printf("%s:", what);
	for (int i = 0; i < npages; i++) {
		if (status[i] >= 0)
			printf(" %d", status[i]);
		else if (status[i] == -ENOENT || status[i] == -EFAULT)
			printf(" none");
		else
			printf(" %s", error_name(-status[i]));
	}
	putchar('\n');
}

static void show_arguments(void)
{
	unsigned long words[MAX / 64 * 2] = { 1 };
	int mode;

	for (mode = 0; mode < 6; mode++) {
		printf("mode %d: ", mode);
		SHOW(set_policy(mode, 0));
		printf("mode %d: ", mode);
		SHOW(set_policy(mode, 2));
		tell("policy", NULL, 0);
	}
	SHOW(set_policy(PREFERRED, 3));
	tell("policy", NULL, 0);
	SHOW(set_policy(BIND, 4));
	SHOW(set_policy(BIND, 6));
	tell("policy", NULL, 0);
	SHOW(set_policy(BIND | STATIC, 6));
	tell("policy", NULL, 0);
	SHOW(set_policy(BIND | RELATIVE, 4));
	tell("policy", NULL, 0);
	SHOW(set_policy(INTERLEAVE | RELATIVE, 0x30));
	tell("policy", NULL, 0);
	SHOW(set_policy(BIND | RELATIVE | STATIC, 1));
	SHOW(set_policy(PREFERRED | STATIC, 0));
	SHOW(set_policy(LOCAL | STATIC, 0));
	SHOW(set_policy(BIND | STATIC, 4));
	SHOW(set_policy(INTERLEAVE | BALANCING, 1));
	SHOW(set_policy(77, 1));
	SHOW(set_policy(-1, 1));
	SHOW(syscall(SYS_set_mempolicy, BIND, NULL, 64));
	SHOW(syscall(SYS_set_mempolicy, BIND, 8, 64));
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 0));
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 1));
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 2));
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 2 * MAX));
	words[MAX / 64] = 1;
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 2 * MAX));
	SHOW(syscall(SYS_set_mempolicy, BIND, words, 1 << 20));
	SHOW(syscall(SYS_get_mempolicy, NULL, words, 1, NULL, 0));
	SHOW(syscall(SYS_get_mempolicy, NULL, words, 64, NULL, 0));
	SHOW(syscall(SYS_get_mempolicy, NULL, 8, MAX, NULL, 0));
	SHOW(syscall(SYS_get_mempolicy, 8, NULL, 0, NULL, 0));
	SHOW(syscall(SYS_get_mempolicy, NULL, NULL, 0, NULL, 0));
	tell("no such flag", NULL, 8);
	tell("an address that is not asked for", &mode, 0);
	tell("nothing there", (void *)8, F_ADDR);
	tell("allowed and more", NULL, F_ALLOWED | F_ADDR);
	tell("allowed", NULL, F_ALLOWED);
	SHOW(set_policy(INTERLEAVE, 2));
	tell("next", NULL, F_NODE);
	SHOW(set_policy(DEFAULT, 0));
	tell("next", NULL, F_NODE);
}

static void show_ranges(void)
{
	char *a = area(LEN);

	SHOW(bind_range(a + PAGE, 2 * PAGE, BIND, 1, 0));
	SHOW(bind_range(a + 3 * PAGE, PAGE, BIND, 1, 0));
	SHOW(bind_range(a + 4 * PAGE, 2 * PAGE - 1, PREFERRED_MANY, 3, 0));
	tell("before", a, F_ADDR);
	tell("bound", a + 2 * PAGE, F_ADDR);
	tell("many", a + 5 * PAGE, F_ADDR);
	tell("its node", a + 2 * PAGE, F_ADDR | F_NODE);
	SHOW(bind_range(a + 1, PAGE, BIND, 1, 0));
	SHOW(bind_range(a, -PAGE, BIND, 1, 0));
	SHOW(bind_range(a, 0, BIND, 1, 0));
	SHOW(bind_range(a, PAGE, BIND, 0, 0));
	SHOW(bind_range(a, PAGE, DEFAULT, 1, 0));
	SHOW(bind_range(a, PAGE, BIND, 1, 64));
	SHOW(syscall(SYS_set_mempolicy_home_node, a, LEN, 1, 0));
	SHOW(syscall(SYS_set_mempolicy_home_node, a, PAGE, 1, 0));
	SHOW(syscall(SYS_set_mempolicy_home_node, a, PAGE, 1, 1));
	SHOW(syscall(SYS_set_mempolicy_home_node, a, PAGE, 99, 0));
	SHOW(bind_range(a, PAGE, INTERLEAVE, 3, 0));
	SHOW(syscall(SYS_set_mempolicy_home_node, a, PAGE, 1, 0));
	MUST(!munmap(a + 6 * PAGE, PAGE));
	SHOW(bind_range(a, LEN, BIND, 1, 0));
	tell("before the hole", a + 5 * PAGE, F_ADDR);
	SHOW(bind_range(a, LEN, DEFAULT, 0, 0));
	tell("no policy any more", a + 2 * PAGE, F_ADDR);
	SHOW(bind_range(a + 6 * PAGE, PAGE, DEFAULT, 0, 0));
	munmap(a, LEN);
}

static void show_places(void)
{
	char *a = area(LEN);

	where("untouched", a, 3);
	for (unsigned long node = 0; node < 2; node++) {
		MUST(!bind_range(a + node * 2 * PAGE, 2 * PAGE, BIND, 1UL << node, 0));
		memset(a + node * 2 * PAGE, 1, 2 * PAGE);
	}
	MUST(!set_policy(PREFERRED, 2));
	memset(a + 4 * PAGE, 1, PAGE);
	MUST(!set_policy(BIND, 1));
	memset(a + 5 * PAGE, 1, PAGE);
	/* What Linux touches first, for a call. */
	MUST(!set_policy(BIND, 2));
	MUST(read(open("/dev/zero", 0), a + 6 * PAGE, PAGE) == (ssize_t)PAGE);
	where("bound, preferred, bound by the thread", a, 7);
	MUST(!set_policy(DEFAULT, 0));

	/* Taking turns by address. */
	munmap(a, LEN);
	a = area(16 * PAGE);
	MUST(!bind_range(a, 16 * PAGE, INTERLEAVE, 3, 0));
	memset(a, 1, 16 * PAGE);
	where("interleaved", (char *)((uintptr_t)(a + PAGE) & ~(2 * PAGE - 1)), 8);
	munmap(a, 16 * PAGE);
}

/* Linux answers for pages of files, and must not write to addresses that are no program's. */
static void show_move_file(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	int status = -1;

	MUST(page != MAP_FAILED && *(volatile char *)page == 0x7f);
	SHOW(syscall(SYS_move_pages, 0, 1, &page, NULL, &status, 0));
	SHOW_TRUE(status >= 0);
	SHOW(syscall(SYS_move_pages, 0, 1, &page, NULL, 0x7ee000001000, 0));
	MUST(!munmap(page, PAGE) && !close(fd));
}

static void show_moves(void)
{
	char *a = area(LEN);
	void *pages[5] = { a, a + PAGE, a + 2 * PAGE, (void *)8, a + 7 * PAGE };
	int nodes[5] = { 1, 0, 1, 1, 1 }, status[5];

	MUST(!bind_range(a, LEN, BIND, 1, 0));
	for (int i = 0; i < 6; i++)
		strcpy(a + i * PAGE, "here");
	SHOW(bind_range(a, LEN, BIND, 2, STRICT));
	SHOW(bind_range(a + 6 * PAGE, PAGE, BIND, 2, STRICT));
	SHOW(bind_range(a + 4 * PAGE, 2 * PAGE, BIND, 2, STRICT | MOVE));
	where("two moved", a, 7);
	SHOW(syscall(SYS_move_pages, 0, 5, pages, nodes, status, MOVE));
	printf("%d %d %d %d\n", status[0], status[1], status[2], status[3]);
	SHOW_TRUE(status[4] == -ENOENT || status[4] == -EFAULT);
	where("two more", a, 7);
	puts(a);
	puts(a + 5 * PAGE);
	nodes[1] = 9999;
	SHOW(syscall(SYS_move_pages, 0, 5, pages, nodes, status, MOVE));
	nodes[1] = -1;
	SHOW(syscall(SYS_move_pages, 0, 5, pages, nodes, status, MOVE));
	SHOW(syscall(SYS_move_pages, 0, 1, pages, nodes, status, 1));
	SHOW(syscall(SYS_move_pages, 0, 1, 8, nodes, status, MOVE));
	SHOW(syscall(SYS_move_pages, 0, 1, pages, NULL, 8, MOVE));
	SHOW(syscall(SYS_move_pages, 0x3fffffff, 1, pages, NULL, status, MOVE));
	show_move_file();
	SHOW(syscall(SYS_migrate_pages, 0, 64, &(unsigned long){ 2 }, &(unsigned long){ 1 }));
	where("back", a, 7);
	SHOW(syscall(SYS_migrate_pages, 0, 64, &(unsigned long){ 3 }, &(unsigned long){ 2 }));
	where("all on the other", a, 7);
	puts(a + 3 * PAGE);
	SHOW(syscall(SYS_migrate_pages, 0, 64, &(unsigned long){ 1 }, &(unsigned long){ 0 }));
	SHOW(syscall(SYS_migrate_pages, 0, 64, &(unsigned long){ 1 }, 8));
	SHOW(syscall(SYS_migrate_pages, 0x3fffffff, 64, &(unsigned long){ 1 },
		     &(unsigned long){ 2 }));
	munmap(a, LEN);
}

/* Another process, which waits meanwhile: its pages move, and it has them as they were. */
static void show_moves_of_others(void)
{
	char *a = area(LEN);
	void *pages[3] = { a, a + PAGE, a + 7 * PAGE };
	int nodes[3] = { 1, 0, 1 }, status[3];
	int ready[2], go[2];
	char byte;
	pid_t pid;

	MUST(!bind_range(a, LEN, BIND, 1, 0));
	MUST(!pipe(ready) && !pipe(go));
	pid = fork_must();
	if (!pid) {
		for (int i = 0; i < 6; i++)
			strcpy(a + i * PAGE, "a child's");
		MUST(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1);
		puts(a);
		puts(a + 5 * PAGE);
		where("its pages", a, 6);
		exit(0);
	}
	MUST(read(ready[0], &byte, 1) == 1);
	SHOW(syscall(SYS_move_pages, pid, 3, pages, NULL, status, 0));
	printf("%d %d\n", status[0], status[1]);
	SHOW_TRUE(status[2] == -ENOENT || status[2] == -EFAULT);
	SHOW(syscall(SYS_move_pages, pid, 3, pages, nodes, status, MOVE));
	printf("%d %d\n", status[0], status[1]);
	SHOW(syscall(SYS_move_pages, pid, 1, pages, NULL, 8, 0));
	SHOW_TRUE(syscall(SYS_migrate_pages, pid, 64, &(unsigned long){ 1 },
			  &(unsigned long){ 2 }) >= 0);
	SHOW(syscall(SYS_move_pages, pid, 2, pages, NULL, status, 0));
	printf("%d %d\n", status[0], status[1]);
	MUST(write(go[1], "", 1) == 1);
	reap(pid, "the child");
	SHOW(syscall(SYS_move_pages, pid, 1, pages, NULL, status, 0));
	munmap(a, LEN);
}

static void *in_thread(void *arg)
{
	tell("a thread", NULL, 0);
	MUST(!set_policy(PREFERRED, 1));
	return arg;
}

static void show_inheritance(char *self)
{
	char *a = area(LEN);
	char *b;
	pthread_t thread;
	pid_t pid;

	MUST(!bind_range(a, LEN, BIND, 2, 0));
	MUST(!set_policy(INTERLEAVE | STATIC, 7));
	MUST(!pthread_create(&thread, NULL, in_thread, NULL) && !pthread_join(thread, NULL));
	tell("not changed by it", NULL, 0);
	pid = fork_must();
	if (!pid) {
		tell("a child", NULL, 0);
		tell("its range", a, F_ADDR);
		memset(a, 1, PAGE);
		where("its page", a, 1);
		exit(0);
	}
	reap(pid, "the child");
	pid = fork_must();
	if (!pid) {
		execlp(self, self, "tell", (char *)NULL);
		_exit(1);
	}
	reap(pid, "another program");
	MUST(!set_policy(DEFAULT, 0));
	pid = fork_must();
	if (!pid) {
		execlp(self, self, "tell", (char *)NULL);
		_exit(1);
	}
	reap(pid, "another program");
	b = mremap(a, LEN, 2 * LEN, MREMAP_MAYMOVE);
	MUST(b != MAP_FAILED);
	tell("moved and grown", b + LEN, F_ADDR);
	munmap(b, 2 * LEN);
}

static void show_shared(void)
{
	char *a = mmap(NULL, LEN, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	MUST(a != MAP_FAILED);
	SHOW(bind_range(a + PAGE, 2 * PAGE, BIND, 2, 0));
	pid = fork_must();
	if (!pid) {
		tell("seen by a child", a + PAGE, F_ADDR);
		MUST(!bind_range(a + 3 * PAGE, PAGE, BIND, 1, 0));
		memset(a + 2 * PAGE, 1, 2 * PAGE);
		exit(0);
	}
	reap(pid, "the child");
	tell("set by a child", a + 3 * PAGE, F_ADDR);
	tell("the next page", a + 4 * PAGE, F_ADDR);
	a[PAGE] = 1;
	tell("a node", a + PAGE, F_ADDR | F_NODE);
	tell("a node", a + 2 * PAGE, F_ADDR | F_NODE);
	tell("a node", a + 3 * PAGE, F_ADDR | F_NODE);
	munmap(a, LEN);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		tell("begins with", NULL, 0);
		return 0;
	}
	show_arguments();
	show_ranges();
	show_places();
	show_moves();
	show_moves_of_others();
	show_inheritance(argv[0]);
	show_shared();
	/* Far beyond what a program may map: holes, and nothing else. */
	SHOW(bind_range(area(PAGE), 1UL << 48, DEFAULT, 0, MOVE));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System V shared memory: where segments can be attached and how, what is left after parts of an
 * attachment went, how many attachments Linux counts, when a removed segment ends, and
 * what flags of segments do.
 */
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "fork.h"
#include "probe.h"

#define PAGE 4096L
#define PAGES 8
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)

static int id;

static long attached(void)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? -1 : (long)ds.shm_nattch;
}

static char *attach(const void *address, int flags)
{
	char *start = shmat(id, address, flags);

	MUST(start != (void *)-1);
	return start;
}

/* A place where nothing is. */
static char *free_place(size_t len)
{
	char *start = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(start != MAP_FAILED);
	MUST(!munmap(start, len));
	return start;
}

static void show_two(void)
{
	char *a = attach(NULL, 0);
	char *b = attach(NULL, SHM_RDONLY);

	SHOW(attached());
	strcpy(a + PAGE + 7, "written here, read there");
	puts(b + PAGE + 7);
	puts(probe(a));
	puts(probe(b));
	SHOW(mprotect(b, LEN, RW));
	SHOW(mprotect(a, PAGE, PROT_READ));
	puts(probe(a));
	puts(probe(a + PAGE));
	SHOW(attached());
	SHOW(mprotect(a, PAGE, RW));
	SHOW(shmdt(a));
	puts(probe(a));
	puts(b + PAGE + 7);
	SHOW(shmdt(b));
	SHOW(shmdt(b));
	SHOW(attached());
}

static void show_places(void)
{
	char *place = free_place(4 * LEN);
	char *taken;

	SHOW_TRUE(attach(place, 0) == place);
	SHOW_PTR(shmat(id, place, 0));
	SHOW_PTR(shmat(id, place + LEN - PAGE, 0));
	SHOW_PTR(shmat(id, place + LEN + 1, 0));
	SHOW_TRUE(attach(place + LEN + 1, SHM_RND) == place + LEN);
	SHOW_PTR(shmat(id, NULL, SHM_REMAP));
	SHOW_PTR(shmat(id, (void *)1, SHM_RND | SHM_REMAP));
	SHOW_PTR(shmat(id, (void *)0x7ffffffff000, 0));
	SHOW_PTR(shmat(id, (void *)-PAGE, 0));
	SHOW_PTR(shmat(-1, NULL, 0));
	SHOW_PTR(shmat(0x7fffffff, NULL, 0));
	SHOW_PTR(shmat(0x7fffffff, place + 1, 0));
	SHOW(attached());
	SHOW(shmdt(place + 1));
	SHOW(shmdt(place + PAGE));
	SHOW(shmdt(place));
	SHOW(shmdt(place + LEN));

	taken = mmap(NULL, 3 * LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(taken != MAP_FAILED);
	memset(taken, 'a', 3 * LEN);
	SHOW_PTR(shmat(id, taken + LEN, 0));
	SHOW_TRUE(attach(taken + LEN, SHM_REMAP) == taken + LEN);
	printf("%c%d%c\n", taken[LEN - 1], taken[LEN], taken[2 * LEN]);
	taken[LEN] = 's';
	SHOW(shmdt(taken));
	SHOW(shmdt(taken + LEN));
	puts(probe(taken + LEN));
	puts(probe(taken + LEN - 1));
	/* The hole is good for other memory. */
	SHOW_TRUE(mmap(taken + LEN, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		  taken + LEN);
	SHOW(taken[LEN]);
	munmap(taken, 3 * LEN);
}

static void show_code(void)
{
	char *code = attach(NULL, SHM_EXEC);
	char *data = attach(NULL, 0);

	data[0] = (char)0xc3;
	SHOW(probe_exec(code));
	SHOW(probe_exec(data));
	SHOW(shmdt(code));
	SHOW(shmdt(data));
}

static void show_parts(void)
{
	char *a = attach(NULL, 0);
	char *b;

	strcpy(a + 6 * PAGE, "six");
	SHOW(munmap(a + 2 * PAGE, 2 * PAGE));
	SHOW(attached());
	puts(a + 6 * PAGE);
	SHOW(shmdt(a + 4 * PAGE));
	SHOW(shmdt(a));
	SHOW(attached());
	puts(probe(a));
	puts(probe(a + 6 * PAGE));

	a = attach(NULL, 0);
	SHOW(munmap(a, PAGE));
	SHOW(shmdt(a));
	puts(probe(a + PAGE));

	/* Moved as a whole, it begins where it is now. */
	a = attach(NULL, 0);
	b = free_place(LEN);
	SHOW_TRUE(mremap(a, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, b) == b);
	puts(b + 6 * PAGE);
	SHOW(attached());
	SHOW(shmdt(a));
	SHOW(shmdt(b));
	SHOW(attached());

	/* Another attachment lies in its hole. */
	a = attach(free_place(4 * LEN), 0);
	SHOW(munmap(a + PAGE, LEN - PAGE));
	b = attach(a + PAGE, 0);
	SHOW(shmdt(a));
	SHOW(attached());
	puts(b + 6 * PAGE);
	SHOW(shmdt(b));
}

static void show_processes(void)
{
	char *a = attach(NULL, 0);
	char *b = attach(NULL, 0);
	pid_t pid;

	SHOW(madvise(b, LEN, MADV_DONTFORK));
	memset(a, 0, LEN);
	pid = fork_must();
	if (!pid) {
		SHOW(attached());
		puts(probe(b));
		strcpy(a + 5 * PAGE, "of the child");
		SHOW(shmdt(a));
		SHOW(attached());
		attach(NULL, 0);
		attach(NULL, SHM_RDONLY);
		SHOW(attached());
		exit(0);
	}
	reap(pid, "a child that does not detach");
	puts(a + 5 * PAGE);
	SHOW(attached());
	pid = fork_must();
	if (!pid) {
		execlp("true", "true", (char *)NULL);
		_exit(1);
	}
	reap(pid, "a child that executes a program");
	SHOW(attached());
	pid = fork_must();
	if (!pid) {
		MUST(!setgid(65534) && !setuid(65534));
		SHOW_PTR(shmat(id, NULL, 0));
		SHOW_PTR(shmat(id, a, 0));
		SHOW_PTR(shmat(id, NULL, SHM_RDONLY | SHM_EXEC));
		SHOW_PTR(shmat(id, NULL, SHM_RDONLY));
		exit(0);
	}
	reap(pid, "a child that may only read");
	SHOW(shmdt(a));
	SHOW(shmdt(b));
}

static void show_end(void)
{
	char *a = attach(NULL, 0);
	pid_t pid;

	strcpy(a, "still there");
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(attached());
	puts(attach(NULL, 0));
	SHOW(attached());
	pid = fork_must();
	if (!pid) {
		puts(a);
		exit(0);
	}
	reap(pid, "a child");
	SHOW(attached());
	SHOW(shmdt(a));
	SHOW(attached());
}

/* Lengths that are no whole pages, or suit large ones. */
static void show_lengths(void)
{
	static const size_t lengths[] = { 1, 5000, 2 << 20, (2 << 20) + 1, 9 << 20 };
	struct shmid_ds ds;
	char *start;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		id = shmget(IPC_PRIVATE, lengths[i], 0600);
		MUST(id >= 0);
		start = attach(NULL, 0);
		memset(start, 1, lengths[i]);
		printf("%zu: %s\n", lengths[i], probe(start + ((lengths[i] - 1) & -PAGE)));
		MUST(!shmctl(id, IPC_STAT, &ds));
		printf("attached %d detached %d by me %d\n", ds.shm_atime != 0, ds.shm_dtime != 0,
		       ds.shm_lpid == getpid());
		SHOW(shmdt(start));
		SHOW(shmctl(id, IPC_RMID, NULL));
		SHOW(attached());
	}
}

/* SHM_LOCK and SHM_NORESERVE; the latter decides whether more than there is can be promised. */
static void show_flags(void)
{
	const size_t too_much = 1UL << 42;
	struct shmid_ds ds;
	char *start;

	id = shmget(IPC_PRIVATE, LEN, 0600);
	MUST(id >= 0);
	start = attach(NULL, 0);
	SHOW(shmctl(id, SHM_LOCK, NULL));
	MUST(!shmctl(id, IPC_STAT, &ds));
	SHOW_TRUE(ds.shm_perm.mode & SHM_LOCKED);
	memset(start, 1, LEN);
	puts(probe(start + LEN - PAGE));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	MUST(!shmctl(id, IPC_STAT, &ds));
	SHOW_TRUE(ds.shm_perm.mode & SHM_LOCKED);
	SHOW(shmdt(start));
	SHOW(shmctl(id, IPC_RMID, NULL));

	SHOW(shmget(IPC_PRIVATE, too_much, 0600));
	id = shmget(IPC_PRIVATE, too_much, 0600 | SHM_NORESERVE);
	MUST(id >= 0);
	start = attach(NULL, 0);
	start[too_much - 1] = 'l';
	puts(probe(start + too_much - PAGE));
	SHOW(shmdt(start));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

int main(void)
{
	probe_init();
	id = shmget(IPC_PRIVATE, LEN - 100, 0644);
	MUST(id >= 0);
	show_two();
	show_places();
	show_code();
	show_parts();
	show_processes();
	show_end();
	show_lengths();
	show_flags();
	return 0;
}

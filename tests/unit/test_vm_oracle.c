// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same calls on an address space of the LWK and on the kernel that runs this
 * test, in a window where nobody else maps anything: results, and the ranges that
 * /proc/self/maps shows, must be the same.
 *
 * Memory is not touched while ranges are compared: Linux merges ranges only as
 * long as they have no pages.
 */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x200000000000ULL
#define PAGES 64U
#define EPOCHS 150
#define CALLS 60
#define MAX_LINES (2 * PAGES)

enum kind { MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE, MLOCK2, MUNLOCK, MINCORE, BRK };

/* A call with its arguments in the order of the system call. */
struct call {
	enum kind kind;
	u64 arg[5];
};

struct line {
	vaddr_t start;
	vaddr_t end;
	char perms[5];
};

static struct fixture fixture;
static struct vm *vm;

static long host_call(const struct call *c)
{
	static const long numbers[] = {
		[MMAP] = SYS_mmap, [MUNMAP] = SYS_munmap, [MPROTECT] = SYS_mprotect,
		[MREMAP] = SYS_mremap, [MADVISE] = SYS_madvise, [MLOCK2] = SYS_mlock2,
		[MUNLOCK] = SYS_munlock, [MINCORE] = SYS_mincore, [BRK] = SYS_brk,
	};
	static u8 vec[PAGES];
	long result;

	if (c->kind == MMAP)
		result = syscall(SYS_mmap, c->arg[0], c->arg[1], c->arg[2], c->arg[3], -1, 0);
	else if (c->kind == MINCORE)
		result = syscall(SYS_mincore, c->arg[0], c->arg[1], vec);
	else
		result = syscall(numbers[c->kind], c->arg[0], c->arg[1], c->arg[2], c->arg[3],
				 c->arg[4]);
	return result == -1 ? -errno : result;
}

static long lwk_call(const struct call *c)
{
	const struct vm_map_args map = { .addr = c->arg[0], .len = c->arg[1],
					 .prot = (u32)c->arg[2], .flags = (u32)c->arg[3] };
	const struct vm_remap_args remap = { c->arg[0], c->arg[1], c->arg[2],
					     (u32)c->arg[3], c->arg[4] };
	static u8 vec[PAGES];
	vaddr_t addr = 0;
	int err;

	switch (c->kind) {
	case MMAP:
		err = vm_map(vm, &map, &addr);
		return err ? err : (long)addr;
	case MUNMAP:
		return vm_unmap_own(vm, c->arg[0], c->arg[1]);
	case MPROTECT:
		return vm_protect_own(vm, c->arg[0], c->arg[1], (u32)c->arg[2], VM_PKEY_SAME);
	case MREMAP:
		err = vm_remap(vm, &remap, &addr);
		return err ? err : (long)addr;
	case MADVISE:
		return vm_advise(vm, c->arg[0], c->arg[1], (int)c->arg[2]);
	case MLOCK2:
		return vm_mlock(vm, c->arg[0], c->arg[1], (u32)c->arg[2]);
	case MUNLOCK:
		return vm_munlock(vm, c->arg[0], c->arg[1]);
	case MINCORE:
		return vm_mincore(vm, c->arg[0], c->arg[1], vec);
	default:
		return (long)vm_brk(vm, c->arg[0]);
	}
}

static void show(const struct call *c, long host, long lwk)
{
	printf("# call %u (%#llx, %#llx, %#llx, %#llx, %#llx): host %ld, LWK %ld\n", c->kind,
	       c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], host, lwk);
}

static void both(const struct call *c)
{
	long host = host_call(c);
	long lwk = lwk_call(c);

	if (host != lwk)
		show(c, host, lwk);
	CHECK_EQ(lwk, host);
}

static bool may_lock(void)
{
	unsigned long long caps = 0;
	char text[256];
	FILE *file = fopen("/proc/self/status", "r");

	CHECK(file);
	while (fgets(text, sizeof(text), file))
		sscanf(text, "CapEff: %llx", &caps);
	fclose(file);
	return caps >> 14 & 1; /* CAP_IPC_LOCK */
}

static void init(void)
{
	struct vm_limits limits = {
		.as = VM_UNLIMITED,
		.data = VM_UNLIMITED,
		.stack = 8ULL << 20,
		.memlock = 8ULL << 20,
	};

	limits.may_lock = may_lock();
	fixture = fixture_create(1, NODE_LEN);
	vm = fixture.vm;
	vm_set_limits(vm, &limits);
}

static u32 host_lines(struct line *lines, vaddr_t start, vaddr_t end)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char text[512];
	u32 n = 0;

	CHECK(file);
	while (fgets(text, sizeof(text), file)) {
		struct line *line = &lines[n];

		CHECK(sscanf(text, "%llx-%llx %4s", &line->start, &line->end,
			     line->perms) == 3);
		if (line->start < end && line->end > start)
			n++;
		CHECK(n < MAX_LINES);
	}
	fclose(file);
	return n;
}

struct lines {
	struct line *lines;
	u32 n;
};

static int add_line(const struct vm_range *range, void *ctx)
{
	struct lines *lines = ctx;
	struct line *line = &lines->lines[lines->n++];

	CHECK(lines->n < MAX_LINES);
	line->start = range->node.start;
	line->end = range->node.end;
	snprintf(line->perms, sizeof(line->perms), "%c%c%c%c",
		 range->flags & VM_READ ? 'r' : '-', range->flags & VM_WRITE ? 'w' : '-',
		 range->flags & VM_EXEC ? 'x' : '-', range->flags & VM_SHARED ? 's' : 'p');
	return 0;
}

/*
 * Since 6.7 Linux takes its promise back for memory that becomes unwritable
 * untouched, as we do; before, it keeps such ranges apart from their neighbours.
 */
static bool merges_as_we_do(void)
{
	struct utsname name;
	u32 major, minor;

	CHECK(!uname(&name) && sscanf(name.release, "%u.%u", &major, &minor) == 2);
	return major > 6 || (major == 6 && minor >= 7);
}

/* Join adjacent lines that look alike; returns how many are left. */
static u32 join(struct line *lines, u32 n)
{
	u32 kept = 0;

	for (u32 i = 0; i < n; i++) {
		if (kept && lines[kept - 1].end == lines[i].start &&
		    !strcmp(lines[kept - 1].perms, lines[i].perms))
			lines[kept - 1].end = lines[i].end;
		else
			lines[kept++] = lines[i];
	}
	return kept;
}

static void compare_layout(const struct call *c, vaddr_t start, vaddr_t end)
{
	static struct line host[MAX_LINES], lwk[MAX_LINES];
	struct lines lines = { lwk, 0 };
	u32 n = host_lines(host, start, end);
	bool same;

	CHECK(!vm_for_each(vm, add_line, &lines));
	if (!merges_as_we_do()) {
		n = join(host, n);
		lines.n = join(lwk, lines.n);
	}
	same = n == lines.n;
	for (u32 i = 0; same && i < n; i++)
		same = host[i].start == lwk[i].start && host[i].end == lwk[i].end &&
		       !strcmp(host[i].perms, lwk[i].perms);
	if (same)
		return;
	show(c, 0, 0);
	for (u32 i = 0; i < n; i++)
		printf("# host %llx-%llx %s\n", host[i].start, host[i].end, host[i].perms);
	for (u32 i = 0; i < lines.n; i++)
		printf("# LWK  %llx-%llx %s\n", lwk[i].start, lwk[i].end, lwk[i].perms);
	CHECK(same);
}

static struct call random_call(struct unit_random *rng)
{
	static const enum kind kinds[] = { MMAP, MMAP, MUNMAP, MPROTECT, MPROTECT, MREMAP,
					   MADVISE, MLOCK2, MUNLOCK, MINCORE };
	static const u64 map_flags[] = { MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE | MAP_NORESERVE,
					 MAP_SHARED };
	static const u64 placing[] = { MAP_FIXED, MAP_FIXED, MAP_FIXED_NOREPLACE, 0 };
	static const u64 advice[] = { MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_DONTNEED,
				      MADV_FREE, MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP,
				      MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK };
	static const u64 remap_flags[] = { 0, MREMAP_MAYMOVE | MREMAP_FIXED,
					   MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP };
	u64 first = unit_random(rng, PAGES);
	u64 count = unit_random(rng, MIN(20ULL, PAGES - first)) + 1;
	struct call c = { .kind = kinds[unit_random(rng, ARRAY_SIZE(kinds))] };

	c.arg[0] = BASE + first * PAGE_LEN;
	c.arg[1] = count * PAGE_LEN - unit_random(rng, 2) * 100;
	if (c.kind == MMAP || c.kind == MPROTECT)
		c.arg[2] = unit_random(rng, 8);
	if (c.kind == MMAP)
		c.arg[3] = MAP_ANONYMOUS | map_flags[unit_random(rng, ARRAY_SIZE(map_flags))] |
			   placing[unit_random(rng, ARRAY_SIZE(placing))];
	if (c.kind == MADVISE)
		c.arg[2] = advice[unit_random(rng, ARRAY_SIZE(advice))];
	if (c.kind == MLOCK2)
		c.arg[2] = MLOCK_ONFAULT;
	if (c.kind == MREMAP) {
		c.arg[3] = remap_flags[unit_random(rng, ARRAY_SIZE(remap_flags))];
		c.arg[2] = c.arg[1];
		if (!(c.arg[3] & MREMAP_DONTUNMAP))
			c.arg[2] = (unit_random(rng, 20) + 1) * PAGE_LEN;
		c.arg[4] = BASE + unit_random(rng, PAGES - 20) * PAGE_LEN;
	}
	return c;
}

/*
 * Linux 6.17 learned to move several ranges at once, and looks at the arguments
 * before it looks for the range. Older ones, and we, do not.
 */
static bool is_comparable(const struct call *c)
{
	const struct vm_range *range = vm_range_find(vm, c->arg[0]);
	bool mapped = range && range->node.start <= c->arg[0];
	static struct line lines[MAX_LINES];
	bool overlap = c->arg[0] + c->arg[1] > c->arg[4] && c->arg[4] + c->arg[2] > c->arg[0];

	if (c->kind != MREMAP)
		return true;
	if (mapped && host_lines(lines, c->arg[0], c->arg[0] + c->arg[1]) > 1)
		return false;
	/* Linux unlocks the old range, but does not merge it with its neighbours. */
	if ((c->arg[3] & MREMAP_DONTUNMAP) && mapped && (range->flags & VM_LOCKED))
		return false;
	/* In place it would leave the window. */
	if (c->arg[0] + MAX(c->arg[1], c->arg[2]) > BASE + PAGES * PAGE_LEN)
		return false;
	return mapped ? c->arg[0] + c->arg[1] <= range->node.end : !overlap;
}

/* Without MAP_FIXED: both take the hint or neither does. */
static void both_hinted(const struct call *c)
{
	struct call undo = { .kind = MUNMAP, .arg = { 0, c->arg[1] } };
	long host = host_call(c);
	long lwk = lwk_call(c);

	CHECK(host > 0 && lwk > 0);
	CHECK_EQ(lwk == (long)c->arg[0], host == (long)c->arg[0]);
	if (host == (long)c->arg[0])
		return;
	undo.arg[0] = (u64)host;
	CHECK(!host_call(&undo));
	undo.arg[0] = (u64)lwk;
	CHECK(!lwk_call(&undo));
}

/* May the kernel read from, or write to, a page for us? Both must say the same. */
static void compare_access(const int *pipes, vaddr_t addr)
{
	const struct vm_range *range = vm_range_find(vm, addr);
	bool readable, writable;
	u8 byte = 0;

	/* With protection keys, Linux keeps readers from what is only executable. */
	if (range && range->node.start <= addr && (range->flags & VM_ACCESS) == VM_EXEC)
		return;
	readable = write(pipes[1], (void *)addr, 1) == 1;
	if (!readable)
		CHECK(write(pipes[1], &byte, 1) == 1);
	CHECK_EQ(!vm_fault(vm, addr, VM_READ), readable);
	writable = read(pipes[0], (void *)addr, 1) == 1;
	if (!writable)
		CHECK(read(pipes[0], &byte, 1) == 1);
	CHECK_EQ(!vm_fault(vm, addr, VM_WRITE), writable);
}

static void random_calls(void)
{
	const struct call clear = { .kind = MUNMAP, .arg = { BASE, PAGES * PAGE_LEN } };
	struct unit_random rng = { 21 };
	int pipes[2];

	CHECK(!pipe(pipes));
	init();
	for (u32 epoch = 0; epoch < EPOCHS; epoch++) {
		for (u32 i = 0; i < CALLS; i++) {
			struct call c = random_call(&rng);

			if (!is_comparable(&c))
				continue;
			if (c.kind == MMAP && !(c.arg[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
				both_hinted(&c);
			else
				both(&c);
			compare_layout(&c, BASE, BASE + PAGES * PAGE_LEN);
		}
		fixture_check(vm);
		for (u32 i = 0; i < PAGES; i++)
			compare_access(pipes, BASE + i * PAGE_LEN);
		fixture_check(vm);
		both(&clear);
	}
	fixture_destroy(&fixture);
}

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED (ANON | MAP_FIXED)
#define RW (PROT_READ | PROT_WRITE)
#define P(n) ((n) * PAGE_LEN)

/* In order: each finds what those above it left. */
static const struct call edges[] = {
	{ MMAP, { BASE, 0, RW, FIXED } },
	{ MMAP, { BASE, ~0ULL, RW, FIXED } },
	{ MMAP, { BASE, ~0ULL - 4096, RW, FIXED } },
	{ MMAP, { 0, VM_TASK_END + 4096, RW, ANON } },
	{ MMAP, { 0, VM_TASK_END, RW, ANON } },
	{ MMAP, { BASE + 1, P(1), RW, FIXED } },
	{ MMAP, { VM_TASK_END, P(1), RW, FIXED } },
	{ MMAP, { VM_TASK_END - P(1), P(2), RW, FIXED } },
	{ MMAP, { ~0ULL - 4095, P(1), RW, FIXED } },
	{ MMAP, { BASE, P(1), RW, MAP_ANONYMOUS | MAP_FIXED } },
	{ MMAP, { BASE, P(1), RW, MAP_ANONYMOUS | MAP_FIXED | 0x04 } },
	{ MMAP, { BASE, P(1), RW, MAP_ANONYMOUS | MAP_FIXED | MAP_SHARED | MAP_GROWSDOWN } },
	{ MMAP, { BASE, P(1), RW, FIXED | MAP_HUGETLB | 5U << MAP_HUGE_SHIFT } },
	{ MMAP, { BASE, P(8), RW, FIXED } },
	{ MMAP, { BASE + P(7), P(8), RW, ANON | MAP_FIXED_NOREPLACE } },
	{ MMAP, { BASE + 1, P(8), RW, ANON | MAP_FIXED_NOREPLACE } },
	{ MMAP, { BASE + P(8), P(1), RW | 0x100, ANON | MAP_FIXED_NOREPLACE } },
	{ MUNMAP, { BASE + 1, P(1) } },
	{ MUNMAP, { BASE, 0 } },
	{ MUNMAP, { BASE, ~0ULL } },
	{ MUNMAP, { VM_TASK_END, P(1) } },
	{ MUNMAP, { VM_TASK_END + P(1), P(1) } },
	{ MUNMAP, { BASE + P(2), 1 } },
	{ MUNMAP, { BASE + P(40), P(2) } },
	{ MPROTECT, { BASE + 1, P(1), PROT_READ } },
	{ MPROTECT, { BASE + 1, 0, PROT_READ } },
	{ MPROTECT, { BASE, 0, PROT_READ } },
	{ MPROTECT, { BASE, ~0ULL, PROT_READ } },
	{ MPROTECT, { BASE, ~0ULL - 4096, PROT_READ } },
	{ MPROTECT, { BASE, P(1), 0x100 } },
	{ MPROTECT, { BASE, P(1), PROT_READ | PROT_SEM } },
	{ MPROTECT, { BASE, P(1), PROT_GROWSDOWN | PROT_GROWSUP } },
	{ MPROTECT, { BASE, P(1), PROT_READ | PROT_GROWSDOWN } },
	{ MPROTECT, { BASE, P(1), PROT_READ | PROT_GROWSUP } },
	{ MPROTECT, { BASE + P(2), P(1), PROT_READ } },
	{ MPROTECT, { BASE, P(4), PROT_NONE } },
	{ MPROTECT, { BASE, P(2), RW } },
	{ MREMAP, { BASE + 1, P(1), P(1), 0 } },
	{ MREMAP, { BASE, P(1), P(1), 8 } },
	{ MREMAP, { BASE, P(1), 0, 0 } },
	{ MREMAP, { BASE, P(1), P(1), MREMAP_FIXED, BASE + P(30) } },
	{ MREMAP, { BASE, P(1), P(1), MREMAP_DONTUNMAP, BASE + P(30) } },
	{ MREMAP, { BASE, P(1), P(2), MREMAP_DONTUNMAP | MREMAP_MAYMOVE, BASE + P(30) } },
	{ MREMAP, { BASE + P(2), P(1), P(1), 0 } },
	{ MREMAP, { BASE, P(4), P(6), 0 } },
	{ MREMAP, { BASE, P(2), P(3), 0 } },
	{ MREMAP, { BASE, 0, P(3), MREMAP_MAYMOVE } },
	{ MREMAP, { BASE, P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 1 } },
	{ MREMAP, { BASE, P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, BASE + P(1) } },
	{ MREMAP, { BASE, P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED, VM_TASK_END } },
	{ MREMAP, { BASE, ~0ULL - P(8), P(1), 0 } },
	{ MREMAP, { BASE, P(2), P(1), 0 } },
	{ MREMAP, { BASE, P(1), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, BASE + P(30) } },
	{ MADVISE, { BASE + 1, P(1), MADV_DONTNEED } },
	{ MADVISE, { BASE, P(1), 5 } },
	{ MADVISE, { BASE, P(1), 12345 } },
	{ MADVISE, { BASE, ~0ULL, MADV_DONTNEED } },
	{ MADVISE, { BASE, ~0ULL - P(3), MADV_DONTNEED } },
	{ MADVISE, { BASE, 0, MADV_DONTNEED } },
	{ MADVISE, { BASE, P(40), MADV_DONTNEED } },
	{ MADVISE, { BASE + P(50), P(1), MADV_DONTNEED } },
	{ MADVISE, { BASE + P(4), P(1), MADV_REMOVE } },
	{ MADVISE, { BASE + P(50), P(1), MADV_POPULATE_READ } },
	{ MADVISE, { BASE + P(3), P(1), MADV_POPULATE_READ } },
	{ MADVISE, { BASE + P(4), P(1), MADV_POPULATE_WRITE } },
	{ MLOCK2, { BASE + P(4), P(1), 2 } },
	{ MLOCK2, { BASE + P(4), P(1), 0 } },
	{ MLOCK2, { BASE + P(3), P(1), 0 } },
	{ MLOCK2, { BASE + P(50), P(1), 0 } },
	{ MLOCK2, { BASE + P(4) + 5, 0, 0 } },
	{ MADVISE, { BASE + P(4), P(1), MADV_DONTNEED } },
	{ MADVISE, { BASE + P(4), P(1), MADV_FREE } },
	{ MADVISE, { BASE + P(4), P(1), MADV_DONTNEED_LOCKED } },
	{ MUNLOCK, { BASE + P(50), P(1) } },
	{ MUNLOCK, { BASE + P(4), 1 } },
	{ MINCORE, { BASE + 1, P(1) } },
	{ MINCORE, { BASE, 0 } },
	{ MINCORE, { BASE + P(3), P(1) } },
	{ MINCORE, { BASE + P(50), P(1) } },
	{ MINCORE, { BASE, ~0ULL } },
	{ MUNMAP, { BASE, P(PAGES) } },
};

static void edge_cases(void)
{
	init();
	for (u32 i = 0; i < ARRAY_SIZE(edges); i++) {
		both(&edges[i]);
		compare_layout(&edges[i], BASE, BASE + P(PAGES));
	}
	fixture_destroy(&fixture);
}

/* The distance that a stack keeps, and where it may grow. */
static void stack_growth(void)
{
	static const struct call calls[] = {
		{ MMAP, { BASE + P(600), P(2), RW, FIXED | MAP_GROWSDOWN } },
		{ MMAP, { BASE, P(10), RW, FIXED } },
		{ MMAP, { BASE + P(20), P(1), PROT_NONE, FIXED } },
	};
	static const u64 touched[] = { 601, 599, 500, 266, 265, 300, 100, 21, 9 };
	int pipes[2];

	CHECK(!pipe(pipes));
	init();
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		both(&calls[i]);
	for (u32 i = 0; i < ARRAY_SIZE(touched); i++) {
		compare_access(pipes, BASE + P(touched[i]));
		compare_layout(&calls[0], BASE, BASE + P(1000));
	}
	both(&(struct call){ MMAP, { BASE + P(255), P(4), RW, ANON | MAP_FIXED_NOREPLACE } });
	both(&(struct call){ MPROTECT, { BASE + P(601), P(1), PROT_READ | PROT_GROWSDOWN } });
	compare_layout(&calls[0], BASE, BASE + P(1000));
	both_hinted(&(struct call){ MMAP, { BASE + P(100), P(5), RW, ANON } });
	compare_layout(&calls[0], BASE, BASE + P(1000));
	fixture_destroy(&fixture);
}

/* The heap of this very process, which the C library leaves alone meanwhile. */
static void heap(void)
{
	const struct call ask = { BRK, { 0 } };
	u64 start = (u64)host_call(&ask);
	struct unit_random rng = { 31 };

	init();
	vm_set_brk(vm, start, 0);
	for (u32 i = 0; i < 400; i++)
		both(&(struct call){ BRK, { start - P(3) + unit_random(&rng, P(200)) } });
	/* Something in the way: a page in front of it stays free. */
	both(&(struct call){ BRK, { start } });
	both(&(struct call){ MMAP, { ALIGN_UP(start, PAGE_LEN) + P(50), P(1), RW,
				     ANON | MAP_FIXED_NOREPLACE } });
	for (u64 n = 45; n < 55; n++)
		both(&(struct call){ BRK, { start + P(n) } });
	both(&(struct call){ BRK, { ~0ULL } });
	both(&(struct call){ BRK, { start } });
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(edge_cases),
	UNIT_TEST(random_calls),
	UNIT_TEST(stack_growth),
	UNIT_TEST(heap),
};

UNIT_MAIN(tests)

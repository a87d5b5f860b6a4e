// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same calls, writes and forks in address spaces of the LWK and in processes of the
 * kernel that runs this test: results must be the same, and every page must hold the
 * same in every process after every call.
 *
 * The processes are children of this one that do what they are told, in a window
 * where nobody else maps anything. Accesses go through a pipe, so that one that is not
 * allowed is an error.
 */
#include "lwk/include/mm/vm_calls.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/vm_fixture.h"

#define NODE_LEN (64ULL << 20)
#define BASE 0x200000000000ULL
#define PAGES 48U
#define EPOCHS 120
#define CALLS 60
#define SLOTS 3U
#define NO_ACCESS (~0ULL)

enum kind { MMAP, MUNMAP, MPROTECT, MREMAP, MADVISE, POKE, DUMP, FORK, END };

/* A call with its arguments in the order of the system call; POKE: address, value. */
struct call {
	enum kind kind;
	u64 arg[5];
};

struct reply {
	long result; /* FORK: the process's id */
	u64 pages[PAGES]; /* DUMP */
};

/* The same process twice. */
struct slot {
	struct vm *vm;
	pid_t pid;
	int calls[2];
	int replies[2];
};

static struct fixture fixture;
static struct slot slots[SLOTS];
static int scratch[2]; /* each process's own */

static u64 page_addr(u64 page)
{
	return BASE + page * PAGE_LEN + 8;
}

static void transfer(bool in, int fd, void *data, size_t len)
{
	ssize_t n = in ? read(fd, data, len) : write(fd, data, len);

	/* The test has ended, one way or the other. */
	if (n != (ssize_t)len)
		_exit(1);
}

static long host_poke(u64 addr, u64 value)
{
	u64 dropped;

	transfer(false, scratch[1], &value, sizeof(value));
	if (read(scratch[0], (void *)addr, sizeof(value)) == sizeof(value))
		return 0;
	transfer(true, scratch[0], &dropped, sizeof(dropped));
	return -EFAULT;
}

static u64 host_peek(u64 addr)
{
	u64 value;

	if (write(scratch[1], (void *)addr, sizeof(value)) != sizeof(value))
		return NO_ACCESS;
	transfer(true, scratch[0], &value, sizeof(value));
	return value;
}

static void serve(u32 slot);

static long host_fork(u32 slot)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	CHECK(!pipe(scratch));
	serve(slot);
	return 0;
}

static long host_call(const struct call *c, struct reply *reply)
{
	static const long numbers[] = {
		[MMAP] = SYS_mmap, [MUNMAP] = SYS_munmap, [MPROTECT] = SYS_mprotect,
		[MREMAP] = SYS_mremap, [MADVISE] = SYS_madvise,
	};
	const u64 *arg = c->arg;
	long result;

	switch (c->kind) {
	case POKE:
		return host_poke(arg[0], arg[1]);
	case DUMP:
		for (u64 i = 0; i < PAGES; i++)
			reply->pages[i] = host_peek(page_addr(i));
		return 0;
	case FORK:
		return host_fork((u32)arg[0]);
	case END:
		return 0;
	case MMAP:
		result = syscall(SYS_mmap, arg[0], arg[1], arg[2], arg[3], -1, 0);
		break;
	default:
		result = syscall(numbers[c->kind], arg[0], arg[1], arg[2], arg[3], arg[4]);
	}
	return result == -1 ? -errno : result;
}

/* The life of a process; nobody else writes to its calls, so their end is the test's. */
static void serve(u32 slot)
{
	struct reply reply;
	struct call c;

	for (;;) {
		transfer(true, slots[slot].calls[0], &c, sizeof(c));
		reply.result = host_call(&c, &reply);
		transfer(false, slots[slot].replies[1], &reply, sizeof(reply));
		if (c.kind == END)
			_exit(0);
	}
}

static long ask(struct slot *slot, const struct call *c, struct reply *reply)
{
	CHECK(write(slot->calls[1], c, sizeof(*c)) == sizeof(*c));
	CHECK(read(slot->replies[0], reply, sizeof(*reply)) == sizeof(*reply));
	return reply->result;
}

static long lwk_poke(struct vm *vm, u64 addr, u64 value)
{
	struct page *page;

	if (vm_get_page(vm, addr, true, &page))
		return -EFAULT;
	*(u64 *)((u8 *)page_virt(page) + addr % PAGE_LEN) = value;
	vm_put_page(page);
	return 0;
}

/* Without keeping it, which would make it the space's own. */
static u64 lwk_peek(struct vm *vm, u64 addr)
{
	u32 level;
	pte_t pte;

	if (vm_fault(vm, addr, VM_READ))
		return NO_ACCESS;
	pte = vm_pt_lookup(vm, addr, &level);
	CHECK(vm_pte_is_leaf(pte, level));
	return *(u64 *)phys_to_virt(pte_paddr(pte) + (addr & (level_len(level) - 1)));
}

static long lwk_call(struct vm *vm, const struct call *c)
{
	const struct vm_map_args map = { .addr = c->arg[0], .len = c->arg[1],
					 .prot = (u32)c->arg[2], .flags = (u32)c->arg[3] };
	const struct vm_remap_args remap = { c->arg[0], c->arg[1], c->arg[2],
					     (u32)c->arg[3], c->arg[4] };
	vaddr_t addr = 0;
	int err;

	switch (c->kind) {
	case MMAP:
		err = vm_map(vm, &map, &addr);
		return err ? err : (long)addr;
	case MUNMAP:
		return vm_unmap(vm, c->arg[0], c->arg[1]);
	case MPROTECT:
		return vm_protect(vm, c->arg[0], c->arg[1], (u32)c->arg[2]);
	case MREMAP:
		err = vm_remap(vm, &remap, &addr);
		return err ? err : (long)addr;
	case MADVISE:
		return vm_advise(vm, c->arg[0], c->arg[1], (int)c->arg[2]);
	default:
		return lwk_poke(vm, c->arg[0], c->arg[1]);
	}
}

static void show(u64 slot, const struct call *c, long host, long lwk)
{
	printf("# %llu: call %u (%#llx, %#llx, %#llx, %#llx, %#llx): host %ld, LWK %ld\n", slot,
	       c->kind, c->arg[0], c->arg[1], c->arg[2], c->arg[3], c->arg[4], host, lwk);
}

static void compare_pages(const struct call *c)
{
	static const struct call dump = { .kind = DUMP };
	struct reply reply;

	for (u64 s = 0; s < SLOTS; s++) {
		if (!slots[s].vm)
			continue;
		ask(&slots[s], &dump, &reply);
		for (u64 i = 0; i < PAGES; i++) {
			u64 value = lwk_peek(slots[s].vm, page_addr(i));

			if (reply.pages[i] == value)
				continue;
			show(s, c, (long)reply.pages[i], (long)value);
			CHECK_EQ(value, reply.pages[i]);
		}
	}
}

static void both(u64 s, const struct call *c)
{
	struct reply reply;
	long host = ask(&slots[s], c, &reply);
	long lwk = lwk_call(slots[s].vm, c);

	if (host != lwk)
		show(s, c, host, lwk);
	CHECK_EQ(lwk, host);
}

static void both_fork(u64 s)
{
	struct call c = { .kind = FORK };
	struct reply reply;

	while (c.arg[0] < SLOTS && slots[c.arg[0]].vm)
		c.arg[0]++;
	if (c.arg[0] == SLOTS)
		return;
	slots[c.arg[0]].pid = (pid_t)ask(&slots[s], &c, &reply);
	CHECK(slots[c.arg[0]].pid > 0);
	CHECK(!vm_fork(slots[s].vm, true, &slots[c.arg[0]].vm));
}

static void both_end(u64 s)
{
	const struct call c = { .kind = END };
	struct reply reply;

	if (!s)
		return;
	CHECK(!ask(&slots[s], &c, &reply));
	vm_put(slots[s].vm);
	slots[s].vm = NULL;
}

static void start(void)
{
	for (u32 s = 0; s < SLOTS; s++)
		CHECK(!pipe(slots[s].calls) && !pipe(slots[s].replies));
	slots[0].pid = fork();
	CHECK(slots[0].pid >= 0);
	if (!slots[0].pid) {
		signal(SIGCHLD, SIG_IGN);
		for (u32 s = 0; s < SLOTS; s++)
			close(slots[s].calls[1]);
		CHECK(!pipe(scratch));
		serve(0);
	}
	fixture = fixture_create(1, NODE_LEN);
	slots[0].vm = fixture.vm;
}

/* Linux has one mapping for [addr, addr + len), and so has the LWK. */
static bool is_one_range(const struct slot *slot, u64 addr, u64 len)
{
	const struct vm_range *range = vm_range_find(slot->vm, addr);
	unsigned long long start_, end_;
	char path[64], text[512];
	bool one = false;
	FILE *file;

	if (!range || range->node.start > addr || range->node.end < addr + len)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/maps", slot->pid);
	file = fopen(path, "r");
	CHECK(file);
	while (fgets(text, sizeof(text), file)) {
		CHECK(sscanf(text, "%llx-%llx", &start_, &end_) == 2);
		one |= start_ <= addr && end_ >= addr + len;
	}
	fclose(file);
	return one;
}

/* Before 6.7, Linux refuses MADV_REMOVE of what may not be written just now. */
static bool removes_as_we_do(void)
{
	struct utsname name;
	u32 major, minor;

	CHECK(!uname(&name) && sscanf(name.release, "%u.%u", &major, &minor) == 2);
	return major > 6 || (major == 6 && minor >= 7);
}

static struct call random_remap(struct unit_random *rng, u64 addr, u64 len)
{
	struct call c = { .kind = MREMAP, .arg = { addr, len, len } };

	c.arg[3] = MREMAP_MAYMOVE | MREMAP_FIXED;
	c.arg[4] = BASE + unit_random(rng, PAGES - 20) * PAGE_LEN;
	switch (unit_random(rng, 4)) {
	case 0:
		c.arg[3] |= MREMAP_DONTUNMAP;
		break;
	case 1:
		c.arg[1] = 0;
		break;
	case 2:
		c.arg[2] = (unit_random(rng, 20) + 1) * PAGE_LEN;
		break;
	}
	return c;
}

static struct call random_call(struct unit_random *rng)
{
	static const enum kind kinds[] = { MMAP, MMAP, MUNMAP, MPROTECT, MPROTECT, MREMAP,
					   MREMAP, MADVISE, MADVISE, FORK, FORK, END,
					   POKE, POKE, POKE, POKE, POKE, POKE };
	static const u64 advice[] = { MADV_DONTNEED, MADV_DONTNEED, MADV_REMOVE, MADV_DONTFORK,
				      MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK };
	u64 first = unit_random(rng, PAGES);
	u64 len = (unit_random(rng, MIN(20ULL, PAGES - first)) + 1) * PAGE_LEN;
	struct call c = { .kind = kinds[unit_random(rng, ARRAY_SIZE(kinds))] };

	c.arg[0] = BASE + first * PAGE_LEN;
	c.arg[1] = len;
	/* Not executable alone: with protection keys, Linux does not let that be read. */
	c.arg[2] = unit_random(rng, 2) ? PROT_READ | PROT_WRITE : unit_random(rng, 4);
	if (c.kind == MMAP)
		c.arg[3] = MAP_ANONYMOUS | MAP_FIXED |
			   (unit_random(rng, 3) ? MAP_PRIVATE : MAP_SHARED);
	if (c.kind == MADVISE)
		c.arg[2] = advice[unit_random(rng, ARRAY_SIZE(advice))];
	if (c.kind == MREMAP)
		c = random_remap(rng, c.arg[0], len);
	if (c.kind == POKE) {
		c.arg[0] = page_addr(first);
		c.arg[1] = unit_random(rng, ~0U) + 1;
	}
	return c;
}

static bool is_comparable(const struct slot *slot, const struct call *c)
{
	if (c->kind == MADVISE && c->arg[2] == MADV_REMOVE)
		return removes_as_we_do();
	return c->kind != MREMAP ||
	       (c->arg[0] != c->arg[4] && is_one_range(slot, c->arg[0], MAX(c->arg[1], 1ULL)));
}

static void step(struct unit_random *rng)
{
	struct call c = random_call(rng);
	u64 s = unit_random(rng, SLOTS);

	if (!slots[s].vm || !is_comparable(&slots[s], &c))
		return;
	if (c.kind == FORK)
		both_fork(s);
	else if (c.kind == END)
		both_end(s);
	else
		both(s, &c);
	compare_pages(&c);
}

static void random_calls(void)
{
	const struct call clear = { .kind = MUNMAP, .arg = { BASE, PAGES * PAGE_LEN } };
	struct unit_random rng = { 41 };
	struct vm *vms[SLOTS];

	start();
	for (u32 epoch = 0; epoch < EPOCHS; epoch++) {
		for (u32 i = 0; i < CALLS; i++)
			step(&rng);
		for (u32 s = 0; s < SLOTS; s++)
			vms[s] = slots[s].vm;
		fixture_check_all(vms, SLOTS);
		both(0, &clear);
	}
	for (u32 s = SLOTS; s-- > 1;) {
		if (slots[s].vm)
			both_end(s);
	}
	kill(slots[0].pid, SIGKILL);
	CHECK(waitpid(slots[0].pid, NULL, 0) == slots[0].pid);
	fixture_destroy(&fixture);
}

static const struct unit_test tests[] = {
	UNIT_TEST(random_calls),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/* Memory policies: which node pages come from, where ranges part and join, what moves. */
#include "lwk/include/mm/vm_policy.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/vm_fork_fixture.h"

#define NODES 3
#define SMALL_NODE (4ULL << 20)

static struct vm_policy *own;

static bool calling_thread(struct vm_policy **policy)
{
	*policy = own;
	return true;
}

static void begin(u64 node_len)
{
	fixture = fixture_create_nodes(1, NODES, node_len);
	vm = fixture.vm;
	own = NULL;
	vm_policy_set_hook(calling_thread);
}

static void end(void)
{
	vm_policy_set_hook(NULL);
	fixture_destroy(&fixture);
}

static struct vm_policy *policy(u32 mode, u64 nodes)
{
	struct vm_policy *made = vm_policy_create(&(struct vm_policy){
		.mode = mode, .nodes = nodes, .home = VM_POLICY_NO_HOME });

	CHECK(made);
	return made;
}

static int bind_to(vaddr_t start, u64 len, u32 mode, u64 nodes, u32 flags)
{
	struct vm_bind bind = {
		.start = start, .end = start + len, .strict = flags & 1, .move = flags & 2,
		.policy = mode == MPOL_DEFAULT ? NULL : policy(mode, nodes),
	};
	int err = vm_bind(vm, &bind);

	vm_policy_put(bind.policy);
	return err;
}

static u64 nranges(void)
{
	struct vm_stats stats;

	vm_get_stats(vm, &stats);
	return stats.ranges;
}

static void choice(void)
{
	static const int turns[] = { 2, 0, 2, 0 };

	begin(NODE_LEN);
	CHECK_EQ(map(BASE, P(40), RW, PRIVATE), 0);
	CHECK_EQ(bind_to(BASE, P(4), MPOL_BIND, 2, 0), 0);
	CHECK_EQ(bind_to(BASE + P(4), P(4), MPOL_PREFERRED, 4, 0), 0);
	CHECK_EQ(bind_to(BASE + P(9), P(4), MPOL_INTERLEAVE, 5, 0), 0);
	CHECK_EQ(bind_to(BASE + P(20), P(4), MPOL_PREFERRED_MANY, 6, 0), 0);
	for (u32 i = 0; i < 40; i++)
		put(vm, BASE + P(i), i);
	CHECK_EQ(vm_page_node(vm, BASE), 1);
	CHECK_EQ(vm_page_node(vm, BASE + P(7)), 2);
	for (u32 i = 0; i < 4; i++)
		CHECK_EQ(vm_page_node(vm, BASE + P(9 + i)), turns[i]);
	CHECK_EQ(vm_page_node(vm, BASE + P(20)), 1);
	CHECK_EQ(vm_page_node(vm, BASE + P(30)), 0);
	/* The thread's own, and the space's for who is none. */
	CHECK_EQ(map(BASE, P(3), RW, PRIVATE), 0);
	own = policy(MPOL_BIND, 4);
	put(vm, BASE, 1);
	vm_set_policy(vm, own);
	vm_policy_put(own);
	own = NULL;
	put(vm, BASE + P(1), 1);
	vm_policy_set_hook(NULL);
	put(vm, BASE + P(2), 1);
	CHECK_EQ(vm_page_node(vm, BASE), 2);
	CHECK_EQ(vm_page_node(vm, BASE + P(1)), 0);
	CHECK_EQ(vm_page_node(vm, BASE + P(2)), 2);
	end();
}

/* More than a node has: strict or not. */
static void shortage(void)
{
	u64 npages = SMALL_NODE / PAGE_LEN;
	int err = 0;

	begin(SMALL_NODE);
	CHECK_EQ(map(BASE, SMALL_NODE, RW, PRIVATE), 0);
	CHECK_EQ(map(BASE + SMALL_NODE, P(16), RW, PRIVATE), 0);
	CHECK_EQ(vm_advise(vm, BASE, SMALL_NODE + P(16), MADV_NOHUGEPAGE), 0);
	CHECK_EQ(bind_to(BASE, SMALL_NODE, MPOL_BIND, 2, 0), 0);
	CHECK_EQ(bind_to(BASE + SMALL_NODE, P(16), MPOL_PREFERRED, 2, 0), 0);
	for (u64 i = 0; i < npages && !err; i++)
		err = vm_fault(vm, BASE + P(i), VM_WRITE);
	CHECK_EQ(err, -ENOMEM);
	CHECK_EQ(vm_fault(vm, BASE + SMALL_NODE, VM_WRITE), 0);
	CHECK(vm_page_node(vm, BASE + SMALL_NODE) != 1);
	/* There is no room for the others. */
	put(vm, BASE + SMALL_NODE + P(1), 77);
	CHECK_EQ(bind_to(BASE + SMALL_NODE, P(16), MPOL_BIND, 2, 3), -EIO);
	CHECK_EQ(get(vm, BASE + SMALL_NODE + P(1)), 77);
	end();
}

static void ranges(void)
{
	struct vm_policy *found;
	struct vm *child;
	bool foreign;

	begin(NODE_LEN);
	CHECK_EQ(map(BASE, P(10), RW, PRIVATE), 0);
	CHECK_EQ(bind_to(BASE + P(2), P(2), MPOL_BIND, 2, 0), 0);
	CHECK_EQ(nranges(), 3);
	CHECK_EQ(bind_to(BASE + P(4), P(2), MPOL_BIND, 2, 0), 0);
	CHECK_EQ(nranges(), 3);
	CHECK_EQ(vm_set_home(vm, BASE + P(3), BASE + P(4), 2), 0);
	CHECK_EQ(nranges(), 5);
	CHECK_EQ(vm_set_home(vm, BASE, BASE + P(1), 2), -ENOENT);
	child = fork_vm(vm);
	CHECK_EQ(vm_get_policy(child, BASE + P(3), &found, &foreign), 0);
	CHECK(found && found->home == 2 && !foreign);
	vm_policy_put(found);
	vm_put(child);
	CHECK_EQ(vm_unmap(vm, BASE + P(8), P(1)), 0);
	CHECK_EQ(bind_to(BASE, P(10), MPOL_BIND, 1, 0), -EFAULT);
	CHECK_EQ(bind_to(BASE + P(8), P(1), MPOL_DEFAULT, 0, 0), -EFAULT);
	CHECK_EQ(bind_to(BASE, P(10), MPOL_DEFAULT, 0, 0), 0);
	CHECK_EQ(nranges(), 2);
	/* Shared memory has one policy for all who map it. */
	CHECK_EQ(map(BASE, P(8), RW, SHARED), 0);
	child = fork_vm(vm);
	CHECK_EQ(bind_to(BASE + P(1), P(2), MPOL_BIND, 4, 0), 0);
	CHECK_EQ(nranges(), 2);
	put(child, BASE + P(2), 1);
	put(child, BASE + P(3), 1);
	CHECK_EQ(vm_page_node(vm, BASE + P(2)), 2);
	CHECK_EQ(vm_page_node(vm, BASE + P(3)), 0);
	vm_put(child);
	end();
}

static u64 revoked;

static void note_revoke(struct vm *space, vaddr_t start, vaddr_t stop)
{
	CHECK(space == vm && stop - start == PAGE_LEN);
	revoked++;
}

static void moves(void)
{
	struct vm_migrate all = { .start = BASE, .end = BASE + P(2000), .from = 1, .to = { 2 } };
	struct vm_extent extent;
	struct page *kept;
	struct vm *child;

	begin(NODE_LEN);
	vm->revoke = note_revoke;
	CHECK_EQ(map(BASE, 2 * LARGE, RW, PRIVATE), 0);
	put(vm, BASE + P(5), 5);
	put(vm, BASE + LARGE, 6);
	CHECK_EQ(blocks(vm, 1), 2);
	/* A large page moves whole; one that is cut moves in part. */
	CHECK_EQ(bind_to(BASE, LARGE, MPOL_BIND, 2, 3), 0);
	CHECK_EQ(bind_to(BASE + LARGE, P(3), MPOL_BIND, 4, 3), 0);
	CHECK_EQ(vm_page_node(vm, BASE + P(5)), 1);
	CHECK_EQ(vm_page_node(vm, BASE + LARGE + P(2)), 2);
	CHECK_EQ(vm_page_node(vm, BASE + LARGE + P(3)), 0);
	CHECK(get(vm, BASE + P(5)) == 5 && get(vm, BASE + LARGE) == 6);
	fixture_check(vm);
	/* Kept, mapped by Linux, shared with a child: these stay. */
	CHECK_EQ(map(BASE, P(3), RW, PRIVATE), 0);
	put(vm, BASE, 1);
	put(vm, BASE + P(1), 2);
	put(vm, BASE + P(2), 3);
	CHECK_EQ(vm_get_page(vm, BASE, true, &kept), 0);
	CHECK_EQ(vm_share(vm, BASE + P(1), true, &extent), 0);
	all.end = BASE + P(3);
	CHECK_EQ(vm_migrate(vm, &all), 2);
	CHECK_EQ(vm_page_node(vm, BASE + P(2)), 2);
	all.touched = true;
	CHECK_EQ(vm_migrate(vm, &all), 1);
	CHECK_EQ(revoked, 1);
	CHECK_EQ(vm_page_node(vm, BASE + P(1)), 2);
	vm_put_page(kept);
	CHECK_EQ(vm_migrate(vm, &all), 0);
	child = fork_vm(vm);
	all.from = 4;
	all.to[2] = 0;
	CHECK_EQ(vm_migrate(vm, &all), 3);
	vm_put(child);
	CHECK_EQ(vm_migrate(vm, &all), 0);
	CHECK(get(vm, BASE) == 1 && get(vm, BASE + P(1)) == 2 && get(vm, BASE + P(2)) == 3);
	end();
}

static u64 flushes;

static void count_flush(paddr_t root, vaddr_t start, u64 len)
{
	(void)root;
	CHECK(start >= BASE && len <= P(32));
	flushes++;
}

static void count_revoke(struct vm *space, vaddr_t start, vaddr_t stop)
{
	CHECK(space == vm && start < stop);
	revoked++;
}

/* Many pages take few flushes, and few messages to Linux. */
static void moves_in_batches(void)
{
	struct vm_migrate all = { .start = BASE, .end = BASE + P(100), .from = 1, .to = { 2 },
				  .touched = true };
	struct vm_extent extent;

	begin(NODE_LEN);
	vm->revoke = count_revoke;
	CHECK_EQ(map(BASE, P(100), RW, PRIVATE), 0);
	CHECK_EQ(vm_advise(vm, BASE, P(100), MADV_NOHUGEPAGE), 0);
	CHECK_EQ(bind_to(BASE, P(100), MPOL_BIND, 1, 0), 0);
	for (u32 i = 0; i < 100; i++) {
		put(vm, BASE + P(i), (u8)i);
		CHECK_EQ(vm_share(vm, BASE + P(i), false, &extent), 0);
	}
	revoked = flushes = 0;
	shim_tlb_user_hook = count_flush;
	CHECK_EQ(vm_migrate(vm, &all), 0);
	shim_tlb_user_hook = NULL;
	CHECK(flushes == 4 && revoked == 4);
	for (u32 i = 0; i < 100; i++) {
		CHECK_EQ(vm_page_node(vm, BASE + P(i)), 2);
		CHECK_EQ(get(vm, BASE + P(i)), i);
	}
	end();
}

static u64 least_free;

static void look_at_free(paddr_t root, vaddr_t start, u64 len)
{
	(void)root;
	(void)start;
	(void)len;
	least_free = MIN(least_free, shim_free_pages());
}

/* There is no memory for a second one of each. */
static void large_pages_move_one_by_one(void)
{
	struct vm_migrate all = { .start = BASE, .end = BASE + 3 * LARGE_PAGE_LEN, .from = 1,
				  .to = { 2 } };
	u64 before;

	begin(NODE_LEN);
	CHECK_EQ(map(BASE, 3 * LARGE_PAGE_LEN, RW, PRIVATE), 0);
	CHECK_EQ(bind_to(BASE, 3 * LARGE_PAGE_LEN, MPOL_BIND, 1, 0), 0);
	for (u32 i = 0; i < 3; i++)
		put(vm, BASE + i * LARGE_PAGE_LEN, (u8)i);
	before = least_free = shim_free_pages();
	shim_tlb_user_hook = look_at_free;
	CHECK_EQ(vm_migrate(vm, &all), 0);
	shim_tlb_user_hook = NULL;
	CHECK_EQ(before - least_free, LARGE_PAGE_LEN / PAGE_LEN);
	for (u32 i = 0; i < 3; i++) {
		CHECK_EQ(vm_page_node(vm, BASE + i * LARGE_PAGE_LEN), 2);
		CHECK_EQ(get(vm, BASE + i * LARGE_PAGE_LEN), i);
	}
	end();
}

static const struct unit_test tests[] = {
	UNIT_TEST(choice),
	UNIT_TEST(shortage),
	UNIT_TEST(ranges),
	UNIT_TEST(moves),
	UNIT_TEST(moves_in_batches),
	UNIT_TEST(large_pages_move_one_by_one),
};

UNIT_MAIN(tests)

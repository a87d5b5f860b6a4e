// SPDX-License-Identifier: GPL-2.0-only
/*
 * NUMA memory policies in Linux's terms. The nodes that Linux calls allowed are here those of the
 * LWK that have memory; they never change, so neither does what a policy means.
 */
#include "lwk/include/proc/mempolicy.h"

#include "abi/errno.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/lib/string.h"

#define NBITS IHK_MAX_LINUX_NODES

/* Set at boot. */
static struct linux_nodes allowed;

static bool thread_policy(struct vm_policy **policy)
{
	struct task *task = task_if_any();

	if (task)
		*policy = task->mempolicy;
	return task;
}

void mempolicy_init(void)
{
	struct page_stats stats;

	for (u32 node = 0; node < topology_nnodes(); node++) {
		page_node_stats(node, &stats);
		if (stats.total)
			bitmap_set(allowed.words, topology_node_to_linux(node));
	}
	vm_policy_set_hook(thread_policy);
}

const struct linux_nodes *mempolicy_allowed(void)
{
	return &allowed;
}

static u32 first_node(const struct linux_nodes *nodes)
{
	return (u32)bitmap_next_set(nodes->words, NBITS, 0);
}

static bool is_empty(const struct linux_nodes *nodes)
{
	return first_node(nodes) == NBITS;
}

u64 mempolicy_to_lwk(const struct linux_nodes *nodes)
{
	u64 set = 0;

	for (u32 node = 0; node < topology_nnodes(); node++) {
		if (bitmap_test(nodes->words, topology_node_to_linux(node)))
			set |= 1ULL << node;
	}
	return set;
}

static void and_nodes(struct linux_nodes *nodes, const struct linux_nodes *with)
{
	for (u32 i = 0; i < ARRAY_SIZE(nodes->words); i++)
		nodes->words[i] &= with->words[i];
}

/* Node n of @nodes is the n-th of those allowed, which are counted round and round. */
static void relate_nodes(struct linux_nodes *nodes)
{
	struct linux_nodes out = { 0 };
	u32 weight = (u32)bitmap_weight(allowed.words, NBITS);
	u32 at;

	for (u32 n = 0; n < NBITS && weight; n++) {
		u32 turn = n % weight;

		if (!bitmap_test(nodes->words, n))
			continue;
		at = first_node(&allowed);
		while (turn--)
			at = (u32)bitmap_next_set(allowed.words, NBITS, at + 1);
		bitmap_set(out.words, at);
	}
	*nodes = out;
}

/* Linux's checks of mode and set; *mode may change. */
static int check_mode(u32 *mode, u32 flags, bool empty)
{
	const u32 fixed = MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES;

	if (*mode >= MPOL_MAX || (flags & fixed) == fixed ||
	    ((flags & MPOL_F_NUMA_BALANCING) && *mode != MPOL_BIND))
		return -EINVAL;
	if (*mode == MPOL_DEFAULT)
		return empty ? 0 : -EINVAL;
	if (*mode == MPOL_LOCAL)
		return !empty || (flags & fixed) ? -EINVAL : 0;
	if (!empty)
		return 0;
	if (*mode != MPOL_PREFERRED || (flags & fixed))
		return -EINVAL;
	*mode = MPOL_LOCAL;
	return 0;
}

static int choose_nodes(struct vm_policy *policy, const struct linux_nodes *nodes)
{
	struct linux_nodes used = *nodes;
	u32 first;

	if (policy->flags & MPOL_F_RELATIVE_NODES)
		relate_nodes(&used);
	else
		and_nodes(&used, &allowed);
	first = first_node(&used);
	if (first == NBITS)
		return -EINVAL;
	if (policy->mode == MPOL_PREFERRED) {
		used = (struct linux_nodes){ 0 };
		bitmap_set(used.words, first);
	}
	policy->nodes = mempolicy_to_lwk(&used);
	policy->shown = policy->flags & (MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES) ? *nodes :
											used;
	return 0;
}

int mempolicy_make(u32 mode, const struct linux_nodes *nodes, struct vm_policy **out)
{
	struct vm_policy policy = {
		.mode = mode & ~MPOL_MODE_FLAGS,
		.flags = mode & MPOL_MODE_FLAGS,
		.home = VM_POLICY_NO_HOME,
	};
	int err;

	*out = NULL;
	err = check_mode(&policy.mode, policy.flags, is_empty(nodes));
	if (err || policy.mode == MPOL_DEFAULT)
		return err;
	err = policy.mode == MPOL_LOCAL ? 0 : choose_nodes(&policy, nodes);
	if (err)
		return err;
	*out = vm_policy_create(&policy);
	return *out ? 0 : -ENOMEM;
}

void mempolicy_begin(struct task *task, const struct program_load_desc *desc)
{
	struct linux_nodes nodes;

	_Static_assert(sizeof(nodes.words) == sizeof(desc->mempolicy_nodes), "the same sets");
	memcpy(nodes.words, desc->mempolicy_nodes, sizeof(nodes.words));
	if (mempolicy_make(desc->mempolicy, &nodes, &task->mempolicy))
		return;
	vm_set_policy(task->process->vm, task->mempolicy);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about NUMA memory: policies, and moving pages between nodes. The checks come in
 * Linux's order. Memory that is Linux's is Linux's to place, part by part.
 */
#include "lwk/include/proc/mempolicy.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/mempolicy.h"

#define MPOL_F_NODE 1U
#define MPOL_F_ADDR 2U
#define MPOL_F_MEMS_ALLOWED 4U

#define NBITS IHK_MAX_LINUX_NODES
#define WORD_BITS 64U

/* Linux's get_bitmap(): the words that hold @nbits bits. */
static int read_bits(u64 *words, vaddr_t at, u64 nbits)
{
	u64 nwords = DIV_ROUND_UP(nbits, WORD_BITS);

	if (copy_from_user(words, at, nwords * sizeof(u64)))
		return -EFAULT;
	if (nbits % WORD_BITS)
		words[nwords - 1] &= (1ULL << nbits % WORD_BITS) - 1;
	return 0;
}

int mempolicy_read_nodes(struct linux_nodes *nodes, vaddr_t at, u64 maxnode)
{
	u64 word;
	int err;

	*nodes = (struct linux_nodes){ 0 };
	maxnode--;
	if (!maxnode || !at)
		return 0;
	if (maxnode > PAGE_LEN * 8)
		return -EINVAL;
	/* Bits that no node can have must be zero. */
	while (maxnode > NBITS) {
		u64 nbits = maxnode % WORD_BITS ? maxnode % WORD_BITS : WORD_BITS;

		err = read_bits(&word, at + (maxnode - 1) / WORD_BITS * sizeof(u64), nbits);
		if (err)
			return err;
		if (word)
			return -EINVAL;
		maxnode -= nbits;
	}
	return read_bits(nodes->words, at, maxnode);
}

static int write_nodes(vaddr_t at, u64 maxnode, const struct linux_nodes *nodes)
{
	u64 nbytes = BITMAP_WORDS(topology_linux_node_ids()) * sizeof(u64);
	u64 len = ALIGN_UP(maxnode - 1, WORD_BITS) / 8;

	if (len > nbytes) {
		if (len > PAGE_LEN)
			return -EINVAL;
		if (clear_user(at + nbytes, len - nbytes))
			return -EFAULT;
		len = nbytes;
	}
	return copy_to_user(at, nodes->words, len) ? -EFAULT : 0;
}

s64 sys_set_mempolicy(const u64 args[6])
{
	struct task *task = task_current();
	struct linux_nodes nodes;
	struct vm_policy *policy;
	int err;

	if (((u32)args[0] & ~MPOL_MODE_FLAGS) >= MPOL_MAX)
		return -EINVAL;
	err = mempolicy_read_nodes(&nodes, args[1], args[2]);
	if (!err)
		err = mempolicy_make((u32)args[0], &nodes, &policy);
	if (err)
		return err;
	vm_set_policy(task->process->vm, policy);
	vm_policy_put(task->mempolicy);
	task->mempolicy = policy;
	return 0;
}

/* The node of the page at @addr, which is faulted in. Return: Linux's number or -errno. */
static s64 node_of_address(vaddr_t addr)
{
	u8 byte;
	int node;

	if (copy_from_user(&byte, addr, sizeof(byte)))
		return -EFAULT;
	node = vm_page_node(task_current()->process->vm, addr);
	return node < 0 ? node : (s64)topology_node_to_linux((u32)node);
}

/* MPOL_F_NODE without an address: where interleaved memory without one would come from. */
static s64 next_node(const struct vm_policy *policy)
{
	if (!policy || policy->mode != MPOL_INTERLEAVE)
		return -EINVAL;
	return (s64)topology_node_to_linux((u32)__builtin_ctzll(policy->nodes));
}

static s64 tell(const u64 args[6], u32 mode, const struct linux_nodes *nodes)
{
	if (args[0] && copy_to_user(args[0], &mode, sizeof(mode)))
		return -EFAULT;
	return args[1] ? write_nodes(args[1], args[2], nodes) : 0;
}

static s64 tell_policy(const u64 args[6], const struct vm_policy *policy)
{
	const struct linux_nodes none = { 0 };
	u32 flags = (u32)args[4];
	u32 mode = policy ? policy->mode | policy->flags : MPOL_DEFAULT;
	s64 node;

	if (flags & MPOL_F_NODE) {
		node = flags & MPOL_F_ADDR ? node_of_address(args[3]) : next_node(policy);
		if (node < 0)
			return node;
		mode = (u32)node;
	}
	return tell(args, mode, policy ? &policy->shown : &none);
}

s64 sys_get_mempolicy(const u64 args[6])
{
	struct task *task = task_current();
	u32 flags = (u32)args[4];
	struct vm_policy *policy;
	bool foreign;
	s64 ret;

	if ((args[1] && args[2] < topology_linux_node_ids()) ||
	    (args[4] & ~(u64)(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)))
		return -EINVAL;
	if (flags & MPOL_F_MEMS_ALLOWED) {
		if (flags & (MPOL_F_NODE | MPOL_F_ADDR))
			return -EINVAL;
		return tell(args, 0, mempolicy_allowed());
	}
	if (!(flags & MPOL_F_ADDR))
		return args[3] ? -EINVAL : tell_policy(args, task->mempolicy);
	ret = vm_get_policy(task->process->vm, args[3], &policy, &foreign);
	if (ret)
		return ret;
	if (foreign)
		return syscall_offload(SYSCALL_get_mempolicy, args);
	ret = tell_policy(args, policy);
	vm_policy_put(policy);
	return ret;
}

bool mempolicy_is_alone(void)
{
	return READ_ONCE(task_current()->process->nlive) == 1;
}

s64 sys_mbind(const u64 args[6])
{
	const u32 known = MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL;
	struct vm_bind bind = {
		.start = args[0],
		.end = args[0] + ALIGN_UP(args[1], PAGE_LEN),
		.strict = (args[5] & MPOL_MF_STRICT) && (args[2] & ~(u64)MPOL_MODE_FLAGS),
		.move = args[5] & (MPOL_MF_MOVE | MPOL_MF_MOVE_ALL),
		.touched = mempolicy_is_alone(),
	};
	struct linux_nodes nodes;
	s64 err;

	if (((u32)args[2] & ~MPOL_MODE_FLAGS) >= MPOL_MAX)
		return -EINVAL;
	err = mempolicy_read_nodes(&nodes, args[3], args[4]);
	if (err)
		return err;
	if ((u32)args[5] & ~known)
		return -EINVAL;
	if ((args[5] & MPOL_MF_MOVE_ALL) && !offload_capable(OFFLOAD_CAP_NICE))
		return -EPERM;
	if (!IS_ALIGNED(bind.start, PAGE_LEN) || bind.end < bind.start)
		return -EINVAL;
	if (bind.end == bind.start)
		return 0;
	err = mempolicy_make((u32)args[2], &nodes, &bind.policy);
	if (err)
		return err;
	err = memory_bind(&bind, args);
	vm_policy_put(bind.policy);
	return err;
}

s64 sys_set_mempolicy_home_node(const u64 args[6])
{
	vaddr_t end = args[0] + ALIGN_UP(args[1], PAGE_LEN);
	s32 home;

	if (!IS_ALIGNED(args[0], PAGE_LEN) || args[3] || args[2] >= topology_linux_nnodes())
		return -EINVAL;
	home = topology_node_from_linux((u32)args[2]);
	if (home < 0 || end < args[0])
		return -EINVAL;
	if (end == args[0])
		return 0;
	return vm_set_home(task_current()->process->vm, args[0], end, home);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving pages that exist between nodes: move_pages(2), migrate_pages(2). Of another process of the
 * LWK those that Linux maps stay: only its own threads can have Linux let go.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/proc/mempolicy.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/mempolicy.h"

/*
 * Whose pages: the caller's own, or another process's of the LWK.
 * vm: with a reference
 * touched: those that Linux maps, too
 * pid: 0: the caller; else as the caller names the other
 */
struct target {
	struct vm *vm;
	bool touched;
	u32 pid;
};

static int get_vm(struct task *task, void *ctx)
{
	struct vm **vm = ctx;

	*vm = task->process->vm;
	vm_get(*vm);
	return 0;
}

/* Return: 0; 1: none of the LWK's; -errno. */
static int get_target(u32 pid, struct target *target)
{
	int err;

	if (task_is_sibling(pid)) {
		*target = (struct target){ task_current()->process->vm, mempolicy_is_alone(), 0 };
		vm_get(target->vm);
		return 0;
	}
	err = task_with_vtid(pid, NULL, NULL);
	if (err)
		return err == -ESRCH ? 1 : err;
	/* Linux says who may, and is asked for no page. */
	err = (int)offload_request(SYSCALL_move_pages, (const u64[6]){ pid });
	if (err)
		return err;
	*target = (struct target){ .pid = pid };
	return task_with_vtid(pid, get_vm, &target->vm);
}

/* A page of Linux's: the twin asks for it alone, with the program's own arrays. */
static s64 move_foreign(const struct target *target, const u64 args[6], u64 i)
{
	const u64 theirs[6] = {
		target->pid, 1, args[2] + i * sizeof(u64), args[3] ? args[3] + i * sizeof(s32) : 0,
		args[4] + i * sizeof(s32), args[5],
	};

	return offload_insist(SYSCALL_move_pages, theirs);
}

static s32 shown_node(int node)
{
	return node < 0 ? node : (s32)topology_node_to_linux((u32)node);
}

static s32 move_page(const struct target *target, vaddr_t addr, s32 to)
{
	struct vm *vm = target->vm;
	int node = vm_page_node(vm, addr);
	struct vm_migrate migrate = {
		.start = ALIGN_DOWN(addr, PAGE_LEN),
		.end = ALIGN_DOWN(addr, PAGE_LEN) + PAGE_LEN,
		.touched = target->touched,
	};

	if (node < 0 || node == to)
		return shown_node(node);
	migrate.from = 1ULL << node;
	migrate.to[node] = (u8)to;
	(void)vm_migrate(vm, &migrate);
	/* It may have gone, not be alone, or have found no place. */
	node = vm_page_node(vm, addr);
	return node == to ? shown_node(node) : node < 0 ? node : -EBUSY;
}

/* Linux's checks of a node that pages are to go to. */
static int check_node(s32 linux_node, s32 *node)
{
	if (linux_node < 0 || (u32)linux_node >= topology_linux_nnodes())
		return -ENODEV;
	*node = topology_node_from_linux((u32)linux_node);
	if (*node < 0 || !bitmap_test(mempolicy_allowed()->words, (u32)linux_node))
		return -ENODEV;
	return 0;
}

/* Return: 0, 1 if the page stays where it should not, -errno. */
static s64 serve_page(const struct target *target, const u64 args[6], u64 i)
{
	s32 linux_node = -1;
	s32 node = -1;
	s32 status;
	u64 addr;
	s64 err;

	if (copy_from_user(&addr, args[2] + i * sizeof(u64), sizeof(addr)))
		return -EFAULT;
	if (args[3]) {
		if (copy_from_user(&linux_node, args[3] + i * sizeof(s32), sizeof(linux_node)))
			return -EFAULT;
		err = check_node(linux_node, &node);
		if (err)
			return err;
	}
	status = vm_page_node(target->vm, addr);
	if (status == -EXDEV) {
		/* Where Linux writes, and goes on reading, has to be the program's. */
		if (copy_to_user(args[4] + i * sizeof(s32), &status, sizeof(status)))
			return -EFAULT;
		return move_foreign(target, args, i);
	}
	status = node < 0 ? shown_node(status) : move_page(target, addr, node);
	if (copy_to_user(args[4] + i * sizeof(s32), &status, sizeof(status)))
		return -EFAULT;
	return node >= 0 && status == -EBUSY;
}

static s64 serve_pages(const struct target *target, const u64 args[6])
{
	s64 left = 0;
	s64 ret;

	for (u64 i = 0; i < args[1]; i++) {
		if (process_is_ending(task_current()->process))
			return -EINTR;
		thread_cond_resched();
		ret = serve_page(target, args, i);
		if (ret < 0)
			return ret;
		left += ret;
	}
	return left;
}

s64 sys_move_pages(const u64 args[6])
{
	struct target target;
	s64 ret;
	int err;

	if (args[5] & ~(u64)(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL))
		return -EINVAL;
	if ((args[5] & MPOL_MF_MOVE_ALL) && !offload_capable(OFFLOAD_CAP_NICE))
		return -EPERM;
	err = get_target((u32)args[0], &target);
	if (err)
		return err < 0 ? err : syscall_offload(SYSCALL_move_pages, args);
	ret = serve_pages(&target, args);
	vm_put(target.vm);
	return ret;
}

/* The n-th node of @old goes to the n-th of @new, counted round. */
static void pair_nodes(const struct linux_nodes *old, const struct linux_nodes *new,
		       struct vm_migrate *migrate)
{
	u64 from = mempolicy_to_lwk(old);
	u64 to = mempolicy_to_lwk(new);
	u64 rest = to;

	migrate->from = from;
	/* As on Linux, sets of the same size keep their order; else what is there stays there. */
	if (bitmap_weight(old->words, IHK_MAX_LINUX_NODES) !=
	    bitmap_weight(new->words, IHK_MAX_LINUX_NODES))
		migrate->from &= ~to;
	for (; from; from &= from - 1, rest &= rest - 1) {
		if (!rest)
			rest = to;
		migrate->to[__builtin_ctzll(from)] = (u8)__builtin_ctzll(rest);
	}
}

static s64 migrate_target(const struct target *target, const struct linux_nodes *old,
			  struct linux_nodes *new)
{
	struct vm_migrate migrate = { .end = LWK_PROGRAM_END, .touched = target->touched };
	const u64 *allowed = mempolicy_allowed()->words;

	for (u32 i = 0; i < ARRAY_SIZE(new->words); i++) {
		/* More nodes than it may use are Linux's to grant. */
		if ((new->words[i] & ~allowed[i]) && !offload_capable(OFFLOAD_CAP_NICE))
			return -EPERM;
		new->words[i] &= allowed[i];
	}
	if (!mempolicy_to_lwk(new))
		return -EINVAL;
	pair_nodes(old, new, &migrate);
	return (s64)vm_migrate(target->vm, &migrate);
}

s64 sys_migrate_pages(const u64 args[6])
{
	struct linux_nodes old, new;
	struct target target;
	s64 ret;
	int err;

	err = mempolicy_read_nodes(&old, args[2], args[1]);
	if (!err)
		err = mempolicy_read_nodes(&new, args[3], args[1]);
	if (err)
		return err;
	err = get_target((u32)args[0], &target);
	if (err)
		return err < 0 ? err : syscall_offload(SYSCALL_migrate_pages, args);
	ret = migrate_target(&target, &old, &new);
	vm_put(target.vm);
	return ret;
}

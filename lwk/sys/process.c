// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls about the process and its threads.
 */
#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/proc/clock.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/sys/credentials.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004
#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

#define ROBUST_LIST_HEAD_LEN 24

#define PR_SET_NAME 15
#define PR_SET_SECCOMP 22
#define PR_SET_TSC 26
#define PR_TSC_ENABLE 1
#define PR_SET_MM 35
#define PR_GET_TID_ADDRESS 40
#define PR_SET_THP_DISABLE 41
#define PR_GET_THP_DISABLE 42
#define PR_MPX_ENABLE_MANAGEMENT 43
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SET_MDWE 65
#define PR_SET_MEMORY_MERGE 67
#define PR_SET_VMA 0x53564d41
#define PR_GET_AUXV 0x41555856

/* personality(2): bits that the program's memory would have to follow. */
#define PERSONALITY_QUERY 0xffffffffULL
#define MMAP_PAGE_ZERO 0x0100000ULL
#define READ_IMPLIES_EXEC 0x0400000ULL

s64 sys_getpid(const u64 args[6])
{
	(void)args;
	return task_current()->process->vpid;
}

s64 sys_gettid(const u64 args[6])
{
	(void)args;
	return task_current()->vtid;
}

s64 sys_exit(const u64 args[6])
{
	/* What the twin takes after that would end with the thread, and may be for another. */
	int err = signal_block_all();

	if (err)
		return err;
	task_leave(args[0]);
}

s64 sys_exit_group(const u64 args[6])
{
	process_exit_group(args[0]);
}

s64 sys_set_tid_address(const u64 args[6])
{
	struct task *task = task_current();

	task->clear_tid = args[0];
	return task->vtid;
}

s64 sys_set_robust_list(const u64 args[6])
{
	if (args[1] != ROBUST_LIST_HEAD_LEN)
		return -EINVAL;
	robust_list_set(args[0]);
	return 0;
}

static int get_robust_list(struct task *task, void *ctx)
{
	u64 *head = ctx;

	*head = READ_ONCE(task->robust_list);
	return 0;
}

/* Of other processes' threads Linux says who may know, and tells the twin's, which is replaced. */
s64 sys_get_robust_list(const u64 args[6])
{
	const u64 len = ROBUST_LIST_HEAD_LEN;
	s64 err = 0;
	u64 head;

	if (!task_is_sibling((u32)args[0]))
		err = syscall_offload(SYSCALL_get_robust_list, args);
	else if (copy_to_user(args[2], &len, sizeof(len)))
		return -EFAULT;
	if (err || task_with_vtid((u32)args[0], get_robust_list, &head))
		return err;
	return copy_to_user(args[1], &head, sizeof(head));
}

static s64 put_base(vaddr_t to, u64 base)
{
	return copy_to_user(to, &base, sizeof(base));
}

s64 sys_arch_prctl(const u64 args[6])
{
	switch (args[0]) {
	case ARCH_SET_FS:
		if (args[1] >= LWK_TASK_END)
			return -EPERM;
		arch_set_fs(args[1]);
		return 0;
	case ARCH_SET_GS:
		if (args[1] >= LWK_TASK_END)
			return -EPERM;
		arch_set_gs(args[1]);
		return 0;
	case ARCH_GET_FS:
		return put_base(args[1], arch_get_fs());
	case ARCH_GET_GS:
		return put_base(args[1], arch_get_gs());
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

static s64 set_name(const u64 args[6])
{
	struct process *process = task_current()->process;
	char name[PROGRAM_COMM_LEN];
	s64 len = strncpy_from_user(name, args[1], sizeof(name));

	if (len == -EFAULT)
		return len;
	/* Longer ones are cut off. */
	name[sizeof(name) - 1] = '\0';
	/* The first thread's is the process's, too. */
	if (task_current()->vtid == process->vpid) {
		mutex_lock(&process->space->memory);
		memcpy(process->comm, name, sizeof(name));
		mutex_unlock(&process->space->memory);
	}
	return syscall_offload(SYSCALL_prctl, args);
}

/* Linux tells how long it is for Linux, with zeroes behind the end, or that it has no such call. */
static s64 get_auxv(const u64 args[6])
{
	const u64 ask[6] = { args[0], 0, 0, args[3], args[4] };
	const struct program_auxv *auxv = &task_current()->process->auxv;
	s64 whole = syscall_offload(SYSCALL_prctl, ask);
	u64 len, known;
	int err;

	if (whole < 0)
		return whole;
	len = MIN(args[2], (u64)whole);
	known = MIN(len, auxv->n * sizeof(auxv->words[0]));
	err = copy_to_user(args[1], auxv->words, known);
	if (!err)
		err = clear_user(args[1] + known, len - known);
	return err ? err : whole;
}

s64 sys_prctl(const u64 args[6])
{
	switch ((u32)args[0]) {
	case PR_SET_NAME:
		return set_name(args);
	case PR_GET_AUXV:
		return get_auxv(args);
	case PR_SET_MM:
		return -EPERM;
	case PR_GET_TID_ADDRESS:
		/* Linux would tell the twin's. */
		return copy_to_user(args[1], &task_current()->clear_tid,
				    sizeof(task_current()->clear_tid));
	case PR_SET_TSC:
		/* It is, always. */
		return args[1] == PR_TSC_ENABLE ? 0 : -EINVAL;
	case PR_SET_SECCOMP:
	case PR_SET_THP_DISABLE:
	case PR_MPX_ENABLE_MANAGEMENT:
	case PR_SET_SYSCALL_USER_DISPATCH:
	case PR_SET_MDWE:
	case PR_SET_MEMORY_MERGE:
	case PR_SET_VMA:
		return -EINVAL;
	case PR_GET_THP_DISABLE:
		return args[1] || args[2] || args[3] || args[4] ? -EINVAL : 0;
	default:
		return credentials_change(SYSCALL_prctl, args);
	}
}

/* The others mean something to Linux's calls, to programs to come, or to 32-bit programs. */
s64 sys_personality(const u64 args[6])
{
	u64 wanted = args[0] & 0xffffffff;

	if (wanted != PERSONALITY_QUERY && (wanted & (MMAP_PAGE_ZERO | READ_IMPLIES_EXEC)))
		return -EINVAL;
	return syscall_offload(SYSCALL_personality, args);
}

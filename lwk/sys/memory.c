// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls on memory.
 */
#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/sys/pointers.h"
#include "lwk/sys/process_vm.h"

s64 sys_mmap(const u64 args[6])
{
	const struct memory_map_args map = {
		.addr = args[0],
		.len = args[1],
		.prot = args[2],
		.flags = args[3],
		.fd = args[4],
		.offset = args[5],
	};

	return memory_map(&map);
}

s64 sys_shmat(const u64 args[6])
{
	return memory_attach((int)args[0], args[1], (int)args[2]);
}

s64 sys_shmdt(const u64 args[6])
{
	return memory_detach(args[0]);
}

static s64 copy_remote(u64 nr, const u64 args[6])
{
	u64 theirs[6] = { args[0], args[1], args[2], args[3], args[4], args[5] };
	s64 ret;

	if (process_vm_copy(args, nr == SYSCALL_process_vm_writev, &ret))
		return ret;
	pointers_check_remote(theirs);
	return syscall_offload(nr, theirs);
}

s64 sys_process_vm_readv(const u64 args[6])
{
	return copy_remote(SYSCALL_process_vm_readv, args);
}

s64 sys_process_vm_writev(const u64 args[6])
{
	return copy_remote(SYSCALL_process_vm_writev, args);
}

s64 sys_munmap(const u64 args[6])
{
	return memory_unmap(args[0], args[1]);
}

s64 sys_mprotect(const u64 args[6])
{
	return memory_protect(args[0], args[1], args[2], VM_PKEY_SAME);
}

s64 sys_pkey_mprotect(const u64 args[6])
{
	return memory_protect(args[0], args[1], args[2], (s32)args[3]);
}

s64 sys_pkey_alloc(const u64 args[6])
{
	int pkey;

	if (args[0] || (args[1] & ~(u64)(ARCH_PKEY_DISABLE_ACCESS | ARCH_PKEY_DISABLE_WRITE)))
		return -EINVAL;
	pkey = vm_pkey_alloc(task_current()->process->vm);
	if (pkey >= 0)
		arch_pkey_set_rights((u32)pkey, (u32)args[1]);
	return pkey;
}

s64 sys_pkey_free(const u64 args[6])
{
	return memory_free_pkey((s32)args[0]);
}

s64 sys_brk(const u64 args[6])
{
	return memory_brk(args[0]);
}

s64 sys_mremap(const u64 args[6])
{
	const struct vm_remap_args remap = {
		.addr = args[0],
		.old_len = args[1],
		.new_len = args[2],
		.flags = (u32)args[3],
		.new_addr = args[4],
	};

	return args[3] >> 32 ? -EINVAL : memory_remap(&remap);
}

s64 sys_madvise(const u64 args[6])
{
	return memory_advise(args[0], args[1], (int)args[2]);
}

s64 sys_msync(const u64 args[6])
{
	return memory_sync(args[0], args[1], args[2]);
}

s64 sys_mincore(const u64 args[6])
{
	return memory_mincore(args[0], args[1], args[2]);
}

s64 sys_mlock(const u64 args[6])
{
	return memory_lock(args[0], args[1], 0);
}

s64 sys_mlock2(const u64 args[6])
{
	return memory_lock(args[0], args[1], (u32)args[2]);
}

s64 sys_munlock(const u64 args[6])
{
	return memory_unlock(args[0], args[1]);
}

s64 sys_mlockall(const u64 args[6])
{
	return memory_lock_all((u32)args[0]);
}

s64 sys_munlockall(const u64 args[6])
{
	(void)args;
	return memory_unlock_all();
}

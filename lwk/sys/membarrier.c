// SPDX-License-Identifier: GPL-2.0-only
/*
 * membarrier(2): barriers on the CPUs that run threads of the process, or of those that registered.
 * A CPU that is not interrupted had one since the caller's begin of the call: the kernel switches
 * threads under locks, whose taking is a full barrier on this processor.
 */
#include "abi/errno.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/call.h"
#include "lwk/include/core/percpu.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"

#define CMD_QUERY 0
#define CMD_GLOBAL (1U << 0)
#define CMD_GLOBAL_EXPEDITED (1U << 1)
#define CMD_REGISTER_GLOBAL_EXPEDITED (1U << 2)
#define CMD_PRIVATE_EXPEDITED (1U << 3)
#define CMD_REGISTER_PRIVATE_EXPEDITED (1U << 4)
#define CMD_PRIVATE_EXPEDITED_SYNC_CORE (1U << 5)
#define CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE (1U << 6)
#define CMD_PRIVATE_EXPEDITED_RSEQ (1U << 7)
#define CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ (1U << 8)
#define CMD_GET_REGISTRATIONS (1U << 9)

/* What Linux may offer and this kernel can do, too. */
#define CMDS                                                                                \
	(CMD_GLOBAL | CMD_GLOBAL_EXPEDITED | CMD_REGISTER_GLOBAL_EXPEDITED |                \
	 CMD_PRIVATE_EXPEDITED | CMD_REGISTER_PRIVATE_EXPEDITED |                           \
	 CMD_PRIVATE_EXPEDITED_SYNC_CORE | CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |       \
	 CMD_PRIVATE_EXPEDITED_RSEQ | CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ |                 \
	 CMD_GET_REGISTRATIONS)

#define FLAG_CPU 1U

/* The interrupt alone would do: its return serialises the CPU, and so orders memory. */
static void order_here(void *arg)
{
	(void)arg;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	arch_sync_core();
}

static s64 on_cpus_of(struct process *process)
{
	/* Partner is vm_activate(): who comes later sees what was stored before. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (u32 id = 0; id < percpu_count(); id++) {
		if (cpumask_test(&process->vm->cpus, id))
			call_cpu(id, order_here, NULL);
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return 0;
}

/* Here on all CPUs, registered or not; Linux does its own. */
static s64 everywhere(const u64 args[6])
{
	call_others(order_here, NULL);
	return syscall_offload(SYSCALL_membarrier, args);
}

static s64 add(struct process *process, u32 cmd)
{
	/* Relaxed: a set of bits, which orders nothing. */
	__atomic_fetch_or(&process->membarrier, cmd, __ATOMIC_RELAXED);
	return 0;
}

static s64 if_registered(struct process *process, u32 registration)
{
	if (!(READ_ONCE(process->membarrier) & registration))
		return -EPERM;
	return on_cpus_of(process);
}

/* With FLAG_CPU on one CPU alone, by Linux's number: on one that is not there is nothing to do. */
static s64 restart(struct process *process, const u64 args[6])
{
	u32 cpu = percpu_count();

	if (!(READ_ONCE(process->membarrier) & CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ))
		return -EPERM;
	if ((u32)args[1] && (s32)args[2] >= 0) {
		for (cpu = 0; cpu < percpu_count(); cpu++) {
			if (percpu_of(cpu)->linux_cpu == (u32)args[2])
				break;
		}
		if (cpu == percpu_count())
			return 0;
	}
	rseq_restart_others(process, cpu);
	return 0;
}

/* As on Linux, who registers for more has registered for memory, without being allowed that. */
static s64 registrations(const struct process *process)
{
	u32 cmds = READ_ONCE(process->membarrier);

	if (cmds & (CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |
		    CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ))
		cmds |= CMD_REGISTER_PRIVATE_EXPEDITED;
	return cmds;
}

static s64 query(void)
{
	s64 theirs = offload_request3(SYSCALL_membarrier, CMD_QUERY, 0, 0);

	return theirs < 0 ? theirs : theirs & CMDS;
}

s64 sys_membarrier(const u64 args[6])
{
	struct process *process = task_current()->process;
	u32 cmd = (u32)args[0];
	s64 offered;

	if ((u32)args[1] && (cmd != CMD_PRIVATE_EXPEDITED_RSEQ || (u32)args[1] != FLAG_CPU))
		return -EINVAL;
	switch (cmd) {
	case CMD_QUERY:
		return query();
	case CMD_GLOBAL:
	case CMD_GLOBAL_EXPEDITED:
		return everywhere(args);
	case CMD_REGISTER_GLOBAL_EXPEDITED:
	case CMD_REGISTER_PRIVATE_EXPEDITED:
	case CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return add(process, cmd);
	case CMD_PRIVATE_EXPEDITED:
		return if_registered(process, CMD_REGISTER_PRIVATE_EXPEDITED);
	case CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return if_registered(process, CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
	case CMD_PRIVATE_EXPEDITED_RSEQ:
		return restart(process, args);
	case CMD_GET_REGISTRATIONS:
		offered = query();
		if (offered < 0 || !(offered & cmd))
			return offered < 0 ? offered : -EINVAL;
		return registrations(process);
	default:
		return -EINVAL;
	}
}

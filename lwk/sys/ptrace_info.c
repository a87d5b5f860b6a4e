// SPDX-License-Identifier: GPL-2.0-only
/*
 * ptrace(2): why a thread is stopped, its signals and restartable sequences.
 */
#include "abi/errno.h"
#include "lwk/include/arch_signal.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/rseq.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/sys/ptrace.h"

#define AUDIT_ARCH_X86_64 0xc000003eU
#define SYSCALL_STOP (SIGTRAP | 0x80)
#define MESSAGE_ENTRY 1
#define MESSAGE_EXIT 2

#define PEEK_SHARED 1U

s64 ptrace_getsiginfo(const struct ptrace_call *call)
{
	struct signal_info info;
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(call->vtid);
	s64 err = trace ? 0 : -ESRCH;

	if (trace && !trace->has_info)
		err = -EINVAL;
	else if (trace)
		info = trace->info;
	trace_unlock(irq);
	return err ? err : copy_to_user(call->data, &info, sizeof(info));
}

s64 ptrace_setsiginfo(const struct ptrace_call *call)
{
	struct signal_info info;
	struct trace *trace;
	s64 err = copy_from_user(&info, call->data, sizeof(info));
	u64 irq = trace_lock();

	trace = ptrace_stopped(call->vtid);
	if (!trace)
		err = -ESRCH;
	else if (!err && !trace->has_info)
		err = -EINVAL;
	else if (!err)
		trace->info = info;
	trace_unlock(irq);
	return err;
}

/* Return: 1: copied; 0: there are not so many; -ESRCH. */
static s64 nth_pending(u32 vtid, u64 n, struct signal_info *info)
{
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(vtid);
	struct signal_entry *entry;
	s64 ret = trace ? 0 : -ESRCH;
	u64 inner;

	if (trace) {
		inner = spin_lock_irqsave(&trace->task->process->lock);
		list_for_each(entry, &trace->task->pending.queue, link) {
			if (n--)
				continue;
			*info = entry->info;
			ret = 1;
			break;
		}
		spin_unlock_irqrestore(&trace->task->process->lock, inner);
	}
	trace_unlock(irq);
	return ret;
}

/* What is pending for all threads waits in Linux until a thread takes it, and is not shown. */
s64 ptrace_peeksiginfo(const struct ptrace_call *call)
{
	struct {
		u64 offset;
		u32 flags;
		s32 n;
	} args;
	struct signal_info info;
	s64 done = 0, ret;

	if (copy_from_user(&args, call->addr, sizeof(args)))
		return -EFAULT;
	if ((args.flags & ~PEEK_SHARED) || args.n < 0)
		return -EINVAL;
	ret = nth_pending(call->vtid, ~0ULL, &info);
	if (ret < 0 || (args.flags & PEEK_SHARED))
		return ret;
	for (; done < args.n; done++) {
		ret = nth_pending(call->vtid, args.offset + (u64)done, &info);
		if (ret <= 0)
			break;
		if (copy_to_user(call->data + (u64)done * sizeof(info), &info, sizeof(info)))
			return done ? done : -EFAULT;
	}
	return ret < 0 && !done ? ret : done;
}

s64 ptrace_getsigmask(const struct ptrace_call *call)
{
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(call->vtid);
	u64 mask = 0;

	if (trace)
		mask = trace->task->restore_blocked ? trace->task->saved_blocked :
						      trace->task->blocked;
	trace_unlock(irq);
	if (!trace)
		return -ESRCH;
	return call->addr == sizeof(mask) ? copy_to_user(call->data, &mask, sizeof(mask)) : -EINVAL;
}

s64 ptrace_setsigmask(const struct ptrace_call *call)
{
	struct trace *trace;
	u64 mask = 0;
	s64 err = 0;
	u64 irq;

	if (call->addr == sizeof(mask) && copy_from_user(&mask, call->data, sizeof(mask)))
		err = -EFAULT;
	irq = trace_lock();
	trace = ptrace_stopped(call->vtid);
	if (!trace) {
		err = -ESRCH;
	} else if (call->addr != sizeof(mask)) {
		err = -EINVAL;
	} else if (!err) {
		trace->task->restore_blocked = false;
		WRITE_ONCE(trace->task->blocked, mask & ~SIGNAL_UNBLOCKABLE);
		thread_notify(&trace->task->thread);
	}
	trace_unlock(irq);
	return err;
}

s64 ptrace_geteventmsg(const struct ptrace_call *call)
{
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(call->vtid);
	u64 message = trace ? trace->message : 0;

	trace_unlock(irq);
	return trace ? copy_to_user(call->data, &message, sizeof(message)) : -ESRCH;
}

/* Linux's struct ptrace_syscall_info. */
struct syscall_info {
	u8 op;
	u8 pad[3];
	u32 arch;
	u64 ip;
	u64 sp;
	union {
		struct {
			u64 nr;
			u64 args[6];
		} entry;
		struct {
			s64 ret;
			u8 is_error;
		} exit;
	};
};

/* Return: how long it is. */
static u64 fill_syscall_info(const struct trace *trace, struct syscall_info *info)
{
	const struct arch_regs *regs = arch_user_regs(&trace->task->thread);

	info->arch = AUDIT_ARCH_X86_64;
	info->ip = arch_user_pc(regs);
	info->sp = arch_user_sp(regs);
	if (!trace->has_info || trace->info.code != SYSCALL_STOP)
		return offsetof(struct syscall_info, entry);
	if (trace->message == MESSAGE_ENTRY) {
		info->op = MESSAGE_ENTRY;
		info->entry.nr = (u64)arch_syscall_nr(regs);
		arch_syscall_args(regs, info->entry.args);
		return offsetof(struct syscall_info, entry) + sizeof(info->entry);
	}
	if (trace->message != MESSAGE_EXIT)
		return offsetof(struct syscall_info, entry);
	info->op = MESSAGE_EXIT;
	info->exit.ret = ptrace_ret(trace);
	info->exit.is_error = info->exit.ret < 0 && info->exit.ret >= -4095;
	return offsetof(struct syscall_info, exit.is_error) + sizeof(info->exit.is_error);
}

s64 ptrace_get_syscall_info(const struct ptrace_call *call)
{
	struct syscall_info info;
	u64 len = 0;
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(call->vtid);

	memset(&info, 0, sizeof(info));
	if (trace)
		len = fill_syscall_info(trace, &info);
	trace_unlock(irq);
	if (!trace)
		return -ESRCH;
	if (copy_to_user(call->data, &info, MIN(len, call->addr)))
		return -EFAULT;
	return (s64)len;
}

s64 ptrace_get_rseq(const struct ptrace_call *call)
{
	struct rseq_configuration config = { .addr = 0 };
	u64 irq = trace_lock();
	const struct trace *trace = ptrace_stopped(call->vtid);

	if (trace)
		config = rseq_configuration(trace->task);
	trace_unlock(irq);
	if (!trace)
		return -ESRCH;
	if (copy_to_user(call->data, &config, MIN(call->addr, sizeof(config))))
		return -EFAULT;
	return sizeof(config);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Core files: see core.h.
 */
#include "core.h"

#include <asm/fpu/api.h>
#include <asm/fpu/types.h>
#include <asm/processor.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "abi/core.h"
#include "proxy.h"

#define FIRST_LEN OFFLOAD_BUFFER_LEN
#define MAX_LEN (1UL << 28)

/* What a program may have set in its flags. */
#define FLAGS_OF_PROGRAM                                                                \
	(X86_EFLAGS_CF | X86_EFLAGS_FIXED | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_OF |    \
	 X86_EFLAGS_RF | X86_EFLAGS_AC)

/* Linux's struct user_regs_struct. */
struct user_words {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax;
	unsigned long ip, cs, flags, sp, ss;
	unsigned long fs_base, gs_base, ds, es, fs, gs;
};

static_assert(sizeof(struct user_words) == sizeof_field(struct core_registers, regs));

/**
 * struct core - the threads of a program
 * @rcu:	frees it
 * @done:	they have been given their registers; the thread that dumps
 * @len:	bytes of @threads
 * @threads:	struct core_registers, each with its extended registers behind it; unchecked
 */
struct core {
	struct rcu_head rcu;
	bool done;
	size_t len;
	u8 threads[];
};

/*
 * Before
 */

static int text_get(const struct proxy *proxy, enum offload_file which, u64 pos, char *text)
{
	const struct msg_file file = {
		.file = which,
		.offset = pos,
		.len = OFFLOAD_BUFFER_LEN,
	};

	return proxy_text(proxy, &file, NULL, text);
}

static struct core *core_create(size_t size, const struct core *from)
{
	struct core *core = kvmalloc(struct_size(core, threads, size), GFP_KERNEL_ACCOUNT);

	if (!core)
		return NULL;
	core->done = false;
	core->len = from ? from->len : 0;
	if (from)
		memcpy(core->threads, from->threads, from->len);
	return core;
}

/* Returns it, or an ERR_PTR(). */
static struct core *threads_get(const struct proxy *proxy)
{
	size_t size = FIRST_LEN;
	struct core *core = core_create(size, NULL);
	struct core *more;
	int got = core ? 1 : -ENOMEM;

	while (got > 0) {
		if (core->len + OFFLOAD_BUFFER_LEN > size) {
			size *= 2;
			more = size > MAX_LEN ? NULL : core_create(size, core);
			if (!more) {
				got = -ENOMEM;
				break;
			}
			kvfree(core);
			core = more;
		}
		got = text_get(proxy, OFFLOAD_FILE_CORE_THREADS, core->len,
			       core->threads + core->len);
		if (got > 0)
			core->len += got;
	}
	if (!got)
		return core;
	kvfree(core);
	return ERR_PTR(got);
}

static int ranges_get(const struct proxy *proxy, struct mcctrl_core *req)
{
	char *text = kvmalloc(OFFLOAD_BUFFER_LEN, GFP_KERNEL_ACCOUNT);
	u64 done = 0;
	int got;

	if (!text)
		return -ENOMEM;
	while ((got = text_get(proxy, OFFLOAD_FILE_CORE_RANGES, done, text)) > 0) {
		if (got > req->len - done) {
			got = -E2BIG;
			break;
		}
		if (copy_to_user(u64_to_user_ptr(req->ranges + done), text, got)) {
			got = -EFAULT;
			break;
		}
		done += got;
	}
	kvfree(text);
	req->len = done;
	return got;
}

static int core_set(struct proxy *proxy, struct core *core)
{
	int err = 0;

	mutex_lock(&proxy->lock);
	if (rcu_access_pointer(proxy->core))
		err = -EALREADY;
	else
		rcu_assign_pointer(proxy->core, core);
	mutex_unlock(&proxy->lock);
	return err;
}

long core_take(struct proxy *proxy, struct mcctrl_core __user *arg)
{
	struct mcctrl_core req;
	struct core *core;
	int err;

	if (READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	err = ranges_get(proxy, &req);
	if (err)
		return err;
	core = threads_get(proxy);
	if (IS_ERR(core))
		return PTR_ERR(core);
	err = core_set(proxy, core);
	if (err)
		kvfree(core);
	else if (copy_to_user(arg, &req, sizeof(req)))
		err = -EFAULT;
	return err;
}

void core_free(struct core *core)
{
	if (core)
		kvfree_rcu(core, rcu);
}

/*
 * Dumping
 */

bool core_is_dumping(const struct mm_struct *mm)
{
	/* The flag stays when the dump is over, and the thread on its way out. */
	return current->flags & PF_DUMPCORE && current->mm == mm && current->signal->core_state;
}

static void set_regs(struct task_struct *task, const struct user_words *in)
{
	struct pt_regs *regs = task_pt_regs(task);

	regs->r15 = in->r15;
	regs->r14 = in->r14;
	regs->r13 = in->r13;
	regs->r12 = in->r12;
	regs->bp = in->bp;
	regs->bx = in->bx;
	regs->r11 = in->r11;
	regs->r10 = in->r10;
	regs->r9 = in->r9;
	regs->r8 = in->r8;
	regs->ax = in->ax;
	regs->cx = in->cx;
	regs->dx = in->dx;
	regs->si = in->si;
	regs->di = in->di;
	regs->orig_ax = in->orig_ax;
	regs->ip = in->ip;
	regs->flags = in->flags & FLAGS_OF_PROGRAM;
	regs->sp = in->sp;
}

/* Of the calling thread they are in the processor, where nothing needs them. */
static void set_bases(struct task_struct *task, const struct user_words *in)
{
	if (in->fs_base >= TASK_SIZE_MAX || in->gs_base >= TASK_SIZE_MAX)
		return;
	preempt_disable();
	task->thread.fsbase = in->fs_base;
	task->thread.gsbase = in->gs_base;
	if (task == current) {
		wrmsrl(MSR_FS_BASE, in->fs_base);
		wrmsrl(MSR_KERNEL_GS_BASE, in->gs_base);
	}
	preempt_enable();
}

/*
 * Is all there that Linux is going to read? Linux judges the rest. The LWK's form may be shorter
 * than Linux's, which has place for what a thread has to ask for, too.
 */
static bool xstate_ok(const struct fpstate *fpstate, const union fpregs_state *in, u32 len)
{
	u64 features = in->xsave.header.xfeatures;
	u32 size, offset, ecx, edx;

	if (features & (~fpstate->user_xfeatures | fpstate->xfd))
		return false;
	for (u32 i = FIRST_EXTENDED_XFEATURE; i < XFEATURE_MAX; i++) {
		if (!(features & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &size, &offset, &ecx, &edx);
		if ((u64)offset + size > len)
			return false;
	}
	return true;
}

static void set_xstate(struct task_struct *task, const union fpregs_state *in, u32 len)
{
	struct fpu_guest guest = { .fpstate = task->thread.fpu.fpstate };

	if (len < sizeof(struct fxregs_state) + sizeof(struct xstate_header) ||
	    !xstate_ok(guest.fpstate, in, len))
		return;
	fpregs_lock();
	/* What is in the processor is not what the thread has any more. */
	if (task == current)
		set_thread_flag(TIF_NEED_FPU_LOAD);
	(void)fpu_copy_uabi_to_guest_fpstate(&guest, in, guest.fpstate->user_xfeatures,
					     &task->thread.pkru);
	fpregs_unlock();
}

/*
 * Those that Linux has stopped for the dump, and the one that dumps: they have a stack, and nobody
 * else changes their registers. Others of the process may be on their way out.
 */
static struct task_struct *stopped_thread(u32 tid)
{
	const struct core_thread *thread = &current->signal->core_state->dumper;

	for (; thread; thread = thread->next)
		if (thread->task->pid == (pid_t)tid)
			return thread->task;
	return NULL;
}

static void thread_apply(const struct core_registers *thread)
{
	struct task_struct *task = stopped_thread(thread->tid);
	const struct user_words *words = (const void *)thread->regs;

	if (!task)
		return;
	set_regs(task, words);
	set_bases(task, words);
	set_xstate(task, (const void *)(thread + 1), thread->xstate_len);
	/* Linux never blocks these two: SIGKILL ends the dump. */
	task->blocked.sig[0] = thread->blocked & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
}

static void threads_apply(const struct core *core)
{
	const struct core_registers *thread;
	size_t at = 0;

	while (core->len - at >= sizeof(*thread)) {
		thread = (const void *)(core->threads + at);
		at += sizeof(*thread);
		if (thread->xstate_len % sizeof(u64) || thread->xstate_len > core->len - at)
			break;
		at += thread->xstate_len;
		thread_apply(thread);
	}
}

void core_apply(struct space *space)
{
	struct proxy *proxy;
	struct core *core;

	rcu_read_lock();
	proxy = proxy_of_caller(space);
	core = proxy ? rcu_dereference(proxy->core) : NULL;
	if (core && !core->done) {
		core->done = true;
		threads_apply(core);
	}
	rcu_read_unlock();
}

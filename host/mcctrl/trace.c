// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may trace whom; see trace.h.
 *
 * What ptrace(2) asks Linux keeps to itself, but for files that it guards by the same question:
 * who opens /proc/PID/mem is judged by ids, capabilities, dumpable and security modules.
 * So that file is opened, in a mount of ours, which no program can cover or change. That it
 * is the right process's says its address space.
 */
#include "trace.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "proxy.h"

/* kernel.yama.ptrace_scope from which PTRACE_TRACEME takes more than being asked */
#define YAMA_CAPABILITY 2
#define YAMA_NO_ATTACH 3

static struct vfsmount *proc;

int trace_init(void)
{
	struct file_system_type *type = get_fs_type("proc");

	if (!type)
		return -ENODEV;
	/* Never a module: nothing is to be put. */
	proc = kern_mount(type);
	return PTR_ERR_OR_ZERO(proc);
}

void trace_exit(void)
{
	kern_unmount(proc);
}

static struct file *proc_open(const char *name)
{
	const struct path root = { .mnt = proc, .dentry = proc->mnt_root };

	return file_open_root(&root, name, O_RDONLY, 0);
}

/* ptrace(2) goes by the real ids, files by others. */
static struct file *open_with_real_ids(const char *name)
{
	const struct cred *old;
	struct cred *real = prepare_creds();
	struct file *file;

	if (!real)
		return ERR_PTR(-ENOMEM);
	real->fsuid = real->uid;
	real->fsgid = real->gid;
	old = override_creds(real);
	file = proc_open(name);
	revert_creds(old);
	put_cred(real);
	return file;
}

/* The id of a task if it is a twin of @peer, 0 if not. RCU. */
static u32 id_of_twin(struct peer *peer, struct task_struct *task)
{
	u32 tid = task_pid_nr(task);

	return twin_task(peer, task_tgid_nr(task), tid) == task ? tid : 0;
}

/* Is it the memory of this process, which is still the LWK's? */
static bool is_memory_of(const struct file *file, const struct peer *peer, u32 pid)
{
	bool is;

	rcu_read_lock();
	is = file->private_data && file->private_data == proxy_mm(peer, pid);
	rcu_read_unlock();
	return is;
}

static s64 check_memory(const struct peer *peer, u32 pid, u32 tid)
{
	struct file *file;
	char name[24];
	s64 err;

	snprintf(name, sizeof(name), "%u/mem", tid);
	file = open_with_real_ids(name);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		return err == -ENOMEM || err == -ENFILE ? -ENOMEM : -EPERM;
	}
	err = is_memory_of(file, peer, pid) ? 0 : -EPERM;
	fput(file);
	return err;
}

/*
 * The answer: who, and whether the caller has the capability. PTRACE_TRACEME goes by who asks, too,
 * as in ptrace_link(): a parent may have rights now that it gives up while it traces.
 */
static s64 with_capability(u32 tid)
{
	return has_capability(current, CAP_SYS_PTRACE) ? tid | OFFLOAD_MAY_CAPABLE : tid;
}

static s64 may_attach(struct peer *peer, u32 vtid)
{
	struct task_struct *task;
	u32 tid = 0, pid = 0;
	s64 err = -EPERM;

	rcu_read_lock();
	task = pid_task(find_vpid((int)vtid), PIDTYPE_PID);
	if (task) {
		tid = id_of_twin(peer, task);
		pid = task_tgid_nr(task);
	} else {
		err = -ESRCH;
	}
	rcu_read_unlock();
	if (tid)
		err = check_memory(peer, pid, tid);
	return err ? err : with_capability(tid);
}

/* 0 if there is no such thing. */
static int yama_scope(void)
{
	struct file *file = proc_open("sys/kernel/yama/ptrace_scope");
	loff_t pos = 0;
	char digit;
	int scope = YAMA_NO_ATTACH;

	if (IS_ERR(file))
		return PTR_ERR(file) == -ENOENT ? 0 : scope;
	if (kernel_read(file, &digit, 1, &pos) == 1)
		scope = digit - '0';
	fput(file);
	return scope;
}

/* As security_ptrace_traceme(), which is Linux's own. RCU. */
static bool may_be_asked(struct task_struct *parent, int scope)
{
	const struct cred *its = __task_cred(parent);
	const struct cred *mine = current_cred();
	bool capable = has_capability(parent, CAP_SYS_PTRACE);

	if (scope >= YAMA_NO_ATTACH || (scope == YAMA_CAPABILITY && !capable))
		return false;
	return capable || (its->user_ns == mine->user_ns &&
			   cap_issubset(mine->cap_permitted, its->cap_permitted));
}

static s64 may_parent(struct peer *peer)
{
	int scope = yama_scope();
	struct task_struct *parent;
	u32 tid;

	rcu_read_lock();
	parent = rcu_dereference(current->real_parent);
	tid = may_be_asked(parent, scope) ? id_of_twin(peer, parent) : 0;
	rcu_read_unlock();
	return tid ? with_capability(tid) : -EPERM;
}

static s64 may_signal(struct peer *peer, u32 vtid)
{
	struct pid *pid = find_get_pid((int)vtid);
	struct task_struct *task;
	s64 err = -ESRCH;
	u32 tid = 0;

	if (!pid)
		return err;
	/* Sends none, and is judged as one of the caller's. */
	err = kill_pid(pid, 0, 0);
	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_PID);
	if (task)
		tid = id_of_twin(peer, task);
	rcu_read_unlock();
	put_pid(pid);
	if (err)
		return err;
	return tid ? tid : -ESRCH;
}

s64 trace_may(struct peer *peer, const u64 *args)
{
	u32 vtid = (u32)args[1];

	switch (args[0]) {
	case OFFLOAD_MAY_ATTACH:
		return may_attach(peer, vtid);
	case OFFLOAD_MAY_PARENT:
		return may_parent(peer);
	case OFFLOAD_MAY_SIGNAL:
		return may_signal(peer, vtid);
	default:
		return -EINVAL;
	}
}

/*
 * By /proc/PID/maps, which is open to who may read, but not attach. A process whose address space
 * is still the proxy's had no other one before: so that is what Linux has judged.
 */
int trace_may_read(const struct proxy *proxy)
{
	struct file *file;
	char name[24];
	bool same;

	/* Linux would not ask. */
	if (task_tgid(current) == proxy->tgid)
		return 0;
	snprintf(name, sizeof(name), "%u/maps", proxy->pid);
	file = proc_open(name);
	if (IS_ERR(file))
		return PTR_ERR(file) == -ENOENT ? -ESRCH : PTR_ERR(file);
	fput(file);
	rcu_read_lock();
	same = proxy_mm(proxy->peer, proxy->pid) == proxy->space->mm;
	rcu_read_unlock();
	return same ? 0 : -ESRCH;
}

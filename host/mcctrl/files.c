// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/mcosN/PID/: what the LWK says of its processes.
 *
 * The LWK makes the text, for each read() anew, but for maps (maps.c). What Linux shows to
 * everybody about a process everybody may read here, the rest who may read its like in Linux's
 * /proc/PID: who started it, mostly, and the process itself, whoever it has become.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "maps.h"
#include "proxy.h"
#include "trace.h"

static const struct proc_ops file_ops;
static const struct proc_ops guarded_file_ops;

static const struct {
	const char *name;
	umode_t mode;
	enum offload_file file;
	const struct proc_ops *ops;
} rows[PROXY_NFILES] = {
	{ "auxv", 0400, OFFLOAD_FILE_AUXV, &file_ops },
	{ "maps", 0444, OFFLOAD_FILE_MAPS, &maps_ops },
	{ "stat", 0444, OFFLOAD_FILE_STAT, &file_ops },
	{ "status", 0444, OFFLOAD_FILE_STATUS, &file_ops },
	{ "syscalls", 0444, OFFLOAD_FILE_SYSCALLS, &guarded_file_ops },
};

int file_request(const struct file_call *call, const struct msg_file *file, char *text)
{
	struct msg_proc_file *body;
	struct control *control;
	u32 got;
	int err;

	err = control_get(call->peer, call->cpu, REQUEST_KILLABLE, &control);
	if (err)
		return err;
	body = request_begin(&control->request, call->msg, call->answer);
	body->file = *file;
	if (call->person)
		body->person = *call->person;
	if (call->store)
		memcpy(control->buffer, text, file->len);
	err = control_call(control, REQUEST_KILLABLE);
	if (err == -EINTR)
		return err;
	got = ((struct msg_file *)control->request.packet.u.bytes)->len;
	if (!err && got > file->len)
		err = -EPROTO;
	if (!err && !call->store)
		memcpy(text, control->buffer, got);
	control_put(control);
	return err ? err : got;
}

static void person_ids(struct msg_person *person, const struct cred *cred,
		       struct user_namespace *ns)
{
	person->uid[0] = from_kuid_munged(ns, cred->uid);
	person->uid[1] = from_kuid_munged(ns, cred->euid);
	person->uid[2] = from_kuid_munged(ns, cred->suid);
	person->uid[3] = from_kuid_munged(ns, cred->fsuid);
	person->gid[0] = from_kgid_munged(ns, cred->gid);
	person->gid[1] = from_kgid_munged(ns, cred->egid);
	person->gid[2] = from_kgid_munged(ns, cred->sgid);
	person->gid[3] = from_kgid_munged(ns, cred->fsgid);
}

/* What the proxy is now, by its first thread. Return: 0 or -ESRCH. */
static int person_get(const struct proxy *proxy, struct user_namespace *ns,
		      struct msg_person *person)
{
	struct task_struct *task = get_pid_task(proxy->tgid, PIDTYPE_TGID);
	const struct cred *cred;

	*person = (struct msg_person){ 0 };
	if (!task)
		return -ESRCH;
	cred = get_task_cred(task);
	person_ids(person, cred, ns);
	put_cred(cred);
	person->ppid = task_ppid_nr_ns(task, ns_of_pid(proxy->tgid));
	person->nice = task_nice(task);
	static_assert(sizeof(person->comm) == TASK_COMM_LEN);
	get_task_comm(person->comm, task);
	person->stopped = !!(READ_ONCE(task->signal->flags) & SIGNAL_STOP_STOPPED);
	put_task_struct(task);
	return 0;
}

int proxy_text(const struct proxy *proxy, const struct msg_file *file,
	       const struct msg_person *person, char *text)
{
	const struct file_call call = {
		.peer = proxy->peer,
		.cpu = READ_ONCE(proxy->cpu),
		.msg = IKC_MSG_PROCFS_REQUEST,
		.answer = IKC_MSG_PROCFS_ANSWER,
		.person = person,
	};
	struct msg_file own = *file;

	own.pid = proxy->pid;
	return file_request(&call, &own, text);
}

static ssize_t file_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	const struct proxy_file *data = pde_data(file_inode(file));
	const struct msg_file part = {
		.file = data->file,
		.offset = *pos,
		.len = min_t(size_t, count, OFFLOAD_BUFFER_LEN),
	};
	struct msg_person person;
	char *text;
	int ret;

	if (*pos < 0)
		return -EINVAL;
	ret = person_get(data->proxy, file->f_cred->user_ns, &person);
	if (ret)
		return ret;
	text = kvmalloc(part.len, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	ret = proxy_text(data->proxy, &part, &person, text);
	if (ret > 0 && copy_to_user(to, text, ret))
		ret = -EFAULT;
	if (ret > 0)
		*pos += ret;
	kvfree(text);
	return ret;
}

/* The mode lets everybody in, for the sake of the process itself. */
static int guarded_file_open(struct inode *inode, struct file *file)
{
	const struct proxy_file *data = pde_data(inode);

	return trace_may_read(data->proxy);
}

static const struct proc_ops file_ops = {
	.proc_read = file_read,
	.proc_lseek = default_llseek,
};

static const struct proc_ops guarded_file_ops = {
	.proc_open = guarded_file_open,
	.proc_read = file_read,
	.proc_lseek = default_llseek,
};

void files_peer_add(struct peer *peer)
{
	char name[16];

	snprintf(name, sizeof(name), "mcos%d", ihk_os_index(peer->ihk));
	down_write(&peer->files_lock);
	peer->dir = proc_mkdir(name, NULL);
	up_write(&peer->files_lock);
}

void files_peer_remove(struct peer *peer)
{
	down_write(&peer->files_lock);
	proc_remove(peer->dir);
	peer->dir = NULL;
	up_write(&peer->files_lock);
}

static void file_add(struct proxy *proxy, u32 i)
{
	struct proxy_file *data = &proxy->files[i];
	struct proc_dir_entry *entry;

	data->proxy = proxy;
	data->file = rows[i].file;
	entry = proc_create_data(rows[i].name, rows[i].mode, proxy->dir, rows[i].ops, data);
	if (entry)
		proc_set_user(entry, current_euid(), current_egid());
}

void files_proxy_add(struct proxy *proxy)
{
	char name[16];
	u32 i;

	snprintf(name, sizeof(name), "%u", proxy->pid);
	down_read(&proxy->peer->files_lock);
	if (proxy->peer->dir)
		proxy->dir = proc_mkdir(name, proxy->peer->dir);
	for (i = 0; proxy->dir && i < PROXY_NFILES; i++)
		file_add(proxy, i);
	up_read(&proxy->peer->files_lock);
}

void files_proxy_remove(struct proxy *proxy)
{
	down_read(&proxy->peer->files_lock);
	/* With the peer's directory it has gone too. */
	if (proxy->peer->dir)
		proc_remove(proxy->dir);
	proxy->dir = NULL;
	up_read(&proxy->peer->files_lock);
}

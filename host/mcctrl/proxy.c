// SPDX-License-Identifier: GPL-2.0-only
/*
 * A proxy's file and its life.
 *
 * Each file has an inode of its own, so that unmap_mapping_range() reaches the
 * mappings of one program and no others.
 *
 * A process ends on the LWK when its address space on Linux does (exit, execve), even if a
 * child still has the file, or when the file is closed; the proxy is freed after both. Work
 * items do it: a task that is being killed must not wait for an LWK that may be stuck.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "proxy.h"

#include <linux/compat.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pseudo_fs.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define MCCTRL_FS_MAGIC 0x4d434346

/* In the table of ids: the process has ended, the id will be free soon. */
#define PID_CLOSING XA_MARK_0

static DEFINE_XARRAY(pids); /* proxies by process id, on all peers */
static DECLARE_WAIT_QUEUE_HEAD(pids_wait);

static struct vfsmount *proxy_mount; /* with its uses, one for each file */
static int proxy_mounts;

/*
 * End
 */

/* Kills the process, unless it is no proxy any more: it has executed another program. */
static void process_kill(struct proxy *proxy)
{
	struct task_struct *task = get_pid_task(proxy->tgid, PIDTYPE_TGID);

	if (!task)
		return;
	/* The lock keeps it from executing one just now. */
	task_lock(task);
	if (!task->mm || task->mm == proxy->mm) {
		pr_info("mcos%d: process %u (%s) is killed, its LWK is gone\n",
			ihk_os_index(proxy->peer->ihk), proxy->pid, task->comm);
		kill_pid(proxy->tgid, SIGKILL, 1);
	}
	task_unlock(task);
	put_task_struct(task);
}

void proxy_die(struct proxy *proxy)
{
	lockdep_assert_held(&proxy->peer->lock);
	if (!twin_lose_all(proxy))
		process_kill(proxy);
	map_die(&proxy->map);
}

static void process_cleanup(struct proxy *proxy)
{
	struct control *control;
	struct msg_process *body;
	int err;

	/* A kernel thread: no signal comes, and waiting long is no hang. */
	err = control_get(proxy->peer, proxy->cpu, REQUEST_KILLABLE, &control);
	if (err)
		return;
	body = request_begin(&control->request, IKC_MSG_CLEANUP_PROCESS,
			     IKC_MSG_CLEANUP_PROCESS_DONE);
	body->pid = proxy->pid;
	body->executed = proxy->executed;
	body->status = proxy->status;
	err = control_call(control, REQUEST_KILLABLE);
	if (err && err != -EPIPE)
		pr_warn("mcos%d: process %u could not be cleaned up: error %d\n",
			ihk_os_index(proxy->peer->ihk), proxy->pid, err);
	control_put(control);
}

/* Once, whoever comes first. Afterwards the LWK knows nothing of the process. */
static void process_end(struct proxy *proxy)
{
	enum proxy_state state;

	mutex_lock(&proxy->lock);
	state = proxy->state;
	if (state == PROXY_ENDED)
		goto unlock;
	WRITE_ONCE(proxy->state, PROXY_ENDED);
	files_proxy_remove(proxy);
	/* Before the LWK may use slots and pages for others. */
	twin_destroy_all(proxy);
	map_die(&proxy->map);
	if (state != PROXY_NEW)
		process_cleanup(proxy);
	xa_erase(&pids, proxy->pid);
	wake_up_all(&pids_wait);
unlock:
	mutex_unlock(&proxy->lock);
}

static void end_work(struct work_struct *work)
{
	process_end(container_of(work, struct proxy, end_work));
}

/* Whoever gets the process's id next waits for its end. It may be over, and the id another's. */
static void pid_mark_closing(struct proxy *proxy)
{
	xa_lock(&pids);
	if (xa_load(&pids, proxy->pid) == proxy)
		__xa_set_mark(&pids, proxy->pid, PID_CLOSING);
	xa_unlock(&pids);
}

/* The process has ended, or there never was one. */
static void proxy_free(struct proxy *proxy)
{
	lend_exit(proxy);
	/* Nobody is left who might queue it. */
	cancel_work_sync(&proxy->end_work);
	map_exit(&proxy->map);
	if (proxy->map.inode) {
		iput(proxy->map.inode);
		simple_release_fs(&proxy_mount, &proxy_mounts);
	}
	put_pid(proxy->tgid);
	peer_put(proxy->peer);
	kfree_rcu(proxy, rcu);
}

/* A process without proxy is none of ours, or has just been cleaned up and does not wait. */
int mcctrl_on_revoke(struct peer_chan *from, const struct ikc_packet *packet)
{
	const struct msg_revoke *body = (const void *)packet->u.bytes;
	struct proxy *proxy;
	int err = 0;

	rcu_read_lock();
	proxy = xa_load(&pids, body->pid);
	if (proxy && proxy->peer == from->peer)
		err = map_revoke_later(&proxy->map, body);
	rcu_read_unlock();
	return err;
}

static void free_work(struct work_struct *work)
{
	struct proxy *proxy = container_of(work, struct proxy, free_work);

	process_end(proxy);
	proxy_free(proxy);
	module_put(THIS_MODULE);
}

/*
 * Limits: the proxy's own address space must hold the program's, whose limit the LWK
 * enforces.
 */

static void limit_lift(struct proxy *proxy)
{
	struct rlimit *limit = &current->signal->rlim[RLIMIT_AS];

	task_lock(current->group_leader);
	proxy->as_limit = *limit;
	limit->rlim_cur = RLIM_INFINITY;
	limit->rlim_max = RLIM_INFINITY;
	task_unlock(current->group_leader);
}

/* For what the process does next: execve(2). Once it has, it may have set the limit itself. */
static void limit_restore(const struct proxy *proxy)
{
	struct task_struct *task = get_pid_task(proxy->tgid, PIDTYPE_TGID);
	struct rlimit *limit;

	if (!task)
		return;
	limit = &task->signal->rlim[RLIMIT_AS];
	task_lock(task);
	if (limit->rlim_cur == RLIM_INFINITY && limit->rlim_max == RLIM_INFINITY)
		*limit = proxy->as_limit;
	task_unlock(task);
	put_task_struct(task);
}

/* For who traces the program. Another task that had the address space may be the last to leave. */
static void note_end(struct proxy *proxy)
{
	struct task_struct *task = get_pid_task(proxy->tgid, PIDTYPE_TGID);

	if (!task)
		return;
	proxy->executed = !(task->flags & PF_EXITING) && !task->signal->group_exit_code &&
			  task->mm && task->mm != proxy->mm;
	if (!proxy->executed)
		proxy->status = task->signal->group_exit_code ? : task->exit_code;
	put_task_struct(task);
}

void proxy_end(struct proxy *proxy)
{
	note_end(proxy);
	limit_restore(proxy);
	pid_mark_closing(proxy);
	queue_work(mcctrl_wq, &proxy->end_work);
}

/*
 * File
 */

static int proxy_release(struct inode *inode, struct file *file)
{
	struct proxy *proxy = file->private_data;

	mutex_lock(&proxy->peer->lock);
	list_del(&proxy->link);
	mutex_unlock(&proxy->peer->lock);
	limit_restore(proxy);
	pid_mark_closing(proxy);
	/* The file's own reference to the module is still there. */
	__module_get(THIS_MODULE);
	queue_work(mcctrl_wq, &proxy->free_work);
	return 0;
}

static bool is_own(const struct proxy *proxy)
{
	return task_tgid(current) == proxy->tgid && current->mm == proxy->mm;
}

static long proxy_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct proxy *proxy = file->private_data;

	if (cmd == MCCTRL_IOC_FORK_PROXY)
		return proxy_fork(proxy, (void __user *)arg);
	if (!is_own(proxy))
		return -EPERM;
	switch (cmd) {
	case MCCTRL_IOC_PREPARE_IMAGE:
		return proxy_prepare(proxy, (void __user *)arg);
	case MCCTRL_IOC_FILL_IMAGE:
		return proxy_fill(proxy, (void __user *)arg);
	case MCCTRL_IOC_START_IMAGE:
		return proxy_start(proxy);
	case MCCTRL_IOC_WAIT_SYSCALL:
		return twin_wait(proxy, (void __user *)arg);
	case MCCTRL_IOC_SEND_SIGNAL:
		return signal_send(proxy, (void __user *)arg);
	case MCCTRL_IOC_ADD_TWIN:
		return twin_add(proxy, (void __user *)arg);
	case MCCTRL_IOC_END_TWIN:
		return twin_end(proxy);
	default:
		return -ENOTTY;
	}
}

static int proxy_mmap(struct file *file, struct vm_area_struct *vma)
{
	return is_own(file->private_data) ? map_mmap(file, vma) : -EPERM;
}

static const struct file_operations proxy_fops = {
	.owner = THIS_MODULE,
	.release = proxy_release,
	.unlocked_ioctl = proxy_ioctl,
	.mmap = proxy_mmap,
	.llseek = noop_llseek,
};

/*
 * The file system that the inodes belong to. Mounted only while there are files: it
 * pins the module.
 */

static int proxy_fs_init(struct fs_context *fc)
{
	return init_pseudo(fc, MCCTRL_FS_MAGIC) ? 0 : -ENOMEM;
}

static struct file_system_type proxy_fs = {
	.name = "mcctrl",
	.owner = THIS_MODULE,
	.init_fs_context = proxy_fs_init,
	.kill_sb = kill_anon_super,
};

/* The proxy keeps the inode, and with it the file system. */
static int inode_create(struct proxy *proxy)
{
	struct inode *inode;
	int err;

	err = simple_pin_fs(&proxy_fs, &proxy_mount, &proxy_mounts);
	if (err)
		return err;
	inode = alloc_anon_inode(proxy_mount->mnt_sb);
	if (IS_ERR(inode)) {
		simple_release_fs(&proxy_mount, &proxy_mounts);
		return PTR_ERR(inode);
	}
	proxy->map.inode = inode;
	return 0;
}

/* On success the file has the proxy. */
static struct file *file_create(struct proxy *proxy)
{
	struct inode *inode;
	struct file *file;
	int err;

	err = inode_create(proxy);
	if (err)
		return ERR_PTR(err);
	inode = proxy->map.inode;
	ihold(inode);
	/* The file's. */
	__module_get(THIS_MODULE);
	file = alloc_file_pseudo(inode, proxy_mount, "mcctrl", O_RDWR, &proxy_fops);
	if (IS_ERR(file)) {
		module_put(THIS_MODULE);
		iput(inode);
		return file;
	}
	file->private_data = proxy;
	return file;
}

/*
 * Creation
 */

static bool site_ok(const struct mcctrl_create *req)
{
	return req->look <= req->made && req->made < TASK_SIZE_MAX && req->abort < TASK_SIZE_MAX;
}

static int caller_check(const struct mcctrl_create *req)
{
	if (req->version != MCCTRL_VERSION)
		return ihk_report(-EPROTO, "mcexec has version %u of mcctrl's requests, mcctrl has %u",
				  req->version, MCCTRL_VERSION);
	if (req->flags)
		return ihk_report(-EINVAL, "Unknown flags %#x", req->flags);
	if (!site_ok(req))
		return ihk_report(-EINVAL, "No place where calls could be made");
	if (in_compat_syscall())
		return ihk_report(-EINVAL, "A 32-bit process cannot be a proxy");
	if (!thread_group_leader(current) || !thread_group_empty(current))
		return ihk_report(-EBUSY, "A process with several threads cannot become a proxy");
	return 0;
}

/* Returns -EAGAIN while the id is still used by a process that has ended. */
static int pid_try(struct proxy *proxy)
{
	int err;

	/* In one piece: what is in the way may go at any moment, and its mark with it. */
	xa_lock(&pids);
	err = __xa_insert(&pids, proxy->pid, proxy, GFP_KERNEL);
	if (err == -EBUSY && xa_get_mark(&pids, proxy->pid, PID_CLOSING))
		err = -EAGAIN;
	xa_unlock(&pids);
	return err;
}

static int pid_claim(struct proxy *proxy)
{
	int err;

	err = pid_try(proxy);
	if (err == -EAGAIN &&
	    wait_event_killable(pids_wait, (err = pid_try(proxy)) != -EAGAIN))
		return -EINTR;
	if (err == -EBUSY)
		return ihk_report(err, "Process %u is a proxy already", proxy->pid);
	return err;
}

static struct proxy *proxy_alloc(struct peer *peer)
{
	struct proxy *proxy;

	proxy = kzalloc(sizeof(*proxy), GFP_KERNEL_ACCOUNT);
	if (!proxy)
		return NULL;
	proxy->peer = peer;
	proxy->pid = task_tgid_nr(current);
	proxy->tgid = get_pid(task_tgid(current));
	proxy->mm = current->mm;
	INIT_LIST_HEAD(&proxy->link);
	INIT_WORK(&proxy->end_work, end_work);
	INIT_WORK(&proxy->free_work, free_work);
	mutex_init(&proxy->lock);
	map_init(&proxy->map);
	return proxy;
}

/* On success the reference to the peer is the proxy's. */
static int proxy_make(struct peer *peer, struct proxy **out)
{
	struct proxy *proxy;
	int err;

	proxy = proxy_alloc(peer);
	if (!proxy)
		return -ENOMEM;
	err = pid_claim(proxy);
	if (err)
		goto free_proxy;
	err = lend_init(proxy);
	if (err)
		goto release_pid;
	*out = proxy;
	return 0;

release_pid:
	xa_erase(&pids, proxy->pid);
	wake_up_all(&pids_wait);
	/* The LWK could name it. */
	map_exit(&proxy->map);
free_proxy:
	put_pid(proxy->tgid);
	kfree_rcu(proxy, rcu);
	return err;
}

/* From now on the end of the LWK is the end of the process. */
static int proxy_list(struct proxy *proxy)
{
	struct peer *peer = proxy->peer;
	int err = 0;

	mutex_lock(&peer->lock);
	if (peer_is_dead(peer))
		err = -EPIPE;
	else
		list_add(&proxy->link, &peer->proxies);
	mutex_unlock(&peer->lock);
	return err;
}

/**
 * struct fork - a proxy that is made by fork()
 * @parent:	whose limits were lifted for both
 * @token:	of the process on the LWK
 */
struct fork {
	const struct proxy *parent;
	u64 token;
};

static int fork_take_over(struct proxy *proxy, struct file *file, const struct fork *fork)
{
	int err;

	err = proxy_adopt(proxy, fork->parent, fork->token);
	return err ? err : map_holes(file);
}

static int proxy_open(struct proxy *proxy, const struct fork *fork)
{
	struct file *file;
	int err;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto free_proxy;
	file = file_create(proxy);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto free_proxy;
	}
	if (fork)
		proxy->as_limit = fork->parent->as_limit;
	else
		limit_lift(proxy);
	err = proxy_list(proxy);
	if (!err && fork)
		err = fork_take_over(proxy, file, fork);
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return fd;

free_proxy:
	process_end(proxy);
	proxy_free(proxy);
	return fd;
}

long proxy_create(struct ihk_os *ihk, void __user *arg)
{
	struct mcctrl_create req;
	struct proxy *proxy;
	struct peer *peer;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	err = caller_check(&req);
	if (err)
		return err;
	err = peer_get(ihk, &peer);
	if (err)
		return err;
	err = proxy_make(peer, &proxy);
	if (err) {
		peer_put(peer);
		return err;
	}
	proxy->site = (struct call_site){ req.look, req.made, req.abort };
	return proxy_open(proxy, NULL);
}

static bool is_child(const struct proxy *parent)
{
	bool ret;

	rcu_read_lock();
	ret = task_tgid(rcu_dereference(current->real_parent)) == parent->tgid;
	rcu_read_unlock();
	return ret && thread_group_leader(current) && thread_group_empty(current);
}

long proxy_fork(struct proxy *parent, const struct mcctrl_fork __user *arg)
{
	struct fork fork = { .parent = parent };
	struct mcctrl_fork req;
	struct proxy *proxy;
	int err;

	if (!is_child(parent) || READ_ONCE(parent->state) != PROXY_STARTED)
		return -EPERM;
	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	fork.token = req.token;
	/* The caller's file keeps the parent, which keeps the peer. */
	kref_get(&parent->peer->ref);
	err = proxy_make(parent->peer, &proxy);
	if (err) {
		peer_put(parent->peer);
		return err;
	}
	proxy->site = parent->site;
	return proxy_open(proxy, &fork);
}

void proxy_exit(void)
{
	xa_destroy(&pids);
}

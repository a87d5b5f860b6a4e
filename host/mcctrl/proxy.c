// SPDX-License-Identifier: GPL-2.0-only
/*
 * A proxy's life.
 *
 * A process ends on the LWK when its address space on Linux does, even if a child still has the
 * file, or when the file is closed. One that shares its address space ends when it dies, or
 * executes a program, which closes the file for it. A work item does it: a task that is being
 * killed must not wait for an LWK that may be stuck.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "proxy.h"

#include <linux/compat.h>
#include <linux/file.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "core.h"
#include "image.h"

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
	if (!task->mm || task->mm == proxy->space->mm) {
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
	spares_lose(proxy);
	if (!twin_lose_all(proxy))
		process_kill(proxy);
	map_die(proxy->space);
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
	body->started = proxy->started;
	body->exec_id = proxy->exec_id + 1;
	err = control_call(control, REQUEST_KILLABLE);
	if (err && err != -EPIPE)
		pr_warn("mcos%d: process %u could not be cleaned up: error %d\n",
			ihk_os_index(proxy->peer->ihk), proxy->pid, err);
	control_put(control);
}

/* Afterwards the LWK knows nothing of the process. */
static void process_end(struct proxy *proxy)
{
	enum proxy_state state;

	mutex_lock(&proxy->lock);
	state = proxy->state;
	WRITE_ONCE(proxy->state, PROXY_ENDED);
	files_proxy_remove(proxy);
	/* Before the LWK may use slots and pages for others. */
	twin_destroy_all(proxy);
	spares_exit(proxy);
	if (state != PROXY_NEW) {
		map_flush(&proxy->space->map);
		pins_tell(proxy->peer, space_chan(proxy->space));
		process_cleanup(proxy);
	}
	mutex_unlock(&proxy->lock);
}

/* The process has ended, or there never was one. */
static void proxy_free(struct proxy *proxy)
{
	struct space *space = proxy->space;

	space_leave(space, proxy);
	/* Afterwards nobody finds it. */
	remove_wait_queue(&proxy->tgid->wait_pidfd, &proxy->exit_wait);
	proxy_release_id(proxy);
	put_pid(proxy->tgid);
	core_free(rcu_dereference_protected(proxy->core, true));
	kfree_rcu(proxy, rcu);
	space_put(space);
}

static void end_work(struct work_struct *work)
{
	struct proxy *proxy = container_of(work, struct proxy, end_work);

	/* Once it is off the list the frames may change hands without it, at the LWK's end. */
	space_end_one(proxy->space, proxy);
	mutex_lock(&proxy->peer->lock);
	list_del(&proxy->link);
	mutex_unlock(&proxy->peer->lock);
	process_end(proxy);
	proxy_free(proxy);
}

/* For who traces the program. Another task that had the address space may be the last to leave. */
static void note_end(struct proxy *proxy)
{
	struct task_struct *task = get_pid_task(proxy->tgid, PIDTYPE_TGID);

	if (!task)
		return;
	/* In an execve files are closed before the address space is another. */
	proxy->executed = !(task->flags & PF_EXITING) && !task->signal->group_exit_code &&
			  task->mm && (task->mm != proxy->space->mm ||
				       (current->in_execve && task_tgid(current) == proxy->tgid));
	if (!proxy->executed)
		proxy->status = task->signal->group_exit_code ? : task->exit_code;
	put_task_struct(task);
}

void proxy_end(struct proxy *proxy)
{
	proxy_mark_closing(proxy);
	if (test_and_set_bit(0, &proxy->ending))
		return;
	note_end(proxy);
	queue_work(mcctrl_wq, &proxy->end_work);
}

/* Has the last of the process's threads died? */
static bool process_is_dead(const struct proxy *proxy)
{
	struct task_struct *leader;
	bool dead;

	rcu_read_lock();
	leader = pid_task(proxy->tgid, PIDTYPE_TGID);
	dead = !leader || (leader->exit_state && thread_group_empty(leader));
	rcu_read_unlock();
	return dead;
}

/* Called as a pidfd becomes readable: interrupts are off, and Linux's tasklist_lock is held. */
static int on_exit(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	struct proxy *proxy = container_of(entry, struct proxy, exit_wait);

	if (process_is_dead(proxy))
		proxy_end(proxy);
	return 0;
}

void proxy_left(const struct space *space)
{
	struct proxy *proxy;

	/* That is about to get another address space, or has it. */
	if (!current->in_execve)
		return;
	rcu_read_lock();
	proxy = proxy_find_for(task_tgid_nr(current), space);
	if (proxy) {
		proxy_limit_restore(proxy);
		proxy_end(proxy);
	}
	rcu_read_unlock();
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

/* Once it has executed a program, it may have set the limit itself. */
void proxy_limit_restore(const struct proxy *proxy)
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

static struct proxy *proxy_alloc(struct space *space)
{
	struct proxy *proxy;

	proxy = kzalloc(sizeof(*proxy), GFP_KERNEL_ACCOUNT);
	if (!proxy)
		return NULL;
	proxy->peer = space->peer;
	proxy->space = space;
	proxy->pid = task_tgid_nr(current);
	proxy->tgid = get_pid(task_tgid(current));
	proxy->started = current->group_leader->start_boottime;
	proxy->exec_id = current->self_exec_id;
	INIT_LIST_HEAD(&proxy->link);
	init_waitqueue_func_entry(&proxy->exit_wait, on_exit);
	INIT_WORK(&proxy->end_work, end_work);
	init_waitqueue_head(&proxy->halt_wait);
	mutex_init(&proxy->lock);
	spares_init(&proxy->spares);
	return proxy;
}

/* On success the proxy has its own reference to the space. */
static int proxy_make(struct space *space, struct proxy **out)
{
	struct proxy *proxy;
	int err;

	proxy = proxy_alloc(space);
	if (!proxy)
		return -ENOMEM;
	err = proxy_claim_id(proxy);
	if (err)
		goto free_proxy;
	err = -ESRCH;
	if (!space_add(space, proxy))
		goto release_pid;
	kref_get(&space->ref);
	add_wait_queue(&proxy->tgid->wait_pidfd, &proxy->exit_wait);
	*out = proxy;
	return 0;

release_pid:
	proxy_release_id(proxy);
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

/* The process lives on as something else, or is being killed, and must not wait for the LWK. */
static void proxy_abandon(struct proxy *proxy)
{
	proxy_limit_restore(proxy);
	proxy_end(proxy);
}

static int space_fill(struct space *space, struct file *file, const struct fork *fork)
{
	struct proxy *proxy;
	int err;

	err = proxy_make(space, &proxy);
	if (err)
		return err;
	proxy->forked = fork;
	if (fork)
		proxy->as_limit = fork->as_limit;
	else
		limit_lift(proxy);
	err = proxy_list(proxy);
	if (!err && fork)
		err = proxy_adopt(proxy, fork);
	if (!err && fork && file) {
		WRITE_ONCE(space->cpu, proxy->cpu);
		err = map_holes(file);
	}
	if (err)
		proxy_abandon(proxy);
	return err;
}

/* A space for the calling process. Return: a descriptor, or 0 with @fork->no_fd; or -errno. */
static int space_make(struct peer *peer, const struct call_site *site, const struct fork *fork)
{
	const bool no_fd = fork && fork->no_fd;
	struct space *space;
	struct file *file;
	int err;
	int fd;

	err = space_create(peer, &space);
	if (err)
		return err;
	space->site = *site;
	if (fork) {
		space->vdso = fork->vdso;
		image_set(space, image_get(fork->space));
	}
	fd = no_fd ? 0 : get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto put_space;
	file = space_open(space);
	err = PTR_ERR_OR_ZERO(file);
	if (err)
		goto put_fd;
	err = space_fill(space, file, fork);
	if (err)
		goto put_file;
	if (no_fd)
		space_keep(space, file);
	else
		fd_install(fd, file);
	space_put(space);
	return fd;

put_file:
	fput(file);
put_fd:
	if (!no_fd)
		put_unused_fd(fd);
	fd = err;
put_space:
	space_put(space);
	return fd;
}

long proxy_create(struct ihk_os *ihk, void __user *arg)
{
	struct mcctrl_create req;
	struct call_site site;
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
	site = (struct call_site){ req.look, req.made, req.abort };
	err = space_make(peer, &site, NULL);
	peer_put(peer);
	return err;
}

static bool same_ids(const struct cred *a, const struct cred *b)
{
	return uid_eq(a->uid, b->uid) && uid_eq(a->euid, b->euid) && uid_eq(a->suid, b->suid) &&
	       gid_eq(a->gid, b->gid) && gid_eq(a->egid, b->egid) && gid_eq(a->sgid, b->sgid);
}

/*
 * Did a process make the caller? It is its child, or by CLONE_PARENT its sibling. Siblings that
 * others made are refused by their users: one of the same user could do as much by ptrace(2).
 */
static bool made_caller(u32 pid)
{
	struct task_struct *parent = rcu_dereference(current->real_parent);
	struct task_struct *maker = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_TGID);

	if (!maker || task_tgid_nr(parent) == pid)
		return maker;
	return same_thread_group(rcu_dereference(maker->real_parent), parent) &&
	       same_ids(__task_cred(maker), current_cred());
}

/* Was the caller made by a process that uses this space's file? */
static int fork_begin(const struct space *space, u32 creator, struct fork *fork)
{
	struct proxy *parent;
	int err = -EPERM;

	if (!thread_group_leader(current) || !thread_group_empty(current))
		return err;
	rcu_read_lock();
	parent = made_caller(creator) ? proxy_find_for(creator, space) : NULL;
	if (parent && READ_ONCE(parent->state) == PROXY_STARTED &&
	    kref_get_unless_zero(&parent->space->ref)) {
		fork->space = parent->space;
		fork->parent = parent->pid;
		fork->cpu = READ_ONCE(parent->cpu);
		fork->as_limit = parent->as_limit;
		fork->vdso = parent->space->vdso;
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

long proxy_fork(struct space *space, const struct mcctrl_fork __user *arg)
{
	struct mcctrl_fork req;
	struct fork fork;
	int ret;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (req.flags & ~MCCTRL_FORK_NO_FD)
		return -EINVAL;
	ret = fork_begin(space, req.creator, &fork);
	if (ret)
		return ret;
	fork.token = req.token;
	fork.no_fd = req.flags & MCCTRL_FORK_NO_FD;
	/* Of the same address space, it has the same file. */
	if (current->mm == fork.space->mm)
		ret = space_fill(fork.space, NULL, &fork);
	else
		ret = space_make(space->peer, &fork.space->site, &fork);
	space_put(fork.space);
	return ret;
}

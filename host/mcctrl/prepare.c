// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and starting the process on the LWK.
 *
 * The load descriptor comes from mcexec. What the LWK is to believe about the process
 * is filled in here, from the calling task.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include "proxy.h"

#include <linux/cred.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <asm/vdso.h>

#include "check.h"
#include "clocks.h"
#include "image.h"
#include "usage.h"

static_assert(sizeof(struct program_load_desc) <= OFFLOAD_BUFFER_LEN);
static_assert(PROGRAM_MAX_RLIMITS == RLIM_NLIMITS);
static_assert(PROGRAM_COMM_LEN == TASK_COMM_LEN);
static_assert(RLIM_INFINITY == ~0UL);

static void fill_creds(struct program_load_desc *desc)
{
	const struct cred *cred = current_cred();
	struct user_namespace *ns = current_user_ns();

	desc->uid[0] = from_kuid_munged(ns, cred->uid);
	desc->uid[1] = from_kuid_munged(ns, cred->euid);
	desc->uid[2] = from_kuid_munged(ns, cred->suid);
	desc->uid[3] = from_kuid_munged(ns, cred->fsuid);
	desc->gid[0] = from_kgid_munged(ns, cred->gid);
	desc->gid[1] = from_kgid_munged(ns, cred->egid);
	desc->gid[2] = from_kgid_munged(ns, cred->sgid);
	desc->gid[3] = from_kgid_munged(ns, cred->fsgid);
	/* mcexec never changes who it is, so a difference was there when it was executed. */
	desc->secure = desc->secure || !uid_eq(cred->uid, cred->euid) ||
		       !gid_eq(cred->gid, cred->egid);
}

u32 proxy_caps(void)
{
	const struct cred *cred = current_cred();
	u32 caps = 0;

	/* In a user namespace they are none, for what the LWK asks them for. */
	if (cred->user_ns != &init_user_ns)
		return 0;
	if (cap_raised(cred->cap_effective, CAP_SYS_RESOURCE))
		caps |= OFFLOAD_CAP_RESOURCE;
	if (cap_raised(cred->cap_effective, CAP_IPC_LOCK))
		caps |= OFFLOAD_CAP_IPC_LOCK;
	if (cap_raised(cred->cap_effective, CAP_SYS_NICE))
		caps |= OFFLOAD_CAP_NICE;
	return caps;
}

static void fill_limits(const struct proxy *proxy, struct program_load_desc *desc)
{
	const struct rlimit *rlim = current->signal->rlim;
	u32 i;

	task_lock(current->group_leader);
	for (i = 0; i < PROGRAM_MAX_RLIMITS; i++) {
		desc->rlimits[i].cur = rlim[i].rlim_cur;
		desc->rlimits[i].max = rlim[i].rlim_max;
	}
	task_unlock(current->group_leader);
	desc->rlimits[RLIMIT_AS].cur = proxy->as_limit.rlim_cur;
	desc->rlimits[RLIMIT_AS].max = proxy->as_limit.rlim_max;
}

/* What the program inherits; mcexec has changed nothing of it yet. */
static void fill_signals(struct program_load_desc *desc)
{
	/* A living thread's own. */
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	u32 i;

	static_assert(_NSIG == 64);
	desc->sig_ignored = 0;
	spin_lock_irq(&sighand->siglock);
	for (i = 0; i < _NSIG; i++)
		if (sighand->action[i].sa.sa_handler == SIG_IGN)
			desc->sig_ignored |= BIT_ULL(i);
	desc->sig_blocked = current->blocked.sig[0];
	spin_unlock_irq(&sighand->siglock);
}

/* What the next program has of the caller, who gives it up then: user/mcexec/policy.h. */
static void fill_sched(struct program_load_desc *desc)
{
	bool known = current->policy != SCHED_DEADLINE;

	desc->policy = known ? current->policy : SCHED_NORMAL;
	if (current->sched_reset_on_fork)
		desc->policy |= SCHED_RESET_ON_FORK;
	desc->nice = task_nice(current);
	desc->priority = known ? current->rt_priority : 0;
}

/*
 * None if it lies in the user range, where mcexec lets nothing be. Who moves it, moves the time
 * pages with it: its code finds them by the distance.
 */
static void fill_vdso(struct program_load_desc *desc)
{
	const struct vdso_image *image = current->mm->context.vdso_image;
	u64 start = (unsigned long)current->mm->context.vdso;

	desc->vvar_start = 0;
	desc->vvar_end = 0;
	desc->vdso_start = 0;
	desc->vdso_end = 0;
	if (!image || start < LWK_USER_END + (u64)-image->sym_vvar_start)
		return;
	desc->vvar_start = start + image->sym_vvar_start;
	desc->vvar_end = start;
	desc->vdso_start = start;
	desc->vdso_end = start + image->size;
}

static void fill_desc(const struct proxy *proxy, struct program_load_desc *desc)
{
	desc->pid = proxy->pid;
	desc->vpid = task_tgid_vnr(current);
	desc->vppid = task_ppid_nr_ns(current, task_active_pid_ns(current));
	desc->pid_ns = task_active_pid_ns(current)->ns.inum;
	fill_creds(desc);
	fill_limits(proxy, desc);
	fill_signals(desc);
	usage_before(&desc->user_ns, &desc->kernel_ns);
	fill_sched(desc);
	memset(&desc->clocks, 0, sizeof(desc->clocks));
	if (desc->vvar_start)
		clocks_describe(&desc->clocks);
	desc->started = proxy->started;
	/* Linux takes this away from who has rights that the program before did not have. */
	desc->exec_id = get_dumpable(current->mm) == SUID_DUMP_USER ? proxy->exec_id : 0;
	get_random_bytes(desc->random, sizeof(desc->random));
}

/* Return: the highest CPU of the set, -1 if it is empty. */
static int last_cpu(const struct program_load_desc *desc)
{
	int i;

	for (i = ARRAY_SIZE(desc->cpus) - 1; i >= 0; i--) {
		if (desc->cpus[i])
			return i * 64 + fls64(desc->cpus[i]) - 1;
	}
	return -1;
}

static int desc_get(const struct proxy *proxy, u64 addr, struct program_load_desc **out)
{
	struct program_load_desc *desc;
	int err;

	desc = memdup_user(u64_to_user_ptr(addr), sizeof(*desc));
	if (IS_ERR(desc))
		return PTR_ERR(desc);
	fill_vdso(desc);
	err = check_desc(desc);
	/* -1: the LWK chooses. */
	if (!err && desc->cpu >= 0 && desc->cpu >= proxy->peer->ncpus)
		err = -EINVAL;
	if (!err && last_cpu(desc) >= (int)proxy->peer->ncpus)
		err = -EINVAL;
	if (err) {
		kfree(desc);
		return err;
	}
	fill_desc(proxy, desc);
	*out = desc;
	return 0;
}

static int layout_check(const struct proxy *proxy, const struct program_layout *layout)
{
	struct peer *peer = proxy->peer;

	if (!check_layout(layout, peer->ncpus) &&
	    peer_granted(peer, layout->slot, layout->slot + PAGE_SIZE))
		return 0;
	pr_warn_ratelimited("mcos%d: process %u was prepared with slot %#llx on CPU %u of %u\n",
			    ihk_os_index(peer->ihk), proxy->pid, layout->slot, layout->cpu,
			    peer->ncpus);
	return -EPROTO;
}

/* The LWK's part. */
static int prepare_call(struct proxy *proxy, const struct program_load_desc *desc,
			struct program_layout *layout)
{
	u32 cpu = desc->cpu < 0 ? 0 : desc->cpu;
	struct msg_process *body;
	struct control *control;
	int err;

	err = control_get(proxy->peer, cpu, REQUEST_KILLABLE, &control);
	if (err)
		return err;
	memcpy(control->buffer, desc, sizeof(*desc));
	body = request_begin(&control->request, IKC_MSG_PREPARE_PROCESS,
			     IKC_MSG_PREPARE_PROCESS_ACKED);
	control->request.refusal = IKC_MSG_PREPARE_PROCESS_NACKED;
	body->pid = proxy->pid;
	body->len = sizeof(*desc);
	proxy->state = PROXY_PREPARED;
	/* Killed now, the process is cleaned up on this channel, after what is still out on it. */
	proxy->cpu = cpu;
	err = control_call(control, REQUEST_KILLABLE);
	if (err == -EINTR)
		return err;
	/* A refusal without an error would be nonsense. */
	if (!err && control->request.packet.msg != IKC_MSG_PREPARE_PROCESS_ACKED)
		err = -EPROTO;
	if (err)
		proxy->state = PROXY_NEW;
	else
		memcpy(layout, control->buffer, sizeof(*layout));
	control_put(control);
	return err;
}

/* The LWK's part, and what comes of it. Once it may know the process, that is not prepared anew. */
static int image_prepare(struct proxy *proxy, const struct program_load_desc *desc,
			 struct program_layout *layout)
{
	struct image *image;
	int err;

	image = image_create(proxy->space, desc);
	if (!image)
		return -ENOMEM;
	err = prepare_call(proxy, desc, layout);
	if (!err)
		err = layout_check(proxy, layout);
	if (err) {
		image_put(image);
		return err;
	}
	image_place(image, desc, layout);
	image_set(proxy->space, image);
	return 0;
}

static int prepare_locked(struct proxy *proxy, const struct program_load_desc *desc,
			  struct program_layout *layout)
{
	int err;

	lockdep_assert_held(&proxy->lock);
	if (proxy->state != PROXY_NEW)
		return -EBUSY;
	err = image_prepare(proxy, desc, layout);
	if (err)
		return err;
	proxy->cpu = layout->cpu;
	proxy->space->cpu = layout->cpu;
	proxy->space->vdso = (struct vdso){
		.vvar_start = desc->vvar_start,
		.vvar_end = desc->vvar_end,
		.vdso_start = desc->vdso_start,
		.vdso_end = desc->vdso_end,
	};
	if (!space_know(proxy->space, proxy))
		return -ESRCH;
	return twin_create(proxy, layout->slot);
}

long proxy_prepare(struct proxy *proxy, struct mcctrl_prepare __user *arg)
{
	struct program_load_desc *desc;
	struct mcctrl_prepare req;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	err = desc_get(proxy, req.desc, &desc);
	if (err)
		return err;
	err = mutex_lock_killable(&proxy->lock);
	if (err)
		goto free_desc;
	err = prepare_locked(proxy, desc, &req.layout);
	mutex_unlock(&proxy->lock);
	if (err)
		goto free_desc;
	req.layout.slot = 0; /* nobody's business */
	if (copy_to_user(arg, &req, sizeof(req)))
		err = -EFAULT;
free_desc:
	kfree(desc);
	return err;
}

/* The LWK's part. */
static int adopt_call(struct proxy *proxy, const struct fork *fork,
		      struct msg_adopt_answer *answer)
{
	struct control *control;
	struct msg_adopt *body;
	int err;

	err = control_get(proxy->peer, fork->cpu, REQUEST_KILLABLE, &control);
	if (err)
		return err;
	body = request_begin(&control->request, IKC_MSG_ADOPT_PROCESS,
			     IKC_MSG_ADOPT_PROCESS_DONE);
	body->parent = fork->parent;
	body->pid = proxy->pid;
	body->vpid = task_tgid_vnr(current);
	body->vppid = task_ppid_nr_ns(current, task_active_pid_ns(current));
	body->pid_ns = task_active_pid_ns(current)->ns.inum;
	body->token = fork->token;
	proxy->state = PROXY_PREPARED;
	/* As in prepare_call(). */
	proxy->cpu = fork->cpu;
	err = control_call(control, REQUEST_KILLABLE);
	if (err == -EINTR)
		return err;
	if (err)
		proxy->state = PROXY_NEW;
	else
		memcpy(answer, control->request.packet.u.bytes, sizeof(*answer));
	control_put(control);
	return err;
}

static int adopt_locked(struct proxy *proxy, const struct fork *fork)
{
	struct msg_adopt_answer answer;
	struct program_layout layout;
	int err;

	lockdep_assert_held(&proxy->lock);
	err = adopt_call(proxy, fork, &answer);
	if (err)
		return err;
	layout = (struct program_layout){
		.slot = answer.slot,
		.cpu = answer.cpu,
		.reserved0 = answer.shares & ~1U,
	};
	err = layout_check(proxy, &layout);
	if (err)
		return err;
	if (answer.shares) {
		WRITE_ONCE(fork->space->shared, true);
		WRITE_ONCE(proxy->space->shared, true);
	}
	proxy->cpu = answer.cpu;
	/* The LWK has it nevertheless, until its end. */
	if (!space_know(proxy->space, proxy))
		return -ESRCH;
	return twin_create(proxy, answer.slot);
}

int proxy_adopt(struct proxy *proxy, const struct fork *fork)
{
	int err;

	err = mutex_lock_killable(&proxy->lock);
	if (err)
		return err;
	err = adopt_locked(proxy, fork);
	mutex_unlock(&proxy->lock);
	return err;
}

static int start_locked(struct proxy *proxy)
{
	struct msg_process *body;
	struct control *control;
	int err;

	lockdep_assert_held(&proxy->lock);
	if (proxy->state != PROXY_PREPARED || atomic_read(&proxy->space->unfilled))
		return -EINVAL;
	err = control_get(proxy->peer, proxy->cpu, REQUEST_KILLABLE, &control);
	if (err)
		return err;
	body = request_begin(&control->request, IKC_MSG_SCHEDULE_PROCESS,
			     IKC_MSG_SCHEDULE_PROCESS_DONE);
	body->pid = proxy->pid;
	err = control_call(control, REQUEST_KILLABLE);
	if (err == -EINTR)
		return err;
	control_put(control);
	if (err)
		return err;
	WRITE_ONCE(proxy->state, PROXY_STARTED);
	WRITE_ONCE(proxy->began, true);
	/* For who has made the process: proxy_await(). Its end wakes them, too. */
	wake_up_all(&proxy->tgid->wait_pidfd);
	files_proxy_add(proxy);
	return 0;
}

long proxy_start(struct proxy *proxy)
{
	int err;

	err = mutex_lock_killable(&proxy->lock);
	if (err)
		return err;
	err = start_locked(proxy);
	mutex_unlock(&proxy->lock);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spare twins; see spare.h.
 */
#include "spare.h"

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "proxy.h"
#include "twin.h"

/* What pthread_create(3) shares, of what Linux is told. */
#define SHARED (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)

/* How often is looked whether a thread has gone, which nothing else tells. */
#define GONE_US 50

/** enum spare_state - what is to become of a spare; proxy->lock */
enum spare_state {
	SPARE_WAITING,
	SPARE_TAKEN,	/* its thread is a twin, and frees this */
	SPARE_DROPPED,	/* its thread ends; this is freed when it has gone */
};

/**
 * struct spare - a spare
 * @link:	in spares.waiting or spares.leaving
 * @state:	enum spare_state; also read by its thread without the lock
 * @task:	its thread, with a reference
 * @twin:	what it will be, NULL if it has been taken
 */
struct spare {
	struct list_head link;
	enum spare_state state;
	struct task_struct *task;
	struct twin *twin;
};

void spares_init(struct spares *spares)
{
	INIT_LIST_HEAD(&spares->waiting);
	INIT_LIST_HEAD(&spares->leaving);
	init_waitqueue_head(&spares->wait);
}

bool spares_any(const struct proxy *proxy)
{
	return READ_ONCE(proxy->spares.nwaiting);
}

void spares_lose(struct proxy *proxy)
{
	wake_up_all(&proxy->spares.wait);
}

static struct spare *spare_create(struct proxy *proxy)
{
	struct spare *spare = kzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);

	if (!spare)
		return NULL;
	spare->twin = twin_alloc(proxy);
	if (!spare->twin) {
		kfree(spare);
		return NULL;
	}
	spare->task = get_task_struct(current);
	return spare;
}

static void spare_destroy(struct spare *spare)
{
	if (spare->twin)
		twin_free(spare->twin);
	put_task_struct(spare->task);
	kfree(spare);
}

static void unlink_locked(struct proxy *proxy, struct spare *spare)
{
	list_del(&spare->link);
	WRITE_ONCE(proxy->spares.nwaiting, proxy->spares.nwaiting - 1);
}

static void drop_locked(struct proxy *proxy, struct spare *spare)
{
	unlink_locked(proxy, spare);
	list_add_tail(&spare->link, &proxy->spares.leaving);
	WRITE_ONCE(spare->state, SPARE_DROPPED);
	wake_up_process(spare->task);
}

/* Linux forgets that last of a thread's place in its process. */
static bool has_gone(const struct spare *spare)
{
	return !READ_ONCE(spare->task->sighand);
}

static void forget_gone_locked(struct proxy *proxy)
{
	struct spare *spare, *next;

	lockdep_assert_held(&proxy->lock);
	list_for_each_entry_safe(spare, next, &proxy->spares.leaving, link) {
		if (!has_gone(spare))
			continue;
		list_del(&spare->link);
		spare_destroy(spare);
	}
}

void spares_exit(struct proxy *proxy)
{
	struct spare *spare, *next;

	lockdep_assert_held(&proxy->lock);
	list_for_each_entry_safe(spare, next, &proxy->spares.leaving, link) {
		list_del(&spare->link);
		spare_destroy(spare);
	}
}

/*
 * A spare's thread
 */

static int wait_for_use(struct proxy *proxy, const struct spare *spare)
{
	int err;

	err = wait_event_interruptible(proxy->spares.wait,
				       READ_ONCE(spare->state) != SPARE_WAITING ||
				       peer_is_dead(proxy->peer));
	return err ? -EINTR : -EPIPE;
}

/* Returns what has become of it, @err if nothing has. One that was dropped is not ours any more. */
static int leave(struct proxy *proxy, struct spare *spare, int err)
{
	mutex_lock(&proxy->lock);
	switch (spare->state) {
	case SPARE_TAKEN:
		err = 0;
		break;
	case SPARE_DROPPED:
		mutex_unlock(&proxy->lock);
		return -ECANCELED;
	default:
		unlink_locked(proxy, spare);
		break;
	}
	mutex_unlock(&proxy->lock);
	spare_destroy(spare);
	return err;
}

long spare_wait(struct proxy *proxy)
{
	struct spare *spare;
	int err;

	/* The first thread has been a twin, and is none of pthread_create(3). */
	if (twin_current(proxy) || thread_group_leader(current) ||
	    READ_ONCE(proxy->state) != PROXY_STARTED)
		return -EINVAL;
	spare = spare_create(proxy);
	if (!spare)
		return -ENOMEM;
	err = mutex_lock_killable(&proxy->lock);
	if (err) {
		spare_destroy(spare);
		return err;
	}
	forget_gone_locked(proxy);
	list_add_tail(&spare->link, &proxy->spares.waiting);
	WRITE_ONCE(proxy->spares.nwaiting, proxy->spares.nwaiting + 1);
	mutex_unlock(&proxy->lock);
	err = leave(proxy, spare, wait_for_use(proxy, spare));
	/* Its thread on the LWK runs already, and is to stop with the others. */
	if (!err)
		twin_tell_stop(twin_current(proxy));
	return err;
}

/*
 * Who has use for spares, or not
 */

/* Return: whether their threads have gone. */
static bool dropped_locked(struct proxy *proxy)
{
	struct spare *spare, *next;

	lockdep_assert_held(&proxy->lock);
	list_for_each_entry_safe(spare, next, &proxy->spares.waiting, link)
		drop_locked(proxy, spare);
	forget_gone_locked(proxy);
	return list_empty(&proxy->spares.leaving);
}

long spare_drop_all(struct proxy *proxy)
{
	bool gone;

	if (!twin_current(proxy))
		return -EINVAL;
	for (;;) {
		if (mutex_lock_killable(&proxy->lock))
			return -EINTR;
		gone = dropped_locked(proxy);
		mutex_unlock(&proxy->lock);
		if (gone)
			return 0;
		/* Those who are to end may have stopped, and with them the caller is to stop. */
		if (signal_pending(current))
			return -EINTR;
		usleep_range(GONE_US, 2 * GONE_US);
	}
}

static struct spare *find_locked(struct proxy *proxy)
{
	struct spare *spare;

	list_for_each_entry(spare, &proxy->spares.waiting, link)
		if (spare_same(spare->task))
			return spare;
	return NULL;
}

/* As of a thread that has just been made. Nobody but /proc and accounting reads it. */
static void set_start(struct task_struct *task)
{
	task->start_time = ktime_get_ns();
	task->start_boottime = ktime_get_boottime_ns();
}

/* The program's id of it above Linux's, as OFFLOAD_NR_THREAD has them. */
static s64 ids_of(struct task_struct *task)
{
	return (s64)task_pid_vnr(task) << 32 | task_pid_nr(task);
}

static bool take_locked(struct twin *creator, bool *asleep)
{
	struct proxy *proxy = creator->proxy;
	struct spare *spare;

	if (!proxy->spares.nwaiting || !spare_may_count(proxy->spares.nwaiting))
		return false;
	spare = find_locked(proxy);
	if (!spare) {
		/* The next one is to be like this creator. */
		drop_locked(proxy, list_first_entry(&proxy->spares.waiting, struct spare, link));
		return false;
	}
	if (twin_install(spare->twin, creator->child_slot))
		return false;
	spare->twin = NULL;
	unlink_locked(proxy, spare);
	set_start(spare->task);
	creator->serving = false;
	*asleep = twin_answer_thread(creator, ids_of(spare->task));
	WRITE_ONCE(spare->state, SPARE_TAKEN);
	wake_up_process(spare->task);
	return true;
}

bool spare_take(struct twin *creator, const u64 *args, int *err)
{
	struct proxy *proxy = creator->proxy;
	bool asleep = false;
	bool taken;

	/* Nor with an id that is chosen. */
	if (args[1] != SHARED || args[5])
		return false;
	mutex_lock(&proxy->lock);
	taken = take_locked(creator, &asleep);
	mutex_unlock(&proxy->lock);
	*err = asleep ? twin_send(proxy, creator->tid, IKC_MSG_WAKE_UP_SYSCALL_THREAD) : 0;
	return taken;
}

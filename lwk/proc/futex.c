// SPDX-License-Identifier: GPL-2.0-only
/*
 * Futexes. A waiter queues first and looks at the word then, so a waker who has changed the
 * word either is seen or finds the waiter. Who is woken is taken off the queue by the waker; every
 * waiter takes its bucket's lock once more before it leaves, after which nobody knows it.
 *
 * Both buckets of a move are locked, the second by trying.
 */
#include "lwk/include/proc/futex.h"

#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define BUCKETS 256U

struct bucket {
	struct spinlock lock;
	struct list_node waiters;
} __cacheline_aligned;

/*
 * On the stack of a thread that waits. The lock of @bucket protects all but @thread, @bits; it
 * changes with both buckets locked.
 */
struct waiter {
	struct list_node link;
	struct bucket *bucket;
	struct vm *vm;
	vaddr_t addr;
	bool queued;
	struct thread *thread;
	u32 bits;
};

static struct bucket buckets[BUCKETS];

void futex_init(void)
{
	for (u32 i = 0; i < BUCKETS; i++) {
		spin_lock_init(&buckets[i].lock, LOCK_RANK_FUTEX, "futex");
		list_init(&buckets[i].waiters);
	}
}

static struct bucket *bucket_of(const struct vm *vm, vaddr_t addr)
{
	u64 hash = ((u64)vm >> 6 ^ addr >> 2) * 0x9e3779b97f4a7c15ULL;

	return &buckets[hash >> 56];
}

_Static_assert(BUCKETS == 1U << 8, "the hash is eight bits");

static struct vm *own_vm(void)
{
	return task_current()->process->vm;
}

static int found_linux(const struct vm_range *range, void *ctx)
{
	(void)ctx;
	return range->ops == &linux_range_ops;
}

bool futex_is_linux(vaddr_t addr)
{
	return vm_for_each_in(own_vm(), addr, addr + 1, found_linux, NULL);
}

static bool sound(vaddr_t addr)
{
	return IS_ALIGNED(addr, sizeof(u32));
}

static void enqueue(struct waiter *waiter)
{
	struct bucket *bucket = bucket_of(waiter->vm, waiter->addr);
	u64 irq = spin_lock_irqsave(&bucket->lock);

	waiter->bucket = bucket;
	waiter->queued = true;
	list_add_tail(&waiter->link, &bucket->waiters);
	spin_unlock_irqrestore(&bucket->lock, irq);
}

/* Lock the bucket that a waiter is in, which may change until then. */
static struct bucket *lock_bucket_of(struct waiter *waiter, u64 *irq)
{
	struct bucket *bucket;

	for (;;) {
		bucket = READ_ONCE(waiter->bucket);
		*irq = spin_lock_irqsave(&bucket->lock);
		if (bucket == waiter->bucket)
			return bucket;
		spin_unlock_irqrestore(&bucket->lock, *irq);
	}
}

/* Return: whether it was still waiting, not woken. */
static bool dequeue(struct waiter *waiter)
{
	u64 irq;
	struct bucket *bucket = lock_bucket_of(waiter, &irq);
	bool queued = waiter->queued;

	if (queued)
		list_del(&waiter->link);
	waiter->queued = false;
	spin_unlock_irqrestore(&bucket->lock, irq);
	return queued;
}

/* Return: 0: woken, or out of time; -EINTR. */
static int sleep_until(const struct waiter *waiter, u64 deadline)
{
	struct process *process = task_current()->process;
	int err = 0;

	for (;;) {
		thread_prepare_wait();
		if (!READ_ONCE(waiter->queued) || time_ns() >= deadline)
			break;
		if (signal_deliverable() || process_is_gone(process)) {
			err = -EINTR;
			break;
		}
		thread_wait(deadline);
	}
	thread_finish_wait();
	return err;
}

s64 futex_wait(vaddr_t addr, u32 value, u32 bits, u64 deadline)
{
	struct waiter waiter = {
		.vm = own_vm(), .addr = addr, .thread = thread_current(), .bits = bits,
	};
	u32 found;
	int err;

	if (!sound(addr) || !bits)
		return -EINVAL;
	enqueue(&waiter);
	err = copy_from_user(&found, addr, sizeof(found));
	if (!err && found != value)
		err = -EAGAIN;
	if (!err)
		err = sleep_until(&waiter, deadline);
	/* Who was woken meanwhile has used that wake up, whatever else there was. */
	if (!dequeue(&waiter))
		return 0;
	if (err == -EINTR)
		return deadline == THREAD_NO_DEADLINE ? -ERESTARTSYS : -ERESTARTNOHAND;
	return err ? err : -ETIMEDOUT;
}

static bool waits_for(const struct waiter *waiter, const struct vm *vm, vaddr_t addr)
{
	return waiter->addr == addr && waiter->vm == vm;
}

static void wake_locked(struct waiter *waiter)
{
	ASSERT(spin_lock_held(&waiter->bucket->lock));
	list_del(&waiter->link);
	WRITE_ONCE(waiter->queued, false);
	/* It cannot leave before the lock is free. */
	thread_wake(waiter->thread);
}

static u32 wake_some_locked(struct bucket *bucket, vaddr_t addr, u32 max, u32 bits)
{
	struct vm *vm = own_vm();
	struct waiter *waiter, *next;
	u32 n = 0;

	list_for_each_safe(waiter, next, &bucket->waiters, link) {
		if (n == max)
			break;
		if (!waits_for(waiter, vm, addr) || !(waiter->bits & bits))
			continue;
		wake_locked(waiter);
		n++;
	}
	return n;
}

s64 futex_wake(vaddr_t addr, u32 max, u32 bits)
{
	struct bucket *bucket = bucket_of(own_vm(), addr);
	u64 irq;
	u32 n;

	if (!sound(addr) || !bits)
		return -EINVAL;
	irq = spin_lock_irqsave(&bucket->lock);
	n = wake_some_locked(bucket, addr, max, bits);
	spin_unlock_irqrestore(&bucket->lock, irq);
	return n;
}

static u64 lock_both(struct bucket *first, struct bucket *second)
{
	u64 irq;

	for (;;) {
		irq = spin_lock_irqsave(&first->lock);
		if (first == second || spin_trylock(&second->lock))
			return irq;
		spin_unlock_irqrestore(&first->lock, irq);
		arch_cpu_relax();
	}
}

static void unlock_both(struct bucket *first, struct bucket *second, u64 irq)
{
	if (first != second)
		spin_unlock(&second->lock);
	spin_unlock_irqrestore(&first->lock, irq);
}

static u32 move_some_locked(struct bucket *from, struct bucket *to,
			    const struct futex_requeue_args *args)
{
	struct vm *vm = own_vm();
	struct waiter *waiter, *next;
	u32 n = 0;

	list_for_each_safe(waiter, next, &from->waiters, link) {
		if (n == args->move)
			break;
		if (!waits_for(waiter, vm, args->from))
			continue;
		list_del(&waiter->link);
		list_add_tail(&waiter->link, &to->waiters);
		waiter->addr = args->to;
		WRITE_ONCE(waiter->bucket, to);
		n++;
	}
	return n;
}

/*
 * The value is looked at before the locks are taken, since that may fault. A waiter that came
 * in between came to a word that had another value, or has it again.
 */
s64 futex_requeue(const struct futex_requeue_args *args)
{
	struct bucket *from = bucket_of(own_vm(), args->from);
	struct bucket *to = bucket_of(own_vm(), args->to);
	u32 found;
	u64 irq;
	u32 n;

	if (!sound(args->from) || !sound(args->to) || (s32)args->wake < 0 || (s32)args->move < 0)
		return -EINVAL;
	if (args->compare) {
		if (copy_from_user(&found, args->from, sizeof(found)))
			return -EFAULT;
		if (found != args->value)
			return -EAGAIN;
	}
	irq = lock_both(from, to);
	n = wake_some_locked(from, args->from, args->wake, FUTEX_ANY);
	if (args->from != args->to)
		n += move_some_locked(from, to, args);
	unlock_both(from, to, irq);
	return n;
}

/* The encoding of FUTEX_WAKE_OP: futex(2). */
static u32 apply(u32 op, u32 word, u32 operand)
{
	switch (op) {
	case 0:
		return operand;
	case 1:
		return word + operand;
	case 2:
		return word | operand;
	case 3:
		return word & ~operand;
	default:
		return word ^ operand;
	}
}

static bool holds(u32 cmp, s32 word, s32 operand)
{
	switch (cmp) {
	case 0:
		return word == operand;
	case 1:
		return word != operand;
	case 2:
		return word < operand;
	case 3:
		return word <= operand;
	case 4:
		return word > operand;
	default:
		return word >= operand;
	}
}

/* Change the word atomically; @old is what it was. */
static int change_word(vaddr_t addr, u32 op, u32 operand, u32 *old)
{
	u32 expected;
	int err = copy_from_user(old, addr, sizeof(*old));

	while (!err) {
		expected = *old;
		err = user_cmpxchg_u32(addr, old, apply(op, expected, operand));
		if (!err && *old == expected)
			break;
	}
	return err;
}

s64 futex_wake_op(const struct futex_wake_op_args *args)
{
	u32 op = args->op >> 28 & 7;
	u32 cmp = args->op >> 24 & 15;
	s32 operand = (s32)(args->op << 8) >> 20;
	s32 against = (s32)(args->op << 20) >> 20;
	u32 old;
	s64 n, more;

	if (!sound(args->first) || !sound(args->second))
		return -EINVAL;
	if (op > 4 || cmp > 5)
		return -ENOSYS;
	if (args->op >> 31)
		operand = (s32)(1U << (operand & 31));
	if (change_word(args->second, op, (u32)operand, &old))
		return -EFAULT;
	n = futex_wake(args->first, args->max_first, FUTEX_ANY);
	if (!holds(cmp, (s32)old, against))
		return n;
	more = futex_wake(args->second, args->max_second, FUTEX_ANY);
	return n + more;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Futexes. A waiter looks at the word and queues with its bucket locked, so a waker who has
 * changed the word either is seen or finds the waiter. Who is woken is taken off the queue by the
 * waker; every waiter takes its bucket's lock once more before it leaves, after which nobody knows
 * it.
 *
 * Both buckets of a move are locked, the second by trying. Under the locks the word is only
 * peeked at: if that would fault, they are dropped first.
 */
#include "lwk/proc/futex_internal.h"

#include "abi/errno.h"
#include "lwk/include/core/time.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm.h"
#include "lwk/include/proc/memory.h"
#include "lwk/include/proc/offload.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sys/syscall.h"
#include "lwk/include/uaccess.h"

#define BUCKETS 256U

/* Of objects that several address spaces share, and of tasks that have theirs alone. */
static struct futex_bucket common[BUCKETS];

static void table_init(struct futex_bucket *table)
{
	for (u32 i = 0; i < BUCKETS; i++) {
		spin_lock_init(&table[i].lock, LOCK_RANK_FUTEX, "futex");
		list_init(&table[i].waiters);
	}
}

void futex_init(void)
{
	table_init(common);
}

/* Whoever has an address space alone does not wait while it makes another task. */
int futex_table_create(struct process_space *space)
{
	struct futex_bucket *table;

	if (space->futexes)
		return 0;
	table = kmalloc(BUCKETS * sizeof(*table));
	if (!table)
		return -ENOMEM;
	table_init(table);
	space->futexes = table;
	return 0;
}

struct futex_bucket *futex_bucket_of(const struct futex_key *key)
{
	u64 hash = ((u64)key->owner >> 6 ^ key->offset >> 2) * 0x9e3779b97f4a7c15ULL;

	return &key->table[hash >> 56];
}

_Static_assert(BUCKETS == 1U << 8, "the hash is eight bits");

static struct vm *own_vm(void)
{
	return task_current()->process->vm;
}

static struct futex_bucket *own_table(void)
{
	struct futex_bucket *table = task_current()->process->space->futexes;

	return table ? table : common;
}

/* Return: 1: the memory is Linux's; 2: the key is that of an object. */
static int look_at_range(const struct vm_range *range, void *ctx)
{
	struct futex_key *key = ctx;

	if (range->ops == &linux_range_ops)
		return 1;
	if (!(range->flags & VM_SHARED) || !range->object)
		return 0;
	key->table = common;
	key->owner = range->object;
	key->offset = range->offset + (key->addr - range->node.start);
	return 2;
}

int futex_key(vaddr_t addr, bool shared, struct futex_key *key)
{
	if (!IS_ALIGNED(addr, sizeof(u32)))
		return -EINVAL;
	*key = (struct futex_key){
		.table = own_table(), .owner = own_vm(), .offset = addr, .addr = addr
	};
	if (shared && vm_for_each_in(own_vm(), addr, addr + 1, look_at_range, key) == 1)
		return -EXDEV;
	return 0;
}

/* Bring the word to where it can be peeked at. */
static int fault_in(vaddr_t addr)
{
	u32 word;

	return copy_from_user(&word, addr, sizeof(word));
}

/* What a thread competes by is a hint here: 0, if it is no real-time thread. */
static u32 priority(const struct futex_waiter *waiter)
{
	return READ_ONCE(waiter->thread->sched.priority);
}

static void insert_locked(struct futex_bucket *bucket, struct futex_waiter *waiter)
{
	struct list_node *at = bucket->waiters.prev;

	ASSERT(spin_lock_held(&bucket->lock));
	while (at != &bucket->waiters &&
	       priority(list_entry(at, struct futex_waiter, link)) < priority(waiter))
		at = at->prev;
	list_add(&waiter->link, at);
}

void futex_enqueue_locked(struct futex_bucket *bucket, struct futex_waiter *waiter)
{
	waiter->bucket = bucket;
	waiter->queued = true;
	insert_locked(bucket, waiter);
}

int futex_enqueue(struct futex_waiter *waiter, u32 value)
{
	struct futex_bucket *bucket = futex_bucket_of(&waiter->key);
	u32 found;
	u64 irq;
	int err;

	do {
		irq = spin_lock_irqsave(&bucket->lock);
		err = user_peek_u32(waiter->key.addr, &found);
		if (!err && found == value)
			futex_enqueue_locked(bucket, waiter);
		spin_unlock_irqrestore(&bucket->lock, irq);
	} while (err && !fault_in(waiter->key.addr));
	if (err)
		return err;
	return found == value ? 0 : -EAGAIN;
}

struct futex_bucket *futex_lock_bucket_of(struct futex_waiter *waiter, u64 *irq)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = READ_ONCE(waiter->bucket);
		*irq = spin_lock_irqsave(&bucket->lock);
		if (bucket == waiter->bucket)
			return bucket;
		spin_unlock_irqrestore(&bucket->lock, *irq);
	}
}

bool futex_dequeue(struct futex_waiter *waiter)
{
	u64 irq;
	struct futex_bucket *bucket = futex_lock_bucket_of(waiter, &irq);
	bool queued = waiter->queued;

	if (queued)
		list_del(&waiter->link);
	waiter->queued = false;
	spin_unlock_irqrestore(&bucket->lock, irq);
	return queued;
}

static bool is_woken(void *ctx)
{
	const struct futex_waiter *waiter = ctx;

	return !READ_ONCE(waiter->queued);
}

s64 futex_wait(const struct futex_key *key, u32 value, u32 bits, u64 deadline)
{
	struct futex_waiter waiter = { .key = *key, .thread = thread_current(), .bits = bits };
	int err;

	if (!bits)
		return -EINVAL;
	err = futex_enqueue(&waiter, value);
	if (err)
		return err;
	err = signal_sleep(is_woken, &waiter, deadline);
	/* Who was woken meanwhile has used that wake up, whatever else there was. */
	if (!futex_dequeue(&waiter))
		return 0;
	if (err == -EINTR)
		return deadline == THREAD_NO_DEADLINE ? -ERESTARTSYS : -ERESTARTNOHAND;
	return -ETIMEDOUT;
}

bool futex_is_same(const struct futex_key *a, const struct futex_key *b)
{
	return a->offset == b->offset && a->owner == b->owner;
}

static bool waits_for(const struct futex_waiter *waiter, const struct futex_key *key)
{
	return futex_is_same(&waiter->key, key);
}

struct futex_waiter *futex_first_locked(struct futex_bucket *bucket, const struct futex_key *key)
{
	struct futex_waiter *waiter;

	ASSERT(spin_lock_held(&bucket->lock));
	list_for_each(waiter, &bucket->waiters, link) {
		if (waits_for(waiter, key))
			return waiter;
	}
	return NULL;
}

static void wake_locked(struct futex_waiter *waiter)
{
	ASSERT(spin_lock_held(&waiter->bucket->lock));
	list_del(&waiter->link);
	WRITE_ONCE(waiter->queued, false);
	/* It cannot leave before the lock is free. */
	thread_wake(waiter->thread);
}

/* Return: how many; -EINVAL: somebody waits as for a PI futex. */
static s64 wake_some_locked(struct futex_bucket *bucket, const struct futex_key *key, u32 max,
			    u32 bits)
{
	struct futex_waiter *waiter, *next;
	u32 n = 0;

	list_for_each_safe(waiter, next, &bucket->waiters, link) {
		if (n == max)
			break;
		if (!waits_for(waiter, key))
			continue;
		if (waiter->is_pi)
			return -EINVAL;
		if (!(waiter->bits & bits))
			continue;
		wake_locked(waiter);
		n++;
	}
	return n;
}

s64 futex_wake(const struct futex_key *key, u32 max, u32 bits)
{
	struct futex_bucket *bucket = futex_bucket_of(key);
	u64 irq;
	s64 n;

	if (!bits)
		return -EINVAL;
	irq = spin_lock_irqsave(&bucket->lock);
	/* As Linux, which wakes one before it counts. */
	n = wake_some_locked(bucket, key, (s32)max > 0 ? max : 1, bits);
	spin_unlock_irqrestore(&bucket->lock, irq);
	return n;
}

void futex_wake_shared(vaddr_t addr, u32 max)
{
	const u64 args[6] = { addr, 1 /* FUTEX_WAKE */, max };
	struct futex_key key;
	int err = futex_key(addr, true, &key);

	if (err == -EXDEV)
		(void)offload_request(SYSCALL_futex, args);
	else if (!err)
		(void)futex_wake(&key, max, FUTEX_ANY);
}

void futex_wake_object(const void *object)
{
	struct futex_waiter *waiter, *next;
	u64 irq;

	for (u32 i = 0; i < BUCKETS; i++) {
		irq = spin_lock_irqsave(&common[i].lock);
		list_for_each_safe(waiter, next, &common[i].waiters, link) {
			if (waiter->key.owner == object && !waiter->is_pi)
				wake_locked(waiter);
		}
		spin_unlock_irqrestore(&common[i].lock, irq);
	}
}

u64 futex_lock_both(struct futex_bucket *first, struct futex_bucket *second)
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

void futex_unlock_both(struct futex_bucket *first, struct futex_bucket *second, u64 irq)
{
	if (first != second)
		spin_unlock(&second->lock);
	spin_unlock_irqrestore(&first->lock, irq);
}

/* Return: as wake_some_locked(). */
static s64 move_some_locked(struct futex_bucket *from, struct futex_bucket *to,
			    const struct futex_requeue_args *args)
{
	struct futex_waiter *waiter, *next;
	u32 n = 0;

	list_for_each_safe(waiter, next, &from->waiters, link) {
		if (n == args->move)
			break;
		if (!waits_for(waiter, &args->from))
			continue;
		if (waiter->is_pi)
			return -EINVAL;
		list_del(&waiter->link);
		insert_locked(to, waiter);
		waiter->key = args->to;
		WRITE_ONCE(waiter->bucket, to);
		n++;
	}
	return n;
}

/* Return: how many; -EAGAIN: the word has another value; -EFAULT: it cannot be peeked at. */
static s64 requeue_locked(struct futex_bucket *from, struct futex_bucket *to,
			  const struct futex_requeue_args *args)
{
	u32 found;
	s64 n, moved;

	if (args->compare) {
		if (user_peek_u32(args->from.addr, &found))
			return -EFAULT;
		if (found != args->value)
			return -EAGAIN;
	}
	n = wake_some_locked(from, &args->from, args->wake, FUTEX_ANY);
	if (n < 0 || futex_is_same(&args->from, &args->to))
		return n;
	moved = move_some_locked(from, to, args);
	return moved < 0 ? moved : n + moved;
}

s64 futex_requeue(const struct futex_requeue_args *args)
{
	struct futex_bucket *from = futex_bucket_of(&args->from);
	struct futex_bucket *to = futex_bucket_of(&args->to);
	u64 irq;
	s64 ret;

	if ((s32)args->wake < 0 || (s32)args->move < 0)
		return -EINVAL;
	do {
		irq = futex_lock_both(from, to);
		ret = requeue_locked(from, to, args);
		futex_unlock_both(from, to, irq);
	} while (ret == -EFAULT && !fault_in(args->from.addr));
	return ret;
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

	if (op > 4)
		return -ENOSYS;
	if (args->op >> 31)
		operand = (s32)(1U << (operand & 31));
	if (change_word(args->second.addr, op, (u32)operand, &old))
		return -EFAULT;
	/* Linux, too, has changed the word by then. */
	if (cmp > 5)
		return -ENOSYS;
	n = futex_wake(&args->first, args->max_first, FUTEX_ANY);
	if (n < 0 || !holds(cmp, (s32)old, against))
		return n;
	more = futex_wake(&args->second, args->max_second, FUTEX_ANY);
	return more < 0 ? more : n + more;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * process_vm_readv(2) and process_vm_writev(2) between processes of this LWK.
 *
 * What is plain is done here: sound vectors, a process that the caller may reach, on its side
 * memory of the LWK. Everything else Linux does, or refuses. Memory of the other side that becomes
 * Linux's halfway makes it all Linux's: what was copied is copied once more.
 *
 * The other side is reached in spans that are kept, by the kernel's addresses; the caller's own
 * side by its addresses. No lock is held over the copy, so it does not matter who copies from whom.
 */
#include "lwk/sys/process_vm.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_span.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/reach.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/sched/perturb.h"
#include "lwk/include/uaccess.h"
#include "lwk/sys/iovec.h"

/* Parts of a vector that need no memory of their own. */
#define FEW 8

/* Bytes that are copied before others may run. */
#define PIECE_LEN 65536ULL

/* Linux's MAX_RW_COUNT: the rest is left out. */
#define MAX_BYTES 0x7ffff000ULL

/* @parts: how far it has been used up; @nparts of them */
struct vector {
	struct iovec few[FEW];
	struct iovec *all;
	struct iovec *parts;
	u64 nparts;
};

struct copy {
	struct vm *vm;
	bool write;
	struct vector local;
	struct vector remote;
	u64 left;
	u64 done;
};

static void vector_free(struct vector *vector)
{
	if (vector->all != vector->few)
		kfree(vector->all);
}

static int vector_read(struct vector *vector, vaddr_t at, u64 nparts)
{
	if (!nparts || nparts > IOVEC_MAX)
		return -EINVAL;
	vector->all = nparts > FEW ? kmalloc(nparts * sizeof(vector->all[0])) : vector->few;
	if (!vector->all)
		return -ENOMEM;
	vector->parts = vector->all;
	vector->nparts = nparts;
	if (!copy_from_user(vector->all, at, nparts * sizeof(vector->all[0])))
		return 0;
	vector_free(vector);
	return -EFAULT;
}

/* Return: bytes of all parts; 0: none, or one lies where no program has memory of the LWK. */
static u64 vector_sum(const struct vector *vector)
{
	u64 sum = 0;

	for (u64 i = 0; i < vector->nparts; i++) {
		const struct iovec *part = &vector->parts[i];

		if (part->len > LWK_USER_END || part->base > LWK_USER_END - part->len)
			return 0;
		sum += part->len;
	}
	return sum;
}

/* Is some of the first @len bytes not the LWK's? */
static bool vector_is_foreign(const struct vector *vector, struct vm *vm, u64 len)
{
	for (u64 i = 0; i < vector->nparts && len; i++) {
		const struct iovec *part = &vector->parts[i];
		u64 some = MIN(part->len, len);

		if (some && vm_is_foreign(vm, part->base, part->base + some))
			return true;
		len -= some;
	}
	return false;
}

/* Return: bytes of the part that is next, 0 at the end. */
static u64 vector_next(struct vector *vector)
{
	while (vector->nparts && !vector->parts->len) {
		vector->parts++;
		vector->nparts--;
	}
	return vector->nparts ? vector->parts->len : 0;
}

static void vector_advance(struct vector *vector, u64 len)
{
	vector->parts->base += len;
	vector->parts->len -= len;
}

/*
 * Copy between @at and the caller's memory, of which there is enough, page by page: so that what is
 * before one that fails is transferred. Return: bytes, fewer than @len: the next one failed.
 */
static u64 copy_local(struct copy *copy, u8 *at, u64 len)
{
	u64 done = 0;

	while (done < len) {
		u64 n = MIN(vector_next(&copy->local), len - done);
		vaddr_t addr = copy->local.parts->base;
		int err;

		n = MIN(n, PAGE_LEN - addr % PAGE_LEN);
		err = copy->write ? copy_from_user(at + done, addr, n) :
				    copy_to_user(addr, at + done, n);
		if (err)
			break;
		vector_advance(&copy->local, n);
		done += n;
	}
	return done;
}

static int copy_piece(struct copy *copy)
{
	u64 len = MIN(copy->left, PIECE_LEN);
	struct vm_span span;
	u64 done;
	int err;

	err = vm_span_get(copy->vm, copy->remote.parts->base, copy->write, &span);
	if (err)
		return err;
	perturb_point();
	len = MIN(len, vector_next(&copy->remote));
	len = MIN(len, span.len);
	done = copy_local(copy, span.at, len);
	vm_span_put(&span);
	vector_advance(&copy->remote, done);
	copy->left -= done;
	copy->done += done;
	return done < len ? -EFAULT : 0;
}

static int copy_all(struct copy *copy)
{
	int err = 0;

	while (!err && copy->left && vector_next(&copy->remote)) {
		if (process_is_ending(task_current()->process))
			return -EINTR;
		thread_cond_resched();
		err = copy_piece(copy);
	}
	return err;
}

/* Return: -EXDEV: it is Linux's; else how it ended. */
static int copy_vectors(struct copy *copy, u32 vtid)
{
	int err;

	copy->left = MIN(vector_sum(&copy->local), MAX_BYTES);
	if (!copy->left || !vector_sum(&copy->remote) || process_reach(vtid, &copy->vm))
		return -EXDEV;
	err = vector_is_foreign(&copy->remote, copy->vm, copy->left) ? -EXDEV : copy_all(copy);
	vm_put(copy->vm);
	return err;
}

bool process_vm_copy(const u64 args[6], bool write, s64 *ret)
{
	struct copy copy = { .write = write };
	int err = -EXDEV;

	if (args[5] || vector_read(&copy.local, args[1], args[2]))
		return false;
	if (!vector_read(&copy.remote, args[3], args[4])) {
		err = copy_vectors(&copy, (u32)args[0]);
		vector_free(&copy.remote);
	}
	vector_free(&copy.local);
	/* Without memory for a page it is as if there were none. */
	*ret = copy.done ? (s64)copy.done : err == -ENOMEM ? -EFAULT : err;
	return err != -EXDEV;
}

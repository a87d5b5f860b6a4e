// SPDX-License-Identifier: GPL-2.0-only
/*
 * The LWK-owned memory of a program, mapped into its proxy at the same addresses.
 *
 * A fault asks the LWK for the extent that the address lies in and inserts its struct pages,
 * which are ordinary ones that Linux gave away: so all of Linux's ways to use user memory work.
 * What the LWK takes back it revokes, and map->seq tells a fault that was overtaken.
 *
 * Pages that the LWK calls read-only are so for Linux too. The operations have
 * page_mkwrite, so vma->vm_page_prot is without write permission, and a write to such a page
 * comes here once more.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>

#include "check.h"
#include "compat.h"
#include "core.h"
#include "proxy.h"

/* msg_fault.write */
#define FAULT_FORCED 2
#define FAULT_TOUCHED 3

/* Pages inserted in one go. */
#define BATCH 32

/* Pages around the address that the first fault inserts; the next ones twice as many each. */
#define FIRST_WINDOW 16
#define LAST_WINDOW (1U << (PMD_SHIFT - PAGE_SHIFT))

/*
 * Have a process of the space answer. Nobody can kill who ends already, and walks its robust list:
 * it would wait for ever for an LWK that hangs.
 */
static int fault_call(struct space *space, u64 addr, u32 write, struct request *request)
{
	enum request_wait wait = current->flags & PF_EXITING ? REQUEST_ALWAYS : REQUEST_KILLABLE;
	struct msg_fault *body;
	struct proxy *proxy;
	int err;

	do {
		proxy = space_name(space, true);
		if (!proxy)
			return -ESRCH;
		body = request_begin(request, IKC_MSG_REMOTE_PAGE_FAULT,
				     IKC_MSG_REMOTE_PAGE_FAULT_ANSWER);
		body->pid = proxy->pid;
		body->write = write;
		body->addr = addr;
		err = request_call(request, space_chan(space), wait);
	} while (space_named(proxy, true, err));
	return err;
}

int map_extent(struct space *space, u64 addr, u32 write, struct extent *extent)
{
	struct msg_fault_answer answer;
	struct request request;
	int err;

	err = request_init(&request, space->peer);
	if (err)
		return err;
	err = fault_call(space, addr, write, &request);
	memcpy(&answer, request.packet.u.bytes, sizeof(answer));
	request_exit(&request);
	if (err == -ENOENT)
		extent->start = answer.start;
	if (err)
		return err;
	if (!check_extent(&answer, addr, write && write != FAULT_TOUCHED, extent) &&
	    peer_granted(space->peer, extent->paddr,
			 extent->paddr + ((u64)extent->npages << PAGE_SHIFT)))
		return 0;
	pr_warn_ratelimited("mcos%d: a process has %u pages at %#llx for address %#llx, says the LWK, at %#llx\n",
			    ihk_os_index(space->peer->ihk), answer.npages,
			    answer.start, addr, answer.paddr);
	return -EPROTO;
}

/*
 * What of it lies in the VMA, and in the window around the address: at most the page table, since
 * Linux has made the tables above that one. A program that Linux touches once should not pay for
 * pages that it will not look at, one that it touches often should not fault often.
 */
static void extent_clip(struct extent *extent, const struct vm_area_struct *vma, u64 addr,
			u32 npages)
{
	u64 len = (u64)npages << PAGE_SHIFT;
	u64 window = round_down(addr, len);
	u64 start = max3(extent->start, (u64)vma->vm_start, window);
	u64 end = min3(extent->start + ((u64)extent->npages << PAGE_SHIFT), (u64)vma->vm_end,
		       window + len);

	extent->paddr += start - extent->start;
	extent->start = start;
	extent->npages = (end - start) >> PAGE_SHIFT;
}

static u32 batch_fill(const struct extent *extent, u32 from, struct page **pages)
{
	u32 n = min_t(u32, extent->npages - from, BATCH);
	u32 i;

	for (i = 0; i < n; i++)
		pages[i] = pfn_to_page(PHYS_PFN(extent->paddr) + from + i);
	return n;
}

/*
 * Pages that are there stay: they were inserted since the last revocation, so they are the
 * same ones.
 */
static int extent_insert(struct vm_area_struct *vma, const struct extent *extent)
{
	struct page *pages[BATCH];
	unsigned long left;
	u32 done = 0;
	int err = 0;
	u32 n;

	while (done < extent->npages) {
		n = batch_fill(extent, done, pages);
		left = n;
		err = vm_insert_pages(vma, extent->start + ((u64)done << PAGE_SHIFT), pages,
				      &left);
		done += n - left;
		if (err && err != -EBUSY)
			return err;
		if (err)
			done++;
	}
	return 0;
}

/*
 * vm_insert_pages() takes the protection from the VMA. Changing that for its duration is
 * safe: the lock keeps other insertions out, all of which are ours; whatever else looks at
 * vm_page_prot of a VMA with VM_MIXEDMAP (mprotect, mremap, splitting, unmapping) holds the
 * mmap lock for writing, which our caller has for reading.
 */
static int extent_insert_writable(struct vm_area_struct *vma, const struct extent *extent)
{
	pgprot_t prot = vma->vm_page_prot;
	int err;

	WRITE_ONCE(vma->vm_page_prot, vm_get_page_prot(vma->vm_flags));
	err = extent_insert(vma, extent);
	WRITE_ONCE(vma->vm_page_prot, prot);
	return err;
}

static void revoke_locked(struct map *map, u64 start, u64 end)
{
	lockdep_assert_held(&map->lock);
	map->seq++;
	if (map->inode)
		unmap_mapping_range(map->inode->i_mapping, start, end - start, 1);
}

/*
 * One page table at most is allocated, and its like of ours, from Linux's reserves if need be:
 * reclaiming memory may wait for a RECALL, which waits on the LWK for a REVOKE, which waits for our
 * lock.
 */
static int extent_insert_any(struct map *map, struct vm_area_struct *vma,
			     const struct extent *extent)
{
	unsigned int flags = memalloc_noreclaim_save();
	int err = frames_note(map, extent);

	if (err)
		goto restore;
	if (extent->write && vma->vm_flags & VM_WRITE)
		err = extent_insert_writable(vma, extent);
	else
		err = extent_insert(vma, extent);
restore:
	memalloc_noreclaim_restore(flags);
	return err;
}

/* Returns -ESTALE when pages were revoked since @seq. */
static int extent_map(struct map *map, struct vm_area_struct *vma, const struct extent *extent,
		      u64 seq, bool write)
{
	int err;

	err = mutex_lock_killable(&map->lock);
	if (err)
		return err;
	if (map->dead) {
		err = -EPIPE;
	} else if (map->seq != seq) {
		err = -ESTALE;
	} else {
		/* What is there is read-only, and may be older: copied by the LWK on this write. */
		if (write)
			revoke_locked(map, extent->start,
				      extent->start + ((u64)extent->npages << PAGE_SHIFT));
		err = extent_insert_any(map, vma, extent);
	}
	mutex_unlock(&map->lock);
	return err;
}

u64 map_seq(struct map *map)
{
	u64 seq;

	mutex_lock(&map->lock);
	seq = map->seq;
	mutex_unlock(&map->lock);
	return seq;
}

/* How many pages the next fault may insert. Concurrent ones may get the same, which is as well. */
static u32 window_next(struct map *map)
{
	u32 npages = READ_ONCE(map->window);

	WRITE_ONCE(map->window, min(2 * npages, LAST_WINDOW));
	return npages;
}

/*
 * By way of /proc/PID/mem and ptrace(2) Linux writes what the program itself may not (FOLL_FORCE),
 * by process_vm_writev(2) it does not. The page fault does not say which; who writes remotely does.
 */
static bool is_forced(const struct vm_fault *vmf)
{
	return current->mm != vmf->vma->vm_mm && !(current->flags & PF_KTHREAD) &&
	       current_pt_regs()->orig_ax != __NR_process_vm_writev;
}

static u32 write_of(const struct vm_fault *vmf, bool write)
{
	if (!write && core_is_dumping(vmf->vma->vm_mm))
		return FAULT_TOUCHED;
	return write && is_forced(vmf) ? FAULT_FORCED : write;
}

/* For a core file Linux asks page by page, most of which may never have been touched. */
static bool is_absent(const struct map *map, const struct vm_fault *vmf)
{
	return core_is_dumping(vmf->vma->vm_mm) && vmf->address >= map->absent_start &&
	       vmf->address < map->absent_end;
}

static void note_absent(struct map *map, u64 start, u64 end)
{
	map->absent_start = start;
	map->absent_end = end;
}

static vm_fault_t map_serve(struct vm_fault *vmf, bool write)
{
	struct vm_area_struct *vma = vmf->vma;
	struct space *space = vma->vm_file->private_data;
	struct extent extent;
	u32 npages;
	u64 seq;
	int err;

	/* Moved by mremap(). */
	if (vmf->pgoff != vmf->address >> PAGE_SHIFT || is_absent(&space->map, vmf))
		return VM_FAULT_SIGBUS;
	npages = window_next(&space->map);
	do {
		seq = map_seq(&space->map);
		err = map_extent(space, vmf->address, write_of(vmf, write), &extent);
		if (err == -ENOENT)
			note_absent(&space->map, vmf->address, extent.start);
		if (err)
			return VM_FAULT_SIGBUS; /* -ENOMEM too: it is the LWK that has none */
		/*
		 * There may be in it what others left there: see fill.c. Not sooner: the process
		 * may have been made while we were on our way to ask.
		 */
		if (atomic_read(&space->unfilled))
			return VM_FAULT_SIGBUS;
		extent_clip(&extent, vma, vmf->address, npages);
		err = extent_map(&space->map, vma, &extent, seq, write);
	} while (err == -ESTALE);
	if (!err)
		return VM_FAULT_NOPAGE;
	return err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
}

static vm_fault_t map_fault(struct vm_fault *vmf)
{
	return map_serve(vmf, vmf->flags & FAULT_FLAG_WRITE);
}

static vm_fault_t map_mkwrite(struct vm_fault *vmf)
{
	return map_serve(vmf, true);
}

static int map_mremap(struct vm_area_struct *vma)
{
	return -EINVAL;
}

/* What has a name is in the core file. */
static const char *map_name(struct vm_area_struct *vma)
{
	struct space *space = vma->vm_file->private_data;

	if (!core_is_dumping(vma->vm_mm))
		return NULL;
	core_apply(space);
	return vma->vm_flags & VM_DONTDUMP ? NULL : "[mcctrl]";
}

static const struct vm_operations_struct map_ops = {
	.name = map_name,
	.fault = map_fault,
	.page_mkwrite = map_mkwrite,
	.mremap = map_mremap,
};

int map_mmap(struct vm_area_struct *vma, bool dump)
{
	if (!(vma->vm_flags & VM_SHARED) || (vma->vm_flags & VM_EXEC && !dump) ||
	    vma->vm_pgoff != vma->vm_start >> PAGE_SHIFT ||
	    !check_user_range(vma->vm_start, vma->vm_end))
		return -EINVAL;
	compat_vm_flags_set(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTCOPY |
			    (dump ? 0 : VM_DONTDUMP));
	compat_vm_flags_clear(vma, VM_MAYEXEC);
	vma->vm_ops = &map_ops;
	return 0;
}

/* Where the next mapping at or after @addr is; behind the user range if there is none in it. */
static void next_mapping(u64 addr, u64 *start, u64 *end)
{
	struct vm_area_struct *vma;

	*start = LWK_USER_END;
	*end = LWK_USER_END;
	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, addr);
	if (vma && vma->vm_start < LWK_USER_END) {
		*start = vma->vm_start;
		*end = vma->vm_end;
	}
	mmap_read_unlock(current->mm);
}

/* The process has one thread, so nothing is mapped meanwhile. */
int map_holes(struct file *file)
{
	u64 addr = LWK_USER_START;
	unsigned long ret;
	u64 start, end;

	while (addr < LWK_USER_END) {
		next_mapping(addr, &start, &end);
		if (addr < start) {
			ret = vm_mmap(file, addr, start - addr, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED_NOREPLACE, addr);
			if (IS_ERR_VALUE(ret))
				return (int)ret;
		}
		addr = end;
	}
	return 0;
}

bool map_owns(const struct vm_area_struct *vma)
{
	return vma->vm_ops == &map_ops;
}

/*
 * REVOKE. A thread on the LWK waits for it with its address space locked, and so may a RECALL.
 * Therefore it is served by a work item, which waits neither for the proxy nor for
 * memory, and for no more of the LWK than its interrupts.
 */

/*
 * Only where something is: ranges are wide and mostly empty, and Linux would look at them entry by
 * entry. Returns whether Linux uses some of it all the same.
 */
static bool withdraw_locked(struct space *space, u64 start, u64 end)
{
	struct map *map = &space->map;
	u64 first, last = start;
	bool used = false;

	/* What was learnt before may not be inserted any more. */
	map->seq++;
	while (frames_next(map, &first, &last, end)) {
		revoke_locked(map, first, last);
		used |= frames_forget(map, space->peer, first, last);
	}
	return used;
}

static void revoke_work(struct work_struct *work)
{
	struct map *map = container_of(work, struct map, revoke.work);
	struct space *space = container_of(map, struct space, map);
	struct ikc_packet packet = { .msg = IKC_MSG_REVOKE_DONE };
	struct revoke *revoke = &map->revoke;
	bool used;

	memcpy(packet.u.bytes, &revoke->msg, sizeof(revoke->msg));
	mutex_lock(&map->lock);
	used = withdraw_locked(space, revoke->msg.start, revoke->msg.end);
	mutex_unlock(&map->lock);
	if (used)
		pins_tell(space->peer, space_chan(space));
	spin_lock_irq(&revoke->lock);
	revoke->busy = false;
	spin_unlock_irq(&revoke->lock);
	ikc_send(space_chan(space)->chan, &packet, IKC_NOINTR);
}

int map_revoke_later(struct map *map, const struct msg_revoke *msg)
{
	struct revoke *revoke = &map->revoke;
	unsigned long flags;
	int err = 0;

	if (!check_user_range(msg->start, msg->end))
		return -EINVAL;
	spin_lock_irqsave(&revoke->lock, flags);
	if (revoke->busy) {
		err = -EBUSY;
	} else if (!revoke->closed) {
		revoke->busy = true;
		revoke->msg = *msg;
		queue_work(revoke_wq, &revoke->work);
	}
	spin_unlock_irqrestore(&revoke->lock, flags);
	return err;
}

void map_init(struct map *map)
{
	mutex_init(&map->lock);
	xa_init(&map->tables);
	map->window = FIRST_WINDOW;
	spin_lock_init(&map->revoke.lock);
	INIT_WORK(&map->revoke.work, revoke_work);
}

void map_exit(struct map *map)
{
	spin_lock_irq(&map->revoke.lock);
	map->revoke.closed = true;
	spin_unlock_irq(&map->revoke.lock);
	flush_work(&map->revoke.work);
}

void map_flush(struct map *map)
{
	flush_work(&map->revoke.work);
}

void map_die(struct space *space)
{
	struct map *map = &space->map;

	mutex_lock(&map->lock);
	map->dead = true;
	(void)withdraw_locked(space, LWK_USER_START, LWK_USER_END);
	mutex_unlock(&map->lock);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux-owned memory of a program, lent to the LWK frame by frame.
 *
 * A notifier over the proxy's whole address space keeps lent frames safe, without
 * references: whatever takes a frame out of the page tables calls it first, and it
 * returns when no CPU of the LWK can reach the frame any more. A loan is made in the way
 * of all users of such notifiers: note the sequence, find the frames, and hand them out only
 * if nothing was invalidated meanwhile.
 *
 * lend->pages knows which user pages may be lent; all others cost an invalidation
 * nothing. A page is entered before the loan is made, and removed when the LWK has given it
 * back; while an invalidation is under way no loan is made, so nothing is removed that has
 * been lent anew.
 *
 * The notifier waits for the LWK, which answers from a worker thread that never waits for Linux.
 * It allocates nothing, and takes no lock that anybody holds who allocates.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "abi/layout.h"
#include "compat.h"
#include "proxy.h"

/* Loans that were overtaken before the LWK is told to ask again. */
#define LEND_TRIES 16

/* Of pages in lend->pages: the LWK may write there, too. */
#define LENT_WRITABLE XA_MARK_0

/*
 * Recalls
 */

/*
 * Whether [first, last] has pages that are to come back. Where Linux but makes pages read-only, as
 * msync() does in each of a file's mappings, those that the LWK cannot write may stay.
 */
static bool any_to_recall(struct lend *lend, enum mmu_notifier_event event, unsigned long first,
			  unsigned long last)
{
	xa_mark_t which = event == MMU_NOTIFY_PROTECTION_PAGE ? LENT_WRITABLE : XA_PRESENT;

	return xa_find(&lend->pages, &first, last, which);
}

static void forget(struct lend *lend, unsigned long first, unsigned long last)
{
	unsigned long index;
	void *entry;

	xa_for_each_range(&lend->pages, index, entry, first, last)
		xa_erase(&lend->pages, index);
}

/* Returns when no CPU of the LWK can reach the frames of pages [first, last]. */
static void recall(struct space *space, u64 seq, unsigned long first, unsigned long last)
{
	struct peer_chan *chan = space_chan(space);
	struct lend *lend = &space->lend;
	struct msg_recall *body;
	struct proxy *proxy;
	int err;

	mutex_lock(&lend->recall_lock);
	do {
		proxy = space_name(space, false);
		/* All have ended there, so they have nothing. */
		err = 0;
		if (!proxy)
			break;
		body = request_begin(&lend->request, IKC_MSG_RECALL, IKC_MSG_RECALL_DONE);
		body->pid = proxy->pid;
		body->seq = seq;
		body->start = (u64)first << PAGE_SHIFT;
		body->end = (u64)(last + 1) << PAGE_SHIFT;
		err = request_call(&lend->request, chan, REQUEST_ALWAYS);
	} while (space_named(proxy, false, err));
	mutex_unlock(&lend->recall_lock);
	if (!err || err == -EPIPE)
		return;
	ikc_break(chan->chan, "does not give back what Linux lent it");
	wait_event(space->peer->wait, peer_is_dead(space->peer));
}

static bool lend_invalidate(struct mmu_interval_notifier *notifier,
			    const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	struct space *space = container_of(notifier, struct space, lend.notifier);
	struct lend *lend = &space->lend;
	unsigned long first = range->start >> PAGE_SHIFT;
	unsigned long last = (min_t(u64, range->end, LWK_TASK_END) - 1) >> PAGE_SHIFT;
	bool to_recall;
	u64 seq;

	spin_lock(&lend->lock);
	to_recall = any_to_recall(lend, range->event, first, last);
	if (to_recall && !mmu_notifier_range_blockable(range)) {
		spin_unlock(&lend->lock);
		return false;
	}
	mmu_interval_set_seq(notifier, cur_seq);
	seq = to_recall ? ++lend->seq : 0;
	spin_unlock(&lend->lock);
	if (to_recall) {
		recall(space, seq, first, last);
		forget(lend, first, last);
	}
	if (range->event == MMU_NOTIFY_RELEASE)
		space_end_all(space);
	return true;
}

static const struct mmu_interval_notifier_ops lend_ops = {
	.invalidate = lend_invalidate,
};

int lend_init(struct space *space)
{
	struct lend *lend = &space->lend;
	int err;

	spin_lock_init(&lend->lock);
	xa_init_flags(&lend->pages, XA_FLAGS_ACCOUNT);
	mutex_init(&lend->recall_lock);
	err = request_init(&lend->request, space->peer);
	if (err)
		return err;
	err = mmu_interval_notifier_insert(&lend->notifier, space->mm, 0, LWK_TASK_END, &lend_ops);
	if (err)
		request_exit(&lend->request);
	return err;
}

void lend_exit(struct space *space)
{
	struct lend *lend = &space->lend;

	mmu_interval_notifier_remove(&lend->notifier);
	request_exit(&lend->request);
	xa_destroy(&lend->pages);
}

/*
 * Loans
 */

static int remember(struct lend *lend, u64 addr, bool write, u32 npages)
{
	unsigned long index = addr >> PAGE_SHIFT;
	unsigned long end = index + npages;
	int err = 0;

	/* What was lent to be written before stays marked: storing anew changes no mark. */
	for (; index < end && !err; index++) {
		err = xa_err(xa_store(&lend->pages, index, xa_mk_value(1), GFP_KERNEL));
		if (!err && write)
			xa_set_mark(&lend->pages, index, LENT_WRITABLE);
	}
	return err;
}

static bool may_lend(const struct vdso *vdso, u64 addr)
{
	return (addr >= LWK_USER_START && addr < LWK_USER_END) ||
	       (addr >= vdso->vvar_start && addr < vdso->vvar_end) ||
	       (addr >= vdso->vdso_start && addr < vdso->vdso_end);
}

/* The mapping that may be lent from, or NULL. mmap lock held. */
static struct vm_area_struct *find_lendable(struct mm_struct *mm, u64 addr, u32 prot)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	mmap_assert_locked(mm);
	if (!vma || vma->vm_start > addr || map_owns(vma))
		return NULL;
	if ((prot & PROT_WRITE && !(vma->vm_flags & VM_WRITE)) ||
	    (prot & PROT_EXEC && !(vma->vm_flags & VM_EXEC)) ||
	    !(vma->vm_flags & VM_ACCESS_FLAGS))
		return NULL;
	return vma;
}

static void pages_put(struct page **pages, int n)
{
	while (n--)
		put_page(pages[n]);
}

/* Beyond the end of a file, nothing mapped, not allowed: the LWK knows which. */
static int fault_error(int err)
{
	/* Killed; or out of memory, where Linux too would have the fault taken again. */
	if (err == -EINTR || err == -ERESTARTSYS || err == -ENOMEM)
		return -EAGAIN;
	return -EFAULT;
}

/*
 * The LWK's writes leave no trace in Linux's page tables. Whatever cleans a page later makes
 * it read-only first, and so takes it back.
 */
static void pages_dirty(struct page **pages, int n)
{
	while (n--)
		if (!PageDirty(pages[n]))
			set_page_dirty_lock(pages[n]);
}

/*
 * Ordinary pages. The first one is made present; the others are taken if they are, which Linux's
 * fault-around sees to. Protection keys are left out, since the LWK has its own: with Linux's, the
 * twin may not even read what may be executed only.
 */
static int frames_of_pages(struct vm_area_struct *vma, u64 addr, bool write, u32 npages,
			   struct loan *loan)
{
	/* What may be written only can be read, what may be executed only is read to be that. */
	unsigned int flags = write ? FOLL_WRITE : vma->vm_flags & VM_READ ? 0 : FOLL_FORCE;
	struct page *pages[OFFLOAD_MAX_LOAN];
	int more = 0;
	int n, i;

	n = compat_get_user_pages_remote(vma->vm_mm, addr, 1, flags, pages);
	if (n != 1)
		return fault_error(n);
	if (npages > 1)
		more = get_user_pages_fast_only(addr + PAGE_SIZE, npages - 1, flags, pages + 1);
	n += max(more, 0);
	for (i = 0; i < n; i++)
		loan->frames[i] = page_to_phys(pages[i]) | (write ? OFFLOAD_LOAN_WRITE : 0);
	if (write)
		pages_dirty(pages, n);
	/* The notifier keeps them; what holds a page now cannot end before it was called. */
	pages_put(pages, n);
	return n;
}

/* The entry of the PAT that a page table entry names: SDM, volume 3, 12.12.3. */
static u64 memory_type(pgprot_t prot)
{
	u64 bits = pgprot_val(prot);

	return (bits & _PAGE_PWT ? 1 : 0) + (bits & _PAGE_PCD ? 2 : 0) + (bits & _PAGE_PAT ? 4 : 0);
}

/*
 * Mappings without struct pages: time pages, devices. One frame at a time, of the type that it has
 * in Linux's page table, as two types for one frame are not allowed.
 */
static int frame_of_pfnmap(struct vm_area_struct *vma, u64 addr, bool write, struct loan *loan)
{
	bool writes = write || !(vma->vm_flags & VM_READ);
	struct compat_pfnmap map;
	bool unlocked = false;
	int err;

	/* Here, too, a mapping that may be written only can be read. */
	err = fixup_user_fault(vma->vm_mm, addr, writes ? FAULT_FLAG_WRITE : 0, &unlocked);
	if (err)
		return fault_error(err);
	/* The VMA may be gone with the lock. */
	if (unlocked)
		return -EAGAIN;
	err = compat_follow_pfnmap(vma, addr, &map);
	if (err || (write && !map.writable))
		return -EFAULT;
	loan->frames[0] = PFN_PHYS(map.pfn) | (write ? OFFLOAD_LOAN_WRITE : 0) |
			  memory_type(map.prot) << OFFLOAD_LOAN_TYPE_SHIFT;
	return 1;
}

/* Mappings of huge pages do not grow either, but Linux has rules of their own for them. */
u32 lend_kind(struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *vma;
	unsigned long flags = 0;

	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr)
		flags = vma->vm_flags;
	mmap_read_unlock(mm);
	return (flags & VM_IO ? OFFLOAD_MAPPED_IO : 0) |
	       (flags & VM_SPECIAL && !(flags & VM_HUGETLB) ? OFFLOAD_MAPPED_SPECIAL : 0) |
	       (flags & VM_DONTCOPY ? OFFLOAD_MAPPED_DONTFORK : 0);
}

static int frames_find(struct space *space, u64 addr, u32 prot, u32 npages, struct loan *loan)
{
	struct mm_struct *mm = space->mm;
	bool write = prot & PROT_WRITE;
	struct vm_area_struct *vma;
	int ret = -EFAULT;

	if (mmap_read_lock_killable(mm))
		return -EAGAIN;
	vma = find_lendable(mm, addr, prot);
	if (!vma)
		goto unlock;
	npages = min_t(u64, npages, (vma->vm_end - addr) >> PAGE_SHIFT);
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		npages = 1;
	if (write && vma->vm_flags & VM_SHARED)
		WRITE_ONCE(space->shared, true);
	/* Pages behind the first that are not lent in the end only cost a recall for nothing. */
	ret = remember(&space->lend, addr, write, npages);
	if (ret)
		ret = -EAGAIN;
	else if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		ret = frame_of_pfnmap(vma, addr, write, loan);
	else
		ret = frames_of_pages(vma, addr, write, npages, loan);
unlock:
	mmap_read_unlock(mm);
	return ret;
}

int lend_serve(struct space *space, const u64 *args, struct loan *loan)
{
	u64 addr = args[0] & PAGE_MASK;
	u32 npages = clamp_t(u64, args[2], 1, OFFLOAD_MAX_LOAN);
	struct lend *lend = &space->lend;
	unsigned long seq;
	bool overtaken;
	int tries;
	int ret;

	if (!may_lend(&space->vdso, addr))
		return -EFAULT;
	for (tries = 0; tries < LEND_TRIES; tries++) {
		seq = mmu_interval_read_begin(&lend->notifier);
		ret = frames_find(space, addr, args[1], npages, loan);
		if (ret == -EAGAIN && !fatal_signal_pending(current))
			continue;
		/* Frames may be taken back between a fault and the look for its frame, too. */
		if (ret < 0 && ret != -EFAULT)
			return ret;
		spin_lock(&lend->lock);
		overtaken = mmu_interval_read_retry(&lend->notifier, seq);
		loan->seq = lend->seq;
		spin_unlock(&lend->lock);
		if (overtaken)
			continue;
		loan->npages = max(ret, 0);
		return ret;
	}
	return -EAGAIN;
}

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
#include "image.h"
#include "proxy.h"

/* Loans that were overtaken before the LWK is told to ask again. */
#define LEND_TRIES 16

/*
 * lend->pages has a value for each aligned block of so many pages, which Linux maps at once: a bit
 * for each page, and above these a bit for each that the LWK may write, too.
 */
#define BLOCK_SHIFT 4
#define BLOCK_PAGES (1UL << BLOCK_SHIFT)

/* Of blocks: the LWK may write a page there. */
#define LENT_WRITABLE XA_MARK_0

/* Of pages [first, last] the bits of those in the block, which has one of them. */
static unsigned long block_bits(unsigned long block, unsigned long first, unsigned long last)
{
	unsigned long start = block << BLOCK_SHIFT;
	unsigned long low = max(first, start) - start;
	unsigned long high = min(last - start, BLOCK_PAGES - 1);

	return GENMASK(high, low);
}

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
	bool writable = event == MMU_NOTIFY_PROTECTION_PAGE;
	xa_mark_t which = writable ? LENT_WRITABLE : XA_PRESENT;
	unsigned long block = first >> BLOCK_SHIFT;
	unsigned long bits;
	void *entry;

	entry = xa_find(&lend->pages, &block, last >> BLOCK_SHIFT, which);
	while (entry) {
		bits = block_bits(block, first, last);
		if (xa_to_value(entry) & (writable ? bits << BLOCK_PAGES : bits))
			return true;
		entry = xa_find_after(&lend->pages, &block, last >> BLOCK_SHIFT, which);
	}
	return false;
}

static void forget(struct lend *lend, unsigned long first, unsigned long last)
{
	XA_STATE(xas, &lend->pages, first >> BLOCK_SHIFT);
	unsigned long bits, left;
	u32 n = 0;
	void *entry;

	xas_lock(&xas);
	xas_for_each(&xas, entry, last >> BLOCK_SHIFT) {
		bits = block_bits(xas.xa_index, first, last);
		left = xa_to_value(entry) & ~(bits | bits << BLOCK_PAGES);
		xas_store(&xas, left ? xa_mk_value(left) : NULL);
		if (left && !(left >> BLOCK_PAGES))
			xas_clear_mark(&xas, LENT_WRITABLE);
		if (++n % XA_CHECK_SCHED)
			continue;
		/* Not xas_pause(): it steps by the node, which may be gone with its last entry. */
		xas_set(&xas, xas.xa_index + 1);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
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
	if (range->event == MMU_NOTIFY_RELEASE) {
		space_end_all(space);
		image_set(space, NULL);
	}
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

static int remember_block(struct lend *lend, unsigned long block, unsigned long bits, bool write)
{
	XA_STATE(xas, &lend->pages, block);
	void *entry;

	if (write)
		bits |= bits << BLOCK_PAGES;
	do {
		xas_lock(&xas);
		entry = xas_load(&xas);
		xas_store(&xas, xa_mk_value(bits | (entry ? xa_to_value(entry) : 0)));
		if (write)
			xas_set_mark(&xas, LENT_WRITABLE);
		xas_unlock(&xas);
	} while (xas_nomem(&xas, GFP_KERNEL));
	return xas_error(&xas);
}

static int remember(struct lend *lend, u64 start, u64 end, bool write)
{
	unsigned long first = start >> PAGE_SHIFT;
	unsigned long last = (end - 1) >> PAGE_SHIFT;
	unsigned long block;
	int err = 0;

	for (block = first >> BLOCK_SHIFT; block <= last >> BLOCK_SHIFT && !err; block++)
		err = remember_block(lend, block, block_bits(block, first, last), write);
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

/*
 * The pages that may be lent together with that of @addr: [*@start, *@end). Linux maps a file's
 * pages in aligned blocks when one is read (fault-around), and only the one that is written.
 */
static void block_of(const struct vm_area_struct *vma, u64 addr, bool write, u32 npages, u64 *start,
		     u64 *end)
{
	u64 len = (u64)npages << PAGE_SHIFT;

	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		len = PAGE_SIZE;
	*start = write ? addr : max_t(u64, ALIGN_DOWN(addr, len), vma->vm_start);
	*end = min_t(u64, (write ? addr : ALIGN_DOWN(addr, len)) + len, vma->vm_end);
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

/* Those from @start or later up to @addr, without a gap, if they are present. Returns how many. */
static int pages_before(u64 start, u64 addr, unsigned int flags, struct page **pages)
{
	int want, n;

	for (; start < addr; start += (u64)(n + 1) << PAGE_SHIFT) {
		want = (addr - start) >> PAGE_SHIFT;
		n = max(get_user_pages_fast_only(start, want, flags, pages), 0);
		if (n == want)
			return n;
		pages_put(pages, n);
	}
	return 0;
}

/*
 * Ordinary pages. That of the address is made present; the others are taken if they are, which
 * Linux's fault-around sees to. Protection keys are left out, since the LWK has its own: with
 * Linux's, the twin may not even read what may be executed only.
 */
static int frames_of_pages(struct vm_area_struct *vma, u64 addr, bool write, u64 start, u64 end,
			   struct loan *loan)
{
	/* What may be written only can be read, what may be executed only is read to be that. */
	unsigned int flags = write ? FOLL_WRITE : vma->vm_flags & VM_READ ? 0 : FOLL_FORCE;
	struct page *pages[OFFLOAD_MAX_LOAN];
	struct page *page;
	int more = 0;
	int n, i;

	n = compat_get_user_pages_remote(vma->vm_mm, addr, 1, flags, &page);
	if (n != 1)
		return fault_error(n);
	n = pages_before(start, addr, flags, pages);
	loan->start = addr - ((u64)n << PAGE_SHIFT);
	pages[n++] = page;
	addr += PAGE_SIZE;
	if (addr < end)
		more = get_user_pages_fast_only(addr, (end - addr) >> PAGE_SHIFT, flags, pages + n);
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
	loan->start = addr;
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
	u64 start, end;

	if (mmap_read_lock_killable(mm))
		return -EAGAIN;
	vma = find_lendable(mm, addr, prot);
	if (!vma)
		goto unlock;
	block_of(vma, addr, write, npages, &start, &end);
	if (write && vma->vm_flags & VM_SHARED)
		WRITE_ONCE(space->shared, true);
	/* Other pages that are not lent in the end only cost a recall for nothing. */
	ret = remember(&space->lend, start, end, write);
	if (ret)
		ret = -EAGAIN;
	else if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		ret = frame_of_pfnmap(vma, addr, write, loan);
	else
		ret = frames_of_pages(vma, addr, write, start, end, loan);
unlock:
	mmap_read_unlock(mm);
	return ret;
}

int lend_serve(struct space *space, const u64 *args, struct loan *loan)
{
	u64 addr = args[0] & PAGE_MASK;
	u32 npages = rounddown_pow_of_two(clamp_t(u64, args[2], 1, OFFLOAD_MAX_LOAN));
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

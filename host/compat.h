/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the Linux versions that we build for differ. The only file that may test
 * LINUX_VERSION_CODE; each wrapper has the newest kernel's meaning.
 */
#ifndef HOST_COMPAT_H
#define HOST_COMPAT_H

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/version.h>

/* Largest order that alloc_pages() serves. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define COMPAT_MAX_PAGE_ORDER (MAX_ORDER - 1)
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define COMPAT_MAX_PAGE_ORDER MAX_ORDER
#else
#define COMPAT_MAX_PAGE_ORDER MAX_PAGE_ORDER
#endif

/* The device that callbacks of struct device_type get. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define compat_const_device struct device
#else
#define compat_const_device const struct device
#endif

/** compat_eventfd_signal() - add one to an eventfd's counter. Context: any. */
static inline void compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

/** compat_vm_flags_set() - set flags of a VMA that is being made. Context: mmap lock, writing. */
static inline void compat_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags |= flags;
#else
	vm_flags_set(vma, flags);
#endif
}

/** compat_vm_flags_clear() - clear flags of a VMA. Context: mmap lock, writing. */
static inline void compat_vm_flags_clear(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	vma->vm_flags &= ~flags;
#else
	vm_flags_clear(vma, flags);
#endif
}

/** compat_get_user_pages_remote() - as get_user_pages_remote(). Context: mmap lock of @mm. */
static inline long compat_get_user_pages_remote(struct mm_struct *mm, unsigned long start,
						unsigned long npages, unsigned int flags,
						struct page **pages)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, start, npages, flags, pages, NULL, NULL);
#else
	return get_user_pages_remote(mm, start, npages, flags, pages, NULL);
#endif
}

/*
 * What execve(2) and the end of an address space do with its executable's count of writers. Files
 * that are watched before they are read are left out where there are functions for it; 6.11 and the
 * first versions of 6.12 leave all alone, and no header tells them from those in between.
 */
#if defined(FMODE_FSNOTIFY_HSM)
#define COMPAT_EXE_KNOWN 1
#define compat_exe_deny_write exe_file_deny_write_access
#define compat_exe_allow_write exe_file_allow_write_access
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define COMPAT_EXE_KNOWN 1
#define compat_exe_deny_write deny_write_access
#define compat_exe_allow_write allow_write_access
#else
#define COMPAT_EXE_KNOWN 0
#define compat_exe_deny_write deny_write_access
#define compat_exe_allow_write allow_write_access
#endif

/*
 * What maps shows of a mapping's file: of an overlay, the file that was opened, not that below it.
 * Before, Linux itself shows the path of the one and the inode of the other.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define compat_file_user_inode file_inode
#define compat_file_user_path(file) (&(file)->f_path)
#else
#define compat_file_user_inode file_user_inode
#define compat_file_user_path file_user_path
#endif

/** struct compat_pfnmap - what a page table entry of a VM_PFNMAP mapping says */
struct compat_pfnmap {
	unsigned long pfn;
	pgprot_t prot; /* as of a 4 KiB page */
	bool writable;
};

/**
 * compat_follow_pfnmap() - look up a page of a VM_IO or VM_PFNMAP mapping
 * @vma: the mapping
 * @addr: address in it
 * @out: result
 *
 * Context: mmap lock. Return: 0, -EINVAL when nothing is there.
 */
static inline int compat_follow_pfnmap(struct vm_area_struct *vma, unsigned long addr,
				       struct compat_pfnmap *out)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	spinlock_t *lock;
	pte_t *pte;
	int err;

	err = follow_pte(vma->vm_mm, addr, &pte, &lock);
	if (err)
		return err;
	__acquire(lock); /* tells sparse what follow_pte() does not */
	out->pfn = pte_pfn(*pte);
	out->prot = pte_pgprot(*pte);
	out->writable = pte_write(*pte);
	pte_unmap_unlock(pte, lock);
	return 0;
#else
	struct follow_pfnmap_args args = {
		.vma = vma,
		.address = addr,
	};
	int err;

	err = follow_pfnmap_start(&args);
	if (err)
		return err;
	out->pfn = args.pfn;
	/* The bits of a large page's entry: it has no table of 4 KiB pages. */
	out->prot = args.ptep ? args.pgprot : pgprot_large_2_4k(args.pgprot);
	out->writable = args.writable;
	follow_pfnmap_end(&args);
	return 0;
#endif
}

/** compat_task_has_perf() - are there events of perf_event_open(2) for a task? Context: any. */
static inline bool compat_task_has_perf(const struct task_struct *task)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return task->perf_event_ctxp[perf_hw_context] || task->perf_event_ctxp[perf_sw_context];
#else
	return task->perf_event_ctxp;
#endif
}

#ifdef CONFIG_UCLAMP_TASK
static inline bool compat_same_clamp(const struct uclamp_se *a, const struct uclamp_se *b)
{
	return a->value == b->value && a->user_defined == b->user_defined;
}
#endif

/**
 * compat_task_same() - have two tasks the same of what a child has from its parent, and not all
 * versions or configurations of Linux know?
 * @a: one
 * @b: the other
 *
 * Context: any. Return: whether they have.
 */
static inline bool compat_task_same(const struct task_struct *a, const struct task_struct *b)
{
#ifdef CONFIG_UCLAMP_TASK
	if (!compat_same_clamp(&a->uclamp_req[UCLAMP_MIN], &b->uclamp_req[UCLAMP_MIN]) ||
	    !compat_same_clamp(&a->uclamp_req[UCLAMP_MAX], &b->uclamp_req[UCLAMP_MAX]))
		return false;
#endif
#ifdef CONFIG_SCHED_CORE
	if (a->core_cookie != b->core_cookie)
		return false;
#endif
#ifdef CONFIG_USER_EVENTS
	if (a->user_event_mm != b->user_event_mm)
		return false;
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	if (a->se.custom_slice != b->se.custom_slice ||
	    (a->se.custom_slice && a->se.slice != b->se.slice))
		return false;
#endif
	return true;
}

#endif

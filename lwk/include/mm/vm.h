/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User address spaces.
 *
 * A struct vm owns the user half of a page table and a tree of ranges; adjacent
 * ranges that could be one are one. Faults take @lock as readers and install
 * pages by compare-and-exchange, so CPUs that fault in one address space do not
 * wait for each other. What changes ranges takes @lock as writer: it first does
 * all that can fail, undoing it on failure, then changes the space.
 *
 * Pages are freed only after arch_tlb_flush_user() for where they were mapped.
 * The calls of lwk/include/mm/vm_calls.h have Linux's semantics and errnos.
 */
#ifndef LWK_MM_VM_H
#define LWK_MM_VM_H

#include "lwk/include/core/cpumask.h"
#include "lwk/include/mm/page_alloc.h"
#include "lwk/include/mm/pgtable.h"
#include "lwk/include/mm/vm_lock.h"
#include "lwk/include/mm/vm_tree.h"

/* Where Linux lets user space end, and begin (mmap_min_addr), on x86-64. */
#define VM_TASK_END 0x7ffffffff000ULL
#define VM_TASK_START 0x10000ULL

/** VM_MAX_RANGES - Linux's vm.max_map_count. */
#define VM_MAX_RANGES 65530

/** VM_UNLIMITED - for struct vm_limits. */
#define VM_UNLIMITED (~0ULL)

/*
 * What a range is, in struct vm_range. The first three are the access that it
 * allows, and the access that vm_fault() is asked for.
 */
#define VM_READ 0x1U
#define VM_WRITE 0x2U
#define VM_EXEC 0x4U
#define VM_SHARED 0x8U
#define VM_GROWSDOWN 0x10U /* grows on a fault below it */
#define VM_NORESERVE 0x20U /* pages booked when touched */
#define VM_ACCOUNT 0x40U /* all its pages are promised */
#define VM_LOCKED 0x80U
#define VM_LOCKONFAULT 0x100U
#define VM_HUGEPAGE 0x200U
#define VM_NOHUGEPAGE 0x400U /* 4 KiB pages only */
#define VM_HUGETLB_2M 0x800U /* 2 MiB granular */
#define VM_HUGETLB_1G 0x1000U /* 1 GiB granular, with 1 GiB pages */
#define VM_DONTFORK 0x2000U
#define VM_WIPEONFORK 0x4000U
#define VM_DONTDUMP 0x8000U
#define VM_RANDOM 0x10000U
#define VM_SEQUENTIAL 0x20000U
#define VM_MAP_STACK 0x40000U /* MAP_STACK: its upper end in 4 KiB pages */
#define VM_SPECIAL 0x80000U /* Linux's, neither locked nor growing */
#define VM_IO 0x100000U /* Linux's memory of a device */
#define VM_IMAGE 0x200000U /* filled from a file; @offset: where that was */
#define VM_PKEY_SHIFT 28
#define VM_PKEY_MASK 0xf0000000U /* protection key */

#define VM_ACCESS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_HUGETLB (VM_HUGETLB_2M | VM_HUGETLB_1G)
/* Ranges with one of these are never locked. */
#define VM_UNLOCKABLE (VM_HUGETLB | VM_SPECIAL)

/** VM_SIZES - page sizes: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB. */
#define VM_SIZES 3

struct vm;
struct vm_policy;
struct vm_range;

/**
 * struct vm_range_ops - a range whose pages are not anonymous memory of the LWK.
 * @fault: map the page of @addr with vm_map_foreign(); called as a reader of
 *	the vm's lock, so it must not wait. Returns 0, -errno for the thread, or
 *	-EAGAIN: the owner of the pages was asked, sleep, then fault again
 * @unmapped: the range no longer has [@start, @end); called as the writer
 * @get: one more range refers to @object: a split, a copy
 * @put: one range less does
 *
 * @object and the offset of each range are the owner's. Adjacent ranges merge
 * if operations and object are the same and the offsets continue.
 */
struct vm_range_ops {
	int (*fault)(struct vm *vm, const struct vm_range *range, vaddr_t addr, u32 access);
	void (*unmapped)(struct vm *vm, void *object, vaddr_t start, vaddr_t end);
	void (*get)(void *object);
	void (*put)(void *object);
};

/**
 * struct vm_range - one range, all of whose pages are alike.
 * @node: [start, end) and place in the tree
 * @flags: VM_*
 * @ops: NULL for anonymous memory
 * @object: what @ops work on; of shared anonymous memory its struct vm_shmem
 * @offset: of the range's first byte in @object; with VM_IMAGE its address when it was filled
 * @policy: where its pages are to be, or NULL; of private anonymous memory
 *
 * Changed by a writer of the vm's lock only.
 */
struct vm_range {
	struct vm_node node;
	u32 flags;
	const struct vm_range_ops *ops;
	void *object;
	u64 offset;
	struct vm_policy *policy;
};

/**
 * struct vm_limits - the process's limits, in bytes; VM_UNLIMITED for none.
 * @as: RLIMIT_AS
 * @data: RLIMIT_DATA
 * @stack: RLIMIT_STACK
 * @memlock: RLIMIT_MEMLOCK
 * @may_lock: CAP_IPC_LOCK: @memlock does not count
 * @data_hard: what counts for mappings if @data is 0, as on Linux, where valgrind relies on it
 */
struct vm_limits {
	u64 as;
	u64 data;
	u64 stack;
	u64 memlock;
	bool may_lock;
	u64 data_hard;
};

/**
 * struct vm_config - what vm_create() needs to know.
 * @kernel: the kernel's tables, whose upper half every space has
 * @start: first address that may be mapped, page-aligned
 * @end: end of what may be mapped, page-aligned
 * @mmap_base: mappings without an address go below, as high as they fit
 * @limits: limits
 * @huge_pages: the processor has 1 GiB pages
 */
struct vm_config {
	const struct pgtable *kernel;
	vaddr_t start;
	vaddr_t end;
	vaddr_t mmap_base;
	struct vm_limits limits;
	bool huge_pages;
};

/** VM_NOTE_PAGES - so many pages are taken away before it is noted how many there were. */
#define VM_NOTE_PAGES 64U

/**
 * struct vm_counters - pages by one CPU; only sums over all CPUs mean something.
 * @resident: mapped blocks, by VM_SIZES
 */
struct vm_counters {
	s64 resident[VM_SIZES];
} __cacheline_aligned;

/**
 * struct vm - one user address space.
 * @refs: owners
 * @start: first address that may be mapped; set at creation
 * @end: end of what may be mapped; set at creation
 * @mmap_base: set at creation
 * @revoke: have Linux let go of the pages of a range, before their owner or use changes; called as
 *	the writer, or a reader since, may wait for Linux, but not for anything that needs @lock.
 *	NULL: Linux maps none; set before it does
 * @in_vain: has the calling thread to end, so that what it does for its program is in vain? NULL:
 *	never; set with @revoke
 * @owner: whose limits it has, if several have the space; of no concern here
 * @cpus: CPUs whose TLB may hold translations of it
 *
 * @lock: readers may look at all below, a writer may change it
 * @pt: page tables; readers add to them by compare-and-exchange
 * @ranges: struct vm_range
 * @limits: limits
 * @brk_start: where the heap begins
 * @brk: where it ends, not aligned
 * @data_len: initialised data, which RLIMIT_DATA counts for brk
 * @def_flags: VM_LOCKED and VM_LOCKONFAULT of future ranges
 * @places_held: between vm_hold_places() and vm_release_places(); atomic
 * @total: pages in all ranges
 * @locked: pages in VM_LOCKED ranges
 * @data: pages that RLIMIT_DATA counts
 * @stack: pages in VM_GROWSDOWN ranges
 * @peak_total: the most that @total was
 * @peak_resident: the most that was mapped, as far as it was noted
 * @unnoted: pages that were taken away since
 * @recall_seq: of the last vm_recall()
 * @policy: where pages are to be that no thread of the program touches first, or NULL
 * @pkeys: protection keys in use, a bit each; key 0 is the one that all pages have at first
 * @exec_pkey: key of memory that can only be executed; 0: none yet
 *
 * @counters: by CPU, modulo VM_LOCK_SLOTS; atomic
 */
struct vm {
	u32 refs;
	vaddr_t start;
	vaddr_t end;
	vaddr_t mmap_base;
	void (*revoke)(struct vm *vm, vaddr_t start, vaddr_t end);
	bool (*in_vain)(void);
	void *owner;
	struct cpumask cpus;

	struct vm_lock lock;
	struct pgtable pt;
	struct vm_tree ranges;
	struct vm_limits limits;
	vaddr_t brk_start;
	vaddr_t brk;
	u64 data_len;
	u32 def_flags;
	bool places_held;
	u64 total;
	u64 locked;
	u64 data;
	u64 stack;
	u64 peak_total;
	u64 peak_resident;
	u64 unnoted;
	u64 recall_seq;
	struct vm_policy *policy;
	u32 pkeys;
	u32 exec_pkey;

	struct vm_counters counters[VM_LOCK_SLOTS];
};

/**
 * vm_create() - make an empty address space.
 * @config: copied
 * @out: result, with one reference
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, -EINVAL for a bad window, -ENOMEM.
 */
int vm_create(const struct vm_config *config, struct vm **out) __must_check;

/**
 * vm_fork() - make a copy of an address space, as fork(2) does.
 * @parent: address space, which may be in use
 * @promised: fail if the child's memory cannot be promised; else do without the promise then
 * @child: result, with one reference; active nowhere
 *
 * Private memory is shared until one of both writes, what is kept by vm_get_page() is copied
 * at once, shared memory stays shared. VM_DONTFORK ranges are left out, VM_WIPEONFORK
 * ranges are empty, locks and mlockall() are not inherited, limits and heap are. Ranges with
 * operations are the child's, too, without pages (@get is called): what they need beyond
 * that, the caller does before the child runs. Takes time for page tables, not for memory.
 *
 * The ledger charges the child in full. If it refuses and @promised is false, what both have is
 * promised to neither any more: it is booked block by block (page_book()), and so is each copy, or
 * refused, as with MAP_NORESERVE.
 *
 * On return no CPU can write through @parent to what is shared.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or -ENOMEM with nothing changed that a program could see.
 */
int vm_fork(struct vm *parent, bool promised, struct vm **child) __must_check;

/**
 * vm_get() - become one more owner.
 * @vm: the caller has a reference already
 *
 * Context: any.
 */
void vm_get(struct vm *vm);

/**
 * vm_put() - cease to own; the last owner's call frees everything.
 * @vm: no longer used by the caller; for the last, active on no CPU
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_put(struct vm *vm);

/**
 * vm_activate() - this CPU is about to load the page tables.
 * @vm: held by the caller until vm_deactivate()
 *
 * Context: interrupts disabled; load @pt.root into CR3 afterwards.
 */
void vm_activate(struct vm *vm);

/**
 * vm_deactivate() - this CPU has loaded other page tables.
 * @vm: was activated here
 *
 * Context: interrupts disabled, after CR3 was loaded, which emptied the TLB.
 */
void vm_deactivate(struct vm *vm);

/**
 * vm_set_limits() - replace the limits; what exists stays.
 * @vm: address space
 * @limits: copied
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_set_limits(struct vm *vm, const struct vm_limits *limits);

/**
 * vm_set_brk() - tell where the heap of a new program begins, empty.
 * @vm: address space
 * @start: first byte of the heap, need not be aligned
 * @data_len: bytes of initialised data, which RLIMIT_DATA counts with the heap
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_set_brk(struct vm *vm, vaddr_t start, u64 data_len);

/**
 * vm_fault() - resolve a page fault of a program.
 * @vm: address space
 * @addr: faulting address
 * @access: one of VM_READ, VM_WRITE, VM_EXEC
 *
 * A fault that another CPU has resolved meanwhile is a success.
 *
 * A read of memory never written allocates, too: there is no shared page of
 * zeroes. Programs for which this kernel is made write what they map, so
 * the zero page would cost them a second fault and a TLB shoot-down, and would
 * keep large pages from being used at first touch; the memory was promised anyway.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0; -EFAULT if nothing is mapped there (SEGV_MAPERR), which includes a
 * stack that cannot grow; -EACCES if the range does not allow it (SEGV_ACCERR);
 * -ENXIO beyond the end of shared memory (SIGBUS, BUS_ADRERR);
 * -ENOMEM if memory that was never promised is not to be had, or no page table;
 * -EAGAIN from the range's owner, see struct vm_range_ops.
 */
int vm_fault(struct vm *vm, vaddr_t addr, u32 access) __must_check;

/**
 * vm_populate() - fault all pages of a range in.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 * @access: VM_READ, or VM_WRITE
 *
 * Stops at the first page that fails. No stack grows.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: as vm_fault(); -EINTR: the calling thread has to end.
 */
int vm_populate(struct vm *vm, vaddr_t start, vaddr_t end, u32 access) __must_check;

/**
 * vm_populate_contiguous() - fault small pages in, in physical pieces as large as can be had.
 * @vm: address space
 * @start: first byte
 * @end: end
 *
 * The bytes are those that the pages had before: somebody has to write all of them before anybody
 * may see them. What else is in the pages is zero. For private anonymous ranges that may be
 * written, so whose memory was promised. Pages that are there stay. Stops at the first piece that
 * fails.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0; -EFAULT if nothing is mapped there; -EINVAL for ranges of another kind; -ENOMEM.
 */
int vm_populate_contiguous(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/**
 * vm_get_page() - keep the page behind a user address.
 * @vm: address space
 * @addr: user address
 * @write: for writing
 * @page: result: descriptor of the very 4 KiB page, for vm_put_page()
 *
 * Faults the page in first. The page stays what it is, even if the program
 * unmaps it, until vm_put_page(). If it is shared copy-on-write it is copied first, also for
 * reading: so a kept page is the program's own until the program unmaps it.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or as vm_fault(); -EFAULT for memory that is not the LWK's.
 */
int vm_get_page(struct vm *vm, vaddr_t addr, bool write, struct page **page) __must_check;

/**
 * vm_put_page() - let go of a page.
 * @page: from vm_get_page()
 *
 * Context: any but NMI.
 */
void vm_put_page(struct page *page);

/**
 * vm_map_foreign() - map a page that is not in the LWK's books.
 * @vm: address space
 * @range: has operations
 * @addr: page-aligned address in it
 * @pa: physical address
 *
 * For struct vm_range_ops.fault.
 *
 * Context: reader of the vm's lock.
 * Return: 0, also if a page is there already; -ENOMEM.
 */
int vm_map_foreign(struct vm *vm, const struct vm_range *range, vaddr_t addr,
		   paddr_t pa) __must_check;

/** VM_LOAN_WRITE - in struct vm_loan.frames: may be written. */
#define VM_LOAN_WRITE 1ULL
/** VM_LOAN_TYPE_SHIFT - in struct vm_loan.frames: memory type, an entry of the PAT. */
#define VM_LOAN_TYPE_SHIFT 1
#define VM_LOAN_TYPE_MASK (7ULL << VM_LOAN_TYPE_SHIFT)

/**
 * struct vm_loan - frames of Linux's for consecutive pages of a range.
 * @ops: operations that the range must have
 * @addr: one of them, page-aligned, which is needed; the others are offered
 * @start: address of the first
 * @npages: how many
 * @seq: recalls that its lender had begun when it was made
 * @frames: physical address | VM_LOAN_* of each
 */
struct vm_loan {
	const struct vm_range_ops *ops;
	vaddr_t addr;
	vaddr_t start;
	u32 npages;
	u64 seq;
	const u64 *frames;
};

/**
 * vm_install_loan() - map frames that Linux lends.
 * @vm: address space
 * @loan: the frames, unchecked
 *
 * A read-only entry of the same frame becomes writable if the new loan is. Pages outside
 * the range of the one that is needed are left out.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0; -EAGAIN if it was recalled meanwhile; -EFAULT if no such range is at the
 * address; -EIO if its frame is no frame of Linux's; -ENOMEM.
 */
int vm_install_loan(struct vm *vm, const struct vm_loan *loan) __must_check;

/**
 * vm_recall() - give frames back to Linux.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 * @seq: number of this recall; loans made under a smaller one are void from now on
 *
 * On return no CPU can reach foreign pages of the range. Memory of the LWK stays.
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_recall(struct vm *vm, vaddr_t start, vaddr_t end, u64 seq);

/**
 * struct vm_extent - contiguous memory behind contiguous addresses.
 * @start: first user address
 * @paddr: physical address of it
 * @npages: length
 * @write: the program may write there
 */
struct vm_extent {
	vaddr_t start;
	paddr_t paddr;
	u32 npages;
	bool write;
};

/** VM_EXTENT_MAX - most pages of an extent. */
#define VM_EXTENT_MAX 512U

/**
 * vm_share() - let Linux map memory of the LWK.
 * @vm: address space
 * @addr: user address
 * @write: for writing
 * @extent: result, contains @addr
 *
 * Faults the page in. From now on @revoke is called before any page of the extent is taken from
 * the program, or may be used less.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or as vm_fault(); -EFAULT for memory that is not the LWK's.
 */
int vm_share(struct vm *vm, vaddr_t addr, bool write, struct vm_extent *extent) __must_check;

/**
 * vm_withdraw() - have Linux let go of what it maps of a range, in one go.
 * @vm: address space of the calling thread's process
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Spares later changes to parts of the range the wait for Linux. It may map the pages again.
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_withdraw(struct vm *vm, vaddr_t start, vaddr_t end);

/**
 * vm_zap() - take the pages of a range away; the range stays.
 * @vm: address space
 * @start: first address, page-aligned
 * @end: end, page-aligned
 *
 * Anonymous memory is lost; foreign pages are faulted again. On return no CPU
 * can reach the pages through @vm.
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or -ENOMEM if a large page at an edge cannot be split.
 */
int vm_zap(struct vm *vm, vaddr_t start, vaddr_t end) __must_check;

/** vm_visit_fn - called for a range; non-zero ends the walk. */
typedef int (*vm_visit_fn)(const struct vm_range *range, void *ctx);

/**
 * vm_for_each() - look at all ranges, ascending, as one consistent picture.
 * @vm: address space
 * @fn: called with each; must not wait, nor take @vm's lock
 * @ctx: passed to it
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or what @fn returned.
 */
int vm_for_each(struct vm *vm, vm_visit_fn fn, void *ctx);

/**
 * vm_for_each_in() - look at the ranges that overlap [start, end), ascending, likewise.
 * @vm: address space
 * @start: first address
 * @end: end
 * @fn: called with each; must not wait, nor take @vm's lock
 * @ctx: passed to it
 *
 * Context: process context, interrupts enabled, no lock held.
 * Return: 0, or what @fn returned.
 */
int vm_for_each_in(struct vm *vm, vaddr_t start, vaddr_t end, vm_visit_fn fn, void *ctx);

/**
 * struct vm_stats - numbers of an address space.
 * @total: pages in all ranges
 * @peak_total: the most that this was
 * @locked: of these, locked
 * @data: of these, private and writable, no stack
 * @stack: of these, stack
 * @ranges: number of ranges
 * @resident: mapped blocks by VM_SIZES
 */
struct vm_stats {
	u64 total;
	u64 peak_total;
	u64 locked;
	u64 data;
	u64 stack;
	u64 ranges;
	u64 resident[VM_SIZES];
};

/**
 * vm_get_stats() - count.
 * @vm: address space
 * @out: result; @resident is exact only while nobody faults
 *
 * Context: process context, interrupts enabled, no lock held.
 */
void vm_get_stats(struct vm *vm, struct vm_stats *out);

/**
 * vm_peak_resident() - the most that was mapped at once.
 * @vm: address space
 *
 * Context: any.
 * Return: pages, at most VM_NOTE_PAGES too few.
 */
u64 vm_peak_resident(const struct vm *vm);

/**
 * vm_check() - panic unless ranges, counters and page tables agree.
 * @vm: address space
 *
 * Context: process context, interrupts enabled, no lock held; for tests: slow.
 */
void vm_check(struct vm *vm);

#endif

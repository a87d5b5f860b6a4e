/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual address layout of the LWK (4-level paging), its interrupt vectors and
 * the segment selectors that the park code and the LWK both load.
 *
 *   0000000000000000  user space (128 TiB)
 *   ffff800000000000  direct map: granted chunk at paddr p is at base + p
 *   ffffc00000000000  vmap: guarded stacks, device registers, lent Linux pages
 *   ffffffff80000000  LWK image
 *   fffffffffe000000  park page and park slots, mapped alike by the park tables
 *
 * docs/memory.md has the same picture with permissions.
 */
#ifndef ABI_LAYOUT_H
#define ABI_LAYOUT_H

#define LWK_PAGE_SHIFT 12
#define LWK_PAGE_SIZE (1 << LWK_PAGE_SHIFT)

#define LWK_DIRECT_VA 0xffff800000000000	/* up to IHK_PADDR_LIMIT */
#define LWK_VMAP_VA 0xffffc00000000000
#define LWK_VMAP_LEN 0x0000010000000000		/* 1 TiB */
#define LWK_IMAGE_VA 0xffffffff80000000		/* up to IHK_IMAGE_MAX_LEN */
#define LWK_PARK_VA 0xfffffffffe000000		/* see abi/park.h */

/*
 * User space. The proxy of a process leaves [LWK_USER_START, LWK_USER_END) to it, and
 * has its own image, heap, stack and Linux's vDSO above; the process may use
 * nothing there but the vDSO, which it has at the same addresses. The last page below is never
 * mapped: a buffer that Linux is told of does not go on into the proxy.
 */
#define LWK_USER_START 0x10000		/* Linux's vm.mmap_min_addr */
#define LWK_USER_END 0x7ee000000000
#define LWK_PROGRAM_END 0x7edffffff000 /* of what the process may map */
#define LWK_LOW_START 0x42000000	/* where Linux looks, in any case, with MAP_32BIT */
#define LWK_LOW_END 0x80000000
#define LWK_PROXY_VA 0x7ee000000000	/* where mcexec is linked */
#define LWK_TASK_END 0x7ffffffff000	/* Linux's TASK_SIZE_MAX */

/*
 * Selectors of the kernel's code and data segments. The park code's GDT has the
 * same, so that an NMI between loading GDT and IDT finds its code segment.
 */
#define LWK_CODE_SEL 0x08
#define LWK_DATA_SEL 0x10

/*
 * Vectors of the LWK. Linux broadcasts its own, 0xeb to 0xff, to every CPU that
 * has its local APIC enabled; the LWK acknowledges and ignores those.
 */
#define LWK_VEC_TIMER 0xd0	/* local APIC timer */
#define LWK_VEC_IKC 0xd1	/* doorbell from Linux */
#define LWK_VEC_RESCHED 0xd2	/* LWK CPU to LWK CPU: look for work */
#define LWK_VEC_CALL 0xd3	/* LWK CPU to LWK CPU: call a function */
#define LWK_VEC_SPURIOUS 0xff	/* local APIC spurious vector */

#endif

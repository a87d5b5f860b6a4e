/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the Linux versions that we build for differ. The only file that may test
 * LINUX_VERSION_CODE; each wrapper has the newest kernel's meaning.
 */
#ifndef HOST_COMPAT_H
#define HOST_COMPAT_H

#include <linux/device.h>
#include <linux/eventfd.h>
#include <linux/mmzone.h>
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

#endif

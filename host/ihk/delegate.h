/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ihk offers to the module that runs processes on an LWK, besides the channels of
 * ikc.h. ihk works without that module, and knows nothing of processes.
 */
#ifndef IHK_DELEGATE_H
#define IHK_DELEGATE_H

#include <linux/compiler.h>
#include <linux/module.h>
#include <linux/types.h>

#include "abi/limits.h"

struct ihk_os;
struct kobject;

/**
 * struct ihk_delegate - who serves requests on /dev/mcosN that are not ihk's
 * @owner:	its module, kept while a request is served
 * @type:	of its requests, _IOC_TYPE()
 * @ioctl:	serve one. The instance lives as long as the call does; it need not run. May
 *		use ihk_report()
 */
struct ihk_delegate {
	struct module *owner;
	u8 type;
	long (*ioctl)(struct ihk_os *os, unsigned int cmd, unsigned long arg);
};

/**
 * ihk_delegate_register() - serve requests from now on
 * @delegate: stays until ihk_delegate_unregister()
 *
 * Context: process context. Return: 0, -EBUSY when there is one.
 */
int ihk_delegate_register(const struct ihk_delegate *delegate);

/** ihk_delegate_unregister() - undo it; from the exit function of its owner. */
void ihk_delegate_unregister(void);

/** ihk_os_get() - keep the structure of an instance, not its life. Context: any. */
void ihk_os_get(struct ihk_os *os);
/** ihk_os_put() - undo ihk_os_get(). Context: process context. */
void ihk_os_put(struct ihk_os *os);
/** ihk_os_index() - N of /dev/mcosN. */
int ihk_os_index(const struct ihk_os *os);
/** ihk_os_is_frozen() - is it frozen, or about to be? Context: any. */
bool ihk_os_is_frozen(const struct ihk_os *os);
/** ihk_os_has_panicked() - has its LWK given up? Context: any. */
bool ihk_os_has_panicked(const struct ihk_os *os);
/** ihk_os_is_hung() - does it make no progress, as the watchdog says? Context: any. */
bool ihk_os_is_hung(const struct ihk_os *os);
/** ihk_os_ncpus() - its LWK CPUs; they stay the same while it runs. */
u32 ihk_os_ncpus(const struct ihk_os *os);
/**
 * struct ihk_os_numbers - what Linux calls the CPUs and nodes of an LWK; index: the LWK's number
 * @ncpus:	entries of @cpus and @cpu_nodes
 * @nnodes:	entries of @nodes
 * @cpus:	CPUs
 * @cpu_nodes:	the node of each CPU, by Linux's number
 * @nodes:	nodes
 */
struct ihk_os_numbers {
	u32 ncpus;
	u32 nnodes;
	u32 cpus[IHK_MAX_CPUS];
	u32 cpu_nodes[IHK_MAX_CPUS];
	u32 nodes[IHK_MAX_NODES];
};

/**
 * ihk_os_numbers() - how Linux's numbers relate to the LWK's
 * @os: instance
 * @out: numbers; all of one boot, the present or last one
 *
 * Context: process context. Return: 0, -EPIPE: it has not booted.
 */
int ihk_os_numbers(const struct ihk_os *os, struct ihk_os_numbers *out);

/** ihk_os_kobject() - /sys/devices/virtual/mcos/mcosN; ihk_os_get() keeps it. */
struct kobject *ihk_os_kobject(struct ihk_os *os);

/**
 * ihk_report() - say why a request fails, to its caller and to the log
 * @err: negative errno, returned
 * @fmt: one sentence without newline: what cannot be done, with values, and why
 *
 * Keeps the sentence for IHK_IOC_GET_ERROR of the calling thread's request (the
 * ioctl entry points set up where) and prints it once with pr_warn_ratelimited().
 * Context: process context. Return: @err.
 */
__printf(2, 3) int ihk_report(int err, const char *fmt, ...);

#endif

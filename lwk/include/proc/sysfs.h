/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of sysfs whose text is the LWK's: abi/sysfs.def.
 */
#ifndef LWK_PROC_SYSFS_H
#define LWK_PROC_SYSFS_H

#include "abi/offload.h"
#include "lwk/include/compiler.h"

/**
 * sysfs_show() - SYSFS_REQ_SHOW.
 * @msg: unchecked, but for @len
 * @buf: of @msg->len bytes
 *
 * Context: a worker thread.
 * Return: bytes in @buf; -ENOENT: there is no such file.
 */
s64 sysfs_show(const struct msg_file *msg, u8 *buf);

/**
 * sysfs_store() - SYSFS_REQ_STORE.
 * @msg: unchecked, but for @len
 * @buf: what was written, @msg->len bytes
 *
 * Context: a worker thread.
 * Return: @msg->len; -ENOENT, -EACCES: it cannot be written, -EINVAL.
 */
s64 sysfs_store(const struct msg_file *msg, const u8 *buf);

/**
 * sysfs_release() - SYSFS_REQ_RELEASE: nobody will ask for the file any more.
 * @msg: unchecked
 *
 * The files are texts made for each read, so there is nothing to be given back.
 *
 * Context: any.
 * Return: 0 or -ENOENT.
 */
int sysfs_release(const struct msg_file *msg);

#endif

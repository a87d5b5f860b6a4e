// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filling a new program's memory from files: copied into the LWK's pages, of which nothing has to
 * be mapped for it, nor revoked afterwards.
 *
 * Copying holds the map's lock, as inserting pages does. Reading does not: the file may be one that
 * a user serves, who can take his time, and the LWK and all of its programs would wait for him.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "check.h"
#include "exe.h"
#include "proxy.h"

/* Read, and copied with the lock held. */
#define CHUNK SZ_256K

/**
 * struct fill - a request that is being served
 * @space:	whose
 * @file:	what to read
 * @pos:	where, next
 * @to:		next address to fill
 * @len:	bytes left
 * @extent:	pages that the LWK said last, none at first
 * @seq:	of the map, before it was asked
 * @chunk:	what was read last, up to CHUNK bytes
 */
struct fill {
	struct space *space;
	struct file *file;
	loff_t pos;
	u64 to;
	u64 len;
	struct extent extent;
	u64 seq;
	void *chunk;
};

/* Bytes from the next address on that the extent has. */
static u64 extent_left(const struct fill *fill)
{
	u64 end = fill->extent.start + ((u64)fill->extent.npages << PAGE_SHIFT);

	return fill->to >= fill->extent.start && fill->to < end ? end - fill->to : 0;
}

/* Returns -ESTALE when pages were revoked since the extent was asked for. */
static int copy_chunk(struct fill *fill, size_t len)
{
	u64 at = fill->extent.paddr + (fill->to - fill->extent.start);
	struct map *map = &fill->space->map;
	int err;

	err = mutex_lock_killable(&map->lock);
	if (err)
		return err;
	if (map->dead)
		err = -EPIPE;
	else if (map->seq != fill->seq)
		err = -ESTALE;
	else
		memcpy(phys_to_virt(at), fill->chunk, len);
	mutex_unlock(&map->lock);
	return err;
}

/* Returns -ENOEXEC at the end of the file; -ESTALE: nothing was done. */
static int fill_chunk(struct fill *fill)
{
	u64 len = min3(fill->len, extent_left(fill), (u64)CHUNK);
	loff_t pos = fill->pos;
	ssize_t n;
	int err;

	n = kernel_read(fill->file, fill->chunk, len, &pos);
	if (n <= 0)
		return n ? n : -ENOEXEC;
	err = copy_chunk(fill, n);
	if (err)
		return err;
	fill->pos = pos;
	fill->to += n;
	fill->len -= n;
	return 0;
}

static int fill_some(struct fill *fill)
{
	int err;

	if (!extent_left(fill)) {
		fill->seq = map_seq(&fill->space->map);
		err = map_extent(fill->space, fill->to, true, &fill->extent);
		if (err)
			return err;
	}
	err = fill_chunk(fill);
	if (err != -ESTALE)
		return err;
	fill->extent.npages = 0;
	return 0;
}

static int fill_all(struct fill *fill)
{
	int err = 0;

	/* What kernel_read() would complain of. */
	if (!(fill->file->f_mode & FMODE_READ) || !S_ISREG(file_inode(fill->file)->i_mode))
		return -EBADF;
	fill->chunk = kvmalloc(min_t(u64, fill->len, CHUNK), GFP_KERNEL);
	if (!fill->chunk)
		return -ENOMEM;
	while (fill->len && !err)
		err = fatal_signal_pending(current) ? -EINTR : fill_some(fill);
	kvfree(fill->chunk);
	return err;
}

long proxy_fill(struct proxy *proxy, const struct mcctrl_fill __user *arg)
{
	struct fill fill = { .space = proxy->space };
	struct mcctrl_fill req;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (READ_ONCE(proxy->state) != PROXY_PREPARED || !READ_ONCE(proxy->image) ||
	    (req.flags & ~MCCTRL_FILL_EXE) || req.offset > LLONG_MAX || req.to < LWK_USER_START ||
	    req.to > LWK_USER_END || req.len > LWK_USER_END - req.to)
		return -EINVAL;
	fill.file = fget(req.fd);
	if (!fill.file)
		return -EBADF;
	fill.pos = req.offset;
	fill.to = req.to;
	fill.len = req.len;
	err = req.flags & MCCTRL_FILL_EXE ? exe_set(fill.file) : 0;
	if (!err)
		err = fill_all(&fill);
	fput(fill.file);
	return err;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filling a new program's memory from files, and with its strings: copied into the LWK's pages, of
 * which nothing has to be mapped for it, nor revoked afterwards.
 *
 * Copying holds the map's lock, as inserting pages does. Reading does not: the file may be one that
 * a user serves, who can take his time, and the LWK and all of its programs would wait for him.
 * What is in the page cache need not be read: Linux, too, would execute it from there.
 *
 * The LWK has not cleared what is to come from files. So nobody may map anything before all of that
 * is filled (map.c), nor start the program, and the LWK itself gives it to nobody before the start.
 */
#define pr_fmt(fmt) "mcctrl: " fmt

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "check.h"
#include "exe.h"
#include "image.h"
#include "proxy.h"

/* Read, and copied with the lock held. */
#define CHUNK SZ_256K

/**
 * struct fill - a request that is being served
 * @space:	whose
 * @file:	what to read; NULL: the caller's memory
 * @pos:	where, next
 * @to:		next address to fill
 * @len:	bytes left
 * @extent:	pages that the LWK said last, none at first
 * @seq:	of the map, before it was asked
 * @chunk:	what was read last, up to CHUNK bytes; NULL: nothing was
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
static int fill_lock(struct fill *fill)
{
	struct map *map = &fill->space->map;
	int err;

	err = mutex_lock_killable(&map->lock);
	if (err)
		return err;
	if (map->dead)
		err = -EPIPE;
	else if (map->seq != fill->seq)
		err = -ESTALE;
	if (err)
		mutex_unlock(&map->lock);
	return err;
}

static void fill_unlock(struct fill *fill)
{
	mutex_unlock(&fill->space->map.lock);
}

/* The next @len bytes, which are inside the extent; locked. */
static void copy_locked(struct fill *fill, const void *from, size_t len)
{
	memcpy(phys_to_virt(fill->extent.paddr + (fill->to - fill->extent.start)), from, len);
	fill->pos += len;
	fill->to += len;
	fill->len -= len;
}

/* Up to @len bytes of the file's next page. Returns how many; 0: it has to be read. */
static size_t copy_cached_locked(struct fill *fill, size_t len)
{
	struct address_space *mapping = fill->file->f_mapping;
	struct page *page = find_get_page(mapping, fill->pos >> PAGE_SHIFT);
	/* After the page was found: one that is cut off meanwhile is not beyond the end. */
	loff_t left = i_size_read(mapping->host) - fill->pos;
	size_t done = 0;

	if (!page)
		return 0;
	/* Those of hugetlbfs may have been looked for by another unit than theirs. */
	if (PageUptodate(page) && !PageHuge(page) && !PageHWPoison(page) && left > 0) {
		done = min3(len, PAGE_SIZE - offset_in_page(fill->pos), (size_t)left);
		copy_locked(fill, page_address(page) + offset_in_page(fill->pos), done);
		folio_mark_accessed(page_folio(page));
	}
	put_page(page);
	return done;
}

/* As much of the next @len bytes as is in memory. Returns how many, or -errno. */
static ssize_t fill_cached(struct fill *fill, size_t len)
{
	size_t done = 0, n;
	int err;

	err = fill_lock(fill);
	if (err)
		return err;
	do {
		n = copy_cached_locked(fill, len - done);
		done += n;
	} while (n && done < len);
	fill_unlock(fill);
	return done;
}

/* Returns how many of the next @len bytes have come to the chunk; -ENOEXEC: the file has ended. */
static ssize_t read_chunk(struct fill *fill, size_t len)
{
	loff_t pos = fill->pos;
	ssize_t n;

	if (!fill->chunk)
		fill->chunk = kvmalloc(min_t(u64, fill->len, CHUNK), GFP_KERNEL);
	if (!fill->chunk)
		return -ENOMEM;
	if (!fill->file)
		return copy_from_user(fill->chunk, u64_to_user_ptr((u64)pos), len) ? -EFAULT : len;
	n = kernel_read(fill->file, fill->chunk, len, &pos);
	return n ? n : -ENOEXEC;
}

/* Returns -ESTALE: nothing was done. */
static int fill_chunk(struct fill *fill)
{
	u64 len = min3(fill->len, extent_left(fill), (u64)CHUNK);
	ssize_t n = 0;
	int err;

	if (fill->file)
		n = fill_cached(fill, len);
	if (n)
		return min_t(ssize_t, n, 0);
	n = read_chunk(fill, len);
	if (n < 0)
		return n;
	err = fill_lock(fill);
	if (err)
		return err;
	copy_locked(fill, fill->chunk, n);
	fill_unlock(fill);
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

	while (fill->len && !err)
		err = fatal_signal_pending(current) ? -EINTR : fill_some(fill);
	kvfree(fill->chunk);
	return err;
}

/*
 * What kernel_read() would complain of. A file without a way to read it may have pages in the page
 * cache that not even Linux has mapped: memfd_secret(2).
 */
static int check_file(const struct file *file)
{
	if (!(file->f_mode & FMODE_READ) || !S_ISREG(file_inode(file)->i_mode))
		return -EBADF;
	return file->f_mode & FMODE_CAN_READ ? 0 : -EINVAL;
}

static int fill_from_file(struct fill *fill, const struct mcctrl_fill *req)
{
	int err;

	fill->file = fget(req->fd);
	if (!fill->file)
		return -EBADF;
	err = check_file(fill->file);
	if (!err && req->flags & MCCTRL_FILL_EXE)
		err = exe_set(fill->file);
	if (!err)
		err = fill_all(fill);
	return err;
}

/* What was asked for, and is there now. */
static void note(struct space *space, struct image *image, const struct mcctrl_fill *req,
		 struct file *file)
{
	const struct image_part filled = {
		.start = req->to,
		.end = req->to + req->len,
		.file = file,
		.pos = req->offset,
	};

	image_note(space, image, &filled);
}

static int fill_image(struct fill *fill, const struct mcctrl_fill *req, struct image *image)
{
	int err;

	if (req->flags != MCCTRL_FILL_MEMORY)
		err = fill_from_file(fill, req);
	else
		err = req->fd == -1 ? fill_all(fill) : -EINVAL;
	if (!err)
		note(fill->space, image, req, fill->file);
	if (fill->file)
		fput(fill->file);
	return err;
}

long proxy_fill(struct proxy *proxy, const struct mcctrl_fill __user *arg)
{
	struct fill fill = { .space = proxy->space };
	struct mcctrl_fill req;
	struct image *image;
	int err;

	if (copy_from_user(&req, arg, sizeof(req)))
		return -EFAULT;
	if (READ_ONCE(proxy->state) != PROXY_PREPARED || proxy->forked ||
	    (req.flags & ~MCCTRL_FILL_EXE && req.flags != MCCTRL_FILL_MEMORY) ||
	    req.offset > LLONG_MAX || req.to < LWK_USER_START || req.to > LWK_USER_END ||
	    req.len > LWK_USER_END - req.to)
		return -EINVAL;
	fill.pos = req.offset;
	fill.to = req.to;
	fill.len = req.len;
	image = image_get(proxy->space);
	if (!image)
		return -EINVAL;
	err = fill_image(&fill, &req, image);
	image_put(image);
	return err;
}

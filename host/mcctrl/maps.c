// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/mcosN/PID/maps: see maps.h.
 *
 * The LWK says where ranges are and what may be done there, Linux which files they are of: its
 * own by the proxy's mappings, which are at the same addresses, those of the image by what was
 * read there. The LWK is asked first, for some ranges, with no lock held; then each is looked
 * up. What has changed between the two is shown with no file, or the new one: as with Linux's file
 * each line was true once, and none overlaps another.
 */
#include "maps.h"

#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/seq_file.h>

#include "abi/maps.h"
#include "check.h"
#include "compat.h"
#include "image.h"
#include "proxy.h"
#include "trace.h"

/* Ranges that the LWK is asked for at once: more than most programs have. */
#define BATCH 64

/**
 * struct maps_reader - an open file
 * @proxy:	whose; there while the file is read: it is removed first
 * @next:	of @ranges, the next one to show
 * @n:		entries of @ranges
 * @ranges:	what the LWK has said last
 */
struct maps_reader {
	const struct proxy *proxy;
	u32 next;
	u32 n;
	struct maps_range ranges[BATCH];
};

/* A line: part of a range, and where in which file it is. */
struct maps_line {
	u64 start;
	u64 end;
	u32 flags;
	const struct file *file;
	u64 pos;
	const char *name;
};

static const char *const names[MAPS_NKINDS] = {
	[MAPS_OWN_SHARED] = "/dev/zero (deleted)",
	[MAPS_HEAP] = "[heap]",
	[MAPS_STACK] = "[stack]",
	[MAPS_VVAR] = "[vvar]",
	[MAPS_VDSO] = "[vdso]",
};

static void line_print(struct seq_file *m, const struct maps_line *line)
{
	const struct inode *inode = line->file ? compat_file_user_inode(line->file) : NULL;
	dev_t dev = inode ? inode->i_sb->s_dev : 0;

	/* Where Linux puts the name. */
	seq_setwidth(m, 25 + sizeof(void *) * 6 - 1);
	seq_printf(m, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %lu ", line->start, line->end,
		   line->flags & MAPS_READ ? 'r' : '-', line->flags & MAPS_WRITE ? 'w' : '-',
		   line->flags & MAPS_EXEC ? 'x' : '-', line->flags & MAPS_SHARED ? 's' : 'p',
		   line->pos, MAJOR(dev), MINOR(dev), inode ? inode->i_ino : 0);
	if (line->file || line->name)
		seq_pad(m, ' ');
	if (line->file)
		seq_path(m, compat_file_user_path(line->file), "\n");
	else if (line->name)
		seq_puts(m, line->name);
	seq_putc(m, '\n');
}

/* What of the proxy's is at the line's start, and to where. The mmap lock is held. */
static void line_find_mapping(struct maps_line *line, struct mm_struct *mm)
{
	struct vm_area_struct *vma = find_vma(mm, line->start);

	if (vma && vma->vm_start > line->start) {
		line->end = min_t(u64, line->end, vma->vm_start);
	} else if (vma) {
		line->end = min_t(u64, line->end, vma->vm_end);
		if (!vma->vm_file || map_owns(vma))
			return;
		line->file = vma->vm_file;
		line->pos = ((u64)vma->vm_pgoff << PAGE_SHIFT) + (line->start - vma->vm_start);
	}
}

/* Likewise in the image, of what was loaded at @loaded. */
static void line_find_part(struct maps_line *line, const struct image *image, u64 loaded)
{
	u64 end = loaded + (line->end - line->start);
	const struct image_part *part = image ? image_find(image, loaded, &end) : NULL;

	line->end = line->start + (end - loaded);
	if (!part || !part->file)
		return;
	line->file = part->file;
	line->pos = part->pos + (loaded - part->start);
}

static void range_print(struct seq_file *m, const struct maps_range *range, struct mm_struct *mm,
			const struct image *image)
{
	struct maps_line line = { .end = range->start };

	while (line.end < range->end) {
		line = (struct maps_line){
			.start = line.end,
			.end = range->end,
			.flags = range->flags,
			.name = names[range->kind],
		};
		if (range->kind == MAPS_LINUX)
			line_find_mapping(&line, mm);
		else if (range->kind == MAPS_IMAGE)
			line_find_part(&line, image,
				       range->offset + (line.start - range->start));
		line_print(m, &line);
	}
}

static int maps_show(struct seq_file *m, void *v)
{
	const struct maps_reader *reader = m->private;
	struct space *space = reader->proxy->space;
	struct image *image;
	int err;

	/* The process has ended, or executes another program. */
	if (!mmget_not_zero(space->mm))
		return SEQ_SKIP;
	err = mmap_read_lock_killable(space->mm);
	if (err)
		goto put_mm;
	image = image_get(space);
	range_print(m, v, space->mm, image);
	image_put(image);
	mmap_read_unlock(space->mm);
put_mm:
	/* Its end waits for the LWK, and who removes this file waits for us. */
	mmput_async(space->mm);
	return err;
}

/*
 * Has the LWK say what ranges there are from an address on. Returns the first; NULL: none; or an
 * ERR_PTR().
 */
static void *maps_ask(struct maps_reader *reader, u64 from)
{
	const struct msg_file file = {
		.file = OFFLOAD_FILE_MAPS,
		.offset = from,
		.len = sizeof(reader->ranges),
	};
	struct maps_range *first = reader->ranges;
	int got;

	reader->n = 0;
	got = proxy_text(reader->proxy, &file, NULL, (char *)reader->ranges);
	if (got <= 0)
		return got ? ERR_PTR(got) : NULL;
	if (check_maps(reader->ranges, got, from))
		return ERR_PTR(-EPROTO);
	reader->n = got / sizeof(*first);
	reader->next = 1;
	/* What is below has been shown. */
	if (first->start < from) {
		first->offset += from - first->start;
		first->start = from;
	}
	return first;
}

/* Positions are addresses: what comes first begins there, or above. */
static void *maps_start(struct seq_file *m, loff_t *pos)
{
	return *pos < LWK_TASK_END ? maps_ask(m->private, *pos) : NULL;
}

static void *maps_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct maps_reader *reader = m->private;
	const struct maps_range *range = v;

	*pos = range->end;
	if (reader->next < reader->n)
		return &reader->ranges[reader->next++];
	/* There may be more. */
	return maps_start(m, pos);
}

static void maps_stop(struct seq_file *m, void *v)
{
}

static const struct seq_operations maps_seq_ops = {
	.start = maps_start,
	.next = maps_next,
	.stop = maps_stop,
	.show = maps_show,
};

static int maps_open(struct inode *inode, struct file *file)
{
	const struct proxy_file *data = pde_data(inode);
	struct maps_reader *reader;
	int err;

	err = trace_may_read(data->proxy);
	if (err)
		return err;
	reader = __seq_open_private(file, &maps_seq_ops, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->proxy = data->proxy;
	return 0;
}

const struct proc_ops maps_ops = {
	.proc_open = maps_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release_private,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images of programs: see image.h.
 */
#include "image.h"

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "space.h"

static bool section_is_filled(const struct program_section *section)
{
	return section->filesz && !section->mapped;
}

struct image *image_create(struct space *space, const struct program_load_desc *desc)
{
	struct image *image;
	u32 n = 0, i;

	image = kzalloc(sizeof(*image), GFP_KERNEL_ACCOUNT);
	if (!image)
		return NULL;
	kref_init(&image->ref);
	spin_lock_init(&image->lock);
	static_assert(PROGRAM_MAX_SECTIONS <= BITS_PER_LONG);
	image->nparts = min_t(u32, desc->nsections, PROGRAM_MAX_SECTIONS);
	for (i = 0; i < image->nparts; i++)
		n += section_is_filled(&desc->sections[i]);
	atomic_set(&space->unfilled, n);
	return image;
}

static void image_free(struct kref *ref)
{
	struct image *image = container_of(ref, struct image, ref);
	u32 i;

	for (i = 0; i < image->nparts; i++) {
		if (image->parts[i].file)
			fput(image->parts[i].file);
	}
	kfree(image);
}

void image_put(struct image *image)
{
	if (image)
		kref_put(&image->ref, image_free);
}

void image_place(struct image *image, const struct program_load_desc *desc,
		 const struct program_layout *layout)
{
	u32 i;

	for (i = 0; i < image->nparts; i++) {
		const struct program_section *section = &desc->sections[i];
		u64 start = section->vaddr + (section->image ? layout->interp_bias : layout->bias);

		if (section_is_filled(section))
			image->parts[i] = (struct image_part){
				.start = start,
				.end = start + section->filesz,
			};
	}
}

static bool is_filled_by(const struct image_part *part, const struct image_part *filled)
{
	return part->start < part->end && filled->start <= part->start && part->end <= filled->end;
}

void image_note(struct space *space, struct image *image, const struct image_part *filled)
{
	u32 n = 0, i;

	spin_lock(&image->lock);
	for (i = 0; i < image->nparts; i++) {
		struct image_part *part = &image->parts[i];

		if (!is_filled_by(part, filled) || image->filled & BIT(i))
			continue;
		if (filled->file)
			part->file = get_file(filled->file);
		part->pos = filled->pos + (part->start - filled->start);
		image->filled |= BIT(i);
		n++;
	}
	spin_unlock(&image->lock);
	/* The content was written with the map's lock held, which whoever maps it takes, too. */
	atomic_sub(n, &space->unfilled);
}

const struct image_part *image_find(const struct image *image, u64 addr, u64 *end)
{
	const struct image_part *found = NULL;
	u32 i;

	for (i = 0; i < image->nparts; i++) {
		const struct image_part *part = &image->parts[i];
		u64 first = part->start & PAGE_MASK;

		if (part->start >= part->end)
			continue;
		/* Of two in one page the later section has it. */
		if (addr >= first && addr < PAGE_ALIGN(part->end))
			found = part;
		else if (first > addr)
			*end = min(*end, first);
	}
	if (found)
		*end = min_t(u64, *end, PAGE_ALIGN(found->end));
	return found;
}

void image_set(struct space *space, struct image *image)
{
	struct image *old;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	old = space->image;
	space->image = image;
	spin_unlock_irqrestore(&space->lock, flags);
	image_put(old);
}

struct image *image_get(struct space *space)
{
	struct image *image;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	image = space->image;
	if (image)
		kref_get(&image->ref);
	spin_unlock_irqrestore(&space->lock, flags);
	return image;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a program's memory was filled from which files: the parts of it and of its interpreter
 * that Linux has not mapped. fork(2) makes spaces that have an image in common.
 *
 * A space has its image as long as the address space is there, as it has its mappings: then nothing
 * keeps the files from being unmounted.
 */
#ifndef MCCTRL_IMAGE_H
#define MCCTRL_IMAGE_H

#include <linux/kref.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "abi/process.h"

struct file;
struct space;

/**
 * struct image_part - one of them
 * @start:	user addresses [start, end) of the bytes that come from a file, when it is loaded;
 *		empty: none do
 * @end:	see @start
 * @file:	which, with a reference; NULL: none, or it is not filled yet
 * @pos:	of the first byte in @file
 */
struct image_part {
	u64 start;
	u64 end;
	struct file *file;
	loff_t pos;
};

/**
 * struct image - a program's memory, which has to be filled before anybody may see it: until then
 * there is in it what others left there
 * @ref:	one for each space
 * @lock:	protects @filled; and @parts, until all are filled
 * @filled:	bit n: part n is
 * @nparts:	entries of @parts
 * @parts:	by the sections of the program
 */
struct image {
	struct kref ref;
	spinlock_t lock;
	unsigned long filled;
	u32 nparts;
	struct image_part parts[PROGRAM_MAX_SECTIONS];
};

/**
 * image_create() - note what a program is to be filled with
 * @space: nobody can map anything of it from now on, until it is filled
 * @desc: whose sections these are
 *
 * Context: process context. Return: with a reference; NULL: no memory.
 */
struct image *image_create(struct space *space, const struct program_load_desc *desc);

/** image_put() - drop a reference, or NULL. Context: any but hard interrupt. */
void image_put(struct image *image);

/** image_place() - the sections of @desc are where @layout says. Context: any. */
void image_place(struct image *image, const struct program_load_desc *desc,
		 const struct program_layout *layout);

/**
 * image_note() - a part of the memory is filled
 * @space: whose
 * @image: its image
 * @filled: user addresses that are, the file, or NULL, and where in it the first byte was
 *
 * Context: process context.
 */
void image_note(struct space *space, struct image *image, const struct image_part *filled);

/**
 * image_find() - which part was loaded at an address
 * @image: complete
 * @addr: user address, page-aligned
 * @end: result: so far that is the answer for what follows, too; at most what it is before
 *
 * Context: any. Return: it; NULL: none.
 */
const struct image_part *image_find(const struct image *image, u64 addr, u64 *end);

/** image_set() - a new space has it. Its reference is the space's now. Context: any. */
void image_set(struct space *space, struct image *image);
/** image_get() - the image of a space. Context: any. Return: with a reference; NULL: none. */
struct image *image_get(struct space *space);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Texts that Linux reads in parts. A text is made anew for each read, line by line, and what lies
 * in the part that was asked for is kept.
 */
#ifndef LWK_PROC_TEXT_H
#define LWK_PROC_TEXT_H

#include "lwk/include/compiler.h"

/**
 * struct text - the part [@offset, @offset + @len) of a text that is at @pos
 * @buf:	where the part goes
 * @offset:	bytes of the text before the part
 * @len:	bytes of the part
 * @pos:	bytes of the text so far
 */
struct text {
	u8 *buf;
	u64 offset;
	u64 len;
	u64 pos;
};

/**
 * text_put() - add bytes.
 * @text: where to
 * @bytes: any
 * @n: how many
 *
 * Context: any.
 */
void text_put(struct text *text, const void *bytes, u64 n);

/** text_print() - add text of at most 255 bytes; what is longer is cut. Context: any. */
void text_print(struct text *text, const char *fmt, ...) __printf(2, 3);

/**
 * text_bits() - add a bitmap in the form of Linux's cpumask files: "3,ffffffff", and a newline.
 * @text: where to
 * @map: bitmap
 * @nbits: its length, at least 1
 *
 * Context: any.
 */
void text_bits(struct text *text, const u64 *map, u32 nbits);

/**
 * text_list() - add a bitmap as a list, "0-3,5", and a newline.
 * @text: where to
 * @map: bitmap
 * @nbits: its length, at least 1
 *
 * Context: any.
 */
void text_list(struct text *text, const u64 *map, u32 nbits);

/**
 * text_kept() - how many bytes of the part there are.
 * @text: complete
 *
 * Context: any.
 * Return: at most its @len.
 */
u64 text_kept(const struct text *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The LWK's log: a ring of text in the boot area, written by the LWK and read
 * by Linux at any time, also after a panic.
 *
 * Text is whole lines, "<LEVEL>[SECONDS.MICROS] cpuN subsystem: words\n", LEVEL as in
 * syslog(2). @head counts every byte ever written; the byte at position p is
 * data[p & (data_len - 1)]. The writer stores the text, then head (release). A
 * reader copies, re-reads head (acquire) and drops what has been overtaken: positions
 * below head - data_len are lost, and it says so.
 */
#ifndef ABI_KMSG_H
#define ABI_KMSG_H

#include "abi/types.h"

#define KMSG_MAGIC 0x676d6b4b434d0001ULL
#define KMSG_DATA_LEN (1U << 20)	/* bytes, a power of two */

/**
 * struct kmsg_ring - head of the log; the text follows it
 * @magic:	KMSG_MAGIC, host
 * @data_len:	bytes of @data, a power of two, host; a reader never trusts this copy
 * @want_bell:	host: non-zero asks for a doorbell after the next line
 * @head:	bytes ever written, LWK
 * @data:	the text
 */
struct kmsg_ring {
	u64 magic;
	u32 data_len;
	u32 want_bell;
	u64 head;
	u64 reserved[5];
	u8 data[];
};

ABI_ASSERT_SIZE(struct kmsg_ring, 64);

#endif

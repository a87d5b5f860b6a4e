/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames between the sandbox driver and its agent in the guest: a type byte,
 * then data, closed by FRAME_END. Bytes that look like the marks are escaped
 * (as in RFC 1055), so that either side finds the next frame again after the
 * other one was killed in the middle of one. sandbox/lib/channel.py is the
 * other end.
 */
#ifndef SANDBOX_GUEST_FRAME_H
#define SANDBOX_GUEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define FRAME_END	0xc0
#define FRAME_ESC	0xdb
#define FRAME_ESC_END	0xdc
#define FRAME_ESC_ESC	0xdd

/* Longest frame, type included; a longer one is dropped whole. */
#define FRAME_MAX	65536

/* Driver to agent. */
#define FRAME_HELLO	'H'	/* a nonce, sent back; ends what still runs */
#define FRAME_EXEC	'E'	/* tty, rows, columns, argv..., each ended by NUL */
#define FRAME_STDIN	'I'	/* data; empty: end of file */
#define FRAME_WINSIZE	'W'	/* rows, columns, each ended by NUL */
#define FRAME_KILL	'K'	/* signal number, ended by NUL */

/* Agent to driver; FRAME_HELLO also. */
#define FRAME_STDOUT	'O'	/* data */
#define FRAME_STDERR	'R'	/* data */
#define FRAME_EXIT	'X'	/* shell's view of the exit status, decimal */

/**
 * struct frame_decoder - bytes of the frame that is being received
 * @buf:     type byte and data so far
 * @len:     bytes used in @buf
 * @escaped: the last byte was FRAME_ESC
 * @dropped: the frame outgrew @buf
 */
struct frame_decoder {
	unsigned char buf[FRAME_MAX + 1];
	size_t len;
	bool escaped;
	bool dropped;
};

/**
 * frame_decode - take one received byte
 * @dec:  the decoder, all zero at the start of a connection
 * @byte: the byte
 *
 * The frame stays valid in @dec->buf until the next call, with a NUL behind
 * its last byte; the caller then sets @dec->len to 0.
 *
 * Return: true when @byte completed a frame that is not empty.
 */
bool frame_decode(struct frame_decoder *dec, unsigned char byte);

/**
 * frame_encode - wrap data as a frame
 * @out:  where to put it; 2 * @len + 3 bytes
 * @type: its type
 * @data: its data
 * @len:  bytes of @data
 *
 * Return: bytes written to @out.
 */
size_t frame_encode(unsigned char *out, unsigned char type,
		    const unsigned char *data, size_t len);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wraps and unwraps the frames of frame.h. Keeps no state of its own.
 */
#include "frame.h"

bool frame_decode(struct frame_decoder *dec, unsigned char byte)
{
	bool complete;

	if (byte == FRAME_END) {
		complete = dec->len > 0 && !dec->dropped;
		if (complete)
			dec->buf[dec->len] = '\0';
		else
			dec->len = 0;
		dec->escaped = false;
		dec->dropped = false;
		return complete;
	}
	if (byte == FRAME_ESC) {
		dec->escaped = true;
		return false;
	}
	if (dec->escaped) {
		byte = byte == FRAME_ESC_END ? FRAME_END : FRAME_ESC;
		dec->escaped = false;
	}
	if (dec->len < FRAME_MAX)
		dec->buf[dec->len++] = byte;
	else
		dec->dropped = true;
	return false;
}

static size_t put_byte(unsigned char *out, unsigned char byte)
{
	switch (byte) {
	case FRAME_END:
		out[0] = FRAME_ESC;
		out[1] = FRAME_ESC_END;
		return 2;
	case FRAME_ESC:
		out[0] = FRAME_ESC;
		out[1] = FRAME_ESC_ESC;
		return 2;
	default:
		out[0] = byte;
		return 1;
	}
}

size_t frame_encode(unsigned char *out, unsigned char type,
		    const unsigned char *data, size_t len)
{
	size_t n = 0;
	size_t i;

	out[n++] = type;
	for (i = 0; i < len; i++)
		n += put_byte(out + n, data[i]);
	out[n++] = FRAME_END;
	return n;
}

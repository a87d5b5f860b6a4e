// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handlers of the messages that a test does without: refused, as those of an LWK would be that
 * had no row for them. Weak, so that a test's own come first.
 */
#include "abi/errno.h"
#include "lwk/include/msg/ikc.h"

#define IKC_TO_LWK(number, name, handler, doc)                                         \
	__attribute__((weak)) int handler(struct ikc_channel *chan,                    \
					  const struct ikc_packet *packet)             \
	{                                                                              \
		(void)chan;                                                            \
		(void)packet;                                                          \
		return -ENOSYS;                                                        \
	}
#include "abi/messages.def"

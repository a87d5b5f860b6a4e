/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inter-kernel channels: connections above the rings.
 *
 * Each OS instance has one master channel, whose two rings the host lays out in
 * the boot area. Other channels are opened over it, by either side, to a port number
 * on which the other side listens. The LWK allocates both rings of
 * a channel out of its partition and names them by physical address; the host
 * checks that they lie within granted memory. A channel belongs to
 * one LWK CPU: its doorbells go to that CPU, and to the Linux CPU which the IKC map gives it.
 *
 * Either side closes a channel with DISCONNECT and may forget it when the reply is there.
 * A dead peer needs no reply: the host drops all channels of an LWK that is
 * stopped or panicked. One that hangs keeps them, since it may go on.
 */
#ifndef ABI_IKC_H
#define ABI_IKC_H

#include "abi/ikc_ring.h"
#include "abi/limits.h"

#define IKC_MASTER_PACKETS 64	/* capacity of each master ring */
#define IKC_MAX_CHANNELS 4096	/* of one OS instance; ids are [1, this) */

/* Ports */
#define IKC_PORT_ECHO 500	/* LWK: round-trip measurement */
#define IKC_PORT_TEST 501	/* LWK: fault injection, with kernel argument test_hooks */
#define IKC_PORT_LINK 502	/* Linux: each LWK CPU connects here once at boot */

/* Message numbers */
enum ikc_msg {
#define IKC_TO_LWK(number, name, handler, doc) IKC_MSG_##name = number,
#define IKC_TO_HOST(number, name, handler, doc) IKC_MSG_##name = number,
#define IKC_TO_MCCTRL(number, name, handler, doc) IKC_MSG_##name = number,
#include "abi/messages.def"
};

/**
 * struct ikc_connect - payload of all four connection messages
 * @version:	IKC_RING_VERSION of the sender; another is refused with -EPROTO
 * @packet_len:	IKC_PACKET_LEN of the sender; another is refused with -EPROTO
 * @port:	port that is connected to
 * @cpu:	LWK CPU number that the channel belongs to
 * @npackets:	capacity of each ring
 * @host_id:	the host's id of the channel, or 0 if it has none yet
 * @lwk_id:	the LWK's id of the channel, or 0 if it has none yet
 * @reserved:	zero
 * @to_lwk:	physical address of the ring Linux to LWK, page-aligned; set by the LWK
 * @to_host:	physical address of the ring LWK to Linux, page-aligned; set by the LWK
 *
 * DISCONNECT and its reply carry the two ids alone.
 */
struct ikc_connect {
	u32 version;
	u32 packet_len;
	u32 port;
	u32 cpu;
	u32 npackets;
	u32 host_id;
	u32 lwk_id;
	u32 reserved;
	u64 to_lwk;
	u64 to_host;
};

_Static_assert(sizeof(struct ikc_connect) <= IKC_PAYLOAD_LEN, "must fit a packet");

#endif

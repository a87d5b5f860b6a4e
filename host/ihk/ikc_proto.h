/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IKC connections as a state machine over packets: everything that a hostile
 * peer can feed to Linux is judged here.
 *
 * Includes abi/ and NULL alone and neither allocates, locks nor waits, so that unit tests
 * compile it for the host. The user (ikc.c) gives callbacks and serialises all calls
 * on one struct ikc_proto; ikc_proto_dispatch() alone needs no serialisation
 * for channels other than the master.
 */
#ifndef IHK_IKC_PROTO_H
#define IHK_IKC_PROTO_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#else
#include <stddef.h>
#endif

#include "abi/ikc.h"

struct ikc_proto;

/** struct ikc_range - physical addresses [start, end) */
struct ikc_range {
	u64 start;
	u64 end;
};

/**
 * enum ikc_conn_state - life of a connection
 * @IKC_CONN_NEW:	not in the table
 * @IKC_CONN_CONNECTING: CONNECT is sent, somebody waits for the reply
 * @IKC_CONN_ABANDONED:	CONNECT is sent, nobody waits any more
 * @IKC_CONN_OPEN:	rings are attached
 * @IKC_CONN_CLOSING:	DISCONNECT is sent
 * @IKC_CONN_DEAD:	out of the table for good; @err says why
 */
enum ikc_conn_state {
	IKC_CONN_NEW,
	IKC_CONN_CONNECTING,
	IKC_CONN_ABANDONED,
	IKC_CONN_OPEN,
	IKC_CONN_CLOSING,
	IKC_CONN_DEAD,
};

/**
 * struct ikc_conn - one connection
 * @proto:	of which instance
 * @state:	enum ikc_conn_state
 * @err:	in IKC_CONN_DEAD: 0 or why it was refused
 * @host_id:	our id, index into the table; 0 for the master channel
 * @lwk_id:	the peer's id; not interpreted
 * @port:	port that was connected to
 * @cpu:	LWK CPU number, below the peer's number of CPUs
 * @npackets:	capacity of each ring
 */
struct ikc_conn {
	struct ikc_proto *proto;
	enum ikc_conn_state state;
	int err;
	u32 host_id;
	u32 lwk_id;
	u32 port;
	u32 cpu;
	u32 npackets;
};

/**
 * struct ikc_proto_ops - what the state machine asks of its user
 * @send:	put a packet into the master ring; the user made sure that there is
 *		room for one before it called ikc_proto_dispatch()
 * @accept:	the peer connects to @port: give a new connection through @out, or
 *		-errno to refuse. Given back by @release
 * @attach:	the rings lie in granted memory: look at their heads, take them into
 *		use. -errno refuses
 * @opened:	the connection is open
 * @changed:	the state of a connection that we made changed: wake who waits
 * @detach:	the peer closed an open connection: touch its rings no more
 * @release:	the table forgot the connection, which is dead
 * @log:	one sentence about something that the peer did wrong
 */
struct ikc_proto_ops {
	void (*send)(struct ikc_proto *proto, const struct ikc_packet *packet);
	int (*accept)(struct ikc_proto *proto, const struct ikc_connect *request,
		      struct ikc_conn **out);
	int (*attach)(struct ikc_conn *conn, u64 to_lwk, u64 to_host);
	void (*opened)(struct ikc_conn *conn);
	void (*changed)(struct ikc_conn *conn);
	void (*detach)(struct ikc_conn *conn);
	void (*release)(struct ikc_conn *conn);
	void (*log)(struct ikc_proto *proto, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
};

/**
 * struct ikc_proto - all connections of one peer
 * @ops:	callbacks
 * @ncpus:	CPUs that the peer has
 * @ranges:	memory that the peer was granted, sorted, disjoint
 * @nranges:	entries of @ranges
 * @reserved:	part of it in which no ring may lie: what host and LWK share
 * @master:	the master channel, always open
 * @next_id:	where the search for a free id begins, so that ids are not reused soon
 * @conns:	connections by our id; entry 0 stays empty
 */
struct ikc_proto {
	const struct ikc_proto_ops *ops;
	u32 ncpus;
	const struct ikc_range *ranges;
	u32 nranges;
	struct ikc_range reserved;
	struct ikc_conn master;
	u32 next_id;
	struct ikc_conn *conns[IKC_MAX_CHANNELS];
};

/**
 * ikc_proto_init() - no connections but the master channel
 * @proto: zeroed; @ops, @ncpus, @ranges, @nranges and @reserved are set
 *
 * Context: any.
 */
void ikc_proto_init(struct ikc_proto *proto);

/**
 * ikc_proto_connect() - open a connection from our side
 * @proto: peer
 * @conn: new; @port, @cpu and @npackets are set
 *
 * Sends CONNECT; the caller made sure that the master ring has room.
 * Context: serialised.
 * Return: 0, -EINVAL for a CPU or capacity that cannot be, -EMFILE when no id is left.
 */
int ikc_proto_connect(struct ikc_proto *proto, struct ikc_conn *conn);

/**
 * ikc_proto_abandon() - nobody waits for a connection any more
 * @conn: in IKC_CONN_CONNECTING
 *
 * If it opens after all it is closed again at once.
 * Context: serialised.
 */
void ikc_proto_abandon(struct ikc_conn *conn);

/**
 * ikc_proto_disconnect() - close an open connection from our side
 * @conn: in IKC_CONN_OPEN; the caller touches its rings no more
 *
 * Sends DISCONNECT; the caller made sure that the master ring has room.
 * Context: serialised.
 */
void ikc_proto_disconnect(struct ikc_conn *conn);

/**
 * ikc_proto_shutdown() - the peer is dead: end all connections
 * @proto: peer
 * @err: what those who wait get
 *
 * Context: serialised.
 */
void ikc_proto_shutdown(struct ikc_proto *proto, int err);

/**
 * ikc_proto_dispatch() - judge one packet and hand it to the message's handler
 * @conn: where it came from
 * @packet: private copy
 * @reply: filled in when the packet is refused: UNKNOWN with the reason
 *
 * Context: as the handler; the master channel's handlers need serialisation.
 * Return: whether @reply is to be sent on the same channel.
 */
_Bool ikc_proto_dispatch(struct ikc_conn *conn, const struct ikc_packet *packet,
			 struct ikc_packet *reply);

/**
 * ikc_range_granted() - does memory belong to the peer alone?
 * @proto: peer
 * @start: first physical address
 * @end: first one behind it
 *
 * Context: any.
 * Return: whether [@start, @end) is not empty and lies wholly in one granted range, outside of
 * what host and LWK share.
 */
_Bool ikc_range_granted(const struct ikc_proto *proto, u64 start, u64 end);

/**
 * ikc_ring_granted() - may the peer name this memory as a ring?
 * @proto: peer
 * @addr: physical address of the ring
 * @npackets: its capacity
 *
 * Context: any.
 * Return: whether it is page-aligned and granted, see ikc_range_granted().
 */
_Bool ikc_ring_granted(const struct ikc_proto *proto, u64 addr, u32 npackets);

/*
 * Handlers of abi/messages.def. Each gets a private copy of the packet, and refuses
 * it with -errno when it may not come on this channel or makes no sense.
 */
#define IKC_TO_HOST(number, name, handler, doc) \
	int handler(struct ikc_conn *conn, const struct ikc_packet *packet);
#include "abi/messages.def"

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single-producer single-consumer packet ring between two kernels.
 *
 * The ring lies in memory that both write, so neither side believes what it reads
 * there: geometry is checked once at attach and kept in a private struct
 * ikc_tx or ikc_rx, the own index lives there too, and the peer's index is
 * range-checked at every use. -EBADMSG means that the peer broke the ring; nothing
 * further can be taken from it.
 *
 * Producers on one side serialise by a lock of their own around ikc_tx_*,
 * consumers around ikc_rx_*.
 *
 * Doorbells are suppressed by event indices, as virtio does: each side publishes the
 * index whose passing it wants to hear of. Indices run freely over 32 bits.
 *
 *   consumer before sleeping:  if (ikc_rx_arm(rx)) sleep; else go on receiving
 *   producer on -EAGAIN:       if (ikc_tx_arm(tx)) sleep; else send again
 */
#ifndef ABI_IKC_RING_H
#define ABI_IKC_RING_H

#include "abi/errno.h"
#include "abi/types.h"

#define IKC_RING_MAGIC 0x676e72434b490001ULL
#define IKC_RING_VERSION 1
#define IKC_RING_MAX_PACKETS 65536U

#define IKC_PACKET_LEN 128
#define IKC_PAYLOAD_LEN 104

/**
 * struct ikc_packet - the one packet type, two cache lines
 * @msg:	message number of abi/messages.def
 * @err:	0 or a negative errno, in replies
 * @cookie:	chosen by the requester, returned in the reply, not interpreted
 * @reserved:	zero
 * @u:		payload by message; @words and @bytes for handlers that copy
 */
struct ikc_packet {
	u32 msg;
	s32 err;
	u64 cookie;
	u64 reserved;
	union {
		u64 words[IKC_PAYLOAD_LEN / 8];
		u8 bytes[IKC_PAYLOAD_LEN];
	} u;
};

ABI_ASSERT_SIZE(struct ikc_packet, IKC_PACKET_LEN);

/**
 * struct ikc_ring - the shared part, page-aligned, packets behind the header
 * @magic:	IKC_RING_MAGIC
 * @version:	IKC_RING_VERSION
 * @packet_len:	IKC_PACKET_LEN
 * @npackets:	a power of two up to IKC_RING_MAX_PACKETS
 * @head:	packets ever produced, producer
 * @space_event: producer: wants a doorbell when @tail passes this index
 * @tail:	packets ever consumed, consumer
 * @data_event:	consumer: wants a doorbell when @head passes this index
 */
struct ikc_ring {
	u64 magic;
	u32 version;
	u32 packet_len;
	u32 npackets;
	u32 reserved0[11];
	u32 head;
	u32 space_event;
	u32 reserved1[14];
	u32 tail;
	u32 data_event;
	u32 reserved2[14];
	struct ikc_packet packets[];
};

ABI_ASSERT_OFFSET(struct ikc_ring, head, 64);
ABI_ASSERT_OFFSET(struct ikc_ring, tail, 128);
ABI_ASSERT_SIZE(struct ikc_ring, 192);

/** struct ikc_tx - the producer's private view of a ring */
struct ikc_tx {
	struct ikc_ring *ring;
	u32 mask;
	u32 head;
};

/** struct ikc_rx - the consumer's private view of a ring */
struct ikc_rx {
	struct ikc_ring *ring;
	u32 mask;
	u32 tail;
};

/** ikc_ring_len() - bytes that a ring of @npackets packets takes. */
static inline u64 ikc_ring_len(u32 npackets)
{
	return sizeof(struct ikc_ring) + (u64)npackets * IKC_PACKET_LEN;
}

/** ikc_npackets_valid() - may a ring have @npackets packets? */
static inline _Bool ikc_npackets_valid(u32 npackets)
{
	return npackets >= 2 && npackets <= IKC_RING_MAX_PACKETS &&
	       (npackets & (npackets - 1)) == 0;
}

/**
 * ikc_ring_init() - make an empty ring in zeroed memory of ikc_ring_len() bytes
 * @ring: the memory
 * @npackets: its capacity, see ikc_npackets_valid()
 *
 * Both event indices ask for a doorbell at the first packet, and for none for space.
 */
static inline void ikc_ring_init(struct ikc_ring *ring, u32 npackets)
{
	ring->magic = IKC_RING_MAGIC;
	ring->version = IKC_RING_VERSION;
	ring->packet_len = IKC_PACKET_LEN;
	ring->npackets = npackets;
	ring->head = 0;
	ring->tail = 0;
	ring->data_event = 0;
	ring->space_event = (u32)-1;
}

/**
 * ikc_ring_check() - is this a ring of the expected kind?
 * @ring: shared memory of at least ikc_ring_len(@npackets) bytes
 * @npackets: capacity agreed on when the channel was connected
 *
 * Return: 0, -EINVAL for a bad @npackets, -EPROTO when the header says otherwise.
 */
static inline int ikc_ring_check(const struct ikc_ring *ring, u32 npackets)
{
	if (!ikc_npackets_valid(npackets))
		return -EINVAL;
	if (__atomic_load_n(&ring->magic, __ATOMIC_RELAXED) != IKC_RING_MAGIC ||
	    __atomic_load_n(&ring->version, __ATOMIC_RELAXED) != IKC_RING_VERSION ||
	    __atomic_load_n(&ring->packet_len, __ATOMIC_RELAXED) != IKC_PACKET_LEN ||
	    __atomic_load_n(&ring->npackets, __ATOMIC_RELAXED) != npackets)
		return -EPROTO;
	return 0;
}

/**
 * ikc_tx_attach() - become the producer of an empty ring
 * Return: 0 or an error of ikc_ring_check().
 */
static inline int ikc_tx_attach(struct ikc_tx *tx, struct ikc_ring *ring, u32 npackets)
{
	int err = ikc_ring_check(ring, npackets);

	if (err)
		return err;
	tx->ring = ring;
	tx->mask = npackets - 1;
	tx->head = 0;
	return 0;
}

/**
 * ikc_rx_attach() - become the consumer of a ring from which nothing was taken yet
 * Return: 0 or an error of ikc_ring_check().
 */
static inline int ikc_rx_attach(struct ikc_rx *rx, struct ikc_ring *ring, u32 npackets)
{
	int err = ikc_ring_check(ring, npackets);

	if (err)
		return err;
	rx->ring = ring;
	rx->mask = npackets - 1;
	rx->tail = 0;
	return 0;
}

/* Did moving an index from @from to @to pass @event? virtio's vring_need_event(). */
static inline _Bool ikc_event_passed(u32 event, u32 to, u32 from)
{
	return (u32)(to - event - 1) < (u32)(to - from);
}

/**
 * ikc_tx_push() - put one packet into the ring
 * @tx: producer
 * @packet: copied
 * @bell: set to whether the consumer wants a doorbell now
 *
 * Context: any; producers of one ring serialised by the caller.
 * Return: 0, -EAGAIN when the ring is full, -EBADMSG when its index is impossible.
 */
static inline int ikc_tx_push(struct ikc_tx *tx, const struct ikc_packet *packet, _Bool *bell)
{
	struct ikc_ring *ring = tx->ring;
	/* Acquire: pairs with the release in ikc_rx_pop(); the slot is free. */
	u32 used = tx->head - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	if (used > tx->mask + 1)
		return -EBADMSG;
	if (used == tx->mask + 1)
		return -EAGAIN;
	ring->packets[tx->head & tx->mask] = *packet;
	tx->head++;
	/*
	 * Publishes the packet to ikc_rx_pop(). Sequentially consistent, as are the
	 * event load and both accesses of ikc_rx_arm(): of the two sides at
	 * least one sees the other's store, so no wake-up is lost.
	 */
	__atomic_store_n(&ring->head, tx->head, __ATOMIC_SEQ_CST);
	*bell = ikc_event_passed(__atomic_load_n(&ring->data_event, __ATOMIC_SEQ_CST),
				 tx->head, tx->head - 1);
	return 0;
}

/**
 * ikc_tx_arm() - ask for a doorbell as soon as the full ring has space
 * @tx: producer that got -EAGAIN
 *
 * Return: true when the ring is still full and the doorbell will come; false when
 * there is something to do at once (space, or a broken ring).
 */
static inline _Bool ikc_tx_arm(struct ikc_tx *tx)
{
	struct ikc_ring *ring = tx->ring;
	u32 tail = tx->head - (tx->mask + 1);

	/* Sequentially consistent: partner of ikc_rx_pop(). */
	__atomic_store_n(&ring->space_event, tail, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&ring->tail, __ATOMIC_SEQ_CST) == tail;
}

/**
 * ikc_rx_pop() - take one packet
 * @rx: consumer
 * @packet: where the copy goes; check it there, not in the ring
 * @bell: set to whether the producer waits for space and wants a doorbell now
 *
 * Context: any; consumers of one ring serialised by the caller.
 * Return: 0, -EAGAIN when the ring is empty, -EBADMSG when its index is impossible.
 */
static inline int ikc_rx_pop(struct ikc_rx *rx, struct ikc_packet *packet, _Bool *bell)
{
	struct ikc_ring *ring = rx->ring;
	/* Acquire: pairs with the store in ikc_tx_push(); the packet is whole. */
	u32 ready = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) - rx->tail;

	if (ready > rx->mask + 1)
		return -EBADMSG;
	if (!ready)
		return -EAGAIN;
	*packet = ring->packets[rx->tail & rx->mask];
	rx->tail++;
	/* Frees the slot after the copy; sequentially consistent with ikc_tx_arm(). */
	__atomic_store_n(&ring->tail, rx->tail, __ATOMIC_SEQ_CST);
	*bell = ikc_event_passed(__atomic_load_n(&ring->space_event, __ATOMIC_SEQ_CST),
				 rx->tail, rx->tail - 1);
	return 0;
}

/**
 * ikc_rx_arm() - ask for a doorbell at the next packet
 * @rx: consumer that got -EAGAIN
 *
 * Return: true when the ring is empty and the doorbell will come; false when
 * there is something to do at once (a packet, or a broken ring).
 */
static inline _Bool ikc_rx_arm(struct ikc_rx *rx)
{
	struct ikc_ring *ring = rx->ring;

	/* Sequentially consistent: partner of ikc_tx_push(). */
	__atomic_store_n(&ring->data_event, rx->tail, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&ring->head, __ATOMIC_SEQ_CST) == rx->tail;
}

/** ikc_rx_disarm() - no doorbells, please: this consumer polls. */
static inline void ikc_rx_disarm(struct ikc_rx *rx)
{
	/* Just passed, so that it is passed again only after 2^32 packets. */
	__atomic_store_n(&rx->ring->data_event, rx->tail - 1, __ATOMIC_RELAXED);
}

#endif

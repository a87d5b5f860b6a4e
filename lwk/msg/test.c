// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port TEST: faults on purpose, and measurements that need the kernel. Served only with
 * the kernel argument test_hooks. Each test of abi/test.def is one function here, in
 * test_memory.c, test_garble.c or test_work.c; all run from the work queue of the channel's CPU.
 */
#include "lwk/include/msg/test.h"

#include "abi/errno.h"
#include "abi/layout.h"
#include "lwk/include/arch_core.h"
#include "lwk/include/core/boot.h"
#include "lwk/include/core/doorbell.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/core/monitor.h"
#include "lwk/include/core/percpu.h"
#include "lwk/lib/string.h"

#define GARBAGE 0xa5
#define MAX_FLOOD_LINES 1000000

static int run_panic(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	panic("test: panic() was asked for");
}

static __noreturn void loop_for_ever(void)
{
	for (;;)
		arch_cpu_relax();
}

static int run_hang_irqs_off(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	(void)arch_irq_save();
	loop_for_ever();
}

static int run_hang_irqs_on(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	loop_for_ever();
}

static int run_stack_overflow(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	arch_test_stack_overflow();
	return -EFAULT;
}

static int run_triple_fault(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	arch_test_triple_fault();
	return -EFAULT;
}

static void spoil(struct ikc_ring *ring, u32 npackets)
{
	memset(ring, GARBAGE, ikc_ring_len(npackets));
}

static int run_corrupt_rings(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)packet;
	(void)arch_irq_save();
	spoil(chan->rx.ring, chan->npackets);
	spoil(chan->tx.ring, chan->npackets);
	spoil(ikc_master()->rx.ring, ikc_master()->npackets);
	spoil(ikc_master()->tx.ring, ikc_master()->npackets);
	arch_irq_enable();
	doorbell_ring();
	return 0;
}

static int run_read_null(struct ikc_channel *chan, struct ikc_packet *packet)
{
	const volatile u64 *null;

	(void)chan;
	/* The compiler must not know that this is 0. */
	__asm__ volatile("" : "=r"(null) : "0"(0ULL));
	packet->u.words[0] = *null;
	return -EFAULT;
}

static int run_write_text(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	arch_test_write_text();
	return -EFAULT;
}

static int run_exec_data(struct ikc_channel *chan, struct ikc_packet *packet)
{
	(void)chan;
	(void)packet;
	arch_test_exec_data();
	return -EFAULT;
}

/* The page behind the last chunk: in the direct map's range, but not granted. */
static int run_read_foreign(struct ikc_channel *chan, struct ikc_packet *packet)
{
	const struct boot_block *boot = boot_fixed();
	const struct boot_chunk *chunks = boot_part(boot->chunks_off);
	paddr_t foreign = chunks[boot->nchunks - 1].end;

	(void)chan;
	packet->u.words[0] = *(const volatile u64 *)(LWK_DIRECT_VA + foreign);
	return -EFAULT;
}

static int run_log_flood(struct ikc_channel *chan, struct ikc_packet *packet)
{
	u64 lines = packet->u.words[1];

	(void)chan;
	if (lines > MAX_FLOOD_LINES)
		return -EINVAL;
	for (u64 i = 0; i < lines; i++) {
		log_info("test: line %llu of %llu", i + 1, lines);
		monitor_touch();
	}
	packet->u.words[0] = lines;
	return 0;
}

static int run_nmi_self(struct ikc_channel *chan, struct ikc_packet *packet)
{
	const struct boot_monitor *monitor = this_cpu()->monitor;
	u64 before = READ_ONCE(monitor->nmis);

	(void)chan;
	arch_nmi(this_cpu()->apic_id);
	/* Delivery is not bound to an instruction; a lost one shows as the host's time-out. */
	while (READ_ONCE(monitor->nmis) == before)
		monitor_touch();
	packet->u.words[0] = READ_ONCE(monitor->nmis) - before;
	return 0;
}

static int (*const tests[])(struct ikc_channel *chan, struct ikc_packet *packet) = {
	[IHK_TEST_PANIC] = run_panic,
	[IHK_TEST_HANG_IRQS_OFF] = run_hang_irqs_off,
	[IHK_TEST_HANG_IRQS_ON] = run_hang_irqs_on,
	[IHK_TEST_STACK_OVERFLOW] = run_stack_overflow,
	[IHK_TEST_TRIPLE_FAULT] = run_triple_fault,
	[IHK_TEST_CORRUPT_RINGS] = run_corrupt_rings,
	[IHK_TEST_READ_NULL] = run_read_null,
	[IHK_TEST_WRITE_TEXT] = run_write_text,
	[IHK_TEST_EXEC_DATA] = run_exec_data,
	[IHK_TEST_READ_FOREIGN] = run_read_foreign,
	[IHK_TEST_FILL_MEMORY] = test_fill_memory,
	[IHK_TEST_PAGES_BENCH] = test_pages_bench,
	[IHK_TEST_LOG_FLOOD] = run_log_flood,
	[IHK_TEST_NMI_SELF] = run_nmi_self,
	[IHK_TEST_LEAK_CHECK] = test_leak_check,
	[IHK_TEST_GARBLE] = test_garble,
	[IHK_TEST_HOLD_WORK] = test_hold_work,
	[IHK_TEST_RELEASE_WORK] = test_release_work,
};

/* Every line of abi/test.def has its entry. */
#define IHK_TEST(number, name, word, doc)                                             \
	_Static_assert(IHK_TEST_##name < ARRAY_SIZE(tests), "a test without a function");
#include "abi/test.def"

static void run_one(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	struct ikc_packet reply = *packet;
	u64 number = packet->u.words[0];
	int err = -EINVAL;

	reply.msg = IKC_MSG_TEST_REPLY;
	if (number < ARRAY_SIZE(tests) && tests[number])
		err = tests[number](chan, &reply);
	reply.err = err;
	err = ikc_send(chan, &reply);
	if (err && err != -EPIPE)
		log_err("test: cannot answer test %llu: error %d", number, err);
}

int test_on_run(struct ikc_channel *chan, const struct ikc_packet *packet)
{
	if (chan->port != IKC_PORT_TEST)
		return -ENOSYS;
	ikc_defer(chan, packet, run_one);
	return 0;
}

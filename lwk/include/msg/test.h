/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tests of abi/test.def, between the files of lwk/msg/.
 *
 * Each takes its arguments from words[1..] of the packet and puts its results
 * into the same packet. Context of all: work queue of the channel's CPU. They return 0
 * or a negative errno, which goes into the reply; those that are to end the LWK
 * return only if they did not.
 */
#ifndef LWK_MSG_TEST_H
#define LWK_MSG_TEST_H

#include "abi/ihk_ioctl.h"
#include "lwk/include/msg/ikc.h"

int test_run_panic(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_hang_irqs_off(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_hang_irqs_on(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_stack_overflow(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_triple_fault(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_corrupt_rings(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_read_null(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_write_text(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_exec_data(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_read_foreign(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_log_flood(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_nmi_self(struct ikc_channel *chan, struct ikc_packet *packet);

/* test_memory.c */
int test_run_fill_memory(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_pages_bench(struct ikc_channel *chan, struct ikc_packet *packet);
int test_run_leak_check(struct ikc_channel *chan, struct ikc_packet *packet);

#endif

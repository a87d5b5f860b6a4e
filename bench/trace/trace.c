// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU plugin: what the machine executes between two marks that a program sets
 * (bench/programs/samples.h), for one emulating thread.
 *
 *   -plugin trace.so
 *
 * At each end mark, appends to the file "trace" of QEMU's folder
 *
 *   window			first line
 *   block ADDRESS N TIMES	code of N instructions that ran so many times
 *   event CLOCK ADDRESS	code of interest began so many instructions after the begin mark
 *
 * Addresses of interest are read at the begin mark, one hexadecimal number a line, from
 * the file "trace.events" there, if there is one. Code is told apart by virtual address
 * alone: with one thread for all CPUs, this version of QEMU names the wrong CPU.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

#define MARK_LEN 7
#define MAX_INTERESTS 64
#define MAX_EVENTS 1000000
#define EXPORT __attribute__((visibility("default")))

/**
 * struct block - code that QEMU has translated together; lives for ever
 * @next:	the one before
 * @addr:	virtual address
 * @ninsns:	instructions
 * @times:	executed since the begin mark
 * @wanted:	an address of interest
 */
struct block {
	struct block *next;
	uint64_t addr;
	uint64_t ninsns;
	uint64_t times;
	bool wanted;
};

struct event {
	uint64_t clock;
	uint64_t addr;
};

EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* nopl with a displacement of ours */
static const uint8_t begin_code[MARK_LEN] = { 0x0f, 0x1f, 0x80, 'M', 'C', 'K', '1' };
static const uint8_t end_code[MARK_LEN] = { 0x0f, 0x1f, 0x80, 'M', 'C', 'K', '2' };

static struct block *blocks;
static struct event events[MAX_EVENTS];
static size_t nevents;
static uint64_t interests[MAX_INTERESTS];
static size_t ninterests;
static uint64_t clock_now;
static bool running;

static bool is_wanted(uint64_t addr)
{
	size_t i;

	for (i = 0; i < ninterests; i++)
		if (interests[i] == addr)
			return true;
	return false;
}

static void read_interests(void)
{
	FILE *file = fopen("trace.events", "re");
	unsigned long long addr;

	ninterests = 0;
	if (!file)
		return;
	while (ninterests < MAX_INTERESTS && fscanf(file, "%llx", &addr) == 1)
		interests[ninterests++] = addr;
	fclose(file);
}

static void on_block(unsigned int cpu, void *data)
{
	struct block *block = data;

	(void)cpu;
	if (!running)
		return;
	if (block->wanted && nevents < MAX_EVENTS)
		events[nevents++] = (struct event){ clock_now, block->addr };
	block->times++;
	clock_now += block->ninsns;
}

static void on_begin(unsigned int cpu, void *data)
{
	struct block *block;

	(void)cpu;
	(void)data;
	read_interests();
	for (block = blocks; block; block = block->next) {
		block->times = 0;
		block->wanted = is_wanted(block->addr);
	}
	nevents = 0;
	clock_now = 0;
	running = true;
}

static void on_end(unsigned int cpu, void *data)
{
	const struct block *block;
	FILE *file;
	size_t i;

	(void)cpu;
	(void)data;
	running = false;
	file = fopen("trace", "ae");
	if (!file)
		return;
	fprintf(file, "window\n");
	for (block = blocks; block; block = block->next)
		if (block->times)
			fprintf(file, "block %llx %llu %llu\n", (unsigned long long)block->addr,
				(unsigned long long)block->ninsns,
				(unsigned long long)block->times);
	for (i = 0; i < nevents; i++)
		fprintf(file, "event %llu %llx\n", (unsigned long long)events[i].clock,
			(unsigned long long)events[i].addr);
	fclose(file);
}

static void find_marks(struct qemu_plugin_tb *tb, size_t ninsns)
{
	uint8_t code[MARK_LEN];
	size_t i;

	for (i = 0; i < ninsns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_data(insn, code, MARK_LEN) != MARK_LEN)
			continue;
		if (!memcmp(code, begin_code, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_begin,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
		else if (!memcmp(code, end_code, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_end,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *block = calloc(1, sizeof(*block));

	(void)id;
	if (!block)
		abort();
	block->addr = qemu_plugin_tb_vaddr(tb);
	block->ninsns = qemu_plugin_tb_n_insns(tb);
	block->wanted = is_wanted(block->addr);
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
	find_marks(tb, block->ninsns);
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	(void)argc;
	(void)argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}

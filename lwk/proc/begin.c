// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first act of a program's first thread: what its content was written for is protected
 * now, and its stack gets what Linux's programs find there.
 */
#include "abi/errno.h"
#include "lwk/include/arch_user.h"
#include "lwk/include/core/kmsg.h"
#include "lwk/include/mm/kmalloc.h"
#include "lwk/include/mm/vm_calls.h"
#include "lwk/include/proc/process.h"
#include "lwk/include/proc/task.h"
#include "lwk/include/uaccess.h"
#include "lwk/lib/string.h"
#include "lwk/proc/internal.h"

#define WINDOW_LEN 4096U
#define BATCH 128U

/* The string block of the program, seen through a window that moves up. */
struct strings {
	vaddr_t at;	/* the next byte to look at */
	vaddr_t end;
	vaddr_t window;
	u32 window_len;
	char *bytes;
};

/* Words that go to the stack in batches. */
struct words {
	vaddr_t at;
	u32 n;
	u64 batch[BATCH];
};

/* End of the regions like @i, without a gap. */
static u32 alike_end(const struct program_plan *plan, u32 i)
{
	const struct program_region *regions = plan->regions;
	bool mapped = regions[i].mapped;

	do
		i++;
	while (i < plan->nregions && regions[i].mapped == mapped &&
	       regions[i].start == regions[i - 1].end);
	return i;
}

static int protect_regions(struct process *process)
{
	const struct program_plan *plan = &process->start->plan;
	u32 next;
	int err;

	/* Linux has filled them: one wait for neighbours instead of one for each change. */
	for (u32 i = 0; i < plan->nregions; i = next) {
		next = alike_end(plan, i);
		if (!plan->regions[i].mapped)
			vm_withdraw(process->vm, plan->regions[i].start,
				    plan->regions[next - 1].end);
	}
	for (u32 i = 0; i < plan->nregions; i++) {
		const struct program_region *region = &plan->regions[i];

		if (region->mapped)
			continue;
		err = vm_protect(process->vm, region->start, region->end - region->start,
				 region->prot);
		if (err)
			return err;
	}
	return 0;
}

static int move_window(struct strings *strings)
{
	strings->window = strings->at;
	strings->window_len = (u32)MIN(strings->end - strings->at, (u64)WINDOW_LEN);
	return copy_from_user(strings->bytes, strings->window, strings->window_len);
}

/* Go behind the NUL of the string that begins at @at; its address is the result. */
static int next_string(struct strings *strings, vaddr_t *start)
{
	*start = strings->at;
	while (strings->at < strings->end) {
		u64 offset = strings->at - strings->window;
		u64 left;
		u64 len;
		int err;

		if (offset >= strings->window_len) {
			err = move_window(strings);
			if (err)
				return err;
			offset = 0;
		}
		left = strings->window_len - offset;
		len = strnlen(strings->bytes + offset, left);
		strings->at += len;
		if (len < left) {
			strings->at++;
			return 0;
		}
	}
	return -EINVAL;
}

static int flush_words(struct words *words)
{
	int err = copy_to_user(words->at, words->batch, words->n * sizeof(u64));

	words->at += words->n * sizeof(u64);
	words->n = 0;
	return err;
}

static int put_word(struct words *words, u64 word)
{
	words->batch[words->n++] = word;
	return words->n == BATCH ? flush_words(words) : 0;
}

static int put_strings(struct words *words, struct strings *strings, u32 n)
{
	vaddr_t start;
	int err;

	while (n--) {
		err = next_string(strings, &start);
		if (!err)
			err = put_word(words, start);
		if (err)
			return err;
	}
	return put_word(words, 0);
}

/* Random bytes and platform below the strings; the result is where the words end at most. */
static int put_small(const struct process_start *start, struct program_strings *where,
		     vaddr_t *end)
{
	const struct program_load_desc *desc = &start->desc;
	vaddr_t at = ALIGN_DOWN(start->plan.args_start - start->plan.align, 16ULL);
	u64 len = strlen(desc->platform) + 1;
	int err;

	at -= len;
	where->platform = at;
	err = copy_to_user(at, desc->platform, len);
	if (err)
		return err;
	at -= 16;
	where->random = at;
	*end = at;
	return copy_to_user(at, desc->random, 16);
}

static int put_stack(struct process *process, struct words *words, struct strings *strings,
		     vaddr_t *sp)
{
	const struct process_start *start = process->start;
	const struct program_load_desc *desc = &start->desc;
	struct program_strings where = { 0 };
	vaddr_t end;
	int err;

	err = put_small(start, &where, &end);
	if (err)
		return err;
	/* The number of its words does not depend on their values. */
	program_auxv(desc, &start->plan, &where, &process->auxv);
	*sp = ALIGN_DOWN(end - 8 * (3ULL + desc->argc + desc->envc + process->auxv.n), 16ULL);
	words->at = *sp;
	err = put_word(words, desc->argc);
	if (!err)
		err = put_strings(words, strings, desc->argc);
	if (!err)
		err = put_strings(words, strings, desc->envc);
	if (!err)
		err = next_string(strings, &where.execfn);
	if (!err && strings->at != strings->end)
		err = -EINVAL;
	if (err)
		return err;
	program_auxv(desc, &start->plan, &where, &process->auxv);
	for (u32 i = 0; i < process->auxv.n && !err; i++)
		err = put_word(words, process->auxv.words[i]);
	return err ? err : flush_words(words);
}

static int build_stack(struct process *process, vaddr_t *sp)
{
	const struct process_start *start = process->start;
	struct words *words = kzalloc(sizeof(*words));
	struct strings strings = {
		.at = start->plan.args_start,
		.end = start->plan.args_start + start->desc.args_len,
		.bytes = kmalloc(WINDOW_LEN),
	};
	int err = -ENOMEM;

	if (words && strings.bytes)
		err = put_stack(process, words, &strings, sp);
	kfree(words);
	kfree(strings.bytes);
	return err;
}

void process_begin(struct arch_regs *regs)
{
	struct process *process = task_current()->process;
	vaddr_t entry = process->start->plan.entry;
	vaddr_t sp;
	int err;

	err = protect_regions(process);
	if (!err)
		err = build_stack(process, &sp);
	/* Nobody can be told any more, as after the point of no return of execve(2). */
	if (err) {
		/* It may also have been killed, with the memory that Linux lends. */
		if (!process_is_gone(process))
			log_err("proc: %s (%u) cannot begin: error %d", process->comm,
				process->pid, err);
		process_die(SIGKILL);
	}
	kfree(process->start);
	process->start = NULL;
	process->start_stack = sp;
	arch_regs_init(regs, entry, sp);
}

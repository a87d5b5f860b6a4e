// SPDX-License-Identifier: GPL-2.0-only
/* Processes: made, found, ended, with every allocation failing in turn; what the ended had. */
#include <errno.h>

#include "lwk/include/mm/vm_ledger.h"
#include "lwk/include/mm/vm_mman.h"
#include "lwk/include/proc/memory.h"
#include "lwk/proc/internal.h"
#include "tests/unit/process_fixture.h"

static int cleanup(u32 pid, struct ikc_channel *chan)
{
	const struct msg_process msg = { .pid = pid };

	return process_cleanup(&msg, chan, 1);
}

static struct ikc_channel chan;

static int create(struct program_layout *layout)
{
	const struct program_load_desc desc = sample_dynamic();

	return process_create(&desc, layout);
}

static void made_and_ended_before_it_ran(void)
{
	struct program_layout layout;
	struct task *task;

	fixture_begin();
	CHECK_EQ(create(&layout), 0);
	CHECK(layout.bias && layout.interp_bias && layout.args_start < layout.stack_top);
	task = fixture_task(1000);
	CHECK_EQ(layout.slot, page_paddr(task->slot_page));
	CHECK_EQ(create(&layout), -EEXIST);
	CHECK_EQ(cleanup(999, &chan), -ESRCH);
	CHECK_EQ(cleanup(1000, &chan), 0);
	CHECK_EQ(answers, 1);
	CHECK(!process_find(1000));
	CHECK_EQ(cleanup(1000, &chan), -ESRCH);
	/* The id is free again. */
	CHECK_EQ(create(&layout), 0);
	CHECK_EQ(cleanup(1000, &chan), 0);
	fixture_end();
}

static void every_allocation_fails(void)
{
	struct program_layout layout;
	bool failed;
	int err;

	fixture_begin();
	for (u64 n = 0;; n++) {
		shim_fail_nth(n);
		err = create(&layout);
		failed = shim_failed();
		if (!failed)
			break;
		/* Without a large page the small ones do. */
		if (!err)
			CHECK_EQ(cleanup(1000, &chan), 0);
		else
			CHECK_EQ(err, -ENOMEM);
		CHECK(!process_find(1000));
		fixture_end();
	}
	CHECK_EQ(err, 0);
	CHECK_EQ(cleanup(1000, &chan), 0);
	fixture_end();
}

static void runs_once(void)
{
	struct process *process = fixture_run();

	CHECK_EQ(starts, 1);
	CHECK_EQ(task_current()->thread.attention, 1);
	CHECK_EQ(process_schedule(process->pid), -EBUSY);
	CHECK_EQ(process_schedule(999), -ESRCH);
	fixture_stop();
}

static void answered_when_nothing_is_left(void)
{
	struct process *process = fixture_run();
	struct thread *thread = current_thread;

	/* Somebody looks at it meanwhile. */
	CHECK(process_find(process->pid) == process);
	CHECK_EQ(cleanup(process->pid, &chan), 0);
	CHECK(process_is_gone(process));
	CHECK(wakes && notifies);
	CHECK_EQ(cleanup(process->pid, &chan), -EALREADY);
	CHECK_EQ(offload_request3(1, 0, 0, 0), -EINTR);
	CHECK_EQ(nheard, 0);
	current_thread = NULL;
	thread->ended(thread);
	CHECK_EQ(answers, 0);
	process_put(process);
	CHECK_EQ(answers, 1);
	fixture_end();
}

static int count(struct task *task, void *ctx)
{
	(*(u32 *)ctx)++;
	return task->tid == 1000 ? 0 : -EINVAL;
}

static void tasks_by_id(void)
{
	u32 n = 0;

	fixture_run();
	CHECK_EQ(task_with(1000, 1000, count, &n), 0);
	CHECK_EQ(task_with(1000, 1001, count, &n), -ESRCH);
	/* The same thread, said to be another process's. */
	CHECK_EQ(task_with(1001, 1000, count, &n), -ESRCH);
	CHECK_EQ(n, 1);
	fixture_stop();
}

/* What is in a program's page. */
static u8 byte_at(vaddr_t addr)
{
	u8 byte;

	CHECK(!copy_from_user(&byte, addr, 1));
	return byte;
}

static void write_strings(const struct program_plan *plan, const char *strings, u64 len)
{
	CHECK(!copy_to_user(plan->args_start, strings, len));
}

static u64 word_at(vaddr_t addr)
{
	u64 word;

	CHECK(!copy_from_user(&word, addr, sizeof(word)));
	return word;
}

static char *string_at(vaddr_t addr)
{
	static char buf[100];
	u32 n = 0;

	do
		buf[n] = (char)byte_at(addr + n);
	while (buf[n++]);
	return buf;
}

/* The stack that a program finds: argc, argv, envp, auxv. */
static vaddr_t begun_entry, begun_sp;

void arch_regs_init(struct arch_regs *regs, vaddr_t entry, vaddr_t sp)
{
	(void)regs;
	begun_entry = entry;
	begun_sp = sp;
}

static void start_desc(struct program_load_desc *desc, const char *strings, u64 len)
{
	struct program_layout layout;

	desc->args_len = len;
	fixture_begin();
	CHECK_EQ(process_create(desc, &layout), 0);
	CHECK_EQ(process_schedule(desc->pid), 0);
	current_thread = &fixture_task(desc->pid)->thread;
	write_strings(&task_current()->process->start->plan, strings, len);
}

static void start_with(const char *strings, u64 len, u32 argc, u32 envc)
{
	struct program_load_desc desc = sample_dynamic();

	desc.argc = argc;
	desc.envc = envc;
	start_desc(&desc, strings, len);
}

static void a_program_finds_its_stack(void)
{
	static const char strings[] = "prog\0arg\0A=1\0\0/bin/prog";
	struct program_plan plan;
	u64 random;
	vaddr_t at;

	start_with(strings, sizeof(strings), 2, 2);
	plan = task_current()->process->start->plan;
	process_begin(NULL);
	CHECK(!task_current()->process->start);
	CHECK_EQ(begun_entry, plan.entry);
	CHECK_EQ(begun_sp % 16, 0);
	at = begun_sp;
	CHECK_EQ(word_at(at), 2);
	CHECK(!strcmp(string_at(word_at(at + 8)), "prog"));
	CHECK(!strcmp(string_at(word_at(at + 16)), "arg"));
	CHECK_EQ(word_at(at + 24), 0);
	CHECK(!strcmp(string_at(word_at(at + 32)), "A=1"));
	CHECK(!strcmp(string_at(word_at(at + 40)), ""));
	CHECK_EQ(word_at(at + 48), 0);
	for (at += 56, random = 0; word_at(at); at += 16) {
		if (word_at(at) == 31)
			CHECK(!strcmp(string_at(word_at(at + 8)), "/bin/prog"));
		if (word_at(at) == 25)
			random = word_at(at + 8);
		if (word_at(at) == 15)
			CHECK(!strcmp(string_at(word_at(at + 8)), "x86_64"));
	}
	CHECK(random && random > at && random < plan.args_start);
	/* Protected now: the program's text may not be written. */
	CHECK_EQ(user_memory_fault(plan.regions[1].start, VM_WRITE), -EACCES);
	CHECK_EQ(user_memory_fault(plan.regions[1].start, VM_EXEC), 0);
	CHECK_EQ(user_memory_fault(plan.regions[2].start, VM_WRITE), 0);
	CHECK_EQ(byte_at(plan.regions[0].start), 0);
	vm_check(task_current()->process->vm);
	fixture_stop();
}

/* Linux has filled neighbours, behind what it has mapped: one wait for both. */
static void filled_neighbours_are_taken_back_at_once(void)
{
	struct program_load_desc desc = sample_dynamic();
	const struct program_region *regions;
	struct vm_extent extent;

	desc.argc = 1;
	desc.envc = 1;
	desc.sections[0].mapped = 1;
	desc.sections[2].vaddr = 0x2db8;
	desc.sections[2].prot = PROT_READ;
	start_desc(&desc, "a\0b\0c", 6);
	regions = task_current()->process->start->plan.regions;
	for (u32 i = 1; i <= 2; i++)
		CHECK_EQ(vm_share(task_current()->process->vm, regions[i].start, true, &extent), 0);
	nheard = 0;
	process_begin(NULL);
	CHECK_EQ(nheard, 1);
	CHECK_EQ(heard[0].nr, HEARD_REVOKE);
	fixture_stop();
}

/* mcexec wrote other strings than it had announced: the process dies, nothing else. */
static s64 die(struct offload_slot *slot)
{
	CHECK_EQ(slot->nr, OFFLOAD_NR_DIE);
	CHECK_EQ(slot->args[0], SIGKILL);
	printf("# died\n");
	fflush(stdout);
	exit(0);
}

static void strings_without_end(void)
{
	static const char strings[] = { 'a', 0, 'b', 0, 'c' };

	start_with(strings, sizeof(strings), 1, 1);
	linux_answer = die;
	process_begin(NULL);
	CHECK(false);
}

static void more_strings_than_said(void)
{
	static const char strings[] = "a\0b\0c\0d";

	start_with(strings, sizeof(strings), 1, 1);
	linux_answer = die;
	process_begin(NULL);
	CHECK(false);
}

static void fewer_strings_than_said(void)
{
	static const char strings[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	start_with(strings, sizeof(strings), 3, 3);
	linux_answer = die;
	process_begin(NULL);
	CHECK(false);
}

/* Strings that span the window through which they are read. */
static void long_strings(void)
{
	static char strings[3 * 4096 + 100];
	u64 len = sizeof(strings);

	memset(strings, 'x', len);
	strings[4095] = '\0';
	strings[4096 + 5000] = '\0';
	strings[len - 1] = '\0';
	start_with(strings, len, 1, 1);
	process_begin(NULL);
	CHECK_EQ(word_at(begun_sp), 1);
	CHECK_EQ(word_at(begun_sp + 24) - word_at(begun_sp + 8), 4096);
	fixture_stop();
}

/* What may be promised once all that have ended are forgotten. */
static u64 limit_then;

static s64 forget(struct offload_slot *slot)
{
	if (slot->nr == OFFLOAD_NR_ENDED)
		vm_ledger_set_limit(limit_then);
	return slot->nr == OFFLOAD_NR_FORK ? -EAGAIN : 0;
}

static s64 map_flags(u64 n, u32 flags)
{
	const struct memory_map_args args = {
		.len = n * PAGE_LEN,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | flags,
	};

	return memory_map(&args);
}

static s64 map_pages(u64 n)
{
	return map_flags(n, 0);
}

static void memory_of_the_ended_is_waited_for(void)
{
	const struct process_fork_args args = { .flags = SIGCHLD };
	u64 used, limit;

	fixture_run();
	linux_answer = forget;
	nheard = 0;
	used = vm_ledger_used();
	limit = vm_ledger_limit();
	limit_then = used;
	vm_ledger_set_limit(used);
	CHECK_EQ(map_pages(1), -ENOMEM);
	CHECK(nheard == 1 && heard[0].nr == OFFLOAD_NR_ENDED);
	/* Whoever ends, there is never so much. */
	CHECK_EQ(map_pages(used + 1), -ENOMEM);
	CHECK_EQ(nheard, 1);
	limit_then = limit;
	CHECK_EQ(process_fork(&args), -EAGAIN);
	CHECK(nheard == 3 && heard[1].nr == OFFLOAD_NR_ENDED && heard[2].nr == OFFLOAD_NR_FORK);
	CHECK_EQ(vm_ledger_used(), used);
	/* Then it goes without a promise; what was never touched is not booked. */
	limit_then = used;
	vm_ledger_set_limit(used);
	CHECK_EQ(process_fork(&args), -EAGAIN);
	CHECK(nheard == 5 && heard[3].nr == OFFLOAD_NR_ENDED && heard[4].nr == OFFLOAD_NR_FORK);
	CHECK(vm_ledger_used() < used);
	used = vm_ledger_used();
	limit_then = limit;
	vm_ledger_set_limit(used);
	CHECK(map_pages(1) > 0);
	CHECK(nheard == 6 && heard[5].nr == OFFLOAD_NR_ENDED);
	fixture_stop();
}

static void memory_of_the_ended_is_waited_for_by_who_touches_it(void)
{
	u64 limit;
	s64 addr;

	fixture_run();
	linux_answer = forget;
	addr = map_flags(2, MAP_NORESERVE);
	CHECK(addr > 0);
	nheard = 0;
	limit = vm_ledger_limit();
	limit_then = vm_ledger_used();
	vm_ledger_set_limit(limit_then);
	CHECK_EQ(user_memory_fault((vaddr_t)addr, VM_WRITE), -ENOMEM);
	CHECK(nheard == 1 && heard[0].nr == OFFLOAD_NR_ENDED);
	limit_then = limit;
	CHECK_EQ(user_memory_fault((vaddr_t)addr, VM_WRITE), 0);
	CHECK(nheard == 2 && heard[1].nr == OFFLOAD_NR_ENDED);
	CHECK_EQ(user_memory_fault((vaddr_t)addr + PAGE_LEN, VM_WRITE), 0);
	CHECK_EQ(nheard, 2);
	fixture_stop();
}

static const struct unit_test tests[] = {
	UNIT_TEST(made_and_ended_before_it_ran),
	UNIT_TEST(every_allocation_fails),
	UNIT_TEST(runs_once),
	UNIT_TEST(answered_when_nothing_is_left),
	UNIT_TEST(tasks_by_id),
	UNIT_TEST(a_program_finds_its_stack),
	UNIT_TEST(filled_neighbours_are_taken_back_at_once),
	UNIT_TEST(strings_without_end),
	UNIT_TEST(more_strings_than_said),
	UNIT_TEST(fewer_strings_than_said),
	UNIT_TEST(long_strings),
	UNIT_TEST(memory_of_the_ended_is_waited_for),
	UNIT_TEST(memory_of_the_ended_is_waited_for_by_who_touches_it),
};

UNIT_MAIN(tests)

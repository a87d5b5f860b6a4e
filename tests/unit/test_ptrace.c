// SPDX-License-Identifier: GPL-2.0-only
/* Tracing: stops, what the tracer is told and says, and what becomes of both when one ends. */
#include <errno.h>

#include "lwk/include/sys/syscall.h"
#include "lwk/proc/ptrace_internal.h"
#include "tests/unit/process_fixture.h"

#define TRACER 1000
#define TRACEE 2000

static struct thread *tracer, *tracee;
static struct trace_wait seen;
static enum trace_mode go_on;
static u32 go_on_with;

static s64 answer(struct offload_slot *slot)
{
	if (slot->nr != OFFLOAD_NR_TRACE_MAY)
		return 0;
	return slot->args[0] == OFFLOAD_MAY_PARENT ? TRACER : (s64)slot->args[1];
}

/* The tracer, a process that runs, and a child of it that does too. */
static void begin(void)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_layout layout;

	fixture_run();
	tracer = current_thread;
	desc.pid = TRACEE;
	desc.vpid = TRACEE;
	desc.vppid = TRACER;
	task_current()->vtid = TRACER;
	task_current()->process->vpid = TRACER;
	CHECK_EQ(process_create(&desc, &layout), 0);
	CHECK_EQ(process_schedule(TRACEE), 0);
	tracee = &fixture_task(TRACEE)->thread;
	linux_answer = answer;
	nheard = 0;
	child_signals = 0;
}

static void end_process(struct thread *thread, u32 pid, s32 status)
{
	const struct msg_process msg = { .pid = pid, .status = status };
	struct ikc_channel chan = { .cpu = 0 };

	CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
	current_thread = NULL;
	thread->ended(thread);
}

static void end(void)
{
	end_process(tracer, TRACER, 0);
	linux_answer = NULL;
	asleep = NULL;
	fixture_end();
}

/* The tracer looks, and lets the tracee go on. */
static void tracer_acts(void)
{
	struct trace *trace;
	bool any;
	u64 irq;

	current_thread = tracer;
	seen = (struct trace_wait){ .type = TRACE_P_ALL };
	CHECK(trace_wait_look(&seen, &any));
	CHECK_EQ(seen.vtid, TRACEE);
	/* Reported once. */
	CHECK(!trace_wait_look(&seen, &any));
	irq = trace_lock();
	trace = trace_of(TRACEE);
	CHECK(trace && trace->state == TRACE_STOPPED);
	trace_resume(trace, go_on, go_on_with);
	trace_unlock(irq);
	current_thread = tracee;
}

static void trace_child(void)
{
	current_thread = tracee;
	CHECK_EQ(trace_me(), 0);
	CHECK_EQ(trace_me(), -EPERM);
	/* Linux passes on all signals. */
	CHECK_EQ(heard[nheard - 1].nr, OFFLOAD_NR_RELAY);
	CHECK_EQ(heard[nheard - 1].args[0], ~0ULL);
	asleep = tracer_acts;
}

static void signals_are_seen_first(void)
{
	struct signal_info info = { .signo = SIGUSR1 };

	begin();
	trace_child();
	go_on = TRACE_CONT;
	go_on_with = 0;
	CHECK_EQ(trace_signal(&info), 0);
	CHECK_EQ(seen.status, SIGUSR1 << 8 | 0x7f);
	CHECK_EQ(child_signals, 1);
	go_on_with = SIGUSR1;
	CHECK_EQ(trace_signal(&info), SIGUSR1);
	go_on_with = SIGUSR2;
	CHECK_EQ(trace_signal(&info), SIGUSR2);
	CHECK_EQ(info.signo, SIGUSR2);
	end_process(tracee, TRACEE, 0);
	end();
}

static void calls_are_seen_when_wanted(void)
{
	struct signal_info info = { .signo = SIGUSR1 };

	begin();
	trace_child();
	seen.status = 0;
	CHECK(trace_syscall_entry());
	CHECK_EQ(seen.status, 0);
	go_on = TRACE_SYSCALL;
	go_on_with = 0;
	trace_signal(&info);
	CHECK(trace_syscall_entry());
	CHECK_EQ(seen.status, SIGTRAP << 8 | 0x7f);
	go_on = TRACE_SYSEMU;
	seen.status = 0;
	trace_syscall_exit();
	CHECK_EQ(seen.status, SIGTRAP << 8 | 0x7f);
	CHECK(!trace_syscall_entry());
	end_process(tracee, TRACEE, 0);
	end();
}

/* PTRACE_KILL of one that is on its way to a stop. */
static void the_killed_do_not_stop(void)
{
	struct signal_info info = { .signo = SIGUSR1 };
	struct task *task;

	begin();
	trace_child();
	current_thread = tracer;
	CHECK_EQ(trace_kill(TRACEE), 0);
	current_thread = tracee;
	task = container_of(tracee, struct task, thread);
	seen.status = 0;
	CHECK_EQ(trace_signal(&info), 0);
	CHECK_EQ(seen.status, 0);
	CHECK(task->trace_kill && task->trace->state == TRACE_RUNNING);
	end_process(tracee, TRACEE, 0);
	end();
}

/* Linux reports the end of a child; here nothing of it is left. */
static void a_child_is_reaped_by_linux(void)
{
	bool any;

	begin();
	trace_child();
	end_process(tracee, TRACEE, 5 << 8);
	current_thread = tracer;
	seen = (struct trace_wait){ .type = TRACE_P_ALL };
	CHECK(!trace_wait_look(&seen, &any));
	CHECK(!any);
	CHECK(list_empty(&traces));
	end();
}

/* Of one that is none its tracer hears from here. */
static void another_is_reported(void)
{
	bool any;

	begin();
	task_current()->process->vppid = 1;
	container_of(tracee, struct task, thread)->process->vppid = 1;
	CHECK_EQ(trace_attach(TRACEE, false, 0), 0);
	CHECK_EQ(trace_attach(TRACEE, false, 0), -EPERM);
	CHECK_EQ(container_of(tracee, struct task, thread)->pending.set, SIGNAL_MASK(SIGSTOP));
	CHECK_EQ(trace_interrupt(TRACEE), -EIO);
	end_process(tracee, TRACEE, 5 << 8);
	current_thread = tracer;
	seen = (struct trace_wait){
		.type = TRACE_P_PID, .vpid = TRACEE, .options = TRACE_WEXITED
	};
	CHECK(trace_wait_look(&seen, &any));
	CHECK(seen.dead);
	CHECK_EQ(seen.status, 5 << 8);
	CHECK(list_empty(&traces));
	end();
}

/* A tracer that ends lets its tracees go, or takes them with it. */
static void the_tracer_ends(void)
{
	struct task *task;

	begin();
	CHECK_EQ(trace_attach(TRACEE, true, TRACE_O_EXITKILL), 0);
	task = container_of(tracee, struct task, thread);
	CHECK(task->trace);
	end_process(tracer, TRACER, 0);
	CHECK(!task->trace);
	CHECK(task->trace_kill);
	CHECK(list_empty(&traces));
	current_thread = tracee;
	end_process(tracee, TRACEE, 0);
	linux_answer = NULL;
	fixture_end();
}

/* One that is a child of @vppid executes a program. */
static void execute(u32 vppid, u64 exec_id)
{
	const struct msg_process msg = {
		.pid = TRACEE, .executed = 1, .started = 77, .exec_id = exec_id
	};
	struct task *task = container_of(tracee, struct task, thread);
	struct ikc_channel chan = { .cpu = 0 };

	task->process->vppid = vppid;
	CHECK_EQ(trace_attach(TRACEE, true, 0), 0);
	current_thread = tracee;
	task->executing = true;
	CHECK_EQ(process_cleanup(&msg, &chan, 1), 0);
	current_thread = NULL;
	tracee->ended(tracee);
	current_thread = tracer;
	seen = (struct trace_wait){ .type = TRACE_P_ALL, .options = TRACE_WEXITED };
}

/* Its successor, in which that is the count of programs. */
static void successor(u64 exec_id)
{
	struct program_load_desc desc = sample_dynamic();
	struct program_layout layout;

	desc.pid = TRACEE;
	desc.vpid = TRACEE;
	desc.vppid = 1;
	desc.started = 77;
	desc.exec_id = exec_id;
	CHECK_EQ(process_create(&desc, &layout), 0);
	CHECK_EQ(process_schedule(TRACEE), 0);
	tracee = &fixture_task(TRACEE)->thread;
}

static void the_next_program_is_traced(void)
{
	bool any;

	begin();
	execute(1, 5);
	CHECK(!trace_wait_look(&seen, &any) && any);
	successor(5);
	CHECK(container_of(tracee, struct task, thread)->trace);
	end_process(tracee, TRACEE, 0);
	current_thread = tracer;
	CHECK(trace_wait_look(&seen, &any) && seen.dead);
	end();
}

/* The tracer does not wait for what it may not see any more. */
static void a_program_of_more_rights_is_an_end(void)
{
	bool any;

	begin();
	execute(1, 5);
	successor(0);
	CHECK(!container_of(tracee, struct task, thread)->trace);
	CHECK(trace_wait_look(&seen, &any));
	CHECK(seen.dead && !seen.status);
	CHECK(list_empty(&traces));
	current_thread = tracee;
	end_process(tracee, TRACEE, 0);
	current_thread = tracer;
	end();
}

/* The end of a child is Linux's to report, which is still to come. */
static void a_child_of_more_rights_goes_on(void)
{
	bool any;

	begin();
	execute(TRACER, 5);
	successor(0);
	CHECK(!container_of(tracee, struct task, thread)->trace);
	CHECK(!trace_wait_look(&seen, &any) && !any);
	CHECK(list_empty(&traces));
	current_thread = tracee;
	end_process(tracee, TRACEE, 0);
	current_thread = tracer;
	end();
}

/* A program that is executed has rights of its own if its tracer may trace such. */
static s64 answer_capable(struct offload_slot *slot)
{
	s64 ret = answer(slot);

	return slot->nr == OFFLOAD_NR_TRACE_MAY ? ret | (s64)OFFLOAD_MAY_CAPABLE : ret;
}

static void rights_go(bool capable)
{
	begin();
	if (capable)
		linux_answer = answer_capable;
	current_thread = tracee;
	CHECK(!trace_exec_begin());
	CHECK_EQ(trace_me(), 0);
	CHECK_EQ(trace_exec_begin(), !capable);
	trace_exec_failed();
	end_process(tracee, TRACEE, 0);
	current_thread = tracer;
	end();
}

static void rights_go_under_a_tracer(void)
{
	rights_go(false);
}

static void rights_stay_if_it_is_capable(void)
{
	rights_go(true);
}

static const struct unit_test tests[] = {
	UNIT_TEST(signals_are_seen_first),
	UNIT_TEST(calls_are_seen_when_wanted),
	UNIT_TEST(the_killed_do_not_stop),
	UNIT_TEST(a_child_is_reaped_by_linux),
	UNIT_TEST(another_is_reported),
	UNIT_TEST(the_tracer_ends),
	UNIT_TEST(the_next_program_is_traced),
	UNIT_TEST(a_program_of_more_rights_is_an_end),
	UNIT_TEST(a_child_of_more_rights_goes_on),
	UNIT_TEST(rights_go_under_a_tracer),
	UNIT_TEST(rights_stay_if_it_is_capable),
};

UNIT_MAIN(tests)

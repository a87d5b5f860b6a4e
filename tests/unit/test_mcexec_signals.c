// SPDX-License-Identifier: GPL-2.0-only
/*
 * The real mcexec against an LWK that the tests play: how it passes signals on, and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/mcexec_run.h"

static void dies_by_signal(void)
{
	static const int signals[] = { SIGTERM, SIGSEGV, SIGKILL, 33, 64 };
	struct rlimit limit = { 0, 0 };
	struct fake_lwk lwk;
	int status;

	CHECK(!setrlimit(RLIMIT_CORE, &limit));
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		start_true(&lwk);
		lwk.sigmask = ~0ULL;
		if (signals[i] != SIGKILL)
			CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, (u64)signals[i],
					   OFFLOAD_SIG_IGNORE), 0);
		fake_request(&lwk, OFFLOAD_NR_DIE, (const u64[6]){ (u64)signals[i] });
		status = fake_end(&lwk);
		CHECK(WIFSIGNALED(status));
		CHECK_EQ(WTERMSIG(status), signals[i]);
	}
}

static void ignore_and_block(void)
{
	sigset_t set;

	signal(SIGQUIT, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void inherits_signals(void)
{
	struct fake_lwk lwk;

	start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, ignore_and_block);
	/* As mcctrl finds them when the process is prepared. */
	CHECK_EQ(fake_signals(&lwk, "SigIgn"), 1ULL << (SIGQUIT - 1));
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), 1ULL << (SIGUSR2 - 1));
	lwk.sigmask = 1ULL << (SIGUSR2 - 1);
	CHECK(!kill(lwk.pid, SIGQUIT) && !kill(lwk.pid, SIGUSR2));
	CHECK_EQ(fake_call(&lwk, SYS_getpid), lwk.pid);
	check_exit(&lwk, 0);
}

static const siginfo_t *signal_at(const struct fake_lwk *lwk, int i)
{
	CHECK(lwk->nsignals > i);
	return (const siginfo_t *)lwk->signals[i];
}

/* Until a process sleeps in a system call; /proc/PID/syscall says "running" before. */
static void wait_in_call(pid_t pid, long nr)
{
	char path[64], text[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	do {
		fd = open(path, O_RDONLY);
		CHECK(fd >= 0);
		len = read(fd, text, sizeof(text) - 1);
		CHECK(len > 0);
		text[len] = '\0';
		close(fd);
	} while (text[0] == 'r' || strtol(text, NULL, 10) != nr);
}

/* A blocking call is interrupted, or to be made anew, by a signal that the program handles. */
static void relays_signals(void)
{
	union sigval value = { .sival_int = 4711 };
	struct fake_lwk lwk;
	int pipes[2];

	CHECK(!pipe(pipes));
	start_true(&lwk);
	for (int restart = 0; restart < 2; restart++) {
		CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, SIGRTMIN, OFFLOAD_SIG_RELAY,
				   restart ? SA_RESTART : 0), 0);
		lwk.nsignals = 0;
		fake_request(&lwk, SYS_read, (const u64[6]){ (u64)pipes[0], SCRATCH, 1 });
		wait_in_call(lwk.pid, SYS_read);
		CHECK(!sigqueue(lwk.pid, SIGRTMIN, value));
		CHECK_EQ(fake_answer(&lwk), restart ? OFFLOAD_RET_RESTART : -EINTR);
		CHECK_EQ(signal_at(&lwk, 0)->si_signo, SIGRTMIN);
		CHECK_EQ(signal_at(&lwk, 0)->si_code, SI_QUEUE);
		CHECK_EQ(signal_at(&lwk, 0)->si_pid, getpid());
		CHECK_EQ(signal_at(&lwk, 0)->si_value.sival_int, 4711);
	}
	/* Blocked: the call goes on, and the signal comes later. */
	lwk.nsignals = 0;
	lwk.sigmask = 1ULL << (SIGRTMIN - 1);
	CHECK_EQ(fake_call(&lwk, SYS_rt_sigprocmask), 0);
	fake_request(&lwk, SYS_read, (const u64[6]){ (u64)pipes[0], SCRATCH, 1 });
	CHECK(!sigqueue(lwk.pid, SIGRTMIN, value));
	CHECK_EQ(write(pipes[1], "z", 1), 1);
	CHECK_EQ(fake_answer(&lwk), 1);
	CHECK_EQ(lwk.nsignals, 0);
	lwk.sigmask = 0;
	CHECK_EQ(fake_call(&lwk, SYS_rt_sigprocmask), 0);
	CHECK_EQ(fake_call(&lwk, SYS_getpid), lwk.pid);
	CHECK_EQ(lwk.nsignals, 1);
	check_exit(&lwk, 0);
}

/*
 * Whenever the signal comes, the read of an empty pipe ends: there is no gap in which it could be
 * overlooked.
 */
static void loses_no_wakeup(void)
{
	struct unit_random random = { 7 };
	int interrupted = 0, restarted = 0;
	struct fake_lwk lwk;
	int pipes[2];
	s64 ret;

	CHECK(!pipe(pipes));
	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, 33, OFFLOAD_SIG_RELAY, 0), 0);
	for (int i = 0; i < 20000; i++) {
		lwk.nsignals = 0;
		fake_request(&lwk, SYS_read, (const u64[6]){ (u64)pipes[0], SCRATCH, 1 });
		for (u64 spin = unit_random(&random, 20000); spin; spin--)
			__builtin_ia32_pause();
		CHECK(!syscall(SYS_tgkill, lwk.pid, lwk.pid, 33));
		ret = fake_answer(&lwk);
		CHECK(ret == -EINTR || ret == OFFLOAD_RET_RESTART);
		CHECK_EQ(lwk.nsignals, 1);
		interrupted += ret == -EINTR;
		restarted += ret == OFFLOAD_RET_RESTART;
	}
	printf("# %d interrupted, %d not made\n", interrupted, restarted);
	check_exit(&lwk, 0);
}

#define QUEUED SIGRTMIN
#define QUEUED_BIT (1ULL << (QUEUED - 1))

static void queue_signal(const struct fake_lwk *lwk)
{
	CHECK(!sigqueue(lwk->pid, QUEUED, (union sigval){ .sival_int = 1 }));
}

/* There is no twin in the end, but mcexec cannot know what others of the program hear. */
static void try_thread(struct fake_lwk *lwk)
{
	CHECK_EQ(fake_call(lwk, OFFLOAD_NR_THREAD, 0, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM),
		 -ENOTTY);
}

static void interrupt_read(struct fake_lwk *lwk, int fd)
{
	fake_request(lwk, SYS_read, (const u64[6]){ (u64)fd, SCRATCH, 1 });
	wait_in_call(lwk->pid, SYS_read);
	queue_signal(lwk);
	CHECK_EQ(fake_answer(lwk), -EINTR);
}

/* While the thread has one that may have been for others, the next one is for those. */
static void leaves_queued_ones_to_others(void)
{
	struct fake_lwk lwk;
	int pipes[2];

	CHECK(!pipe(pipes));
	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, QUEUED, OFFLOAD_SIG_RELAY, 0), 0);
	interrupt_read(&lwk, pipes[0]);
	CHECK_EQ(lwk.shared, SIGNAL_TO_THREAD);
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), 0);
	try_thread(&lwk);
	interrupt_read(&lwk, pipes[0]);
	CHECK_EQ(lwk.nsignals, 2);
	CHECK_EQ(lwk.shared, SIGNAL_TO_EITHER);
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), QUEUED_BIT);
	/* It is told of the mask: one more comes, and the others wait again. */
	queue_signal(&lwk);
	queue_signal(&lwk);
	for (int i = 3; i <= 4; i++) {
		CHECK_EQ(fake_call(&lwk, SYS_rt_sigprocmask), 0);
		CHECK_EQ(lwk.nsignals, i);
		CHECK_EQ(fake_signals(&lwk, "SigBlk"), QUEUED_BIT);
	}
	CHECK_EQ(fake_call(&lwk, SYS_rt_sigprocmask), 0);
	CHECK_EQ(lwk.nsignals, 4);
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), 0);
	check_exit(&lwk, 0);
}

static void request_execve(struct fake_lwk *lwk, const char *path)
{
	struct {
		char path[16];
		u64 argv[2];
		u64 envp[1];
	} strings = { "", { SCRATCH }, { 0 } };

	strcpy(strings.path, path);
	fake_write(lwk, SCRATCH, &strings, sizeof(strings));
	fake_request(lwk, SYS_execve,
		     (const u64[6]){ SCRATCH, SCRATCH + offsetof(typeof(strings), argv),
				     SCRATCH + offsetof(typeof(strings), envp) });
}

/* One that comes while a program is being executed puts that off; that does not block it. */
static void executes_without_such_a_mask(void)
{
	struct fake_lwk lwk;

	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, QUEUED, OFFLOAD_SIG_RELAY, SA_RESTART), 0);
	try_thread(&lwk);
	request_execve(&lwk, "/bin/true");
	/* Nobody answers to that yet: it looks at the file. */
	wait_in_call(lwk.pid, SYS_openat);
	queue_signal(&lwk);
	CHECK_EQ(fake_answer(&lwk), OFFLOAD_RET_RESTART);
	CHECK_EQ(lwk.nsignals, 1);
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), 0);
	request_execve(&lwk, "/bin/true");
	CHECK_EQ(fake_answer(&lwk), FAKE_EXECUTED);
	CHECK_EQ(lwk.nsignals, 1);
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), 0);
	check_exit(&lwk, 0);
}

/* If there is no next program, they are this one's; the next one blocks what this one did. */
static void leaves_held_ones_to_the_next_program(void)
{
	struct fake_lwk lwk;

	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, QUEUED, OFFLOAD_SIG_RELAY, 0), 0);
	for (int i = 0; i < 2; i++) {
		lwk.nsignals = 0;
		lwk.wait_flags = 0;
		lwk.sigmask = ~0ULL;
		CHECK_EQ(fake_call(&lwk, SYS_rt_sigprocmask), 0);
		queue_signal(&lwk);
		lwk.wait_flags = MCCTRL_WAIT_HELD;
		lwk.sigmask = i ? QUEUED_BIT : 0;
		request_execve(&lwk, i ? "/bin/true" : "/nowhere");
		CHECK_EQ(fake_answer(&lwk), i ? FAKE_EXECUTED : -ENOENT);
		CHECK_EQ(lwk.nsignals, i ? 0 : 1);
	}
	lwk.wait_flags = 0;
	CHECK_EQ(fake_signals(&lwk, "SigBlk"), QUEUED_BIT);
	CHECK_EQ(fake_signals(&lwk, "SigPnd") | fake_signals(&lwk, "ShdPnd"), QUEUED_BIT);
	check_exit(&lwk, 0);
}

/* A fault of mcexec's own is no signal for the program; one that somebody sends is. */
static void own_fault_ends(void)
{
	siginfo_t info = { .si_signo = SIGSEGV, .si_code = SEGV_MAPERR };
	struct rlimit limit = { 0, 0 };
	struct fake_lwk lwk;
	int status;

	CHECK(!setrlimit(RLIMIT_CORE, &limit));
	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, SIGSEGV, OFFLOAD_SIG_RELAY, 0), 0);
	CHECK(!kill(lwk.pid, SIGSEGV));
	fake_call(&lwk, SYS_getpid);
	CHECK_EQ(lwk.nsignals, 1);
	/* Linux lets nobody but the process itself send such a one. */
	fake_write(&lwk, SCRATCH, &info, sizeof(info));
	fake_call(&lwk, SYS_rt_sigqueueinfo, (u64)lwk.pid, SIGSEGV, SCRATCH);
	CHECK_EQ(lwk.nsignals, 1);
	CHECK(!kill(lwk.pid, SIGSEGV));
	status = fake_end(&lwk);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* The LWK ends without the program having ended. */
static void lost_lwk(void)
{
	struct fake_lwk lwk;

	start_true(&lwk);
	CHECK_EQ(fake_end(&lwk), 125 << 8);
}

static const struct unit_test tests[] = {
	UNIT_TEST(dies_by_signal),
	UNIT_TEST(inherits_signals),
	UNIT_TEST(relays_signals),
	UNIT_TEST(loses_no_wakeup),
	UNIT_TEST(leaves_queued_ones_to_others),
	UNIT_TEST(executes_without_such_a_mask),
	UNIT_TEST(leaves_held_ones_to_the_next_program),
	UNIT_TEST(own_fault_ends),
	UNIT_TEST(lost_lwk),
};

UNIT_MAIN(tests)

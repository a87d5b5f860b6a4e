/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An LWK that is none: it runs the real mcexec on this machine and answers, by seccomp's user
 * notification, what mcexec asks of /dev/mcosN. The program's memory is a file in memory, whose
 * offsets are the program's addresses. The test is the LWK: it makes the requests.
 */
#ifndef FAKE_LWK_H
#define FAKE_LWK_H

#include <sys/resource.h>
#include <sys/types.h>

#include "abi/mcctrl_ioctl.h"

#define FAKE_MAX_SIGNALS 64

/* fake_answer(): the process has executed another program instead. */
#define FAKE_EXECUTED (-1000)

/**
 * struct fake_lwk - one mcexec and what it has told
 * @pid:	mcexec
 * @listener:	seccomp's file
 * @memory:	the program's memory
 * @limit:	RLIMIT_AS when the proxy was created
 * @desc:	as mcexec gave it
 * @show:	likewise
 * @layout:	as it was answered; set @layout_error to refuse
 * @prepare_error: -errno for PREPARE_IMAGE, or 0
 * @sigmask:	what the LWK thread blocks; goes with each request
 * @wait_flags:	MCCTRL_WAIT_*, likewise
 * @started:	START_IMAGE came
 * @executed:	START_IMAGE came since the last request
 * @waiting:	mcexec waits for a request
 * @wait_id:	seccomp's number of that
 * @wait_addr:	where its struct mcctrl_wait is
 * @answered:	@answer is that of the request before
 * @answer:	result
 * @signals:	siginfo of what came by SEND_SIGNAL
 * @nsignals:	how many
 * @shared:	of the last one: SIGNAL_TO_*
 */
struct fake_lwk {
	pid_t pid;
	int listener;
	int memory;
	struct rlimit limit;
	struct program_load_desc desc;
	struct mcctrl_show show;
	struct program_layout layout;
	int prepare_error;
	u64 sigmask;
	u32 wait_flags;
	_Bool started;
	_Bool executed;
	_Bool waiting;
	u64 wait_id;
	u64 wait_addr;
	_Bool answered;
	s64 answer;
	u8 signals[FAKE_MAX_SIGNALS][MSG_SIGINFO_LEN];
	int nsignals;
	u32 shared;
};

/**
 * fake_start() - run mcexec until it waits for its first request or has ended
 * @lwk:	zeroed
 * @argv:	mcexec's command line
 * @setup:	called in the child before mcexec is executed, or NULL
 *
 * Return: 0, or -EPIPE if it has ended.
 */
int fake_start(struct fake_lwk *lwk, char *const *argv, void (*setup)(void));

/**
 * fake_request() - give mcexec a request
 * @lwk:	mcexec waits
 * @nr:		number
 * @args:	six arguments
 *
 * Return: 0, or -EPIPE if it has ended.
 */
int fake_request(struct fake_lwk *lwk, u64 nr, const u64 *args);

/**
 * fake_answer() - wait for the answer
 * @lwk:	has a request
 *
 * Return: the answer; FAKE_EXECUTED: a new program waits; -EPIPE: mcexec has ended.
 */
s64 fake_answer(struct fake_lwk *lwk);

/** fake_call() - fake_request() and fake_answer(). Return: the answer. */
#define fake_call(lwk, nr, ...)                                             \
	({                                                                  \
		fake_request(lwk, nr, (const u64[6]){ __VA_ARGS__ }) ?      \
			-EPIPE : fake_answer(lwk);                          \
	})

/**
 * fake_end() - wait until mcexec has ended
 * @lwk:	started
 *
 * Return: its wait status.
 */
int fake_end(struct fake_lwk *lwk);

/** fake_peek() - read mcexec's own memory. */
void fake_peek(const struct fake_lwk *lwk, u64 addr, void *data, size_t len);

/** fake_write() - write to the program's memory. */
void fake_write(struct fake_lwk *lwk, u64 addr, const void *data, size_t len);

/** fake_read() - read the program's memory. */
void fake_read(struct fake_lwk *lwk, u64 addr, void *data, size_t len);

/** fake_signals() - a set of signals by its name in the proxy's /proc/PID/status. */
u64 fake_signals(const struct fake_lwk *lwk, const char *name);

#endif

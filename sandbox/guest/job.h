/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One command that the agent runs for its driver: a session of its own, on
 * pipes or on a pseudo terminal.
 */
#ifndef SANDBOX_GUEST_JOB_H
#define SANDBOX_GUEST_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct job - a running command
 * @pid:       its session leader, 0 if there is none
 * @tty:       it has a terminal
 * @stdin_fd:  write end of its standard input, -1 once closed
 * @stdout_fd: read end of its standard output, -1 once closed
 * @stderr_fd: read end of its standard error, -1 once closed, or with a
 *             terminal
 *
 * With a terminal, @stdin_fd and @stdout_fd are its master side, duplicated.
 * All are non-blocking.
 */
struct job {
	pid_t pid;
	bool tty;
	int stdin_fd;
	int stdout_fd;
	int stderr_fd;
};

/**
 * job_start - run a command
 * @job:     filled in
 * @request: data of a FRAME_EXEC, with a NUL behind it
 * @len:     bytes of @request
 *
 * Return: 0 or a negative errno; @job is then as job_init() leaves it.
 */
int job_start(struct job *job, char *request, size_t len);

/**
 * job_init - make a job that does not run
 * @job: filled in
 */
void job_init(struct job *job);

/**
 * job_resize - tell the job's terminal its size
 * @job:  the job, with a terminal
 * @rows: lines
 * @cols: columns
 */
void job_resize(const struct job *job, const char *rows, const char *cols);

/**
 * job_kill - send a signal to all processes of the job's session
 * @job:    the job; may have ended
 * @signal: the signal
 */
void job_kill(const struct job *job, int signal);

/**
 * job_close - close the job's descriptors
 * @job: the job; becomes one that does not run
 */
void job_close(struct job *job);

#endif

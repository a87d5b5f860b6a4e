// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts and kills the agent's commands. Everything runs through RUN_SCRIPT,
 * which sets the environment up, so that the policy is in a shell script.
 */
#include "job.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define RUN_SCRIPT	"/run/sandbox/run"
#define MAX_ARGS	1024

/* Words of a FRAME_EXEC before the command. */
enum { WORD_TTY, WORD_ROWS, WORD_COLS, WORD_COMMAND };

struct stdio {
	int child[3];
	int parent[3];
};

void job_init(struct job *job)
{
	job->pid = 0;
	job->tty = false;
	job->stdin_fd = -1;
	job->stdout_fd = -1;
	job->stderr_fd = -1;
}

/* Split at the NULs; the result ends with a null pointer. */
static int split_words(char *text, size_t len, char **words)
{
	char *end = text + len;
	int n = 0;

	while (text < end) {
		if (n == MAX_ARGS)
			return -E2BIG;
		words[n++] = text;
		text += strlen(text) + 1;
	}
	words[n] = NULL;
	return n > WORD_COMMAND ? n : -EINVAL;
}

static void close_all(const int *fds, int n)
{
	while (n-- > 0)
		close(fds[n]);
}

static int open_pipes(struct stdio *io)
{
	int fds[2];
	int i;

	for (i = 0; i < 3; i++) {
		if (pipe2(fds, O_CLOEXEC)) {
			close_all(io->child, i);
			close_all(io->parent, i);
			return -errno;
		}
		io->child[i] = fds[i != 0];
		io->parent[i] = fds[i == 0];
	}
	return 0;
}

static int open_terminal(struct stdio *io, char **words)
{
	struct winsize size = {
		.ws_row = (unsigned short)atoi(words[WORD_ROWS]),
		.ws_col = (unsigned short)atoi(words[WORD_COLS]),
	};
	int master;
	int slave;

	if (openpty(&master, &slave, NULL, NULL, &size))
		return -errno;
	io->child[0] = slave;
	io->child[1] = dup(slave);
	io->child[2] = dup(slave);
	io->parent[0] = master;
	io->parent[1] = dup(master);
	io->parent[2] = -1;
	return 0;
}

/* In the child: never returns. */
static void __attribute__((noreturn)) run_child(const struct stdio *io,
						char **words)
{
	sigset_t none;
	int fd;
	int i;

	setsid();
	for (i = 0; i < 3; i++)
		dup2(io->child[i], i);
	if (words[WORD_TTY][0] == '1')
		ioctl(0, TIOCSCTTY, 0);
	close_range(3, ~0U, 0);

	/* The agent's privileges over the rest of the guest are not the job's. */
	setpriority(PRIO_PROCESS, 0, 0);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "0", 1) != 1)
			perror("oom_score_adj");
		close(fd);
	}
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	words[WORD_COMMAND - 1] = (char *)RUN_SCRIPT;
	execv(RUN_SCRIPT, words + WORD_COMMAND - 1);
	perror(RUN_SCRIPT);
	_exit(127);
}

int job_start(struct job *job, char *request, size_t len)
{
	static char *words[MAX_ARGS + 1];
	struct stdio io;
	int err;
	int i;

	err = split_words(request, len, words);
	if (err < 0)
		return err;
	job->tty = words[WORD_TTY][0] == '1';
	err = job->tty ? open_terminal(&io, words) : open_pipes(&io);
	if (err)
		return err;
	job->pid = fork();
	if (job->pid == 0)
		run_child(&io, words);
	if (job->pid < 0) {
		err = -errno;
		goto out_close_parent;
	}
	for (i = 0; i < 3; i++) {
		if (io.parent[i] >= 0)
			fcntl(io.parent[i], F_SETFL, O_NONBLOCK);
	}
	job->stdin_fd = io.parent[0];
	job->stdout_fd = io.parent[1];
	job->stderr_fd = io.parent[2];
	close_all(io.child, 3);
	return 0;

out_close_parent:
	job_init(job);
	close_all(io.parent, 3);
	close_all(io.child, 3);
	return err;
}

void job_resize(const struct job *job, const char *rows, const char *cols)
{
	struct winsize size = {
		.ws_row = (unsigned short)atoi(rows),
		.ws_col = (unsigned short)atoi(cols),
	};

	ioctl(job->stdin_fd, TIOCSWINSZ, &size);
}

/* Session of a process, or 0: field 6 of its stat, after the name's ')'. */
static pid_t session_of(const char *pid)
{
	char path[64];
	char line[512];
	char *rest;
	int session;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%.16s/stat", pid);
	stat = fopen(path, "re");
	if (!stat)
		return 0;
	rest = fgets(line, sizeof(line), stat);
	fclose(stat);
	if (rest)
		rest = strrchr(line, ')');
	if (!rest || sscanf(rest + 1, " %*c %*d %*d %d", &session) != 1)
		return 0;
	return session;
}

void job_kill(const struct job *job, int signal)
{
	struct dirent *entry;
	DIR *proc;

	if (job->pid <= 0)
		return;
	proc = opendir("/proc");
	if (!proc) {
		kill(-job->pid, signal);
		return;
	}
	/* Not the process group: timeout(1) and shells leave it. */
	while ((entry = readdir(proc))) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    session_of(entry->d_name) == job->pid)
			kill(atoi(entry->d_name), signal);
	}
	closedir(proc);
}

void job_close(struct job *job)
{
	if (job->stdin_fd >= 0)
		close(job->stdin_fd);
	if (job->stdout_fd >= 0)
		close(job->stdout_fd);
	if (job->stderr_fd >= 0)
		close(job->stderr_fd);
	job_init(job);
}

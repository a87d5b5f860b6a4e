// SPDX-License-Identifier: GPL-2.0-only
/*
 * A traced program executes one that has rights of its own: it does not get them if its tracer may
 * not have them, and is traced as before, by its parent and by another process. Whose memory was
 * read before is not read any more. To be run as root.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define NOBODY 65534
#define OTHER 1234

/* With what the copy ends. */
#define HAS_RIGHTS 7
#define HAS_NONE 8

static const char copy[] = "set-id";

static void make_copy(void)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(copy, O_WRONLY | O_CREAT, 0755);
	struct stat st;

	MUST(from >= 0 && to >= 0 && !fstat(from, &st));
	for (off_t done = 0; done < st.st_size;) {
		ssize_t n = sendfile(to, from, &done, st.st_size - done);

		MUST(n > 0);
	}
	MUST(!fchown(to, OTHER, OTHER) && !fchmod(to, 06755) && !close(to) && !close(from));
}

/* What the copy does. */
static int say_who(void)
{
	bool user = geteuid() == OTHER, group = getegid() == OTHER;

	printf("set-user-ID: %s, set-group-ID: %s\n", user ? "yes" : "no", group ? "yes" : "no");
	SHOW(getauxval(AT_SECURE));
	return user && group ? HAS_RIGHTS : HAS_NONE;
}

static void execute(int fd)
{
	char byte;

	if (fd >= 0)
		MUST(read(fd, &byte, 1) == 1);
	execl(copy, copy, "who", NULL);
	_exit(9);
}

static int show_end(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	printf("exited with %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -status);
	return status;
}

static void show_stop(pid_t pid, int expected)
{
	int status;

	MUST(waitpid(pid, &status, __WALL) == pid);
	SHOW_TRUE(status >> 8 == expected);
}

static void drop_rights(void)
{
	MUST(!setgid(NOBODY) && !setuid(NOBODY));
	/* Who has changed ids is not to be traced otherwise. */
	MUST(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/* What the one that asks to be traced may do counts, not what its parent may. */
static void by_parent(bool dropping)
{
	pid_t pid = fork();

	if (!pid) {
		if (dropping)
			drop_rights();
		SHOW(ptrace(PTRACE_TRACEME, 0, 0, 0));
		fflush(stdout);
		execute(-1);
	}
	show_stop(pid, SIGTRAP);
	MUST(!ptrace(PTRACE_CONT, pid, 0, 0));
	show_end(pid);
}

/* Its brother traces the one that executes. */
static void by_other(void)
{
	int go[2];
	pid_t pid, tracer;

	MUST(!pipe(go));
	pid = fork();
	if (!pid)
		execute(go[0]);
	tracer = fork();
	if (!tracer) {
		SHOW(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXEC));
		MUST(write(go[1], "", 1) == 1);
		show_stop(pid, SIGTRAP | PTRACE_EVENT_EXEC << 8);
		MUST(!ptrace(PTRACE_CONT, pid, 0, 0));
		show_end(pid);
		fflush(stdout);
		_exit(0);
	}
	show_end(tracer);
	show_end(pid);
}

/* Where the copy finds the ends of two pipes. */
#define IN 10
#define OUT 11

static ssize_t peek(pid_t pid)
{
	char buf[sizeof(copy)];
	struct iovec local = { buf, sizeof(buf) }, remote = { (void *)copy, sizeof(copy) };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static int say_that_it_runs(void)
{
	char byte;

	return write(OUT, "", 1) != 1 || read(IN, &byte, 1) != 1;
}

/* Its parent reads its memory before and after. */
static void by_reader(void)
{
	int in[2], out[2];
	char byte;
	pid_t pid;

	MUST(!pipe(in) && !pipe(out));
	pid = fork();
	if (!pid) {
		MUST(dup2(in[0], IN) == IN && dup2(out[1], OUT) == OUT);
		MUST(read(IN, &byte, 1) == 1);
		execl(copy, copy, "wait", NULL);
		_exit(9);
	}
	SHOW(peek(pid));
	SHOW(peek(pid));
	MUST(write(in[1], "", 1) == 1 && read(out[0], &byte, 1) == 1);
	SHOW(peek(pid));
	MUST(write(in[1], "", 1) == 1);
	show_end(pid);
}

static void untraced(void)
{
	pid_t pid = fork();

	if (!pid)
		execute(-1);
	/* Where Linux gives nobody rights, a tracer changes nothing. */
	MUST(WEXITSTATUS(show_end(pid)) == HAS_RIGHTS);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1)
		return strcmp(argv[1], "wait") ? say_who() : say_that_it_runs();
	make_copy();
	by_parent(true);
	/* Nobody's process without capabilities. */
	drop_rights();
	untraced();
	by_parent(false);
	by_other();
	by_reader();
	return 0;
}

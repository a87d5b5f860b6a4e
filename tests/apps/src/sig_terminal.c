// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a terminal sends: SIGWINCH to the group in front, SIGTTIN and SIGTTOU to those behind, EIO
 * to orphaned ones, SIGHUP at its end; and who may put whom in front, or in a group.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>

#include "fork.h"

static int master, tty;
static const struct timespec no_time;

static void nothing(int signal)
{
	(void)signal;
}

static void set_handler(int signal, void (*handler)(int), int flags)
{
	const struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	MUST(!sigaction(signal, &action, NULL));
}

static void block(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	MUST(!sigprocmask(how, &set, NULL));
}

static void stop_when_writing(bool stops)
{
	struct termios modes;

	MUST(!tcgetattr(tty, &modes));
	modes.c_lflag = stops ? modes.c_lflag | TOSTOP : modes.c_lflag & ~(tcflag_t)TOSTOP;
	MUST(!tcsetattr(tty, TCSANOW, &modes));
}

static long read_it(void)
{
	char line[16];

	return read(tty, line, sizeof(line));
}

static long write_it(void)
{
	return write(tty, "x\n", 2);
}

static long change_modes(void)
{
	struct termios modes;

	MUST(!tcgetattr(tty, &modes));
	return tcsetattr(tty, TCSADRAIN, &modes);
}

static long come_to_front(void)
{
	return tcsetpgrp(tty, getpgrp());
}

static long flush(void)
{
	return tcflush(tty, TCIFLUSH);
}

static const struct {
	const char *name;
	int signal;
	long (*make)(void);
} calls[] = {
	{ "read", SIGTTIN, read_it },
	{ "write", SIGTTOU, write_it },
	{ "tcsetattr", SIGTTOU, change_modes },
	{ "tcflush", SIGTTOU, flush },
	{ "tcsetpgrp", SIGTTOU, come_to_front },
};

#define NCALLS (sizeof(calls) / sizeof(calls[0]))

static void make_call(size_t i)
{
	long ret = calls[i].make();

	printf("  %s: %ld %s\n", calls[i].name, ret, ret < 0 ? error_name(errno) : "");
}

/* A child in a group of its own, which is never in front before it is put there. */
static pid_t start_behind(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		MUST(!setpgid(0, 0));
		set_handler(SIGTTOU, SIG_DFL, 0);
	}
	return pid;
}

static void show_window(void)
{
	const struct winsize sizes[] = { { .ws_row = 11 }, { .ws_row = 12 } };
	sigset_t set;
	int told[2], said[2];
	char byte;
	pid_t pid;

	MUST(!pipe(told) && !pipe(said));
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	pid = start_behind();
	if (!pid) {
		MUST(write(said[1], "r", 1) == 1 && read(told[0], &byte, 1) == 1);
		SHOW(sigtimedwait(&set, NULL, &no_time));
		exit(0);
	}
	MUST(read(said[0], &byte, 1) == 1);
	SHOW(ioctl(tty, TIOCSWINSZ, &sizes[0]));
	SHOW(sigwaitinfo(&set, NULL) == SIGWINCH);
	SHOW(ioctl(tty, TIOCSWINSZ, &sizes[0]));
	SHOW(sigtimedwait(&set, NULL, &no_time));
	SHOW(ioctl(master, TIOCSWINSZ, &sizes[1]));
	SHOW(sigwaitinfo(&set, NULL) == SIGWINCH);
	MUST(write(told[1], "x", 1) == 1);
	reap(pid, "who is behind");
	MUST(!sigprocmask(SIG_UNBLOCK, &set, NULL));
}

/* Each call stops who is behind; in front it goes on with it. */
static void show_stops(void)
{
	for (size_t i = 0; i < NCALLS; i++) {
		int status;
		pid_t pid = start_behind();

		if (!pid) {
			make_call(i);
			exit(0);
		}
		MUST(waitpid(pid, &status, WUNTRACED) == pid);
		printf("%s stops by %s\n", calls[i].name,
		       WSTOPSIG(status) == calls[i].signal ? "its signal" : "another");
		MUST(!tcsetpgrp(tty, pid) && write(master, "\n", 1) == 1);
		MUST(!kill(pid, SIGCONT));
		reap(pid, "in front");
		MUST(!tcsetpgrp(tty, getpgrp()) && !tcflush(tty, TCIOFLUSH));
	}
}

/* Without a stop: ignored, blocked, or handled. */
static void show_others(void)
{
	for (size_t i = 0; i < NCALLS; i++) {
		pid_t pid = start_behind();

		if (!pid) {
			set_handler(calls[i].signal, nothing, 0);
			make_call(i);
			set_handler(calls[i].signal, SIG_IGN, 0);
			make_call(i);
			set_handler(SIGTTOU, SIG_IGN, 0);
			MUST(!tcsetpgrp(tty, getppid()));
			set_handler(calls[i].signal, SIG_DFL, 0);
			block(SIG_BLOCK, calls[i].signal);
			make_call(i);
			exit(0);
		}
		set_handler(SIGTTOU, SIG_IGN, 0);
		reap(pid, calls[i].name);
		MUST(!tcsetpgrp(tty, getpgrp()));
	}
}

/* The parent of such a group is outside of the session. */
static void be_orphan(int from)
{
	char byte;

	/* Its end: the parent is gone. */
	MUST(read(from, &byte, 1) == 0);
	for (size_t i = 0; i < NCALLS; i++)
		make_call(i);
	raise(SIGTSTP);
	puts("  SIGTSTP does not stop it");
	exit(0);
}

static void show_orphans(void)
{
	int ends[2], done[2];
	char byte;
	pid_t pid;

	MUST(!pipe(ends) && !pipe(done));
	pid = start_behind();
	if (!pid) {
		close(ends[1]);
		close(done[0]);
		pid = start_behind();
		if (pid)
			_exit(0);
		be_orphan(ends[0]);
	}
	close(done[1]);
	reap(pid, "its parent");
	close(ends[1]);
	MUST(read(done[0], &byte, 1) == 0);
	/* It has come to the front if it was let. */
	SHOW(tcgetpgrp(tty) == getpgrp());
}

static void show_rights(char **argv)
{
	int ready[2];
	char byte;
	pid_t pid;

	MUST(!pipe2(ready, O_CLOEXEC));
	pid = fork_must();
	if (!pid) {
		execl("/proc/self/exe", argv[0], "wait", NULL);
		_exit(98);
	}
	close(ready[1]);
	MUST(read(ready[0], &byte, 1) == 0);
	SHOW(setpgid(pid, pid));
	SHOW(getpgid(pid) == getpgrp());
	SHOW(setpgid(0, pid));
	SHOW(setpgid(getppid(), getppid()));
	SHOW(setsid());
	SHOW(tcsetpgrp(tty, getpgid(getppid())));
	SHOW(tcsetpgrp(tty, -1));
	SHOW(tcgetpgrp(tty) == getpgrp());
	SHOW(tcgetsid(tty) == getpid());
	SHOW(tcsetpgrp(ready[0], getpgrp()));
	MUST(!kill(pid, SIGKILL));
	reap(pid, "that had executed");
}

static void show_end(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	close(master);
	SHOW(sigwaitinfo(&set, NULL) == SIGHUP);
	SHOW(sigwaitinfo(&set, NULL) == SIGCONT);
	SHOW(read_it());
	SHOW(write_it());
	SHOW(tcgetpgrp(tty));
	SHOW(open("/dev/tty", O_RDWR));
}

static void lead(char **argv)
{
	MUST(setsid() > 0);
	tty = open(ptsname(master), O_RDWR);
	MUST(tty >= 0);
	SHOW(tcgetpgrp(tty) == getpgrp());
	puts("window");
	show_window();
	puts("behind");
	stop_when_writing(true);
	set_handler(SIGTTOU, SIG_IGN, 0);
	show_stops();
	puts("without a stop");
	show_others();
	puts("rights");
	show_rights(argv);
	puts("orphaned");
	show_orphans();
	puts("the end");
	show_end();
	exit(0);
}

int main(int argc, char **argv)
{
	pid_t pid;

	if (argc > 1)
		for (;;)
			pause();
	master = posix_openpt(O_RDWR | O_NOCTTY);
	MUST(master >= 0 && !grantpt(master) && !unlockpt(master));
	MUST(!prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = fork_must();
	if (!pid)
		lead(argv);
	close(master);
	reap(pid, "the leader");
	/* The orphan was adopted. */
	SHOW(wait(NULL) > 0);
	SHOW(wait(NULL));
	return 0;
}

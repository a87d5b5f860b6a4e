// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of /proc that stay open and are read again: each read from the beginning tells what is so
 * then.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "fork.h"

#define TEXT_LEN 65536

static char text[TEXT_LEN];

static int open_file(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	MUST((fd = open(path, O_RDONLY)) >= 0);
	return fd;
}

static ssize_t by_seek(int fd, char *to, size_t len)
{
	MUST(!lseek(fd, 0, SEEK_SET));
	return read(fd, to, len);
}

static ssize_t by_vector(int fd, char *to, size_t len)
{
	struct iovec part = { to, len };

	MUST(!lseek(fd, 0, SEEK_SET));
	return readv(fd, &part, 1);
}

static ssize_t by_pread(int fd, char *to, size_t len)
{
	return pread(fd, to, len, 0);
}

static ssize_t by_preadv(int fd, char *to, size_t len)
{
	struct iovec part = { to, len };

	return preadv(fd, &part, 1, 0);
}

static ssize_t (*const ways[])(int fd, char *to, size_t len) = {
	by_seek, by_vector, by_pread, by_preadv,
};

#define NWAYS (sizeof(ways) / sizeof(ways[0]))

/* Those that go on at the position read all of it: maps may come in pieces. */
static void read_again(int fd, unsigned int way)
{
	ssize_t got = ways[way](fd, text, TEXT_LEN - 1), more = got;

	MUST(got > 0);
	while (way < 2 && more > 0) {
		more = read(fd, text + got, (size_t)(TEXT_LEN - 1 - got));
		got += more > 0 ? more : 0;
	}
	text[got] = '\0';
}

static char status_state(void)
{
	char *at = strstr(text, "State:\t");

	MUST(at != NULL);
	return at[7];
}

static char stat_state(void)
{
	char *at = strrchr(text, ')');

	MUST(at != NULL);
	return at[2];
}

/* Read until the child is in that state, which a file that stays as it was never says. */
static void await_state(int fd, char (*state)(void), char wanted)
{
	for (unsigned int way = 0; way < NWAYS; way++) {
		do {
			read_again(fd, way);
		} while (state() != wanted && !usleep(1000));
		printf("%c by way %u\n", wanted, way);
	}
}

static void await_states(int status, int stat, char wanted)
{
	await_state(status, status_state, wanted);
	await_state(stat, stat_state, wanted);
}

static void show_child(void)
{
	pid_t pid = fork_must();
	int status, stat;

	if (!pid)
		for (;;)
			pause();
	status = open_file(pid, "status");
	stat = open_file(pid, "stat");
	await_states(status, stat, 'S');
	MUST(!kill(pid, SIGSTOP));
	await_states(status, stat, 'T');
	MUST(!kill(pid, SIGCONT));
	await_states(status, stat, 'S');
	MUST(!kill(pid, SIGKILL));
	await_states(status, stat, 'Z');
	reap(pid, "child");
	SHOW(by_pread(status, text, TEXT_LEN));
	SHOW(by_seek(stat, text, TEXT_LEN));
	/* The numbers are those of other files next, which are left alone. */
	close(status);
	close(stat);
	MUST((status = open("file", O_RDWR | O_CREAT, 0600)) >= 0);
	SHOW(write(status, "text", 4));
	SHOW(by_pread(status, text, TEXT_LEN));
	close(status);
}

static void show_blocked(int status, unsigned int way)
{
	read_again(status, way);
	printf("%.24s\n", strstr(text, "SigBlk:"));
}

/* With all descriptors in use, too. */
static void show_full(int status)
{
	struct rlimit limit, few;
	sigset_t set;

	MUST(!getrlimit(RLIMIT_NOFILE, &limit));
	few = (struct rlimit){ (rlim_t)status + 1, limit.rlim_max };
	MUST(!setrlimit(RLIMIT_NOFILE, &few));
	while (dup(0) >= 0)
		;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
	show_blocked(status, 2);
	MUST(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* Of the process itself, and by a child that has inherited the descriptor. */
static void show_self(void)
{
	int status = open_file(getpid(), "status");
	int maps = open("/proc/self/maps", O_RDONLY);
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	for (unsigned int way = 0; way < NWAYS; way++) {
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGRTMAX - (int)way);
		MUST(!sigprocmask(SIG_BLOCK, &set, NULL));
		show_blocked(status, way);
	}
	pid = fork_must();
	if (!pid) {
		show_blocked(status, 0);
		fflush(stdout);
		_exit(0);
	}
	reap(pid, "heir");
	show_full(status);
	for (unsigned int way = 0; way < 2; way++) {
		char *area = mmap(NULL, 12288, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		char line[32];

		snprintf(line, sizeof(line), "%lx-", (unsigned long)(area + 4096));
		read_again(maps, way);
		SHOW_TRUE(!strstr(text, line));
		MUST(area != MAP_FAILED && !mprotect(area + 4096, 4096, PROT_READ));
		read_again(maps, way);
		SHOW_TRUE(strstr(text, line));
	}
}

int main(void)
{
	show_child();
	show_self();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose ids, or memory, others have after them, step by step as the test has it.
 *
 *   heirs memory FILE GO LOOK	who had the memory first, which is CPU 1's, ends; one of the two
 *				others that have it executes "heirs next" on CPU 0 when there is a
 *				line in GO; the other one looks at FILE again when one is in LOOK
 *   heirs next GO		says so, maps its own program's file, and reads it when there is a
 *				line in GO
 *   heirs threads		a process of CPU 1 that has memory of CPU 0, and two threads
 *   heirs as ID COMMAND...	on Linux: executes the command in a process with this id
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define STACK 65536
#define SHARES_MEMORY (CLONE_VM | SIGCHLD)
#define IS_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)

static char stacks[2][STACK] __attribute__((aligned(16)));
static const char *go, *look;
static const char *page;
static sigjmp_buf on_bus;

static void die(const char *what)
{
	fprintf(stderr, "heirs: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* In one call, without the C library's buffers, which all have in common. */
#define SAY(...) dprintf(STDOUT_FILENO, __VA_ARGS__)

static void wait_for_line(const char *path)
{
	int fd = open(path, O_RDONLY);
	char byte;

	if (fd < 0 || read(fd, &byte, 1) != 1)
		die(path);
	close(fd);
}

static const char *map(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	struct stat stat;
	char *at;

	if (fd < 0 || fstat(fd, &stat))
		die(path);
	at = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap");
	close(fd);
	*len = (size_t)stat.st_size;
	return at;
}

static pid_t make(int (*run)(void *arg), unsigned int n, int flags)
{
	pid_t pid = clone(run, stacks[n] + STACK, flags, NULL);

	if (pid < 0)
		die("clone");
	return pid;
}

/* The @nth one that the program had at first. */
static void use_cpu(unsigned int nth)
{
	static cpu_set_t all;
	cpu_set_t set;
	int cpu;

	if (!CPU_COUNT(&all) && sched_getaffinity(0, sizeof(all), &all))
		die("sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && !nth--)
			break;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

/* In a copy of the memory for which that CPU answers Linux, and on another. */
static void copy_memory(unsigned int cpu, unsigned int other)
{
	pid_t pid;

	use_cpu(cpu);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid) {
		if (waitpid(pid, NULL, 0) != pid)
			die("waitpid");
		exit(0);
	}
	use_cpu(other);
}

/*
 * memory
 */

static void bus(int sig)
{
	(void)sig;
	siglongjmp(on_bus, 1);
}

static int stays(void *arg)
{
	(void)arg;
	wait_for_line(look);
	signal(SIGBUS, bus);
	if (sigsetjmp(on_bus, 1))
		SAY("nothing there\n");
	else
		SAY("there is %c\n", *(volatile const char *)page);
	return 0;
}

/* What execve(2) is given, in one page. */
static struct {
	char *argv[4];
	char *envp[1];
	char path[32];
	char name[16];
	char mode[16];
	char go[PAGE / 2];
} args __attribute__((aligned(PAGE)));

/* Linux gets the page now, as it is too much for a slot: later it could not ask for it. */
static void prepare_args(void)
{
	int fds[2];

	args.argv[0] = strcpy(args.name, "heirs");
	args.argv[1] = strcpy(args.mode, "next");
	args.argv[2] = strncpy(args.go, go, sizeof(args.go) - 1);
	strcpy(args.path, "/proc/self/exe");
	if (pipe(fds) || write(fds[1], &args, sizeof(args)) != sizeof(args))
		die("pipe");
	close(fds[0]);
	close(fds[1]);
}

static int executes(void *arg)
{
	(void)arg;
	prepare_args();
	make(stays, 1, SHARES_MEMORY);
	SAY("both run\n");
	wait_for_line(go);
	execve(args.path, args.argv, args.envp);
	die("execve");
	return 1;
}

static int run_memory(char **argv)
{
	size_t len;

	page = map(argv[0], &len);
	go = argv[1];
	look = argv[2];
	copy_memory(1, 0);
	if (*(volatile const char *)page != 'a')
		die("the file");
	make(executes, 0, SHARES_MEMORY);
	_exit(0);
}

static int run_next(char **argv)
{
	volatile const char *at;
	char sum = 0;
	size_t len;

	SAY("next runs\n");
	at = map("/proc/self/exe", &len);
	wait_for_line(argv[0]);
	for (size_t i = 0; i < len; i += PAGE)
		sum += at[i];
	SAY("read all%s\n", sum == at[0] ? "" : ".");
	return 0;
}

/*
 * threads
 */

static int reads(void *arg)
{
	char byte;

	(void)arg;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}

static int has_threads(void *arg)
{
	(void)arg;
	SAY("%d %d\n", (int)getpid(), (int)make(reads, 1, IS_THREAD));
	return reads(NULL);
}

static int run_threads(char **argv)
{
	pid_t pid;

	(void)argv;
	copy_memory(0, 1);
	pid = make(has_threads, 0, SHARES_MEMORY);
	use_cpu(0);
	if (waitpid(pid, NULL, 0) != pid)
		die("waitpid");
	return 0;
}

/*
 * as
 */

static int run_as(char **argv)
{
	pid_t id = (pid_t)strtol(argv[0], NULL, 10);
	struct clone_args how = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&id,
		.set_tid_size = 1,
	};
	long pid = syscall(SYS_clone3, &how, sizeof(how));
	int status;

	if (pid < 0)
		die("clone3");
	if (!pid) {
		execvp(argv[1], argv + 1);
		die(argv[1]);
	}
	if (waitpid((pid_t)pid, &status, 0) != pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const struct mode {
	const char *name;
	int nargs;
	int (*run)(char **argv);
} modes[] = {
	{ "memory", 3, run_memory },
	{ "next", 1, run_next },
	{ "threads", 0, run_threads },
	{ "as", 2, run_as },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(argv[1], modes[i].name) && argc >= 2 + modes[i].nargs)
			return modes[i].run(argv + 2);
	}
	fprintf(stderr, "usage: heirs MODE ARGUMENT...\n");
	return 2;
}

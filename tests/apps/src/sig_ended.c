// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children that die of a signal that dumps core: whether SIGCHLD and waitid(2) say so, with and
 * without a core file; by whom the signal was sent.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "fork.h"

static sigset_t watched;

static void tell(const char *what, const siginfo_t *info, pid_t pid)
{
	const char *code = info->si_code == CLD_DUMPED ? "CLD_DUMPED" :
			   info->si_code == CLD_KILLED ? "CLD_KILLED" :
			   info->si_code == CLD_EXITED ? "CLD_EXITED" : "another code";

	printf("%s: %s %d, errno %d, pid %s, uid %s\n", what, code, info->si_status,
	       info->si_errno, info->si_pid == pid ? "right" : "wrong",
	       info->si_uid == getuid() ? "right" : "wrong");
}

static void set_limit(int resource, rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };

	MUST(!setrlimit(resource, &limit));
}

static void note(int signal, siginfo_t *info, void *context)
{
	(void)context;
	printf("  handler: signal %d, code %d, from %s\n", signal, info->si_code,
	       info->si_code == SI_KERNEL ? "the kernel" :
	       info->si_pid == getpid() ? "itself" : "another");
}

static void set_handler(int signal)
{
	const struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

	MUST(!sigaction(signal, &action, NULL));
}

static void do_abort(void)
{
	abort();
}

static void do_fault(void)
{
	__asm__ volatile("movb $1, 16" : : : "memory");
}

static void do_wait(void)
{
	for (;;)
		pause();
}

/* More than what is written to standard output, or to a core file. */
static void do_size(void)
{
	static char buf[100];
	const rlim_t most = 64 << 20;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	MUST(fd >= 0 && !unlink("file"));
	set_limit(RLIMIT_FSIZE, most, most);
	set_handler(SIGXFSZ);
	SHOW(pwrite(fd, buf, 100, most - 100));
	SHOW(pwrite(fd, buf, 100, most - 40));
	SHOW(pwrite(fd, buf, 100, most));
	SHOW(ftruncate(fd, most + 1));
	signal(SIGXFSZ, SIG_IGN);
	SHOW(pwrite(fd, buf, 100, most));
	signal(SIGXFSZ, SIG_DFL);
	SHOW(pwrite(fd, buf, 100, most));
}

static void compute(void)
{
	volatile unsigned long n = 0;

	for (;;)
		n++;
}

static void do_time(void)
{
	set_limit(RLIMIT_CPU, 1, RLIM_INFINITY);
	compute();
}

static void again(int signal, siginfo_t *info, void *context)
{
	note(signal, info, context);
	set_limit(RLIMIT_CPU, 1, 1);
}

static void do_hard_time(void)
{
	const struct sigaction action = { .sa_sigaction = again, .sa_flags = SA_SIGINFO };

	MUST(!sigaction(SIGXCPU, &action, NULL));
	set_limit(RLIMIT_CPU, 1, 5);
	compute();
}

/* No such call: it fails, no signal comes. */
static void do_call(void)
{
	SHOW(syscall(5000));
	_exit(3);
}

static const struct {
	const char *name;
	void (*make)(void);
	int signal;	/* that its parent sends */
} ends[] = {
	{ "abort", do_abort, 0 },
	{ "fault", do_fault, 0 },
	{ "SIGQUIT", do_wait, SIGQUIT },
	{ "SIGSYS", do_wait, SIGSYS },
	{ "SIGTRAP", do_wait, SIGTRAP },
	{ "SIGKILL", do_wait, SIGKILL },
	{ "SIGRTMAX", do_wait, 64 },
	{ "a file's size", do_size, 0 },
	{ "a call", do_call, 0 },
};

static const struct {
	const char *name;
	void (*make)(void);
} times[] = {
	{ "soft limit of time", do_time },
	{ "hard limit of time", do_hard_time },
};

static void run_case(const char *name, void (*make)(void), int signal, int dumps)
{
	siginfo_t info = { 0 };
	pid_t pid;

	set_limit(RLIMIT_CORE, dumps ? RLIM_INFINITY : 0, RLIM_INFINITY);
	pid = fork_must();
	if (!pid) {
		MUST(!sigprocmask(SIG_UNBLOCK, &watched, NULL));
		make();
		_exit(9);
	}
	if (signal)
		MUST(!kill(pid, signal));
	MUST(sigwaitinfo(&watched, &info) == SIGCHLD);
	tell(name, &info, pid);
	memset(&info, 0, sizeof(info));
	MUST(!waitid(P_PID, (id_t)pid, &info, WEXITED));
	tell("  waitid", &info, pid);
	printf("  a core file: %s\n", unlink("core") ? "no" : "yes");
}

int main(int argc, char **argv)
{
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	MUST(!sigprocmask(SIG_BLOCK, &watched, NULL));
	if (argc > 1 && !strcmp(argv[1], "times")) {
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			run_case(times[i].name, times[i].make, 0, 0);
		return 0;
	}
	for (int dumps = 0; dumps < 2; dumps++) {
		printf("%s core files\n", dumps ? "with" : "without");
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			run_case(ends[i].name, ends[i].make, ends[i].signal, dumps);
	}
	return 0;
}

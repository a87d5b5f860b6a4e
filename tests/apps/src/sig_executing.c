// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal that comes while execve(2) is about to be done is not lost: the handler has it, or the
 * next program, which dies of it. A lease on the file lets execve wait until the signal is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static int seen[2];

static void on_signal(int sig)
{
	(void)sig;
	MUST(write(seen[1], "s", 1) == 1);
}

static void make_program(void)
{
	static const char script[] = "#!/bin/true\n";
	int fd = open("next", O_WRONLY | O_CREAT | O_TRUNC, 0755);

	MUST(fd >= 0);
	MUST(write(fd, script, sizeof(script) - 1) == sizeof(script) - 1);
	MUST(!close(fd));
}

static _Noreturn void execute(bool at)
{
	char *argv[] = { "next", NULL }, *envp[] = { NULL };

	if (at)
		syscall(SYS_execveat, AT_FDCWD, "next", argv, envp, 0);
	else
		execve("next", argv, envp);
	_exit(errno);
}

static void test(const char *how, bool at)
{
	sigset_t broken;
	int file, status, sig, lost;
	char byte;
	pid_t pid;

	MUST(!pipe2(seen, O_CLOEXEC | O_NONBLOCK));
	file = open("next", O_RDONLY | O_CLOEXEC);
	MUST(file >= 0);
	sigemptyset(&broken);
	sigaddset(&broken, SIGIO);
	MUST(!sigprocmask(SIG_BLOCK, &broken, NULL));
	MUST(!fcntl(file, F_SETLEASE, F_WRLCK));
	fflush(stdout);
	pid = fork();
	MUST(pid >= 0);
	if (!pid)
		execute(at);
	MUST(!sigwait(&broken, &sig));
	MUST(!kill(pid, SIGUSR1));
	MUST(!fcntl(file, F_SETLEASE, F_UNLCK));
	MUST(waitpid(pid, &status, 0) == pid);
	/* Either may be: the signal was there before the file. */
	lost = WIFSIGNALED(status) ? WTERMSIG(status) != SIGUSR1 :
				     status || read(seen[0], &byte, 1) != 1;
	printf("%s: lost %d\n", how, lost);
	close(file);
	close(seen[0]);
	close(seen[1]);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	MUST(!sigaction(SIGUSR1, &action, NULL));
	make_program();
	test("execve", false);
	test("execveat", true);
	return 0;
}

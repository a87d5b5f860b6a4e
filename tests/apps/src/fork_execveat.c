// SPDX-License-Identifier: GPL-2.0-only
/*
 * execveat(2) and fexecve(3): programs and scripts by descriptor, by directory, and not at all.
 * With an argument it is the program that is executed.
 */
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static char *const argv[] = { "name", "executed", NULL };
static char *const envp[] = { "PATH=/usr/bin:/bin", "A=b", NULL };

static void executed(char **arguments)
{
	char comm[32] = "";
	int fd = open("/proc/self/comm", O_RDONLY);

	MUST(read(fd, comm, sizeof(comm) - 1) > 0);
	printf("%s %s, A=%s, known as %s, comm %s", arguments[0], arguments[1], getenv("A"),
	       (const char *)getauxval(AT_EXECFN), comm);
}

static void try(const char *what, int dir, const char *path, int flags)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		syscall(SYS_execveat, dir, path, argv, envp, flags);
		printf("%s: %s\n", what, error_name(errno));
		_exit(1);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	printf("%s: %#x\n", what, status);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	MUST(fchmod(fd, mode) == 0 && close(fd) == 0);
}

static void copy_self(int to)
{
	char buf[65536];
	int from = open("/proc/self/exe", O_RDONLY);
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		MUST(write(to, buf, n) == n);
	close(from);
}

static void show_descriptors(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	int path = open("/proc/self/exe", O_PATH);
	int cloexec = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int memory = memfd_create("memory", MFD_CLOEXEC);
	int ends[2];

	copy_self(memory);
	MUST(pipe(ends) == 0);
	try("descriptor", fd, "", AT_EMPTY_PATH);
	try("O_PATH", path, "", AT_EMPTY_PATH);
	try("close-on-exec", cloexec, "", AT_EMPTY_PATH);
	try("memfd", memory, "", AT_EMPTY_PATH);
	try("pipe", ends[0], "", AT_EMPTY_PATH);
	try("no flag", fd, "", 0);
	try("closed", 999, "", AT_EMPTY_PATH);
	try("unknown flag", fd, "", AT_EMPTY_PATH | 0x8);
	try("working directory", AT_FDCWD, "", AT_EMPTY_PATH);
	if (!fork())
		fexecve(cloexec, argv, envp);
	wait(NULL);
	close(memory);
}

static void show_scripts(void)
{
	int fd, cloexec;

	write_file("script", "#!/bin/sed p\nline\n", 0700);
	fd = open("script", O_RDONLY);
	cloexec = open("script", O_RDONLY | O_CLOEXEC);
	try("script", AT_FDCWD, "script", 0);
	try("script close-on-exec", cloexec, "", AT_EMPTY_PATH);
	write_file("echo", "#!/bin/echo hello\n", 0700);
	try("echo", AT_FDCWD, "echo", AT_SYMLINK_NOFOLLOW);
	close(fd);
	fd = open("echo", O_RDONLY);
	try("echo by descriptor", fd, "", AT_EMPTY_PATH);
}

static void show_paths(void)
{
	char self[4096] = "";
	int dir;

	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	MUST(mkdir("dir", 0700) == 0 && symlink(self, "dir/link") == 0);
	write_file("dir/plain", "text", 0600);
	write_file("dir/empty", "", 0700);
	write_file("dir/text", "text\n", 0700);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	try("link", dir, "link", 0);
	try("link itself", dir, "link", AT_SYMLINK_NOFOLLOW);
	try("not executable", dir, "plain", 0);
	try("empty file", dir, "empty", 0);
	try("text", dir, "text", 0);
	try("absent", dir, "absent", 0);
	try("directory", dir, "", AT_EMPTY_PATH);
	try("closed directory", 999, "absent", 0);
	try("own file", dir, "/proc/self/exe", 0);
	try("own file, empty path allowed", AT_FDCWD, "/proc/self/exe", AT_EMPTY_PATH);
	try("link to own file", AT_FDCWD, "/proc/self/exe", AT_SYMLINK_NOFOLLOW);
	try("bad address", dir, (const char *)8, 0);
}

int main(int argc, char **arguments)
{
	if (argc > 1) {
		executed(arguments);
		return 7;
	}
	show_descriptors();
	show_scripts();
	show_paths();
	return 0;
}

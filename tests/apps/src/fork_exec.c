// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) that fails, of which the program hears: arguments that are too large for a stack whose
 * limit was changed, and files that are open for writing.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fork.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define OTHER "./loader"

/* Arguments of @len bytes in all, of 64 KiB each at most. */
static char **make_args(size_t len)
{
	static char *args[200];
	int n = 0;

	while (len && n < 199) {
		size_t one = len < 65536 ? len : 65536;

		args[n] = malloc(one);
		MUST(args[n] != NULL);
		memset(args[n], 'x', one - 1);
		args[n++][one - 1] = '\0';
		len -= one;
	}
	args[n] = NULL;
	return args;
}

static void try_args(rlim_t stack, size_t len)
{
	char *none[] = { NULL };
	struct rlimit limit;
	pid_t pid;
	char what[64];

	snprintf(what, sizeof(what), "stack %lu, arguments %lu", (unsigned long)stack >> 10,
		 (unsigned long)len >> 10);
	pid = fork_must();
	if (!pid) {
		MUST(!getrlimit(RLIMIT_STACK, &limit));
		limit.rlim_cur = stack;
		MUST(!setrlimit(RLIMIT_STACK, &limit));
		execve("/bin/true", make_args(len), none);
		printf("%s\n", error_name(errno));
		_exit(3);
	}
	reap(pid, what);
}

static void copy_file(const char *from, const char *to)
{
	static char buf[1 << 22];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n = read(in, buf, sizeof(buf));
	char *at;

	MUST(n > 0 && n < (ssize_t)sizeof(buf));
	/* The path of its interpreter is put in place of the other. */
	at = memmem(buf, (size_t)n, LOADER, sizeof(LOADER));
	if (at && strcmp(to, OTHER))
		memset(memcpy(at, OTHER, sizeof(OTHER)) + sizeof(OTHER), 0,
		       sizeof(LOADER) - sizeof(OTHER));
	MUST(write(out, buf, (size_t)n) == n);
	close(in);
	close(out);
}

static void write_script(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	MUST(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* With @busy open for writing, or NULL. */
static void try_busy(const char *name, const char *busy)
{
	char *args[] = { (char *)name, NULL };
	pid_t pid;
	int fd = -1;

	/* Whoever looks at the memory of one that has ended may have it a moment longer. */
	while (busy && (fd = open(busy, O_WRONLY)) < 0)
		MUST(errno == ETXTBSY);
	printf("%s, %s open for writing\n", name, busy ? busy : "nothing");
	pid = fork_must();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		execv(name, args);
		printf("%s\n", error_name(errno));
		_exit(3);
	}
	reap(pid, "executed");
	if (busy)
		close(fd);
}

static void show_busy(void)
{
	copy_file(LOADER, OTHER);
	copy_file("/bin/true", "./program");
	write_script("./script", "#!./program\n");
	write_script("./outer", "#!./script\n");
	try_busy("./program", NULL);
	try_busy("./program", "./program");
	try_busy("./program", OTHER);
	try_busy("./script", NULL);
	try_busy("./script", "./script");
	try_busy("./script", "./program");
	try_busy("./outer", NULL);
	try_busy("./outer", "./outer");
	try_busy("./outer", "./script");
	try_busy("./outer", OTHER);
	MUST(!unlink(OTHER) && !unlink("./program") && !unlink("./script") && !unlink("./outer"));
}

int main(void)
{
	try_args(64 << 10, 100 << 10);
	try_args(64 << 10, 200 << 10);
	try_args(1 << 20, 200 << 10);
	try_args(1 << 20, 300 << 10);
	try_args(8 << 20, 1 << 20);
	try_args(8 << 20, 3 << 20);
	show_busy();
	return 0;
}

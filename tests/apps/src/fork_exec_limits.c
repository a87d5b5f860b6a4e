// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve(2) and execveat(2) at their limits, on both sides of each: lengths of strings and of all
 * of them, paths, first lines and depth of scripts; and files of every kind that is not executed.
 * A directory m in the working directory is mounted noexec. With EXECUTED in the environment, or
 * without any argument, it is the program that is executed.
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fork.h"

#define STRING_MAX 131072	/* with its NUL */
#define STACK (1UL << 20)
#define ARGS_MAX (STACK / 4)	/* strings, the file's name among them, and pointers to them */
#define PATH_LEN 4095
#define LINE_LEN 256		/* what is read of a script */

static char *const environment[] = { "EXECUTED=1", NULL };

static void executed(int argc, char **argv)
{
	char comm[32] = "";
	size_t sum = 0;
	int fd = open("/proc/self/comm", O_RDONLY);

	MUST(read(fd, comm, sizeof(comm) - 1) > 0);
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		sum += len;
		if (i < 5)
			printf(" [%zu %.10s %.4s]", len, argv[i], argv[i] + (len < 4 ? 0 : len - 4));
	}
	printf(" %d arguments, %zu characters, known by %zu, comm %s", argc, sum,
	       strlen((const char *)getauxval(AT_EXECFN)), comm);
}

/* @dir: AT_FDCWD is execve(2). */
static void try_at(const char *what, int dir, const char *path, char *const *argv,
		   char *const *envp)
{
	pid_t pid = fork_must();

	if (!pid) {
		if (dir == AT_FDCWD)
			syscall(SYS_execve, path, argv, envp);
		else
			syscall(SYS_execveat, dir, path, argv, envp, *path ? 0 : AT_EMPTY_PATH);
		printf(" %s\n", error_name(errno));
		_exit(3);
	}
	reap(pid, what);
}

static void try(const char *what, const char *path)
{
	char *const argv[] = { "name", "one", NULL };

	try_at(what, AT_FDCWD, path, argv, environment);
}

/* @len characters, and their NUL. */
static char *make_string(const char *begin, int fill, size_t len)
{
	char *s = malloc(len + 1);

	MUST(s != NULL && strlen(begin) <= len);
	memset(s, fill, len);
	memcpy(s, begin, strlen(begin));
	s[len] = '\0';
	return s;
}

static void write_file(const char *name, const void *text, size_t len, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	MUST(fd >= 0 && write(fd, text, len) == (ssize_t)len && !fchmod(fd, mode) && !close(fd));
}

static void write_script(const char *name, const char *text)
{
	write_file(name, text, strlen(text), 0700);
}

static void show_strings(void)
{
	char *fits = make_string("A=", 'x', STRING_MAX - 1);
	char *long_one = make_string("A=", 'x', STRING_MAX);

	try_at("longest argument", AT_FDCWD, "./self", (char *[]){ "name", fits, NULL },
	       environment);
	try_at("argument too long", AT_FDCWD, "./self", (char *[]){ "name", long_one, NULL },
	       environment);
	try_at("longest variable", AT_FDCWD, "./self", (char *[]){ "name", NULL },
	       (char *[]){ "EXECUTED=1", fits, NULL });
	try_at("variable too long", AT_FDCWD, "./self", (char *[]){ "name", NULL },
	       (char *[]){ "EXECUTED=1", long_one, NULL });
	free(fits);
	free(long_one);
}

/* Strings of @total with their NULs and pointers, and the name and one variable. */
static void try_total(const char *what, const char *path, size_t total)
{
	char *argv[5] = { "name" };
	size_t left = total - (strlen(path) + 1) - sizeof("EXECUTED=1") - sizeof("name") -
		      5 * sizeof(char *);

	argv[1] = make_string("", 'y', 100000 - 1);
	argv[2] = make_string("", 'y', 100000 - 1);
	argv[3] = make_string("", 'y', left - 200000 - 1);
	try_at(what, AT_FDCWD, path, argv, environment);
	for (int i = 1; i < 4; i++)
		free(argv[i]);
}

/* As many as fit without a character, and @more. */
static void try_count(const char *what, size_t more)
{
	const size_t each = 1 + sizeof(char *);
	size_t n = (ARGS_MAX - sizeof("./self") - sizeof("EXECUTED=1") - sizeof(char *)) / each;
	char **argv = calloc(n + more + 1, sizeof(*argv));

	MUST(argv != NULL);
	for (size_t i = 0; i < n + more; i++)
		argv[i] = "";
	try_at(what, AT_FDCWD, "./self", argv, environment);
	free(argv);
}

static void show_totals(void)
{
	struct rlimit limit;

	MUST(!getrlimit(RLIMIT_STACK, &limit));
	limit.rlim_cur = STACK;
	MUST(!setrlimit(RLIMIT_STACK, &limit));
	write_script("script", "#!./self\n");
	try_total("all that fits", "./self", ARGS_MAX);
	try_total("a byte more", "./self", ARGS_MAX + 1);
	try_total("of a script", "./script", ARGS_MAX - 100);
	try_total("of a script, too much", "./script", ARGS_MAX);
	try_count("as many as fit", 0);
	try_count("one more", 1);
}

static void show_none(void)
{
	char *none[] = { NULL };

	try_at("no arguments", AT_FDCWD, "./self", none, none);
	try_at("no array of arguments", AT_FDCWD, "./self", NULL, environment);
	try_at("no array at all", AT_FDCWD, "./self", NULL, NULL);
	try_at("no arguments of a script", AT_FDCWD, "./script", NULL, environment);
}

static void show_addresses(void)
{
	char *bad[] = { "name", (char *)8, NULL };
	char *good[] = { "name", NULL };
	char *bad_variables[] = { "EXECUTED=1", (char *)8, NULL };

	try_at("path", AT_FDCWD, (const char *)8, good, environment);
	try_at("arguments", AT_FDCWD, "./self", (char **)8, environment);
	try_at("an argument", AT_FDCWD, "./self", bad, environment);
	try_at("variables", AT_FDCWD, "./self", good, (char **)8);
	try_at("a variable", AT_FDCWD, "./self", good, bad_variables);
}

/* A path of @len characters to the program, or to @file. */
static char *make_path(const char *file, size_t len)
{
	char *path = make_string("./", '/', len);

	memcpy(path + len - strlen(file), file, strlen(file));
	return path;
}

static void show_paths(void)
{
	char *longest = make_path("self", PATH_LEN), *longer = make_path("self", PATH_LEN + 1);
	char *script = make_path("script", PATH_LEN);
	char name[300];
	int dir = open(".", O_RDONLY | O_DIRECTORY);

	try("longest path", longest);
	try("path too long", longer);
	try("longest path of a script", script);
	try_at("longest path in a directory", dir, longest, NULL, environment);
	try_at("path too long in a directory", dir, longer, NULL, environment);
	try_at("longest path of a script in a directory", dir, script, NULL, environment);
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	MUST(!symlink("self", name));
	try("longest name", name);
	MUST(!unlink(name));
	name[255] = 'n';
	name[256] = '\0';
	try("name too long", name);
	try("no path", "");
	close(dir);
	free(longest);
	free(longer);
	free(script);
}

/* The first line, without its end, of @len characters: the path is long, or its argument. */
static void try_line(const char *what, size_t len, int long_path, const char *end)
{
	char *line = make_string("#!./self ", 'a', len);
	char *text = malloc(len + 16);
	char said[64];

	MUST(text != NULL);
	if (long_path) {
		memset(line + 4, '/', len - 8);
		memcpy(line + len - 4, "self", 4);
	}
	sprintf(text, "%s%s", line, end);
	write_script("line", text);
	snprintf(said, sizeof(said), "%s, %zu", what, len);
	try(said, "./line");
	free(line);
	free(text);
}

static void show_lines(void)
{
	char blanks[400];

	for (size_t len = LINE_LEN - 1; len <= LINE_LEN; len++) {
		try_line("path", len, 1, "\n");
		try_line("path, no end", len, 1, "");
		try_line("path and a blank", len - 1, 1, " \n");
		try_line("argument", len, 0, "\nmore\n");
		try_line("argument, no end", len, 0, "");
	}
	try_line("argument", 1000, 0, "\n");
	memset(blanks, ' ', sizeof(blanks));
	memcpy(blanks, "#!", 2);
	write_file("line", blanks, sizeof(blanks), 0700);
	try("blanks", "./line");
	memcpy(blanks + 2, "./self", 6);
	write_file("line", blanks, sizeof(blanks), 0700);
	try("path and blanks", "./line");
	write_script("line", "#! \t ./self  one two \t \n");
	try("blanks around", "./line");
	write_script("line", "#!\n./self\n");
	try("no interpreter", "./line");
	write_file("line", "#!./self\0x\ny\n", 13, 0700);
	try("NUL after the path", "./line");
	write_file("line", "#!./self a\0x\ny\n", 15, 0700);
	try("NUL in the argument", "./line");
	write_script("line", "#");
	try("half a mark", "./line");
	write_script("line", "#!");
	try("a mark", "./line");
	unlink("line");
}

static void show_depth(void)
{
	char name[] = "s0", text[] = "#!./s0\n";

	write_script("s1", "#!./self\n");
	for (char i = '2'; i <= '7'; i++) {
		name[1] = i;
		text[5] = (char)(i - 1);
		write_script(name, text);
	}
	try("five interpreters", "./s5");
	try("six interpreters", "./s6");
	try("seven interpreters", "./s7");
	for (char i = '1'; i <= '7'; i++) {
		name[1] = i;
		unlink(name);
	}
	write_script("s1", "#!./s1\n");
	try("its own interpreter", "./s1");
	unlink("s1");
}

/* As a program, and as what a script asks for. */
static void try_both(const char *what, const char *path)
{
	char text[64];

	try(what, path);
	snprintf(text, sizeof(text), "#!%s\n", path);
	write_script("by", text);
	try(" as an interpreter", "./by");
	unlink("by");
}

static void show_files(void)
{
	MUST(!mkdir("dir", 0755) && !mkfifo("fifo", 0755) && !symlink("loop", "loop"));
	MUST(!symlink("absent", "dangling"));
	write_file("plain", "#!./self\n", 9, 0644);
	write_file("text", "text\n", 5, 0755);
	write_file("empty", "", 0, 0755);
	write_file("m/script", "#!./self\n", 9, 0755);
	try_both("directory", "./dir");
	try_both("FIFO", "./fifo");
	try_both("device", "/dev/null");
	try_both("no x", "./plain");
	try_both("text", "./text");
	try_both("empty", "./empty");
	try_both("absent", "./absent");
	try_both("in a file", "./text/file");
	try_both("loop", "./loop");
	try_both("dangling", "./dangling");
	try_both("noexec", "m/script");
	try_both("with a slash", "./self/");
	MUST(!rmdir("dir") && !unlink("fifo") && !unlink("loop") && !unlink("dangling"));
	MUST(!unlink("plain") && !unlink("text") && !unlink("empty") && !unlink("m/script"));
}

static char *read_self(size_t *len)
{
	static char buf[1 << 20];
	int fd = open("/proc/self/exe", O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf));

	MUST(n > 0 && n < (ssize_t)sizeof(buf) && !close(fd));
	*len = (size_t)n;
	return buf;
}

/* The program's file with @len bytes, of which the two at @at are others. */
static void try_damaged(const char *what, size_t len, size_t at, unsigned short value)
{
	size_t whole;
	char *buf = read_self(&whole);

	MUST(len < whole);
	memcpy(buf + at, &value, sizeof(value));
	write_file("damaged", buf, len, 0700);
	try(what, "./damaged");
	unlink("damaged");
}

static void show_damaged(void)
{
	try_damaged("part of a header", 60, 16, 3);
	try_damaged("a header alone", 64, 16, 3);
	try_damaged("another machine", 4096, 18, 183);
	try_damaged("an object", 4096, 16, 1);
	try_damaged("a core file", 4096, 16, 4);
	try_damaged("another magic", 4096, 0, 0);
}

static void show_descriptors(void)
{
	char *const argv[] = { "name", "one", NULL };
	char path[32];
	int fd;

	write_script("gone", "#!./self\n");
	fd = open("gone", O_RDONLY);
	MUST(fd >= 0 && !unlink("gone"));
	try("deleted", "gone");
	try_at("deleted script by descriptor", fd, "", argv, environment);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	try("deleted script by /proc", path);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	try("deleted script by /dev", path);
	close(fd);
	try("closed", path);
}

/* Files that the new program does not find by the path that it is executed by. */
static void show_vanishing(void)
{
	char *const again[] = { "again", "again", NULL };
	char *const drop[] = { "drop", "drop", NULL };
	char *const none[] = { NULL };
	size_t len;
	char *buf = read_self(&len);
	char path[32];
	int fd;

	fd = open("self", O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	try("close-on-exec by /dev", path);
	close(fd);
	fd = memfd_create("memory", MFD_CLOEXEC);
	MUST(fd >= 0 && write(fd, buf, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	try("close-on-exec memory by /proc", path);
	close(fd);
	write_file("copy", buf, len, 0700);
	try_at("/proc/self/exe of a deleted file", AT_FDCWD, "./copy", again, none);
	write_file("copy", buf, len, 0711);
	try_at("/proc/self/exe that cannot be read", AT_FDCWD, "./copy", drop, none);
	MUST(!unlink("copy"));
}

/* Without a file of its own by then. */
static void execute_again(void)
{
	char *const argv[] = { "name", "one", NULL };

	MUST(!unlink("copy"));
	execve("/proc/self/exe", argv, environment);
	printf(" %s\n", error_name(errno));
	exit(3);
}

/* By one who may execute the program's file, but not read it. */
static void execute_unreadable(void)
{
	char *const argv[] = { "name", "dropped", NULL };
	char *const none[] = { NULL };

	MUST(!setuid(65534));
	execve("/proc/self/exe", argv, none);
	printf(" %s\n", error_name(errno));
	exit(3);
}

int main(int argc, char **argv)
{
	char self[4096] = "";

	if (argc < 1 || !*argv[0] || getenv("EXECUTED")) {
		executed(argc, argv);
		return 7;
	}
	if (argc == 2 && !strcmp(argv[1], "again"))
		execute_again();
	if (argc == 2 && !strcmp(argv[1], "drop"))
		execute_unreadable();
	/* On Linux, where its name is another. */
	if (argc == 2 && !strcmp(argv[1], "dropped"))
		return 9;
	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 && !symlink(self, "self"));
	show_strings();
	show_totals();
	show_none();
	show_addresses();
	show_paths();
	show_lines();
	show_depth();
	show_files();
	show_damaged();
	show_descriptors();
	show_vanishing();
	MUST(!unlink("self") && !unlink("script"));
	return 0;
}

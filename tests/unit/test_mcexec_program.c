// SPDX-License-Identifier: GPL-2.0-only
/*
 * How mcexec finds a program, follows scripts and understands its command line.
 */
#include "user/libihk/error.c"
#include "user/libihk/parse.c"
#include "user/mcexec/elf_read.c"
#include "user/mcexec/executable.c"
#include "user/mcexec/kept.c"
#include "user/mcexec/layout.c"
#include "user/mcexec/mempolicy.c"
#include "user/mcexec/options.c"
#include "user/mcexec/program.c"
#include "user/mcexec/scratch.c"
#include "user/mcexec/script.c"

#include <ftw.h>
#include <stdarg.h>

#include "tests/unit/unit.h"

/* There are enough. */
int fds_make(int (*make)(void *arg), void *arg)
{
	return make(arg);
}

/* The tools' way to tell errors: here the last one is kept. */
static char said[8192];

int cli_fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	return CLI_FAILED;
}

int cli_bad_option(void)
{
	return CLI_USAGE;
}

void cli_print_version(const char *name)
{
	snprintf(said, sizeof(said), "%s version", name);
}

static char folder[] = "/tmp/mcexec-test-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void leave_folder(void)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void enter_folder(void)
{
	CHECK(mkdtemp(folder));
	atexit(leave_folder);
	CHECK(!chdir(folder));
}

static void make_file(const char *path, int mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(!fchmod(fd, mode));
	close(fd);
}

static void found(const char *name, const char *want)
{
	char path[PATH_MAX];
	int fd = executable_find(name, path);

	CHECK(fd >= 0);
	close(fd);
	if (strcmp(path, want))
		printf("# %s, not %s\n", path, want);
	CHECK(!strcmp(path, want));
}

static void not_found(const char *name, int err)
{
	char path[PATH_MAX];

	CHECK_EQ(executable_find(name, path), err);
}

static void path_search(void)
{
	char path[PATH_MAX];

	enter_folder();
	CHECK(!mkdir("a", 0755) && !mkdir("b", 0755) && !mkdir("a/dir", 0755));
	make_file("a/plain", 0644, "");
	make_file("b/plain", 0755, "");
	make_file("a/only", 0644, "");
	make_file("b/dir", 0755, "");
	make_file("here", 0755, "");
	snprintf(path, sizeof(path), "%s/missing:%s/here:a:b", folder, folder);
	setenv("PATH", path, 1);
	found("plain", "b/plain");
	found("dir", "b/dir");
	not_found("only", -EACCES);
	not_found("none", -ENOENT);
	not_found("here", -ENOENT);
	not_found("", -ENOENT);
	found("./here", "./here");
	found("a/../here", "a/../here");
	not_found("./none", -ENOENT);
	not_found("a", -ENOENT);
	not_found("./a", -EACCES);
	not_found("here/x", -ENOTDIR);
	setenv("PATH", "a::b", 1);
	found("here", "here");
	setenv("PATH", "", 1);
	found("here", "here");
	setenv("PATH", "a:", 1);
	found("here", "here");
	unsetenv("PATH");
	found("sh", "/bin/sh");
}

static void long_names(void)
{
	static char text[2 * PATH_MAX];

	memset(text, 'x', PATH_MAX);
	not_found(text, -ENAMETOOLONG);
	text[PATH_MAX - 1] = '\0';
	setenv("PATH", "/tmp", 1);
	not_found(text, -ENOENT);
	memset(text, '/', PATH_MAX - 1);
	setenv("PATH", text, 1);
	not_found("sh", -ENOENT);
}

static void odd_files(void)
{
	enter_folder();
	CHECK(!mkfifo("fifo", 0755));
	not_found("./fifo", -EACCES);
	CHECK(!symlink("loop", "loop"));
	not_found("./loop", -ELOOP);
	CHECK(!symlink("gone", "dangling"));
	not_found("./dangling", -ENOENT);
	not_found("/dev/null", -EACCES);
}

static void script_is(const char *line, const char *interp, const char *arg)
{
	char *head = strdup(line);
	struct script script;

	CHECK(head);
	CHECK_EQ(script_parse(head, strlen(line), &script), 0);
	CHECK(!strcmp(script.interp, interp));
	CHECK(!script.arg == !arg);
	CHECK(!arg || !strcmp(script.arg, arg));
	free(head);
}

static void no_script(const char *line)
{
	char *head = strdup(line);
	struct script script;

	CHECK(head);
	CHECK_EQ(script_parse(head, strlen(line), &script), -ENOEXEC);
	free(head);
}

static void script_lines(void)
{
	script_is("#!/bin/sh\n", "/bin/sh", NULL);
	script_is("#!/bin/sh", "/bin/sh", NULL);
	script_is("#! \t/bin/sh \t\nx y\n", "/bin/sh", NULL);
	script_is("#!/bin/sh -e\n", "/bin/sh", "-e");
	script_is("#!/bin/sh  -e\t-u x \n", "/bin/sh", "-e\t-u x");
	script_is("#!x", "x", NULL);
	no_script("");
	no_script("#");
	no_script("#!");
	no_script("#!\n/bin/sh");
	no_script("#! \t \n");
	no_script("x#!/bin/sh\n");
	no_script("# !/bin/sh\n");
}

/* What does not end within SCRIPT_HEAD_LEN: a path is refused, an argument is cut. */
static void script_cut(void)
{
	char head[SCRIPT_HEAD_LEN + 1];
	struct script script;

	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/", 3);
	CHECK_EQ(script_parse(head, SCRIPT_HEAD_LEN, &script), -ENOEXEC);
	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/", 3);
	head[SCRIPT_HEAD_LEN - 1] = '\n';
	CHECK_EQ(script_parse(head, SCRIPT_HEAD_LEN, &script), 0);
	CHECK_EQ(strlen(script.interp), SCRIPT_HEAD_LEN - 3);
	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/a b", 6);
	CHECK_EQ(script_parse(head, SCRIPT_HEAD_LEN, &script), 0);
	CHECK_EQ(strlen(script.arg), SCRIPT_HEAD_LEN - 6);
	memset(head, 'x', sizeof(head));
	memcpy(head, "#!/", 3);
	head[SCRIPT_HEAD_LEN - 1] = ' ';
	CHECK_EQ(script_parse(head, SCRIPT_HEAD_LEN, &script), 0);
	CHECK_EQ(strlen(script.interp), SCRIPT_HEAD_LEN - 3);
	head[SCRIPT_HEAD_LEN - 1] = '\0';
	CHECK_EQ(script_parse(head, SCRIPT_HEAD_LEN, &script), 0);
}

static struct program program;

static int open_argv(char *name)
{
	static char *argv[3];

	argv[0] = name;
	argv[1] = "arg";
	return program_open(&program, name, argv);
}

/* An outcome without a program. */
static void open_fails(char *name, int err, const char *words)
{
	CHECK_EQ(open_argv(name), err);
	CHECK(strstr(program.failed, words) || strstr(program.why, words));
	program_close(&program);
}

static void open_gives(char *name, const char *const *want)
{
	int i;

	CHECK_EQ(open_argv(name), 0);

	for (i = 0; want[i]; i++)
		CHECK(program.argv[i] && !strcmp(program.argv[i], want[i]));
	CHECK_EQ(program.argc, i);
	CHECK(!program.argv[i]);
	program_close(&program);
}

static void scripts(void)
{
	enter_folder();
	make_file("one", 0755, "#!/bin/sh -x\n");
	open_gives("./one", (const char *[]){ "/bin/sh", "-x", "./one", "arg", NULL });
	CHECK(!strcmp(program.execfn, "./one") && !strcmp(program_name(&program), "one"));
	CHECK(!strcmp(program.exe.path, "/bin/sh") && program.interp.fd >= 0);

	make_file("two", 0755, "#!./one -y z");
	open_gives("./two", (const char *[]){ "/bin/sh", "-x", "./one", "-y z", "./two", "arg",
					       NULL });

	make_file("text", 0755, "exit 5\n");
	open_gives("./text", (const char *[]){ "/bin/sh", "./text", "arg", NULL });
	make_file("empty", 0755, "");
	open_gives("./empty", (const char *[]){ "/bin/sh", "./empty", "arg", NULL });
}

static void bad_scripts(void)
{
	enter_folder();
	make_file("lost", 0755, "#!./nowhere\n");
	open_fails("./lost", -ENOENT, "./nowhere");
	make_file("text", 0755, "exit 5\n");
	make_file("strange", 0755, "#!./text\n");
	open_fails("./strange", -ENOEXEC, "not a program");
	make_file("self", 0755, "#!./self\n");
	open_fails("./self", -ELOOP, strerror(ELOOP));
}

/* Linux follows five interpreters that are scripts, not six. */
static void script_depth(void)
{
	char path[16], text[32];

	enter_folder();
	make_file("s0", 0755, "#!/bin/sh\n");
	for (int i = 1; i < 6; i++) {
		snprintf(path, sizeof(path), "s%d", i);
		snprintf(text, sizeof(text), "#!./s%d\n", i - 1);
		make_file(path, 0755, text);
	}
	open_gives("./s4", (const char *[]){ "/bin/sh", "./s0", "./s1", "./s2", "./s3", "./s4",
					     "arg", NULL });
	open_fails("./s5", -ELOOP, "");
}

static void bad_programs(void)
{
	enter_folder();
	make_file("cut", 0755, "\177ELF");
	open_fails("./cut", -ENOEXEC, "processor");
	make_file("locked", 0644, "\177ELF");
	open_fails("./locked", -EACCES, "denied");
	open_fails("no-such-program", -ENOENT, "No such file");
}

/* Run options_parse() on words. */
static int parse(struct options *options, int argc, char **argv)
{
	char *copy[12] = { 0 };

	CHECK(argc < (int)ARRAY_SIZE(copy));
	memcpy(copy, argv, argc * sizeof(*argv));
	said[0] = '\0';
	opterr = 0;
	return options_parse(argc, copy, options);
}

#define PARSE(...)                                                                     \
	parse(&options, ARRAY_SIZE(((char *[]){ "x", ##__VA_ARGS__ })),                \
	      (char *[]){ "x", ##__VA_ARGS__ })

static void good_options(void)
{
	struct options options;

	CHECK_EQ(PARSE("a.out"), -1);
	CHECK(options.os == 0 && options.cpu == -1 && !options.stack_premap);
	CHECK_EQ(PARSE("-c", "3", "-s", "2M", "-e", "X=y=z", "1", "ls"), -1);
	CHECK(options.os == 1 && options.cpu == 3 && options.stack_premap == 2 << 20);
	CHECK(!strcmp(getenv("X"), "y=z"));
	CHECK_EQ(PARSE("--stack-premap=16g", "ls", "-v"), -1);
	CHECK(options.stack_premap == 16ULL << 30 && !options.verbose);
	CHECK_EQ(PARSE("7z", "x"), -1);
	CHECK(options.os == 0);
	CHECK_EQ(PARSE("-vR", "12", "34"), -1);
	CHECK(options.os == 12 && options.verbose && options.no_randomize);
	CHECK_EQ(PARSE("-n", "4", "2", "ls"), -1);
	CHECK(options.nshares == 4 && options.os == 2 && options.share == -1);
	CHECK_EQ(PARSE("-m", "1,3-4,64", "ls"), -1);
	CHECK(kept_mode == MPOL_BIND && kept_nodes[0] == 0x1a && kept_nodes[1] == 1);
	kept_mode = 0;
	CHECK_EQ(PARSE("-T", "4", "ls"), -1);
	CHECK(options.twins == 4);
	CHECK_EQ(PARSE("--twins=0", "ls"), -1);
	CHECK(!options.twins);
	CHECK_EQ(PARSE("--", "-x"), -1);
	CHECK_EQ(PARSE("--version"), 0);
}

static void bad_options(void)
{
	struct options options;

	CHECK_EQ(PARSE(), MCEXEC_FAILED);
	CHECK_EQ(PARSE("0"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-x", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-c", "-1", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-c", "1x", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-c", "99999", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-n", "0", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-n", "two", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-T", "-1", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-T", "few", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-c", "1", "-n", "2", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-s", "", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-s", "-1", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-s", "1MB", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-s", "99999999999T", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-s", "999999999999999999999", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-m", "", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-m", "1,", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-m", "2-1", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-m", "1024", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-m", "99999999999999999999", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-e", "X", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-e", "=X", "ls"), MCEXEC_FAILED);
	CHECK_EQ(PARSE("-c"), MCEXEC_FAILED);
}

static const struct unit_test tests[] = {
	UNIT_TEST(path_search),
	UNIT_TEST(long_names),
	UNIT_TEST(odd_files),
	UNIT_TEST(script_lines),
	UNIT_TEST(script_cut),
	UNIT_TEST(scripts),
	UNIT_TEST(bad_scripts),
	UNIT_TEST(script_depth),
	UNIT_TEST(bad_programs),
	UNIT_TEST(good_options),
	UNIT_TEST(bad_options),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of mcexec --trace from several processes, which may end in the middle of one.
 */
#include "user/mcexec/trace_lines.c"

#include <sys/wait.h>

#include "tests/unit/unit.h"

int fds_hide(int fd)
{
	return fd;
}

static int out = -1;

static void start(void)
{
	int file = trace_lines_create();

	out = memfd_create("out", MFD_CLOEXEC);
	CHECK(file >= 0 && out >= 0);
	CHECK_EQ(trace_lines_use(file, out), 0);
	close(file);
}

/* All that was written is this. */
static void finish(const char *want)
{
	char got[256] = "";

	CHECK(pread(out, got, sizeof(got) - 1, 0) >= 0);
	if (strcmp(got, want))
		printf("# got:\n%s# want:\n%s", got, want);
	CHECK(!strcmp(got, want));
	CHECK_EQ(lines->writer, 0);
	munmap(lines, sizeof(*lines));
	close(out);
}

static void begin(const char *text)
{
	trace_lines_begin(text, strlen(text));
}

static void end(const char *head, const char *text)
{
	trace_lines_end(head, strlen(head), text, strlen(text));
}

static void put_line(const char *text)
{
	trace_lines_put(text, strlen(text));
}

/* What @body does in a process of its own, which ends then, however it does. */
static void in_child(void (*body)(void))
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		body();
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void whole(void)
{
	start();
	begin("a(");
	end("<a>", ") = 1\n");
	put_line("b() = 2\n");
	begin("c(");
	end("<c>", ") = 3\n");
	finish("a() = 1\nb() = 2\nc() = 3\n");
}

static void put_other(void)
{
	put_line("other() = 0\n");
}

static void begin_other(void)
{
	begin("other(");
}

/* Cut where another one comes between, and taken up again; of its own it cuts none. */
static void cut_off(void)
{
	start();
	begin("a(");
	in_child(put_other);
	end("<a>", ") = 1\n");
	in_child(begin_other);
	begin("b(");
	end("<b>", ") = 2\n");
	finish("a( <unfinished ...>\nother() = 0\n<a>) = 1\n"
	       "other( <unfinished ...>\nb() = 2\n");
}

static void die_writing(void)
{
	lock();
}

/* Killed with the lock, it is seen to be gone. */
static void dead_writer(void)
{
	start();
	in_child(die_writing);
	CHECK(lines->writer);
	CHECK(stands_still(lines->writer));
	CHECK(!stands_still((u32)getpid()));
	put_line("a() = 1\n");
	finish("a() = 1\n");
}

/* As if it were in another PID namespace: there is somebody of that number, but not it. */
static void unseen_writer(void)
{
	start();
	lines->writer = (u32)getppid();
	put_line("a() = 1\n");
	finish("a() = 1\n");
}

static const struct unit_test tests[] = {
	UNIT_TEST(whole),
	UNIT_TEST(cut_off),
	UNIT_TEST(dead_writer),
	UNIT_TEST(unseen_writer),
};

UNIT_MAIN(tests)

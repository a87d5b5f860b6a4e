// SPDX-License-Identifier: GPL-2.0-only
/*
 * The real mcexec against an LWK that the tests play: what it loads, and which calls it makes.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/layout.h"
#include "tests/unit/mcexec_run.h"
#include "tests/unit/unit.h"

/* The loaded sections are the file's. */
static void check_contents(struct fake_lwk *lwk, const char *path, u32 image, u64 bias)
{
	int fd = open(path, O_RDONLY);
	u32 found = 0;

	CHECK(fd >= 0);
	for (u32 i = 0; i < lwk->desc.nsections; i++) {
		const struct program_section *s = &lwk->desc.sections[i];
		char *want = malloc(s->filesz + 1), *got = malloc(s->filesz + 1);

		if (s->image == image) {
			CHECK(pread(fd, want, s->filesz, (off_t)s->offset) == (ssize_t)s->filesz);
			if (s->mapped)
				fake_peek(lwk, s->vaddr + bias, got, s->filesz);
			else
				fake_read(lwk, s->vaddr + bias, got, s->filesz);
			CHECK(!memcmp(want, got, s->filesz));
			found++;
		}
		free(want);
		free(got);
	}
	CHECK(found > 0);
	close(fd);
}

/* The lowest page of Linux's vDSO and time pages. */
static u64 lowest_of_vdso(pid_t pid)
{
	char path[64], line[512];
	u64 lowest = ~0ULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "r");
	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		u64 start = strtoull(line, NULL, 16);

		if ((strstr(line, "[vdso]") || strstr(line, "[vvar")) && start < lowest)
			lowest = start;
	}
	fclose(file);
	CHECK(lowest != ~0ULL);
	return lowest;
}

/* What Linux is to say of it. */
static void check_shown(const struct fake_lwk *lwk)
{
	const struct mcctrl_show *show = &lwk->show;
	char got[32];

	CHECK(show->code.start > lwk->layout.bias && show->code.end > show->code.start);
	CHECK(show->data.start > show->code.end && show->data.end > show->data.start);
	CHECK_EQ(show->args.end, show->env.start);
	CHECK(show->args.end - show->args.start == 13);
	fake_peek(lwk, show->args.start, got, 13);
	CHECK(!memcmp(got, "/bin/true\0x\0", 13));
	CHECK_EQ(show->env.end - show->env.start, 31);
	fake_peek(lwk, show->env.start, got, 31);
	CHECK(!memcmp(got, "A=1\0LONG=value with blanks\0B=2", 31));
}

static void only_two_variables(void)
{
	clearenv();
	setenv("A", "1", 1);
	setenv("LONG", "value with blanks", 1);
}

static void loads_dynamic_program(void)
{
	static const char strings[] = "/bin/true\0x\0\0A=1\0LONG=value with blanks\0B=2\0/bin/true";
	char got[sizeof(strings)];
	struct fake_lwk lwk;

	start(&lwk, (char *[]){ MCEXEC_PATH, "-e", "B=2", "-c", "3", "/bin/true", "x", "", NULL },
	      only_two_variables);
	CHECK_EQ(lwk.desc.magic, PROGRAM_MAGIC);
	CHECK_EQ(lwk.desc.len, sizeof(lwk.desc));
	CHECK_EQ(lwk.desc.flags, PROGRAM_PIE | PROGRAM_INTERP);
	CHECK_EQ(lwk.desc.argc, 3);
	CHECK_EQ(lwk.desc.envc, 3);
	CHECK(lwk.desc.cpu == 3 && lwk.desc.cpus[0] == 8);
	CHECK_EQ(lwk.desc.args_len, sizeof(strings));
	CHECK_EQ(lwk.desc.clktck, sysconf(_SC_CLK_TCK));
	CHECK(!strcmp(lwk.desc.platform, "x86_64"));
	CHECK(!strcmp(lwk.desc.comm, "true"));
	check_shown(&lwk);
	fake_read(&lwk, lwk.layout.args_start, got, sizeof(got));
	CHECK(!memcmp(got, strings, sizeof(strings)));
	check_contents(&lwk, "/bin/true", PROGRAM_IMAGE_EXE, lwk.layout.bias);
	check_contents(&lwk, "/lib64/ld-linux-x86-64.so.2", PROGRAM_IMAGE_INTERP,
		       lwk.layout.interp_bias);
	check_exit(&lwk, 0);
}

static void read_proc(const struct fake_lwk *lwk, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", lwk->pid, file);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	memset(text, 0, size);
	n = read(fd, text, size - 1);
	CHECK(n >= 0);
	close(fd);
}

/* Others see the program. */
static void looks_like_program(void)
{
	struct fake_lwk lwk;
	char text[256];

	start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", "one", "two", NULL },
	      only_two_variables);
	read_proc(&lwk, "comm", text, sizeof(text));
	CHECK(!strcmp(text, "true\n"));
	check_exit(&lwk, 0);
}

static void loads_script(void)
{
	static const char strings[] = "/bin/sh\0-e -u\0/tmp/mcexec-script\0one";
	char got[sizeof(strings)];
	struct fake_lwk lwk;
	int fd = open("/tmp/mcexec-script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	CHECK(fd >= 0 && write(fd, "#! /bin/sh -e -u \nexit 3\n", 25) == 25);
	close(fd);
	start(&lwk, (char *[]){ MCEXEC_PATH, "/tmp/mcexec-script", "one", NULL }, NULL);
	CHECK_EQ(lwk.desc.argc, 4);
	CHECK(!strcmp(lwk.desc.comm, "mcexec-script"));
	fake_read(&lwk, lwk.layout.args_start, got, sizeof(got));
	CHECK(!memcmp(got, strings, sizeof(strings)));
	unlink("/tmp/mcexec-script");
	check_exit(&lwk, 3);
}

static void fails_as_a_shell(void)
{
	static const struct {
		char *program;
		int status;
	} cases[] = {
		{ "/nonexistent", 127 }, { "no-such-program", 127 }, { "/etc/passwd", 126 },
		{ "/tmp", 126 }, { "/dev/null", 126 }, { "/etc/passwd/x", 126 },
	};
	struct fake_lwk lwk;

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		lwk = (struct fake_lwk){ 0 };
		CHECK_EQ(fake_start(&lwk, (char *[]){ MCEXEC_PATH, cases[i].program, NULL }, NULL),
			 -EPIPE);
		CHECK_EQ(fake_end(&lwk), cases[i].status << 8);
	}
	lwk = (struct fake_lwk){ .prepare_error = -ENOMEM };
	CHECK_EQ(fake_start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, NULL), -EPIPE);
	CHECK_EQ(fake_end(&lwk), 125 << 8);
}

/* Strings and arrays for execve() in the program's memory. */
struct exec_args {
	u64 argv[4];
	u64 envp[2];
	char path[64];
	char strings[3][32];
};

static u64 exec_addr(size_t offset)
{
	return SCRATCH + offset;
}

static s64 call_execve(struct fake_lwk *lwk, const char *path, const char *arg0)
{
	struct exec_args args = {
		.argv = { exec_addr(offsetof(struct exec_args, strings[0])),
			  exec_addr(offsetof(struct exec_args, strings[1])) },
		.envp = { exec_addr(offsetof(struct exec_args, strings[2])) },
		.strings = { "", "second argument", "NEW=1" },
	};

	snprintf(args.path, sizeof(args.path), "%s", path);
	snprintf(args.strings[0], sizeof(args.strings[0]), "%s", arg0);
	fake_write(lwk, SCRATCH, &args, sizeof(args));
	return fake_call(lwk, SYS_execve, exec_addr(offsetof(struct exec_args, path)),
			 exec_addr(offsetof(struct exec_args, argv)),
			 exec_addr(offsetof(struct exec_args, envp)));
}

/* Serves until the mcexec that was executed waits for its first request: no answer comes. */
static void check_executed(struct fake_lwk *lwk, const char *strings, size_t len)
{
	char got[128];

	CHECK(lwk->started && lwk->waiting && len <= sizeof(got));
	CHECK_EQ(lwk->desc.args_len, len);
	fake_read(lwk, lwk->layout.args_start, got, len);
	CHECK(!memcmp(got, strings, len));
}

/* The program executes another: the same process, the descriptors that are to stay. */
static void executes(void)
{
	static const char strings[] = "-name-\0second argument\0NEW=1\0/bin/true";
	struct fake_lwk lwk;

	start(&lwk, (char *[]){ MCEXEC_PATH, "-c", "2", "/bin/false", NULL }, close_all);
	fake_write(&lwk, SCRATCH, "/dev/null", 10);
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR | O_CLOEXEC), 3);
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR), 4);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, SIGUSR1, OFFLOAD_SIG_RELAY, 0), 0);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SIGACTION, SIGUSR2, OFFLOAD_SIG_IGNORE, 0), 0);
	CHECK_EQ(call_execve(&lwk, "/nonexistent", "x"), -ENOENT);
	CHECK_EQ(call_execve(&lwk, "/etc/passwd", "x"), -EACCES);
	CHECK_EQ(fake_call(&lwk, SYS_execve, 8, 0, 0), -EFAULT);
	CHECK_EQ(call_execve(&lwk, "/bin/true", "-name-"), FAKE_EXECUTED);
	check_executed(&lwk, strings, sizeof(strings));
	CHECK_EQ(lwk.desc.cpu, 2);
	CHECK_EQ(fake_signals(&lwk, "SigIgn"), 1ULL << (SIGUSR2 - 1));
	CHECK_EQ(fake_call(&lwk, SYS_getpid), lwk.pid);
	CHECK_EQ(fake_call(&lwk, SYS_close, 3), -EBADF);
	CHECK_EQ(fake_call(&lwk, SYS_close, 4), 0);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_LIMIT, RLIMIT_AS, 1ULL << 32, RLIM_INFINITY), 0);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_LIMIT, 99, 0, 0), -EINVAL);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_CPUS, 0, 0x2d, 0), 0);
	/* And once more, by one that was executed itself. */
	CHECK_EQ(call_execve(&lwk, "/bin/true", "-name-"), FAKE_EXECUTED);
	check_executed(&lwk, strings, sizeof(strings));
	CHECK(lwk.limit.rlim_cur == 1ULL << 32 && lwk.limit.rlim_max == RLIM_INFINITY);
	CHECK(lwk.desc.cpus[0] == 0x2d && lwk.desc.cpu == -1);
	check_exit(&lwk, 5);
}

/* Take out how long calls took: " <0.000123>" */
static void drop_times(char *text)
{
	char *at, *end;

	while ((at = strstr(text, " <0.")) && (end = strchr(at, '>')))
		memmove(at, end + 1, strlen(end));
}

/* --trace: a line for each call, of this program and of the one that it executes. */
static void traces(void)
{
	char name[] = "/tmp/mcexec-trace-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	char option[64], text[4096] = "";
	struct fake_lwk lwk;

	CHECK(fd >= 0);
	snprintf(option, sizeof(option), "--trace=%s", name);
	start(&lwk, (char *[]){ MCEXEC_PATH, option, "/bin/true", NULL }, close_all);
	fake_write(&lwk, SCRATCH, "/dev/null", 10);
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR), 3);
	fake_write(&lwk, SCRATCH, "a\n\"\0\377", 5);
	CHECK_EQ(fake_call(&lwk, SYS_write, 3, SCRATCH, 5), 5);
	CHECK_EQ(fake_call(&lwk, SYS_read, 99, 8, 5), -EBADF);
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, 8, 0), -EFAULT);
	CHECK_EQ(fake_call(&lwk, 4000, 1, 2), -ENOSYS);
	CHECK_EQ(call_execve(&lwk, "/bin/true", "x"), FAKE_EXECUTED);
	CHECK_EQ(fake_call(&lwk, SYS_close, 4), -EBADF);
	check_exit(&lwk, 3);
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	unlink(name);
	drop_times(text);
	CHECK(strstr(text, "openat(AT_FDCWD, \"/dev/null\", 0x2, 0) = 3\n"));
	CHECK(strstr(text, "write(3, \"a\\n\\\"\\0\\377\", 5) = 5\n"));
	CHECK(strstr(text, "read(99, 0x8, 5) = -1 EBADF (Bad file descriptor)\n"));
	CHECK(strstr(text, "openat(AT_FDCWD, 0x8, 0, 0) = -1 EFAULT (Bad address)\n"));
	CHECK(strstr(text, "0xfa0(0x1, 0x2, 0, 0, 0, 0) = -1 ENOSYS"));
	CHECK(strstr(text, "execve(\"/bin/true\", "));
	CHECK(strstr(text, "close(4) = -1 EBADF"));
	CHECK(strstr(text, ") = 0\n"));
	CHECK(strstr(text, "exit_group(3) = ?\n"));
}

static s64 call_readlink(struct fake_lwk *lwk, const char *path, char *link, size_t size)
{
	s64 len;

	fake_write(lwk, SCRATCH, path, strlen(path) + 1);
	len = fake_call(lwk, SYS_readlinkat, (u64)AT_FDCWD, SCRATCH, SCRATCH + 4096, size - 1);
	memset(link, 0, size);
	if (len > 0)
		fake_read(lwk, SCRATCH + 4096, link, (size_t)len);
	return len;
}

/* /proc tells the program about itself, not about mcexec. */
static void shows_itself(void)
{
	struct fake_lwk lwk;
	char path[64], link[256];
	struct stat want, got;

	start(&lwk, (char *[]){ MCEXEC_PATH, "/usr/bin/env", NULL }, NULL);
	CHECK(call_readlink(&lwk, "/proc/self/exe", link, sizeof(link)) > 0);
	CHECK(!strcmp(link, "/usr/bin/env"));
	snprintf(path, sizeof(path), "/proc/%d/exe", lwk.pid);
	CHECK(call_readlink(&lwk, path, link, sizeof(link)) > 0);
	CHECK(!strcmp(link, "/usr/bin/env"));
	CHECK_EQ(call_readlink(&lwk, "/proc/1/nonsense", link, sizeof(link)), -ENOENT);
	CHECK_EQ(call_readlink(&lwk, "/proc/self/exec", link, sizeof(link)), -ENOENT);
	fake_write(&lwk, SCRATCH, "/proc/self/exe", 15);
	CHECK_EQ(fake_call(&lwk, SYS_stat, SCRATCH, SCRATCH + 4096), 0);
	fake_read(&lwk, SCRATCH + 4096, &got, sizeof(got));
	CHECK(!stat("/usr/bin/env", &want) && want.st_ino == got.st_ino);
	CHECK_EQ(fake_call(&lwk, SYS_stat, 8, SCRATCH + 4096), -EFAULT);
	/* By that name, as on Linux, but it is this file. */
	CHECK_EQ(call_execve(&lwk, "/proc/self/exe", "again"), FAKE_EXECUTED);
	CHECK(!strcmp(lwk.desc.comm, "exe"));
	CHECK(call_readlink(&lwk, "/proc/self/exe", link, sizeof(link)) > 0);
	CHECK(!strcmp(link, "/usr/bin/env"));
	check_exit(&lwk, 0);
}

/* What mcexec cannot run, Linux does. */
static void executes_on_linux(void)
{
	struct fake_lwk lwk;

	start_true(&lwk);
	CHECK_EQ(call_execve(&lwk, MCEXEC_PATH, "mcexec"), -EPIPE);
	CHECK_EQ(fake_end(&lwk), 127 << 8);
}

static void unlimited_stack(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	CHECK(!setrlimit(RLIMIT_STACK, &limit));
}

static void huge_stack(void)
{
	struct rlimit limit = { 100ULL << 40, RLIM_INFINITY };

	CHECK(!setrlimit(RLIMIT_STACK, &limit));
}

static void no_randomization(void)
{
	CHECK(personality(ADDR_NO_RANDOMIZE) >= 0);
}

static void legacy_layout(void)
{
	CHECK(personality(ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE) >= 0);
}

static void small_address_space(void)
{
	struct rlimit limit = { 1ULL << 30, RLIM_INFINITY };

	CHECK(!setrlimit(RLIMIT_AS, &limit));
}

/* What Linux maps for mcexec is above, though there is room in the program's memory. */
static void leaves_holes_alone(struct fake_lwk *lwk)
{
	s64 ret;

	CHECK_EQ(fake_call(lwk, SYS_munmap, SCRATCH, 1 << 20), 0);
	ret = fake_call(lwk, SYS_io_setup, 4, 0);
	CHECK(ret > 0 && ((u64)ret & OFFLOAD_AIO_PAGE_MASK) * 4096 > LWK_PROXY_VA);
	CHECK_EQ(fake_call(lwk, OFFLOAD_NR_RESTORE, SCRATCH, SCRATCH + (1 << 20)), 0);
}

/* Whatever the caller's limits, the vDSO is out of the way and the range is the program's. */
static void any_layout(void)
{
	static void (*const setups[])(void) = { unlimited_stack, huge_stack, no_randomization,
						legacy_layout, small_address_space };
	struct fake_lwk lwk;

	for (u32 i = 0; i < ARRAY_SIZE(setups); i++) {
		printf("# %u\n", i);
		start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, setups[i]);
		CHECK(lowest_of_vdso(lwk.pid) >= LWK_PROXY_VA);
		CHECK_EQ(!!(lwk.desc.flags & PROGRAM_NO_RANDOMIZE), i == 2 || i == 3);
		CHECK_EQ(fake_call(&lwk, SYS_getpid), lwk.pid);
		leaves_holes_alone(&lwk);
		check_exit(&lwk, 1);
	}
}

static void makes_calls(void)
{
	struct fake_lwk lwk;
	char buf[64] = "";
	int pipes[2];

	CHECK(!pipe(pipes));
	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, SYS_getpid), lwk.pid);
	fake_write(&lwk, SCRATCH, "hello", 5);
	CHECK_EQ(fake_call(&lwk, SYS_write, (u64)pipes[1], SCRATCH, 5), 5);
	CHECK_EQ(read(pipes[0], buf, sizeof(buf)), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(fake_call(&lwk, SYS_write, (u64)pipes[1], 8, 5), -EFAULT);
	CHECK_EQ(fake_call(&lwk, 4000), -ENOSYS);
	CHECK_EQ(fake_call(&lwk, SYS_brk, SCRATCH), -ENOSYS);
	CHECK_EQ(fake_call(&lwk, SYS_clone, SIGCHLD), -ENOSYS);
	check_exit(&lwk, 7);
}

/* The proxy's file is neither seen nor reached by the program. */
static void hides_descriptor(void)
{
	struct fake_lwk lwk;
	int hidden = -1;

	start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, close_all);
	fake_write(&lwk, SCRATCH, "/dev/null", 10);
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR), 3);
	for (int fd = 4; fd < 1100; fd++) {
		CHECK_EQ(fake_call(&lwk, SYS_fcntl, (u64)fd, F_GETFD), -EBADF);
		CHECK_EQ(fake_call(&lwk, SYS_close, (u64)fd), -EBADF);
		if (fake_call(&lwk, SYS_dup2, 3, (u64)fd) == fd)
			CHECK_EQ(fake_call(&lwk, SYS_close, (u64)fd), 0);
		else if (hidden < 0)
			hidden = fd;
	}
	CHECK(hidden > 255);
	CHECK_EQ(fake_call(&lwk, SYS_close_range, 4, ~0U, 0), 0);
	CHECK_EQ(fake_call(&lwk, SYS_close_range, (u64)hidden, (u64)hidden, 0), 0);
	CHECK_EQ(fake_call(&lwk, SYS_close_range, 4, 3, 0), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_close_range, 4, ~0U, 64), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_close_range, 0, ~0U, 0), 0);
	CHECK_EQ(fake_call(&lwk, SYS_close, 3), -EBADF);
	check_exit(&lwk, 0);
}

static void limit_descriptors(rlim_t hard)
{
	struct rlimit limit = { 16, hard };

	close_all();
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
}

static void soft_limit(void)
{
	limit_descriptors(64);
}

static void hard_limit(void)
{
	limit_descriptors(16);
}

/* How many files the program can open. */
static int count_opens(void (*setup)(void))
{
	struct fake_lwk lwk;
	int n = 0;

	start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, setup);
	fake_write(&lwk, SCRATCH, "/dev/null", 10);
	while (fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR) == 3 + n)
		n++;
	CHECK_EQ(fake_call(&lwk, SYS_openat, (u64)AT_FDCWD, SCRATCH, O_RDWR), -EMFILE);
	check_exit(&lwk, 0);
	return n;
}

/* All that the soft limit allows are the program's, if the hard one leaves room for ours. */
static void few_descriptors(void)
{
	CHECK_EQ(count_opens(soft_limit), 13);
	CHECK(count_opens(hard_limit) >= 9);
}

/* There is no thread in the end, and so no descriptor of it. */
static void keeps_no_pidfd(void)
{
	struct fake_lwk lwk;
	int fd = -1;

	start_true(&lwk);
	fake_write(&lwk, SCRATCH, &fd, sizeof(fd));
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_THREAD, 0,
			   CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_PIDFD, SCRATCH),
		 -ENOTTY);
	fake_read(&lwk, SCRATCH, &fd, sizeof(fd));
	CHECK_EQ(fd, 3);
	CHECK_EQ(fake_call(&lwk, SYS_pidfd_open, (u64)lwk.pid), fd);
	check_exit(&lwk, 0);
}

/* Nor of a process that could not become a proxy. */
static void keeps_no_pidfd_of_child(u64 flags, u64 how)
{
	struct fake_lwk lwk;
	s64 ret;
	int fd = -1;

	start_true(&lwk);
	fake_write(&lwk, SCRATCH, &fd, sizeof(fd));
	ret = fake_call(&lwk, OFFLOAD_NR_FORK, 0, flags | CLONE_PIDFD | SIGCHLD, how, SCRATCH);
	/* A namespace is not everybody's to make. */
	if (ret != -EPERM || !how || !geteuid()) {
		CHECK_EQ(ret, -ENOTTY);
		fake_read(&lwk, SCRATCH, &fd, sizeof(fd));
		CHECK_EQ(fd, 3);
	}
	CHECK_EQ(fake_call(&lwk, SYS_pidfd_open, (u64)lwk.pid), 3);
	check_exit(&lwk, 0);
}

/* Whether it has the memory or a copy, by clone(2) or clone3(2). */
static void keeps_no_pidfd_of_copy(void)
{
	keeps_no_pidfd_of_child(0, 0);
	keeps_no_pidfd_of_child(0, OFFLOAD_FORK_NEWTIME);
}

static void keeps_no_pidfd_of_sharer(void)
{
	keeps_no_pidfd_of_child(CLONE_VM, 0);
	keeps_no_pidfd_of_child(CLONE_VM, OFFLOAD_FORK_NEWTIME);
}

static const struct unit_test tests[] = {
	UNIT_TEST(loads_dynamic_program),
	UNIT_TEST(looks_like_program),
	UNIT_TEST(loads_script),
	UNIT_TEST(fails_as_a_shell),
	UNIT_TEST(any_layout),
	UNIT_TEST(makes_calls),
	UNIT_TEST(hides_descriptor),
	UNIT_TEST(few_descriptors),
	UNIT_TEST(keeps_no_pidfd),
	UNIT_TEST(keeps_no_pidfd_of_copy),
	UNIT_TEST(keeps_no_pidfd_of_sharer),
	UNIT_TEST(executes),
	UNIT_TEST(executes_on_linux),
	UNIT_TEST(shows_itself),
	UNIT_TEST(traces),
};

UNIT_MAIN(tests)

// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls with little data, the first time that a program makes them and much later: what is
 * read and written, what is left alone, and which error comes first.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define CALL(name, ...) show(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, ##__VA_ARGS__))

/* Enough that no page is new to Linux the second time. */
#define MANY 200

static char *area;	/* three pages: written, read-only, nothing */
static char *hidden;	/* a page without any access, in which is something */
static char *edge;	/* the end of the first */
static char *end;	/* the end of the second */
static int ends[2];

/* All of @len bytes, with those that are not printable as dots. */
static void show_bytes(const char *what, const char *bytes, size_t len)
{
	printf("%s: ", what);
	for (size_t i = 0; i < len; i++)
		putchar(bytes[i] > ' ' && bytes[i] < 0x7f ? bytes[i] : '.');
	putchar('\n');
}

static void make_area(void)
{
	area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(area != MAP_FAILED);
	edge = area + PAGE;
	end = edge + PAGE;
	memset(edge, 'c', PAGE);
	MUST(!mprotect(edge, PAGE, PROT_READ));
	hidden = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(hidden != MAP_FAILED);
	strcpy(hidden, "small");
	MUST(!mprotect(hidden, PAGE, PROT_NONE));
	/* Last: what is mapped next may come to lie there. */
	MUST(!munmap(end, PAGE));
}

static void show_reading(void)
{
	char bytes[16];

	MUST(pipe(ends) == 0);
	MUST(write(ends[1], "0123456789", 10) == 10);
	CALL(read, -1, end, 4);
	CALL(read, ends[0], end, 4);
	CALL(read, ends[0], edge, 4);
	CALL(read, ends[0], hidden, 4);
	CALL(read, ends[0], end, 0);
	memset(bytes, '-', sizeof(bytes));
	CALL(read, ends[0], bytes, 3);
	show_bytes("read", bytes, sizeof(bytes));
	CALL(read, ends[0], edge - 2, 2);
	show_bytes("at the edge", edge - 2, 4);
	CALL(read, ends[0], bytes + 1, sizeof(bytes) - 1);
	show_bytes("fewer than asked for", bytes, sizeof(bytes));
	close(ends[1]);
	CALL(read, ends[0], bytes, 4);
	close(ends[0]);
}

static void show_writing(void)
{
	int fd = open("small", O_CREAT | O_TRUNC | O_RDWR, 0644);
	char bytes[1100];

	MUST(fd >= 0);
	CALL(write, -1, end, 4);
	CALL(write, fd, end, 4);
	CALL(write, fd, end, 0);
	CALL(write, fd, hidden, 4);
	CALL(write, fd, end - 3, 3);
	CALL(write, fd, end - 3, 8);
	CALL(write, fd, "0123456789abcdef", 16);
	CALL(pwrite64, fd, "XY", 2, 1);
	CALL(pwrite64, fd, "XY", 2, -1L);
	memset(bytes, 'w', sizeof(bytes));
	CALL(write, fd, bytes, 512);
	CALL(write, fd, bytes, 1023);
	CALL(write, fd, bytes, 1100);
	memset(bytes, '-', sizeof(bytes));
	CALL(pread64, fd, bytes, 24, 0);
	show_bytes("file", bytes, 26);
	CALL(pread64, fd, bytes, 1100, 500);
	CALL(pread64, fd, bytes, 1024, 0);
	CALL(pread64, fd, bytes, 600, 2600);
	show_bytes("its end", bytes, 60);
	SHOW(lseek(fd, 0, SEEK_END));
	close(fd);
}

static void show_paths(void)
{
	struct stat st = { .st_mode = 1 };
	int fd = open("small", O_CREAT | O_RDWR, 0644);
	char path[600];

	MUST(fd >= 0);
	close(fd);
	CALL(stat, "small", end);
	CALL(stat, "small", edge);
	CALL(stat, "nothing", end);
	SHOW(stat("nothing", &st));
	SHOW_TRUE(st.st_mode == 1);
	SHOW(stat("small", &st));
	SHOW_TRUE(S_ISREG(st.st_mode));
	strcpy(edge - 6, "small");
	SHOW(access(edge - 6, R_OK));
	/* It goes on in the page behind, which is full of c's. */
	memset(edge - 6, 'c', 6);
	CALL(access, edge - 6, R_OK);
	CALL(access, end - 5, R_OK);
	memset(path, '/', sizeof(path));
	strcpy(path + 300, "small");
	CALL(access, path, R_OK);
	for (size_t i = 0; i < 300; i += 2)
		memcpy(path + i, "./", 2);
	CALL(access, path, R_OK);
	CALL(access, path + 300 - 250, R_OK);
	CALL(access, "", R_OK);
	CALL(access, hidden, R_OK);
	CALL(rename, "small", end);
	CALL(rename, "small", "moved");
	CALL(unlink, "moved");
}

static void show_links(void)
{
	char target[400], bytes[500];

	memset(target, 't', sizeof(target));
	target[399] = '\0';
	MUST(symlink(target, "long") == 0);
	target[256] = '\0';
	MUST(symlink(target, "even") == 0);
	MUST(symlink("short", "link") == 0);
	CALL(readlink, "long", bytes, 500);
	show_bytes("link", bytes + 390, 9);
	CALL(readlink, "long", bytes, 300);
	CALL(readlink, "even", bytes, 500);
	CALL(readlink, "even", bytes, 256);
	memset(bytes, '-', sizeof(bytes));
	CALL(readlink, "link", bytes, 500);
	show_bytes("link", bytes, 10);
	CALL(readlink, "link", bytes, 3);
	CALL(readlink, "link", bytes, 0);
	/* Linux takes the room for an int. */
	CALL(readlink, "link", bytes, -1L);
	CALL(readlink, "link", bytes, 1UL << 31);
	CALL(readlink, "link", bytes, (1UL << 32) + 3);
	CALL(readlinkat, AT_FDCWD, "link", bytes, -1L);
	CALL(readlink, "link", edge, 8);
	CALL(readlink, "nothing", end, 8);
	unlink("long");
	unlink("even");
	unlink("link");
}

static void show_directory(void)
{
	char name[251], bytes[PAGE];
	int home = open(".", O_RDONLY | O_DIRECTORY);

	MUST(home >= 0);
	memset(name, 'd', 250);
	name[250] = '\0';
	MUST(mkdir(name, 0755) == 0 && chdir(name) == 0);
	MUST(mkdir(name, 0755) == 0 && chdir(name) == 0);
	SHOW_TRUE(syscall(SYS_getcwd, bytes, PAGE) == (long)strlen(bytes) + 1);
	SHOW_TRUE(strlen(bytes) > 500);
	CALL(getcwd, bytes, 300);
	CALL(getcwd, bytes, 100);
	CALL(getcwd, end, 4096);
	MUST(fchdir(home) == 0);
	SHOW_TRUE(syscall(SYS_getcwd, bytes, PAGE) == (long)strlen(bytes) + 1);
	CALL(getcwd, bytes, 1);
	memset(bytes, 'd', 501);
	bytes[250] = '/';
	bytes[501] = '\0';
	CALL(rmdir, bytes);
	CALL(rmdir, name);
	close(home);
}

static void show_structures(void)
{
	struct rlimit old = { 1, 2 }, new = { 50, 50 };
	int fds[2] = { -1, -1 }, next;
	struct utsname name;
	struct statfs fs;

	next = dup(0);
	close(next);
	CALL(pipe2, end, 0);
	CALL(pipe2, edge, 0);
	CALL(pipe2, fds, -1);
	SHOW_TRUE(fds[0] == -1 && fds[1] == -1);
	CALL(pipe2, fds, O_CLOEXEC);
	SHOW_TRUE(fds[0] == next && fds[1] == next + 1);
	close(fds[0]);
	close(fds[1]);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, end);
	/* Unlike the others, this writes what it then does not make. */
	fds[0] = fds[1] = -1;
	CALL(socketpair, AF_INET, SOCK_STREAM, 0, fds);
	SHOW_TRUE(fds[0] == next && fds[1] == next + 1);
	SHOW(uname(&name));
	SHOW_TRUE(!strcmp(name.sysname, "Linux"));
	CALL(uname, end - sizeof(name));
	SHOW(statfs(".", &fs));
	SHOW_TRUE(fs.f_bsize > 0);
	SHOW(prlimit(0, RLIMIT_NOFILE, NULL, &old));
	SHOW(prlimit(0, RLIMIT_NOFILE, &new, &new));
	SHOW_TRUE(new.rlim_cur == old.rlim_cur && new.rlim_max == old.rlim_max);
	CALL(prlimit64, 0, RLIMIT_NOFILE, end, NULL);
	CALL(prlimit64, 0, 99, end, end);
	SHOW(prlimit(0, RLIMIT_NOFILE, NULL, &new));
	SHOW_TRUE(new.rlim_cur == 50 && new.rlim_max == 50);
	CALL(getrandom, end, 8, 0);
	CALL(getrandom, area, 8, 0);
}

static const struct topic {
	const char *name;
	void (*show)(void);
} topics[] = {
	{ "reading", show_reading },
	{ "writing", show_writing },
	{ "paths", show_paths },
	{ "links", show_links },
	{ "directory", show_directory },
	{ "structures", show_structures },
};

static void show_topic(const char *name)
{
	make_area();
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (!strcmp(topics[i].name, name))
			topics[i].show();
}

/* io_small TOPIC: each in a program of its own, so that its first calls are among the first. */
int main(int argc, char **argv)
{
	char byte;
	int fd;

	MUST(argc == 2);
	show_topic(argv[1]);
	MUST((fd = open("/dev/zero", O_RDONLY)) >= 0);
	for (int i = 0; i < MANY; i++)
		MUST(read(fd, &byte, 1) == 1 && byte == 0);
	close(fd);
	printf("again\n");
	show_topic(argv[1]);
	return 0;
}

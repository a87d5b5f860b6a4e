// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program finds about itself below /proc: proc_self names|exe|places|cwd|fd|maps|status|
 * stat|auxv.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"
#include "vector.h"

#define MIB (1UL << 20)

static size_t read_file(const char *path, char *buf, size_t len)
{
	size_t done = 0;
	ssize_t got;
	int fd;

	MUST((fd = open(path, O_RDONLY)) >= 0);
	while (done < len - 1 && (got = read(fd, buf + done, len - 1 - done)) > 0)
		done += (size_t)got;
	buf[done] = '\0';
	close(fd);
	return done;
}

static void show_names(const char *argv0)
{
	char buf[4096];
	size_t len;
	size_t i;

	read_file("/proc/self/comm", buf, sizeof(buf));
	printf("comm %s", buf);
	len = read_file("/proc/self/cmdline", buf, sizeof(buf));
	for (i = 0; i < len; i++)
		putchar(buf[i] ? buf[i] : '|');
	putchar('\n');
	SHOW_TRUE(!strcmp(buf, argv0));
	len = read_file("/proc/self/environ", buf, sizeof(buf));
	printf("environment of %zu bytes, first %.4s\n", len, buf);
}

static void show_link(const char *path)
{
	char target[PATH_MAX] = "";

	MUST(readlink(path, target, sizeof(target) - 1) > 0);
	printf("%s -> %s\n", path, target);
}

/* The link itself, and what a descriptor of it is called. */
static void show_exe(void)
{
	static const char exe[] = "/proc/self/exe";
	char link[64], target[PATH_MAX] = "", own[64];
	struct stat st;
	int fd;

	show_link(exe);
	MUST(!lstat(exe, &st));
	printf("link: mode %o, size %lld\n", st.st_mode, (long long)st.st_size);
	SHOW(open(exe, O_RDONLY | O_NOFOLLOW));
	MUST((fd = open(exe, O_PATH | O_NOFOLLOW)) >= 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	snprintf(own, sizeof(own), "/proc/%d/exe", getpid());
	MUST(readlink(link, target, sizeof(target) - 1) > 0);
	SHOW_TRUE(!strcmp(target, own));
}

/* Paths that cross pages, or end with the last one; in memory touched before or not, or nowhere. */
static void show_places(void)
{
	static const char path[] = "/proc/self/exe";
	const size_t offsets[] = { 4096 - 4, 8192 - sizeof(path) };
	char *file, *own;
	size_t i;
	int fd;

	MUST((fd = open("paths", O_CREAT | O_RDWR, 0644)) >= 0 && ftruncate(fd, 8192) == 0);
	for (i = 0; i < 2; i++) {
		MUST(pwrite(fd, path, sizeof(path), (off_t)offsets[i]) == sizeof(path));
		file = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
		MUST(file != MAP_FAILED);
		show_link(file + offsets[i]);
		own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		MUST(own != MAP_FAILED);
		memcpy(own + offsets[i], path, sizeof(path));
		MUST(!munmap(file, 8192));
		show_link(own + offsets[i]);
		SHOW(open(own + offsets[i] + sizeof(path) - 1, O_RDONLY));
		MUST(!munmap(own, 8192));
		SHOW(open(own + offsets[i], O_RDONLY));
	}
}

static void show_descriptors(void)
{
	struct dirent *entry;
	DIR *dir;

	MUST((dir = opendir("/proc/self/fd")) != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			printf("%s\n", entry->d_name);
	SHOW(open("/proc/self/fd/0", O_RDONLY));
}

/* The line of /proc/self/maps with the address, but for the addresses and the inode. */
static void show_range(const char *what, const void *address)
{
	static char maps[1 << 20];
	unsigned long start, end, offset;
	char perms[8];
	char path[256];
	char *line;

	read_file("/proc/self/maps", maps, sizeof(maps));
	for (line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		path[0] = '\0';
		sscanf(line, "%lx-%lx %7s %lx %*s %*s %255[^\n]", &start, &end, perms, &offset,
		       path);
		if ((uintptr_t)address - start < end - start) {
			printf("%s: %s %#lx %s\n", what, perms, offset, path);
			return;
		}
	}
	printf("%s: none\n", what);
}

static void show_maps(void)
{
	static char data[3 * 4096] = { 1 };
	static char zeros[3 * 4096];
	char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *heap = sbrk(8192);
	int fd = open("file", O_CREAT | O_RDWR, 0644);
	char *file;

	MUST(fd >= 0 && ftruncate(fd, 16384) == 0);
	file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 8192);
	show_range("text", (void *)(uintptr_t)show_maps);
	show_range("data", data);
	show_range("zeros", zeros + 4096);
	MUST(mmap((void *)(((uintptr_t)data + 4095) & ~4095UL), 4096, PROT_READ,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	show_range("instead of data", (void *)(((uintptr_t)data + 4095) & ~4095UL));
	show_range("stack", &fd);
	show_range("heap", heap);
	show_range("shared", map);
	show_range("no access", none);
	show_range("file", file);
	show_range("library", (void *)(uintptr_t)strtok);
	show_range("vDSO", (void *)getauxval(AT_SYSINFO_EHDR));
	show_range("nothing", (void *)16);
}

static long field(const char *name)
{
	static char status[8192];
	const char *at;
	char key[64];
	int base = !strncmp(name, "Sig", 3) ? 16 : 10;

	read_file("/proc/self/status", status, sizeof(status));
	snprintf(key, sizeof(key), "\n%s:", name);
	at = strstr(status, key);
	return at ? strtol(at + strlen(key), NULL, base) : -1;
}

static void show_status(void)
{
	const long before = field("VmRSS");
	sigset_t set;
	char *map;

	map = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(map != MAP_FAILED);
	memset(map, 1, 16 * MIB);
	SHOW_TRUE(field("VmRSS") - before >= 15 * 1024 && field("VmRSS") - before < 18 * 1024);
	SHOW_TRUE(field("VmSize") > field("VmRSS"));
	SHOW_TRUE(field("Pid") == getpid() && field("PPid") == getppid());
	SHOW(field("Threads"));
	SHOW(field("Uid"));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 4);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGTERM, _exit);
	raise(SIGUSR1);
	printf("blocked %#lx, ignored %#lx, caught %#lx, pending %#lx\n", field("SigBlk"),
	       field("SigIgn"), field("SigCgt"), field("SigPnd"));
}

static void show_stat(void)
{
	unsigned long start_code, end_code, stack;
	char buf[1024];
	char name[32];
	char state;
	int ppid;
	int pid;

	read_file("/proc/self/stat", buf, sizeof(buf));
	MUST(sscanf(buf, "%d (%31[^)]) %c %d", &pid, name, &state, &ppid) == 4);
	printf("%s %c\n", name, state);
	SHOW_TRUE(pid == getpid() && ppid == getppid());
	MUST(sscanf(strrchr(buf, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u "
		    "%*d %*d %*d %*d %*d %*d %*u %*u %*d %*u %lu %lu %lu", &start_code, &end_code,
		    &stack) == 3);
	SHOW_TRUE((uintptr_t)show_stat - start_code < end_code - start_code);
	SHOW_TRUE(stack > (uintptr_t)&state);
}

static void show_auxv(void)
{
	const size_t want = (vector_count() + 1) * sizeof(ElfW(auxv_t));
	char buf[4096];

	SHOW_TRUE(read_file("/proc/self/auxv", buf, sizeof(buf)) >= want);
	SHOW(memcmp(buf, vector_start(), want));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "names"))
		show_names(argv[0]);
	else if (!strcmp(what, "exe"))
		show_exe();
	else if (!strcmp(what, "places"))
		show_places();
	else if (!strcmp(what, "cwd"))
		show_link("/proc/self/cwd");
	else if (!strcmp(what, "fd"))
		show_descriptors();
	else if (!strcmp(what, "maps"))
		show_maps();
	else if (!strcmp(what, "status"))
		show_status();
	else if (!strcmp(what, "stat"))
		show_stat();
	else if (!strcmp(what, "auxv"))
		show_auxv();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What /proc/self says of a process that is no longer what it was when its program began: another
 * name, another parent, other users. To be run as root: it gives that up.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

static char text[1 << 20];

static const char *read_file(const char *path)
{
	size_t done = 0;
	ssize_t got;
	int fd;

	MUST((fd = open(path, O_RDONLY)) >= 0);
	while (done < sizeof(text) - 1 &&
	       (got = read(fd, text + done, sizeof(text) - 1 - done)) > 0)
		done += (size_t)got;
	text[done] = '\0';
	close(fd);
	return text;
}

/* The line of /proc/self/status that begins with @key, without it; good until the next one. */
static const char *status(const char *key)
{
	char wanted[64];
	char *line;

	snprintf(wanted, sizeof(wanted), "\n%s:\t", key);
	text[0] = '\0';
	read_file("/proc/self/status");
	/* The first line has none before it. */
	line = !strncmp(text, wanted + 1, strlen(wanted) - 1) ? text - 1 : strstr(text, wanted);
	if (!line)
		return "none";
	line += strlen(wanted);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void show_name(const char *how)
{
	char name[32] = "";

	printf("%s: %s in status", how, status("Name"));
	MUST(sscanf(read_file("/proc/self/stat"), "%*d (%31[^)])", name) == 1);
	printf(", %s in stat", name);
	printf(", %s", read_file("/proc/self/comm"));
}

static void change_name(void)
{
	int fd;

	show_name("at first");
	MUST((fd = open("/proc/self/comm", O_WRONLY)) >= 0);
	SHOW(write(fd, "written", 7));
	close(fd);
	show_name("written");
	SHOW(prctl(PR_SET_NAME, "set by a call", 0, 0, 0));
	show_name("set");
}

static int stat_parent(void)
{
	int ppid = 0;

	sscanf(strrchr(read_file("/proc/self/stat"), ')'), ") %*c %d", &ppid);
	return ppid;
}

static void show_parent(const char *when)
{
	printf("%s\n", when);
	SHOW_TRUE(atoi(status("Pid")) == getpid() && atoi(status("Tgid")) == getpid());
	SHOW_TRUE(atoi(status("PPid")) == getppid());
	SHOW_TRUE(stat_parent() == getppid());
}

/* Born by one that ends when it is told to, which has been seen before the byte comes. */
static void be_an_orphan(int end, int go)
{
	const int parent = getppid();
	char byte;

	show_parent("with a parent");
	fflush(stdout);
	MUST(write(end, "x", 1) == 1);
	MUST(read(go, &byte, 1) == 1);
	SHOW_TRUE(getppid() != parent);
	show_parent("without");
	exit(0);
}

static void make_an_orphan(void)
{
	int end[2], go[2], told[2];
	char byte;
	pid_t pid;

	fflush(stdout);
	MUST(!pipe(end) && !pipe(go) && !pipe(told));
	MUST((pid = fork()) >= 0);
	if (!pid) {
		MUST((pid = fork()) >= 0);
		close(told[0]);
		if (!pid)
			be_an_orphan(end[1], go[0]);
		_exit(read(end[0], &byte, 1) != 1);
	}
	close(told[1]);
	MUST(waitpid(pid, NULL, 0) == pid);
	MUST(write(go[1], "x", 1) == 1);
	/* Its end. */
	SHOW(read(told[0], &byte, 1));
}

static void show_ids(void)
{
	printf("Uid %s", status("Uid"));
	printf(", Gid %s\n", status("Gid"));
}

static void show_nice(const char *when)
{
	long priority, nice;

	MUST(sscanf(strrchr(read_file("/proc/self/stat"), ')'), ") %*c %*d %*d %*d %*d %*d %*u "
		    "%*u %*u %*u %*u %*u %*u %*d %*d %ld %ld", &priority, &nice) == 2);
	printf("%s: priority %ld, nice %ld\n", when, priority, nice);
}

/* What one may still see of oneself. */
static void show_files(void)
{
	unsigned long start, end;
	char perms[8] = "";
	char *line;

	read_file("/proc/self/maps");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		MUST(sscanf(line, "%lx-%lx %7s", &start, &end, perms) == 3);
		if ((uintptr_t)show_files - start < end - start)
			break;
	}
	printf("code is %s in maps\n", line ? perms : "nowhere");
	SHOW(open("/proc/self/auxv", O_RDONLY));
}

int main(void)
{
	change_name();
	make_an_orphan();
	show_nice("at first");
	SHOW(setpriority(PRIO_PROCESS, 0, 7));
	show_nice("nicer");
	show_ids();
	SHOW(setresgid(21, 22, 23));
	show_ids();
	SHOW(setresuid(31, 32, 33));
	show_ids();
	SHOW(setresuid(-1, 31, -1));
	show_ids();
	show_files();
	return 0;
}

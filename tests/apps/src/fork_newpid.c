// SPDX-License-Identifier: GPL-2.0-only
/*
 * A child in a pid namespace of its own (CLONE_NEWPID) sees /proc of its parent's: it has another
 * id there than getpid(2) says, and whoever has that is another process. To be run as root.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fork.h"

static char own[4096], first[4096];
static struct stat own_st;
static pid_t *outer;

static void read_link(const char *path, char *target, size_t len)
{
	ssize_t n = readlink(path, target, len - 1);

	target[n > 0 ? n : 0] = '\0';
}

/* Does the path lead to the program? */
static void show_exe(const char *name, const char *path)
{
	char target[4096];
	struct stat st;
	int fd = open(path, O_RDONLY);

	read_link(path, target, sizeof(target));
	printf("%s: %d %d\n", name, !strcmp(target, own),
	       fd >= 0 && !fstat(fd, &st) && st.st_ino == own_st.st_ino &&
	       st.st_dev == own_st.st_dev);
	if (fd >= 0)
		close(fd);
}

/* The line that begins so, or the first that has it. */
static void show_line(const char *name, const char *path, const char *word)
{
	char line[4096];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, word)) {
			printf("%s: %d\n", name, atoi(line + strcspn(line, "0123456789")) == *outer);
			break;
		}
	if (file)
		fclose(file);
}

/* How many descriptors there are to be seen. */
static int count_descriptors(void)
{
	const struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	MUST(dir != NULL);
	while ((entry = readdir(dir)))
		n += *entry->d_name != '.';
	closedir(dir);
	return n;
}

/* Of what the child has not opened itself it gets no copy either. */
static void show_own_pidfd(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	int n = 0;

	MUST(pidfd >= 0);
	for (int fd = 1000; fd < 1050; fd++)
		n += syscall(SYS_pidfd_getfd, pidfd, fd, 0) >= 0;
	close(pidfd);
	printf("%d copies of descriptors\n", n);
}

static void show_maps(void)
{
	char line[4096];
	FILE *file = fopen("/proc/self/maps", "r");
	int n = 0;

	MUST(file != NULL);
	while (fgets(line, sizeof(line), file))
		n += !!strstr(line, own);
	fclose(file);
	printf("the program in maps: %d\n", n > 0);
}

static void show_outer(void)
{
	char path[64], target[4096];

	printf("pid %d\n", getpid());
	read_link("/proc/self", target, sizeof(target));
	SHOW_TRUE(atoi(target) == *outer);
	show_exe("self", "/proc/self/exe");
	show_exe("thread-self", "/proc/thread-self/exe");
	snprintf(path, sizeof(path), "/proc/%d/exe", *outer);
	show_exe("by the outer id", path);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/exe", *outer, *outer);
	show_exe("by the outer id of the thread", path);
	read_link("/proc/1/exe", target, sizeof(target));
	SHOW_TRUE(!strcmp(target, first));
	show_line("Pid in status", "/proc/self/status", "Pid:");
	show_line("stat", "/proc/self/stat", " ");
	show_maps();
	printf("%d descriptors\n", count_descriptors());
	show_own_pidfd();
}

/* With the parent's id there, of which the child's own namespace knows nothing. */
static void show_parent(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	show_exe("parent", path);
}

static void show_inner(void)
{
	MUST(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(!mount("proc", "/proc", "proc", 0, NULL));
	show_exe("self in its own /proc", "/proc/self/exe");
	show_exe("1 in its own /proc", "/proc/1/exe");
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], "again", NULL };
	pid_t parent = getpid();
	pid_t pid;

	if (argc > 1) {
		printf("executed again as %d\n", getpid());
		return 0;
	}
	read_link("/proc/self/exe", own, sizeof(own));
	read_link("/proc/1/exe", first, sizeof(first));
	MUST(!stat(own, &own_st));
	outer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(outer != MAP_FAILED);
	fflush(stdout);
	/* Linux writes the parent's id of it before it runs. */
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_PARENT_SETTID | SIGCHLD, NULL, outer,
			     NULL, 0);
	MUST(pid >= 0);
	if (!pid) {
		show_outer();
		show_parent(parent);
		fflush(stdout);
		if (!fork_must()) {
			execv("/proc/self/exe", again);
			_exit(1);
		}
		wait(NULL);
		show_inner();
		fflush(stdout);
		execv("/proc/self/exe", again);
		_exit(1);
	}
	reap(pid, "child");
	return 0;
}

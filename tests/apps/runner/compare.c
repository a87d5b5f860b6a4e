// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares how two runs ended, what they printed, and the directories they left.
 */
#include "compare.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOWN_LINES "40"
#define SHOWN_COLUMNS "160"
#define MAX_PATH 4096

static void describe_end(const struct side *side)
{
	printf("    %-6s ", side->name);
	if (side->timed_out)
		printf("did not end in %.1f s", side->elapsed);
	else if (WIFSIGNALED(side->status))
		printf("killed by signal %d, %s", WTERMSIG(side->status),
		       strsignal(WTERMSIG(side->status)));
	else
		printf("exit status %d", WEXITSTATUS(side->status));
	if (side->left)
		printf(", left %d processes behind", side->left);
	printf("\n");
}

static int compare_ends(const struct side *a, const struct side *b)
{
	if (a->status == b->status && !a->left == !b->left && !a->timed_out && !b->timed_out)
		return 0;
	printf("  end:\n");
	describe_end(a);
	describe_end(b);
	return 1;
}

static ssize_t read_full(int fd, char *buf, size_t len)
{
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = read(fd, buf + done, len - done);
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static bool same_contents(const char *a, const char *b)
{
	static char bufs[2][1 << 20];
	bool same = false;
	ssize_t got;
	int fds[2];

	fds[0] = open(a, O_RDONLY | O_CLOEXEC);
	fds[1] = open(b, O_RDONLY | O_CLOEXEC);
	while (fds[0] >= 0 && fds[1] >= 0) {
		got = read_full(fds[0], bufs[0], sizeof(bufs[0]));
		if (got < 0 || got != read_full(fds[1], bufs[1], sizeof(bufs[1])) ||
		    memcmp(bufs[0], bufs[1], (size_t)got))
			break;
		same = got == 0;
		if (same)
			break;
	}
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	return same;
}

static void show_difference(const char *a, const char *b)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "diff -au --label Linux --label LWK '%s' '%s' | sed -n '3,$p' | cat -v | "
		 "cut -c 1-" SHOWN_COLUMNS " | head -n " SHOWN_LINES " | sed 's/^/    /'", a, b);
	fflush(stdout);
	if (system(command) != 0)
		printf("    (diff does not run)\n");
}

/* What a run printed, as the filter leaves it. */
static const char *filtered(const struct side *side, const char *what, const char *filter)
{
	const char *path = side_path(side, what);
	char command[512];
	FILE *program;

	if (!filter[0])
		return path;
	program = fopen(APPS_DIR "/filter", "we");
	if (!program)
		return path;
	fprintf(program, "%s\n", filter);
	fclose(program);
	snprintf(command, sizeof(command), "sed -E -f " APPS_DIR "/filter < '%s' > '%s.filtered'",
		 path, path);
	if (system(command) != 0)
		printf("    (sed does not take: %s)\n", filter);
	snprintf(command, sizeof(command), "%s.filtered", what);
	return side_path(side, command);
}

static int compare_output(const struct side *a, const struct side *b, const char *what,
			  const char *filter)
{
	const char *first = filtered(a, what, filter);
	const char *second = filtered(b, what, filter);

	if (same_contents(first, second))
		return 0;
	printf("  std%s:\n", what);
	show_difference(first, second);
	return 1;
}

static int differ(const char *path, const char *what)
{
	printf("  file %s: %s\n", path[0] ? path : ".", what);
	return 1;
}

/* Two entries of the same name, neither a directory. */
static int compare_content(const char *a, const char *b, const struct stat *st, const char *path)
{
	char targets[2][MAX_PATH];
	ssize_t lens[2];

	if (S_ISREG(st->st_mode))
		return same_contents(a, b) ? 0 : differ(path, "contents");
	if (!S_ISLNK(st->st_mode))
		return 0;
	lens[0] = readlink(a, targets[0], MAX_PATH);
	lens[1] = readlink(b, targets[1], MAX_PATH);
	if (lens[0] < 0 || lens[0] != lens[1] || memcmp(targets[0], targets[1], (size_t)lens[0]))
		return differ(path, "target of the link");
	return 0;
}

static int compare_trees(const char *a, const char *b, const char *path);

/* One name in both directories, or in one of them. */
static int compare_entry(const char *a, const char *b, const char *path)
{
	char paths[2][MAX_PATH];
	struct stat st[2];
	bool is[2];

	snprintf(paths[0], MAX_PATH, "%s%s", a, path);
	snprintf(paths[1], MAX_PATH, "%s%s", b, path);
	is[0] = lstat(paths[0], &st[0]) == 0;
	is[1] = lstat(paths[1], &st[1]) == 0;
	if (!is[0] && !is[1])
		return 0;
	if (!is[0])
		return differ(path, "is there only on the LWK");
	if (!is[1])
		return differ(path, "is there only on Linux");
	if (st[0].st_mode != st[1].st_mode)
		return differ(path, "type or mode");
	if (st[0].st_uid != st[1].st_uid || st[0].st_gid != st[1].st_gid)
		return differ(path, "owner");
	if (S_ISDIR(st[0].st_mode))
		return compare_trees(a, b, path);
	if (st[0].st_size != st[1].st_size)
		return differ(path, "size");
	if (st[0].st_nlink != st[1].st_nlink)
		return differ(path, "number of links");
	return compare_content(paths[0], paths[1], &st[0], path);
}

/* Entries of @list below @path; with @missing only those that @other lacks. */
static int compare_entries(const char *a, const char *b, const char *path, bool missing)
{
	char name[MAX_PATH];
	struct dirent *entry;
	struct stat st;
	int found = 0;
	DIR *dir;

	snprintf(name, sizeof(name), "%s%s", missing ? b : a, path);
	dir = opendir(name);
	if (!dir)
		return differ(path, strerror(errno));
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (missing) {
			snprintf(name, sizeof(name), "%s%s/%s", a, path, entry->d_name);
			if (lstat(name, &st) == 0)
				continue;
		}
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		found += compare_entry(a, b, name);
	}
	closedir(dir);
	return found;
}

static int compare_trees(const char *a, const char *b, const char *path)
{
	return compare_entries(a, b, path, false) + compare_entries(a, b, path, true);
}

int compare_sides(const struct side *a, const struct side *b, const char *filter)
{
	return compare_ends(a, b) + compare_output(a, b, "out", filter) +
	       compare_output(a, b, "err", filter) +
	       compare_entry(side_path(a, "dir"), side_path(b, "dir"), "");
}

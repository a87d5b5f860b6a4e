// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names, links, modes and times of files.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "app.h"

static void show_open(void)
{
	SHOW(open("none", O_RDONLY));
	close(open("file", O_CREAT | O_RDWR, 0640));
	SHOW(open("file", O_CREAT | O_EXCL | O_RDWR, 0644));
	SHOW(open("file", O_DIRECTORY));
	SHOW(open("file/none", O_RDONLY));
	SHOW(open(".", O_RDWR));
	SHOW(symlink("file", "link"));
	SHOW(symlink("loop", "loop"));
	SHOW(open("link", O_NOFOLLOW));
	SHOW(open("loop", O_RDONLY));
	SHOW(open("", O_RDONLY));
	SHOW(openat(999, "file", O_RDONLY));
	SHOW(open("file", O_TMPFILE | O_RDONLY));
	SHOW(creat("new", 0604));
}

static void show_names(void)
{
	char name[300];

	memset(name, 'n', 299);
	name[299] = '\0';
	SHOW(mkdir("dir", 0750));
	SHOW(mkdir("dir", 0750));
	SHOW(mkdir(name, 0750));
	SHOW(rmdir("file"));
	SHOW(link("file", "dir/hard"));
	SHOW(link("dir", "dir/other"));
	SHOW(rmdir("dir"));
	SHOW(unlink("dir"));
	SHOW(rename("dir/hard", "renamed"));
	SHOW(rename("dir", "file"));
	SHOW(rename("dir", "dir/below"));
	SHOW(renameat2(AT_FDCWD, "new", AT_FDCWD, "renamed", RENAME_NOREPLACE));
	SHOW(renameat2(AT_FDCWD, "new", AT_FDCWD, "renamed", RENAME_EXCHANGE));
	SHOW(unlink("none"));
	SHOW(unlinkat(AT_FDCWD, "dir", AT_REMOVEDIR));
	SHOW(mkfifo("fifo", 0600));
	SHOW(mknod("device", S_IFCHR | 0600, makedev(1, 3)));
	SHOW(readlink("file", name, 10));
	SHOW(readlink("link", name, 2));
	SHOW(access("file", X_OK));
	SHOW(access("file", R_OK));
}

static void show_attributes(void)
{
	const struct timespec times[2] = { { 1000000000, 123456789 }, { 0, UTIME_OMIT } };
	const struct timespec set[2] = { { 1, 5 }, { 1234567890, 42 } };
	struct statx x;
	struct stat st;

	SHOW(chmod("file", 04751));
	SHOW(chmod("none", 0700));
	SHOW(chown("file", 12, 34));
	SHOW(lchown("link", 56, -1));
	SHOW(utimensat(AT_FDCWD, "file", set, 0));
	SHOW(utimensat(AT_FDCWD, "file", times, 0));
	MUST(stat("file", &st) == 0);
	printf("%#o %u %u %ld.%ld %ld.%ld\n", st.st_mode, st.st_uid, st.st_gid, st.st_atim.tv_sec,
	       st.st_atim.tv_nsec, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	MUST(lstat("link", &st) == 0);
	printf("%#o %u %ld\n", st.st_mode, st.st_uid, st.st_size);
	MUST(statx(AT_FDCWD, "renamed", 0, STATX_BASIC_STATS, &x) == 0);
	printf("%#o %u %llu\n", x.stx_mode, x.stx_nlink, x.stx_size);
	SHOW(truncate("file", 5000));
	SHOW(truncate("file", -1));
	SHOW(truncate("dir-none", 0));
	MUST(stat("file", &st) == 0);
	printf("%#o %ld %ld\n", st.st_mode, st.st_size, st.st_blocks);
}

int main(void)
{
	umask(022);
	show_open();
	show_names();
	show_attributes();
	return 0;
}

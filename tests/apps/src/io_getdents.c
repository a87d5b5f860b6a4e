// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading directories, in large and small pieces, and going back in them.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define FILES 500

static long read_all(int fd, size_t len)
{
	char buf[32768];
	long total = 0;
	long got;

	while ((got = syscall(SYS_getdents64, fd, buf, len)) > 0)
		total += got;
	return got < 0 ? -1 : total;
}

static void count(DIR *dir)
{
	struct dirent *entry;
	int files = 0;
	int dirs = 0;
	int sum = 0;

	while ((entry = readdir(dir))) {
		files += entry->d_type == DT_REG;
		dirs += entry->d_type == DT_DIR;
		if (entry->d_name[0] == 'f')
			sum += atoi(entry->d_name + 1);
	}
	printf("%d files, %d directories, sum %d\n", files, dirs, sum);
}

int main(void)
{
	struct dirent *entry;
	char name[32];
	long place;
	DIR *dir;
	int fd;
	int i;

	MUST(mkdir("dir", 0755) == 0);
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "dir/f%d", i);
		MUST((fd = open(name, O_CREAT | O_WRONLY, 0644)) >= 0);
		close(fd);
	}
	MUST((fd = open("dir", O_RDONLY | O_DIRECTORY)) >= 0);
	SHOW(read_all(fd, 32768));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(read_all(fd, 64));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(syscall(SYS_getdents64, fd, name, 10));
	SHOW(syscall(SYS_getdents64, 0, name, 32));
	SHOW(read(fd, name, 10));
	MUST((dir = opendir("dir")) != NULL);
	count(dir);
	rewinddir(dir);
	for (i = 0; i < 50; i++)
		MUST((entry = readdir(dir)) != NULL);
	place = telldir(dir);
	MUST((entry = readdir(dir)) != NULL);
	snprintf(name, sizeof(name), "%.30s", entry->d_name);
	count(dir);
	seekdir(dir, place);
	MUST((entry = readdir(dir)) != NULL);
	SHOW(strcmp(name, entry->d_name));
	for (i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "dir/f%d", i);
		MUST(unlink(name) == 0);
	}
	rewinddir(dir);
	count(dir);
	return 0;
}

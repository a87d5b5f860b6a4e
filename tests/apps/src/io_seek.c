// SPDX-License-Identifier: GPL-2.0-only
/*
 * Positions, holes, space that is allocated and freed, synchronising.
 */
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "app.h"

#define MIB (1L << 20)

int main(void)
{
	char buf[8192] = "";
	struct iovec vec = { buf, 100 };
	struct stat st;
	int append;
	int fd;

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	SHOW(lseek(fd, 10, SEEK_SET));
	SHOW(lseek(fd, -11, SEEK_CUR));
	SHOW(lseek(fd, 0, 77));
	SHOW(lseek(999, 0, SEEK_SET));
	SHOW(lseek(fd, 3 * MIB, SEEK_SET));
	SHOW(write(fd, buf, 100));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwrite(fd, buf, 5000, MIB));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, MIB, SEEK_HOLE));
	SHOW(lseek(fd, 4 * MIB, SEEK_DATA));
	SHOW(fallocate(fd, 0, 5 * MIB, MIB));
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 10 * MIB, MIB));
	SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, MIB, 4096));
	SHOW(fallocate(fd, FALLOC_FL_ZERO_RANGE, 3 * MIB, 4096));
	SHOW(fallocate(fd, 0, -1, 1));
	SHOW(fallocate(fd, 0, 0, 0));
	SHOW(posix_fallocate(fd, 0, 4096));
	SHOW(lseek(fd, 0, SEEK_END));
	MUST(fstat(fd, &st) == 0);
	SHOW(st.st_size);
	SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	SHOW(posix_fadvise(fd, 0, 0, 77));
	SHOW(readahead(fd, 0, MIB));
	SHOW(sync_file_range(fd, 0, MIB, SYNC_FILE_RANGE_WRITE));
	SHOW(fsync(fd));
	SHOW(fdatasync(fd));
	SHOW(fsync(999));
	SHOW(syncfs(fd));
	SHOW(pwritev2(fd, &vec, 1, 100, RWF_DSYNC));
	SHOW(preadv2(fd, &vec, 1, 100, RWF_NOWAIT) == 100 || errno == EAGAIN);
	SHOW(preadv2(fd, &vec, 1, 100, 0x8000));
	SHOW(preadv2(fd, &vec, 1, -1, 0));
	SHOW(pread(fd, buf, 1, -1));
	SHOW(read(fd, buf, 0));
	SHOW(pread(fd, buf, 100, 100 * MIB));
	MUST((append = open("file", O_WRONLY | O_APPEND)) >= 0);
	SHOW(pwrite(append, "x", 1, 0));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(read(append, buf, 1));
	SHOW(ftruncate(fd, 100));
	return 0;
}

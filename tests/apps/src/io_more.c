// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading, writing and copying in their rarer forms: splice(2) and tee(2), several messages at
 * once, flags of preadv2(2), copies and advice within and between files.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096L

static void show_splice(int file)
{
	loff_t at = 2;
	int first[2];
	int second[2];
	char buf[16] = "";
	struct iovec part = { "from memory", 11 };

	MUST(!pipe(first) && !pipe(second));
	SHOW(splice(file, &at, first[1], NULL, 5, 0));
	SHOW(at);
	SHOW(tee(first[0], second[1], 100, 0));
	SHOW(tee(first[0], second[1], 100, SPLICE_F_NONBLOCK));
	SHOW(tee(first[0], first[1], 100, 0));
	SHOW(tee(file, first[1], 1, 0));
	SHOW(read(second[0], buf, sizeof(buf)));
	puts(buf);
	at = 100;
	SHOW(splice(first[0], NULL, file, &at, 100, SPLICE_F_MOVE));
	SHOW(splice(first[0], NULL, file, NULL, 1, SPLICE_F_NONBLOCK));
	SHOW(splice(file, NULL, file, NULL, 1, 0));
	SHOW(splice(first[0], &at, file, NULL, 1, 0));
	SHOW(splice(file, (loff_t *)1, first[1], NULL, 1, 0));
	SHOW(splice(file, NULL, first[1], NULL, 1, 0x100));
	SHOW(splice(-1, NULL, first[1], NULL, 1, 0));
	SHOW(vmsplice(first[1], &part, 1, 0));
	SHOW(vmsplice(first[1], (void *)1, 1, 0));
	SHOW(splice(first[0], NULL, second[1], NULL, 4, 0));
	SHOW(read(first[0], buf, sizeof(buf)));
	printf("%.7s\n", buf);
}

static void show_copies(int file, int other)
{
	loff_t from = 0;
	loff_t to = 50;

	SHOW(copy_file_range(file, &from, other, &to, 10, 0));
	SHOW(from);
	SHOW(to);
	SHOW(copy_file_range(file, &from, file, &from, 1, 0));
	SHOW(copy_file_range(file, NULL, other, NULL, 10, 1));
	SHOW(copy_file_range(file, (loff_t *)1, other, NULL, 10, 0));
	SHOW(copy_file_range(-1, NULL, other, NULL, 10, 0));
	from = 1000000;
	SHOW(copy_file_range(file, &from, other, NULL, 10, 0));
	SHOW(sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE));
	SHOW(sync_file_range(file, -1, 10, 0));
	SHOW(sync_file_range(file, 0, 10, 64));
	SHOW(posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED));
	SHOW(posix_fadvise(file, 0, 0, 99));
	SHOW(posix_fadvise(-1, 0, 0, 0));
	SHOW(readahead(file, 0, PAGE));
	SHOW(fallocate(other, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	SHOW(fallocate(other, 0x1000, 0, PAGE));
	SHOW(fallocate(other, 0, 0, 0));
	SHOW(lseek(other, 0, SEEK_END));
}

static void show_flags(int file)
{
	char a[4] = "";
	char b[8] = "";
	struct iovec parts[2] = { { a, 3 }, { b, 6 } };
	struct iovec bad[2] = { { a, 3 }, { (void *)1, 6 } };

	SHOW(lseek(file, 1, SEEK_SET));
	SHOW(preadv2(file, parts, 2, -1, 0));
	printf("%s %s\n", a, b);
	SHOW(lseek(file, 0, SEEK_CUR));
	SHOW(preadv2(file, parts, 2, 20, RWF_HIPRI));
	SHOW(pwritev2(file, parts, 2, 200, RWF_DSYNC));
	SHOW(pwritev2(file, parts, 1, 0, RWF_APPEND));
	SHOW(lseek(file, 0, SEEK_END));
	SHOW(preadv2(file, parts, 2, 0, 0x10000));
	SHOW(preadv2(file, bad, 2, 0, 0));
	SHOW(preadv2(file, bad + 1, 1, 0, 0));
	SHOW(syscall(SYS_preadv2, file, parts, -1, 0, 0, 0));
	SHOW(pwritev2(file, parts, 2000, 0, 0));
	SHOW(preadv(file, parts, 2, -5));
}

static void show_messages(void)
{
	char in[4][8] = { "" };
	struct iovec parts[4] = { { "one", 3 }, { "two", 3 }, { "three", 5 }, { (void *)1, 4 } };
	struct iovec into[4] = { { in[0], 7 }, { in[1], 7 }, { in[2], 2 }, { in[3], 7 } };
	struct mmsghdr out[4] = { 0 };
	struct mmsghdr got[4] = { 0 };
	struct timespec bad = { .tv_nsec = 1000000000 };
	int ends[2];
	int i;

	MUST(!socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	for (i = 0; i < 4; i++) {
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
		got[i].msg_hdr = (struct msghdr){ .msg_iov = &into[i], .msg_iovlen = 1 };
	}
	SHOW(sendmmsg(ends[0], out, 4, 0));
	SHOW(sendmmsg(ends[0], out + 3, 1, 0));
	SHOW(sendmmsg(ends[0], (void *)1, 1, 0));
	SHOW(sendmmsg(ends[0], out, 0, 0));
	SHOW(recvmmsg(ends[1], got, 4, MSG_DONTWAIT, NULL));
	for (i = 0; i < 3; i++)
		printf("%u: %s, %#x\n", got[i].msg_len, in[i],
		       (unsigned int)got[i].msg_hdr.msg_flags);
	SHOW(recvmmsg(ends[1], got, 4, MSG_DONTWAIT, NULL));
	SHOW(recvmmsg(ends[1], got, 1, 0, &bad));
	SHOW(recvmmsg(0, got, 1, 0, NULL));
	SHOW(sendmmsg(-1, out, 1, 0));
}

static void show_close_range(void)
{
	SHOW(close_range(100, 99, 0));
	SHOW(close_range(100, 200, 64));
	SHOW(dup2(0, 100));
	SHOW(close_range(90, 110, CLOSE_RANGE_CLOEXEC));
	SHOW(fcntl(100, F_GETFD));
	SHOW(close_range(90, 110, CLOSE_RANGE_UNSHARE));
	SHOW(fcntl(100, F_GETFD));
}

/* cachestat(2) is of Linux 6.5: either it works or it is not there, on both kernels. */
static void show_newer(int file)
{
	unsigned long range[2] = { 0, 0 };
	unsigned long stat[5] = { 0 };

	SHOW(syscall(451, file, range, stat, 0));
	SHOW(syscall(451, file, range, stat, 1));
	SHOW(syscall(451, file, 1, stat, 0));
	SHOW(syscall(451, -1, range, stat, 0));
}

int main(void)
{
	int file = open("file", O_CREAT | O_RDWR, 0644);
	int other = open("other", O_CREAT | O_RDWR, 0644);

	MUST(file >= 0 && other >= 0);
	MUST(write(file, "0123456789abcdefghijklmnopqrstuvwxyz", 36) == 36);
	show_splice(file);
	show_copies(file, other);
	show_flags(file);
	show_messages();
	show_close_range();
	show_newer(file);
	return 0;
}

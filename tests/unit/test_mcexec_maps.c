// SPDX-License-Identifier: GPL-2.0-only
/* What the real mcexec maps for the program: files, segments, rings of contexts. */
#include <errno.h>
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/layout.h"
#include "tests/unit/mcexec_run.h"
#include "tests/unit/unit.h"

static void maps_files(void)
{
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd = memfd_create("file", 0);
	u64 far = LWK_USER_END - 4096;
	struct fake_lwk lwk;
	char byte = 0;

	CHECK(fd >= 0 && pwrite(fd, "x", 1, 4096) == 1);
	CHECK(sock >= 0);
	start_true(&lwk);
	fake_write(&lwk, SCRATCH, "o", 1);
#define FILE_MAP(addr, len, flags) \
	fake_call(&lwk, SYS_mmap, addr, len, PROT_READ | PROT_WRITE, flags, (u64)fd, 4096)
	CHECK_EQ(FILE_MAP(SCRATCH, 4096, MAP_SHARED), -EINVAL);
	CHECK_EQ(FILE_MAP(far, 8192, MAP_SHARED | MAP_FIXED), -EINVAL);
	CHECK_EQ(FILE_MAP(LWK_PROXY_VA, 4096, MAP_SHARED | MAP_FIXED), -EINVAL);
	CHECK_EQ(FILE_MAP(SCRATCH, ~0ULL, MAP_SHARED | MAP_FIXED), -EINVAL);
	CHECK_EQ(FILE_MAP(0x8000, 4096, MAP_SHARED | MAP_FIXED), -EINVAL);
	/* Linux unmaps the place, and then finds that there is nothing to map: no hole is left. */
	CHECK_EQ(fake_call(&lwk, SYS_mmap, SCRATCH, 4000, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_FIXED, (u64)sock, 0), -ENODEV);
	CHECK_EQ(fake_call(&lwk, SYS_pwrite64, (u64)fd, SCRATCH, 1, 0), 1);
	CHECK_EQ(FILE_MAP(SCRATCH, 4096, MAP_SHARED | MAP_FIXED), (s64)SCRATCH);
	/* Now it is the file's page that the program's calls see, not the memory below. */
	CHECK_EQ(fake_call(&lwk, SYS_pwrite64, (u64)fd, SCRATCH, 1, 0), 1);
	CHECK_EQ(pread(fd, &byte, 1, 0), 1);
	CHECK_EQ(byte, 'x');
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_RESTORE, SCRATCH, SCRATCH + 4096), 0);
	CHECK_EQ(fake_call(&lwk, SYS_pwrite64, (u64)fd, SCRATCH, 1, 0), 1);
	CHECK_EQ(pread(fd, &byte, 1, 0), 1);
	CHECK_EQ(byte, 'o');
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_RESTORE, LWK_PROXY_VA, LWK_PROXY_VA + 4096), -EINVAL);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_RESTORE, SCRATCH, SCRATCH), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_munmap, LWK_PROXY_VA, 1 << 20), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_mprotect, LWK_PROXY_VA, 4096, 0), -EINVAL);
	check_exit(&lwk, 0);
}

static void attaches_segments(void)
{
	int id = shmget(IPC_PRIVATE, 5000, 0600);
	u64 far = LWK_USER_END - 4096;
	struct fake_lwk lwk;
	struct shmid_ds ds;

	CHECK(id >= 0);
	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SHM_LEN, (u64)id, 0), 5000);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_SHM_LEN, 0x7fffffff, 0), -EINVAL);
#define ATTACH(addr, len) fake_call(&lwk, SYS_shmat, (u64)id, addr, 0, len)
	CHECK_EQ(ATTACH(LWK_PROXY_VA, 5000), -EINVAL);
	CHECK_EQ(ATTACH(far, 5000), -EINVAL);
	CHECK_EQ(ATTACH(0, 5000), -EINVAL);
	CHECK_EQ(ATTACH(SCRATCH, 0), -EINVAL);
	CHECK_EQ(ATTACH(SCRATCH, ~0ULL), -EINVAL);
	CHECK(!shmctl(id, IPC_STAT, &ds) && !ds.shm_nattch && !ds.shm_atime);
	CHECK_EQ(ATTACH(SCRATCH, 5000), (s64)SCRATCH);
	/* Where huge pages would fit, it is tried whether it is made of them. */
	CHECK_EQ(ATTACH(1ULL << 30, 5000), 1LL << 30);
	CHECK(!shmctl(id, IPC_STAT, &ds) && ds.shm_nattch == 2);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_RESTORE, SCRATCH, SCRATCH + 8192), 0);
	CHECK(!shmctl(id, IPC_RMID, &ds));
	check_exit(&lwk, 0);
	CHECK(shmctl(id, IPC_STAT, &ds));
}

static void moves_rings(void)
{
	struct fake_lwk lwk;
	u64 context, len;
	s64 ret;

	start_true(&lwk);
	CHECK_EQ(fake_call(&lwk, SYS_io_setup, 0, 0), -EINVAL);
	ret = fake_call(&lwk, SYS_io_setup, 200, 0);
	CHECK(ret > 0);
	context = ((u64)ret & OFFLOAD_AIO_PAGE_MASK) * 4096;
	len = ((u64)ret >> OFFLOAD_AIO_LEN_SHIFT) * 4096;
	CHECK(context > LWK_PROXY_VA && len);
#define MOVE(from, bytes, to) fake_call(&lwk, SYS_io_setup, 0, from, bytes, to)
	CHECK_EQ(MOVE(context + 1, len, SCRATCH), -EINVAL);
	CHECK_EQ(MOVE(SCRATCH, len, SCRATCH), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_io_getevents, context, 0, 0, 0, 0), 0);
	CHECK_EQ(MOVE(context, len, SCRATCH), 0);
	CHECK_EQ(fake_call(&lwk, SYS_io_getevents, SCRATCH, 0, 0, 0, 0), 0);
	/* And back, though it is in pieces. */
#define TAKE(from, bytes) fake_call(&lwk, SYS_io_setup, 1, from, bytes)
	CHECK_EQ(TAKE(SCRATCH, 0), -EINVAL);
	CHECK_EQ(TAKE(SCRATCH + 8, len), -EINVAL);
	CHECK_EQ(TAKE(SCRATCH + 4096, len), -EINVAL);
	CHECK_EQ(TAKE(LWK_PROXY_VA, len), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_mprotect, SCRATCH, 4096, PROT_READ), 0);
	ret = TAKE(SCRATCH, len);
	CHECK(ret > (s64)LWK_PROXY_VA);
	CHECK_EQ(fake_call(&lwk, OFFLOAD_NR_RESTORE, SCRATCH, SCRATCH + len), 0);
	CHECK_EQ(fake_call(&lwk, SYS_io_getevents, SCRATCH, 0, 0, 0, 0), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_io_getevents, (u64)ret, 0, 0, 0, 0), 0);
	CHECK_EQ(fake_call(&lwk, SYS_io_destroy, (u64)ret), 0);
	/* One whose length is not what the LWK says is nobody's any more. */
	ret = fake_call(&lwk, SYS_io_setup, 200, 0);
	context = ((u64)ret & OFFLOAD_AIO_PAGE_MASK) * 4096;
	CHECK_EQ(MOVE(context, len + 4096, SCRATCH), -EINVAL);
	CHECK_EQ(fake_call(&lwk, SYS_io_getevents, context, 0, 0, 0, 0), -EINVAL);
	/* A place that is the proxy's own, or none: the context goes. */
	for (u64 to = 0; to <= LWK_PROXY_VA; to += LWK_PROXY_VA) {
		ret = fake_call(&lwk, SYS_io_setup, 200, 0);
		context = ((u64)ret & OFFLOAD_AIO_PAGE_MASK) * 4096;
		CHECK_EQ(MOVE(context, len, to), to ? -ENOMEM : 0);
		CHECK_EQ(fake_call(&lwk, SYS_io_getevents, context, 0, 0, 0, 0), -EINVAL);
	}
	check_exit(&lwk, 0);
}

/* The first number that the program gets for no copy of descriptor 3. */
static u32 first_hidden(struct fake_lwk *lwk)
{
	u32 fd = 4;

	for (; fake_call(lwk, SYS_dup2, 3, fd) == fd; fd++)
		CHECK_EQ(fake_call(lwk, SYS_close, fd), 0);
	return fd;
}

/* Requests before one that names a descriptor of mcexec's are submitted. */
static void submits_what_it_may(void)
{
	struct iocb iocb = { .aio_lio_opcode = IOCB_CMD_FSYNC };
	u64 at[40], context;
	struct fake_lwk lwk;
	s64 ret;

	start(&lwk, (char *[]){ MCEXEC_PATH, "/bin/true", NULL }, close_all);
	ret = fake_call(&lwk, SYS_io_setup, 64, 0);
	context = ((u64)ret & OFFLOAD_AIO_PAGE_MASK) * 4096;
	fake_write(&lwk, SCRATCH + 4096, "file", 5);
	iocb.aio_fildes = (u32)fake_call(&lwk, SYS_memfd_create, SCRATCH + 4096, 0);
	fake_write(&lwk, SCRATCH, &iocb, sizeof(iocb));
	iocb.aio_fildes = first_hidden(&lwk);
	fake_write(&lwk, SCRATCH + 64, &iocb, sizeof(iocb));
	for (int i = 0; i < 40; i++)
		at[i] = SCRATCH + (i == 35 ? 64 : 0);
	fake_write(&lwk, SCRATCH + 128, at, sizeof(at));
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, 40, SCRATCH + 128), 35);
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, 5, SCRATCH + 128 + 35 * 8), -EBADF);
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, 4, SCRATCH + 128 + 36 * 8), 4);
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, 1, 8), -EFAULT);
	/* No longer than what can be read, whatever it is said to be. */
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, ~0ULL >> 1, SCRATCH + 128), 35);
	CHECK_EQ(fake_call(&lwk, SYS_io_submit, context, ~0ULL >> 1, 8), -EFAULT);
	check_exit(&lwk, 0);
}

static const struct unit_test tests[] = {
	UNIT_TEST(maps_files),
	UNIT_TEST(attaches_segments),
	UNIT_TEST(moves_rings),
	UNIT_TEST(submits_what_it_may),
};

UNIT_MAIN(tests)

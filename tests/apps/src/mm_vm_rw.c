// SPDX-License-Identifier: GPL-2.0-only
/*
 * process_vm_readv(2) and process_vm_writev(2).
 *
 *	mm_vm_rw		on a child, and on itself
 *	mm_vm_rw target		prints its id and an address, and ends when its input does; then
 *				prints what was written there
 *	mm_vm_rw reach PID ADDRESS	reads and writes there; the two may run in different kernels
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "fork.h"

#define PAGE 4096UL
#define PAGES 8UL
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)

static char *area;
static char buf[LEN];

static long copy(int writes, pid_t pid, struct iovec *local, unsigned long nlocal,
		 struct iovec *remote, unsigned long nremote)
{
	return writes ? process_vm_writev(pid, local, nlocal, remote, nremote, 0) :
			process_vm_readv(pid, local, nlocal, remote, nremote, 0);
}

static long get(pid_t pid, void *from, size_t len)
{
	struct iovec local = { buf, len }, remote = { from, len };

	return copy(0, pid, &local, 1, &remote, 1);
}

static long put(pid_t pid, void *to, size_t len)
{
	struct iovec local = { buf, len }, remote = { to, len };

	return copy(1, pid, &local, 1, &remote, 1);
}

/* Pages: data; only read; untouched; none; no access; of a file; data. */
static void make_area(void)
{
	int fd;

	area = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(area != MAP_FAILED);
	strcpy(area, "data");
	strcpy(area + PAGE, "read");
	strcpy(area + 7 * PAGE, "last");
	MUST(!mprotect(area + PAGE, PAGE, PROT_READ));
	MUST(!munmap(area + 3 * PAGE, PAGE));
	MUST(!mprotect(area + 4 * PAGE, PAGE, PROT_NONE));
	MUST((fd = memfd_create("file", 0)) >= 0);
	MUST(write(fd, "file", 5) == 5);
	MUST(mmap(area + 5 * PAGE, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
	MUST(mmap(area + 6 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0) != MAP_FAILED);
	close(fd);
}

static void show_pages(pid_t pid)
{
	for (size_t i = 0; i < PAGES; i++) {
		memset(buf, 0, sizeof(buf));
		printf("%zu: ", i);
		SHOW(get(pid, area + i * PAGE, 8));
		printf("%s, ", buf);
		strcpy(buf, "written");
		SHOW(put(pid, area + i * PAGE + 16, 8));
	}
}

static void show_partial(pid_t pid)
{
	struct iovec local[3] = { { buf, 100 }, { buf + 100, 5000 }, { buf + 5100, 100 } };
	struct iovec remote[3] = { { area, 2000 }, { area + PAGE, 3000 },
				   { area + 7 * PAGE, 200 } };
	struct iovec bad[2] = { { area, 10 }, { area + 4 * PAGE, 10 } };
	struct iovec nowhere[2] = { { buf, 10 }, { (void *)8, 10 } };

	memset(buf, 0, sizeof(buf));
	SHOW(copy(0, pid, local, 3, remote, 3));
	printf("%s %s %s\n", buf, buf + 2000, buf + 5000);
	SHOW(copy(0, pid, local, 1, remote, 3));
	SHOW(copy(0, pid, local, 3, remote, 1));
	SHOW(copy(1, pid, local, 3, remote, 3));
	SHOW(get(pid, area + 2 * PAGE, 3 * PAGE));
	SHOW(put(pid, area + 2 * PAGE, 3 * PAGE));
	SHOW(put(pid, area + 100, 2 * PAGE));
	SHOW(copy(0, pid, local, 1, bad, 2));
	SHOW(copy(0, pid, local, 1, bad + 1, 1));
	SHOW(copy(0, pid, nowhere, 2, remote, 1));
	SHOW(copy(0, pid, nowhere + 1, 1, remote, 1));
	SHOW(copy(0, pid, local, 0, remote, 1));
	SHOW(copy(0, pid, local, 1, remote, 0));
	SHOW(copy(0, pid, local, 2000, remote, 1));
	SHOW(copy(0, pid, local, 1, remote, 2000));
	SHOW(copy(0, pid, (struct iovec *)8, 1, remote, 1));
	SHOW(copy(0, pid, local, 1, (struct iovec *)8, 1));
	SHOW(process_vm_readv(pid, local, 1, remote, 1, 1));
	local[0].iov_len = (size_t)-1;
	SHOW(copy(0, pid, local, 1, remote, 1));
}

/* Addresses where a program has nothing, wherever it runs. */
static void show_outside(pid_t pid)
{
	static const uintptr_t places[] = { 0, 0x1000, 0x7ee000000000, 0x7ee000001000,
					    0x7ffffffff000, 0xffffffff81000000 };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct iovec local = { buf, 20 };
		struct iovec remote[2] = { { area, 10 }, { (void *)places[i], 10 } };

		printf("%#lx: ", (unsigned long)places[i]);
		SHOW(get(pid, (void *)places[i], 8));
		SHOW(put(pid, (void *)places[i], 8));
		SHOW(copy(0, pid, &local, 1, remote, 2));
	}
}

static void show_permission(pid_t pid)
{
	pid_t other = fork_must();

	if (!other) {
		MUST(!setgid(65534) && !setuid(65534));
		SHOW(get(pid, area, 8));
		SHOW(put(pid, area, 8));
		SHOW(get(getppid(), area, 8));
		SHOW(get(getpid(), area, 8));
		exit(0);
	}
	reap(other, "another user");
}

static int on_a_child(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	make_area();
	MUST(!pipe(ends));
	pid = fork_must();
	if (!pid) {
		close(ends[1]);
		MUST(!read(ends[0], &byte, 1));
		printf("%s %s %s %s\n", area + 16, area + 2 * PAGE + 16, area + 5 * PAGE + 16,
		       area + 6 * PAGE + 16);
		exit(0);
	}
	show_pages(pid);
	show_partial(pid);
	show_outside(pid);
	if (!getuid())
		show_permission(pid);
	fflush(stdout);
	close(ends[1]);
	reap(pid, "the child");
	/* Of its parent's pages only what is shared has changed. */
	printf("%s, %s, %s, %s\n", area + 16, area + 2 * PAGE + 16, area + 5 * PAGE + 16,
	       area + 6 * PAGE + 16);
	SHOW(get(pid, area, 8));
	show_pages(getpid());
	return 0;
}

static int target(void)
{
	char byte;

	make_area();
	printf("%d %#lx\n", getpid(), (unsigned long)area);
	MUST(!read(0, &byte, 1));
	fprintf(stderr, "%s %s %s %s\n", area + 16, area + 2 * PAGE + 16, area + 5 * PAGE + 16,
		area + 6 * PAGE + 16);
	return 0;
}

static int reach(pid_t pid, unsigned long address)
{
	area = (char *)address;
	show_pages(pid);
	show_partial(pid);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return reach(atoi(argv[2]), strtoul(argv[3], NULL, 0));
	return argc == 2 ? target() : on_a_child();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory and registers of devices, which Linux maps without having pages for them.
 *
 *	mm_device memory	the memory of a device, in all ways that a program may use it
 *	mm_device registers	a device's registers
 *	mm_device physical	/dev/mem
 *	mm_device claim		a driver takes the device's memory for itself while it is mapped
 *	mm_device child FILE	a mapping that its driver keeps from children
 *	mm_device hold		prints where it has mapped memory, and uses it until killed
 *	mm_device dump		ends with a core file; descriptor 3 says what is to be in it
 *	mm_device put TEXT	writes a text to the device's memory
 *	mm_device get		prints it
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define PAGE 4096UL
#define PAGES 16UL
#define LEN (PAGES * PAGE)
#define RW (PROT_READ | PROT_WRITE)
#define DEVICES "/sys/bus/pci/devices"

/* Vendor and device, as /sys prints them. */
#define SHARED_MEMORY "0x1af4", "0x1110"
#define EDUCATIONAL "0x1234", "0x11e8"

static sigjmp_buf after_signal;

static void on_signal(int sig)
{
	siglongjmp(after_signal, sig);
}

/* What the program gets for a load (or a store of what is there): 0 or a signal. */
static int touch(volatile uint32_t *at, int writes)
{
	int sig = sigsetjmp(after_signal, 1);

	if (sig)
		return sig;
	if (writes)
		*at = 0x746f7563;
	else
		(void)*at;
	return 0;
}

static void catch_faults(void)
{
	const struct sigaction action = { .sa_handler = on_signal };

	MUST(!sigaction(SIGSEGV, &action, NULL));
	MUST(!sigaction(SIGBUS, &action, NULL));
}

static int attribute_is(const char *name, const char *attribute, const char *wanted)
{
	char path[PATH_MAX], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", name, attribute);
	fd = open(path, O_RDONLY);
	MUST(fd >= 0);
	MUST(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return !strncmp(text, wanted, strlen(wanted));
}

/* The path of a file of the device. */
static const char *device_file(const char *vendor, const char *device, const char *file)
{
	static char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	MUST(dir != NULL);
	path[0] = 0;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] != '.' && attribute_is(entry->d_name, "vendor", vendor) &&
		    attribute_is(entry->d_name, "device", device))
			snprintf(path, sizeof(path), DEVICES "/%s/%s", entry->d_name, file);
	}
	closedir(dir);
	MUST(path[0] != 0);
	return path;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	MUST(fd >= 0);
	SHOW(write(fd, text, strlen(text)) > 0);
	close(fd);
}

/* Map the device's memory: uncached, or by "resource2_wc" write-combining. */
static char *map_memory_at(const char *file, off_t offset, size_t len, int prot, int flags)
{
	char *start;
	int fd = open(device_file(SHARED_MEMORY, file), O_RDWR);

	MUST(fd >= 0);
	start = mmap(NULL, len, prot, flags, fd, offset);
	MUST(start != MAP_FAILED);
	close(fd);
	return start;
}

static char *map_memory(const char *file, size_t len, int prot, int flags)
{
	return map_memory_at(file, 0, len, prot, flags);
}

static void two_mappings(void)
{
	char *uc = map_memory("resource2", LEN, RW, MAP_SHARED);
	char *wc = map_memory("resource2_wc", LEN, RW, MAP_SHARED);
	unsigned long i, wrong = 0;

	for (i = 0; i < LEN; i++)
		uc[i] = (char)(i % 251);
	for (i = 0; i < LEN; i++)
		wrong += wc[i] != (char)(i % 251);
	SHOW(wrong);
	memset(wc, 'w', LEN);
	for (i = 0; i < LEN; i++)
		wrong += uc[i] != 'w';
	SHOW(wrong);
	SHOW(munmap(wc + PAGE, PAGE));
	SHOW(touch((void *)wc, 1));
	SHOW(touch((void *)(wc + PAGE), 0) == SIGSEGV);
	SHOW(touch((void *)(wc + 2 * PAGE), 1));
	SHOW(munmap(wc, LEN));
	SHOW(munmap(uc, LEN));
}

/* Calls of Linux's that are given such an address. */
static void calls(void)
{
	char *start = map_memory("resource2", LEN, RW, MAP_SHARED);
	char buf[8192] = "";
	struct iovec local = { buf, 100 }, remote = { start, 100 };
	int file, pipes[2];

	MUST(!pipe(pipes));
	strcpy(start, "from the device");
	SHOW(write(pipes[1], start, 16));
	SHOW(read(pipes[0], buf, 16));
	puts(buf);
	SHOW(write(pipes[1], start, 5000));
	SHOW(read(pipes[0], start + LEN - 5000, 5000));
	SHOW(strcmp(start + LEN - 5000, "from the device"));
	SHOW(vmsplice(pipes[1], &remote, 1, 0));
	SHOW(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	SHOW(process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
	MUST((file = open("direct", O_RDWR | O_CREAT | O_DIRECT, 0600)) >= 0);
	SHOW(write(file, start, PAGE));
	MUST((file = open("/proc/self/mem", O_RDWR)) >= 0);
	memset(buf, 0, sizeof(buf));
	SHOW(pread(file, buf, 16, (off_t)(uintptr_t)start));
	puts(buf);
	SHOW(pwrite(file, "by /proc", 9, (off_t)(uintptr_t)start));
	puts(start);
	strcpy(start, "/dev/null");
	SHOW(access(start, R_OK));
	SHOW(munmap(start, LEN));
}

/* What is locked, as /proc/self/status has it. */
static void show_locked(void)
{
	char line[100];
	FILE *file = fopen("/proc/self/status", "r");

	MUST(file != NULL);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmLck", 5))
			fputs(line, stdout);
	fclose(file);
}

static void advice(void)
{
	static const int all[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
		MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE,
		MADV_DONTDUMP, MADV_DODUMP, MADV_FREE, MADV_WIPEONFORK, MADV_KEEPONFORK,
		MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE,
		24 /* MADV_DONTNEED_LOCKED */,
	};
	char *start = map_memory("resource2", LEN, RW, MAP_SHARED);
	unsigned char resident[PAGES];
	size_t i;

	strcpy(start, "kept");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		printf("advice %d: ", all[i]);
		SHOW(madvise(start, LEN, all[i]));
	}
	SHOW(mincore(start, LEN, resident));
	SHOW(msync(start, LEN, MS_SYNC));
	SHOW(mlock(start, LEN));
	show_locked();
	SHOW(madvise(start, LEN, MADV_DONTNEED));
	SHOW(munlock(start, LEN));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(munlockall());
	puts(start);
	SHOW(munmap(start, LEN));
}

static void protection(void)
{
	char *start = map_memory("resource2_wc", LEN, RW, MAP_SHARED);

	strcpy(start, "data");
	SHOW(mprotect(start, PAGE, PROT_READ));
	SHOW(touch((void *)start, 0));
	SHOW(touch((void *)start, 1) == SIGSEGV);
	SHOW(touch((void *)(start + PAGE), 1));
	SHOW(mprotect(start, PAGE, PROT_NONE));
	SHOW(touch((void *)start, 0) == SIGSEGV);
	SHOW(mprotect(start, PAGE, RW));
	puts(start);
	SHOW(touch((void *)start, 1));
	SHOW(munmap(start, LEN));
	/* What may be written only can be read. */
	start = map_memory("resource2", LEN, PROT_WRITE, MAP_SHARED);
	SHOW(touch((void *)start, 0));
	SHOW(touch((void *)start, 1));
	SHOW(munmap(start, LEN));
}

static void moving(void)
{
	char *start = map_memory("resource2", LEN, RW, MAP_SHARED);
	char *free = mmap(NULL, 2 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(free != MAP_FAILED);
	strcpy(start, "moves");
	SHOW_PTR(mremap(start, LEN, 2 * LEN, 0));
	SHOW_PTR(mremap(start, LEN, 2 * LEN, MREMAP_MAYMOVE));
	SHOW_PTR(mremap(start, LEN, 2 * LEN, MREMAP_MAYMOVE | MREMAP_FIXED, free));
	SHOW_PTR(mremap(start, 0, LEN, MREMAP_MAYMOVE));
	SHOW_PTR(mremap(start, LEN, LEN, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
	SHOW(touch((void *)start, 0));
	free = mmap(NULL, 2 * LEN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(free != MAP_FAILED);
	SHOW_PTR(mremap(start, LEN, LEN, MREMAP_MAYMOVE | MREMAP_FIXED, free));
	puts(free);
	SHOW(touch((void *)start, 0) == SIGSEGV);
	SHOW_PTR(mremap(free, LEN, PAGE, 0));
	SHOW(touch((void *)free, 1));
	SHOW(touch((void *)(free + PAGE), 0) == SIGSEGV);
	SHOW(munmap(free, PAGE));
}

static void wait_for(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	SHOW(WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status));
}

/* A debugger reads and writes it word by word. */
static void traced(void)
{
	char *start = map_memory("resource2", LEN, RW, MAP_SHARED);
	long word;
	pid_t pid;

	strcpy(start, "a word");
	MUST((pid = fork()) >= 0);
	if (!pid) {
		MUST(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		puts(start);
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0) == pid);
	word = ptrace(PTRACE_PEEKDATA, pid, start, NULL);
	SHOW(memcmp(&word, "a word", 7));
	memcpy(&word, "another", 8);
	SHOW(ptrace(PTRACE_POKEDATA, pid, start, word));
	/* Who writes first then is open. */
	MUST(!ptrace(PTRACE_CONT, pid, NULL, NULL));
	wait_for(pid);
	SHOW(munmap(start, LEN));
}

/* A core file has what is the program's own, and not the device's. */
static void dump(void)
{
	char *device = map_memory("resource2", LEN, RW, MAP_SHARED);
	char *own = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(own != MAP_FAILED);
	memset(device, 'd', LEN);
	memset(own, 'o', LEN);
	MUST(dprintf(3, "device %lx -\nown %lx o\n", (long)device, (long)own) > 0);
	abort();
}

/* A mapping that its driver keeps from children: of the binder, which may not be touched either. */
static void from_parent(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *start;
	pid_t pid;

	MUST(fd >= 0);
	start = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	MUST(start != MAP_FAILED);
	SHOW(touch(start, 0) == SIGBUS);
	MUST((pid = fork()) >= 0);
	if (!pid) {
		SHOW(touch(start, 0) == SIGSEGV);
		SHOW(munmap(start, PAGE));
		SHOW_PTR(mmap(start, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
		SHOW(touch(start, 1));
		_exit(0);
	}
	wait_for(pid);
	SHOW(touch(start, 0) == SIGBUS);
	SHOW(madvise(start, PAGE, MADV_DOFORK));
}

/* Children have it too, private ones their own copies of what was written. */
static void forking(void)
{
	char *shared = map_memory("resource2", LEN, RW, MAP_SHARED);
	char *private = map_memory("resource2", LEN, RW, MAP_PRIVATE);
	char *alone = map_memory("resource2", LEN, RW, MAP_SHARED);
	pid_t pid;

	SHOW(madvise(alone, LEN, MADV_DONTFORK));
	strcpy(shared, "device's");
	strcpy(shared + PAGE, "too");
	puts(private);
	puts(private + PAGE);
	/* With its first page copied, Linux cannot fork it. */
	strcpy(private + PAGE, "parent's");
	puts(shared + PAGE);
	MUST((pid = fork()) >= 0);
	if (!pid) {
		puts(shared);
		puts(private + PAGE);
		strcpy(private + PAGE, "child's");
		strcpy(shared + PAGE, "by the child");
		SHOW(touch((void *)alone, 0) == SIGSEGV);
		_exit(3);
	}
	wait_for(pid);
	puts(private + PAGE);
	puts(shared + PAGE);
	SHOW(touch((void *)alone, 1));
	SHOW(munmap(private, LEN));
	SHOW(munmap(alone, LEN));
	SHOW(munmap(shared, LEN));
}

static void memory(void)
{
	two_mappings();
	calls();
	advice();
	protection();
	moving();
	forking();
	traced();
}

/* Each access has to arrive as one of 32 bits, and once. */
static void registers(void)
{
	int fd = open(device_file(EDUCATIONAL, "resource0"), O_RDWR);
	volatile uint32_t *regs;
	int n;

	MUST(fd >= 0);
	regs = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	MUST(regs != MAP_FAILED);
	SHOW(regs[0]);
	for (n = 0; n < 3; n++) {
		regs[1] = (uint32_t)n;
		SHOW(regs[1]);
	}
	for (n = 3; n < 13; n += 3) {
		regs[2] = (uint32_t)n;
		while (regs[8] & 1)
			;
		SHOW(regs[2]);
	}
	SHOW_PTR(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 1 << 20));
}

static void show_physical(const char *what, uint64_t at, int flags)
{
	int fd = open("/dev/mem", O_RDONLY | flags);
	const unsigned char *start;
	unsigned long i, sum = 0;

	MUST(fd >= 0);
	start = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, (off_t)at);
	if (start == MAP_FAILED) {
		printf("%s: %s\n", what, error_name(errno));
	} else {
		for (i = 0; i < LEN; i++)
			sum += start[i];
		printf("%s: sum %lu\n", what, sum);
		munmap((void *)start, LEN);
	}
	close(fd);
}

/* The memory of both kernels is not for programs. */
static void physical(void)
{
	int i, fd = open("/dev/mem", O_RDWR);
	unsigned long mapped = 0;
	char name[40];

	MUST(fd >= 0);
	show_physical("BIOS", 0xf0000, 0);
	show_physical("BIOS, uncached", 0xf0000, O_SYNC);
	show_physical("interrupt controller", 0xfec00000, O_SYNC);
	for (i = 1; i < 1024; i++)
		mapped += mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)i << 20) != MAP_FAILED;
	SHOW(mapped);
	snprintf(name, sizeof(name), "%s", "nothing there");
	show_physical(name, 1ULL << 40, 0);
}

static void show_text(const char *text)
{
	printf("%s\n", text);
}

/* A driver that will not have the device, but first asks for its memory. */
static void offer_to_driver(void)
{
	char name[PATH_MAX];
	char *slash;

	write_text(device_file(SHARED_MEMORY, "driver_override"), "8139too");
	snprintf(name, sizeof(name), "%s", device_file(SHARED_MEMORY, ""));
	slash = strrchr(name, '/');
	*slash = 0;
	write_text("/sys/bus/pci/drivers_probe", strrchr(name, '/') + 1);
	write_text(device_file(SHARED_MEMORY, "driver_override"), "\n");
}

static void claim(void)
{
	char *uc = map_memory("resource2", LEN, RW, MAP_SHARED);
	char *wc = map_memory("resource2_wc", LEN, RW, MAP_SHARED);
	char *private = map_memory("resource2", LEN, RW, MAP_PRIVATE);

	strcpy(uc, "before");
	show_text(wc);
	strcpy(private + PAGE, "own");
	offer_to_driver();
	SHOW(touch((void *)uc, 0) == SIGBUS);
	SHOW(touch((void *)wc, 1) == SIGBUS);
	SHOW(touch((void *)(wc + PAGE), 0) == SIGBUS);
	SHOW(touch((void *)private, 0) == SIGBUS);
	SHOW(touch((void *)(private + PAGE), 0) == SIGBUS);
	SHOW(write(STDOUT_FILENO, uc, 6));
	SHOW(munmap(uc, LEN));
	SHOW(munmap(wc, LEN));
	SHOW(munmap(private, LEN));
	show_text(map_memory("resource2", LEN, RW, MAP_SHARED));
}

/* Print where the memory of devices is mapped, pages of three types, and use it until killed. */
static void hold(void)
{
	volatile char *uc = map_memory("resource2", PAGE, RW, MAP_SHARED);
	volatile char *wc = map_memory_at("resource2_wc", LEN, PAGE, RW, MAP_SHARED);
	int fd = open("/dev/mem", O_RDONLY);
	volatile char *bios;

	MUST(fd >= 0);
	bios = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0xf0000);
	MUST(bios != MAP_FAILED);
	*uc = *wc + *bios;
	printf("%016lx %016lx %016lx\n", (long)uc, (long)wc, (long)bios);
	for (;;)
		*uc = *wc + *bios;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	catch_faults();
	if (!strcmp(what, "memory"))
		memory();
	else if (!strcmp(what, "registers"))
		registers();
	else if (!strcmp(what, "physical"))
		physical();
	else if (!strcmp(what, "claim"))
		claim();
	else if (!strcmp(what, "dump"))
		dump();
	else if (!strcmp(what, "hold"))
		hold();
	else if (!strcmp(what, "child") && argc > 2)
		from_parent(argv[2]);
	else if (!strcmp(what, "put") && argc > 2)
		strcpy(map_memory("resource2", LEN, RW, MAP_SHARED), argv[2]);
	else if (!strcmp(what, "get"))
		show_text(map_memory("resource2_wc", LEN, RW, MAP_SHARED));
	else
		return 2;
	return 0;
}

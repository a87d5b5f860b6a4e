// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile proxy: makes processes on the LWK as mcexec does, from descriptors that are
 * sound, or a little or wholly wrong; then asks mcctrl for anything in any order, answers the LWK's
 * requests with anything, and touches and unmaps the program's memory meanwhile.
 * It proves nothing by itself: the test around it checks that both kernels live on and have lost
 * nothing.
 *
 *   proxy_fuzz SEED ROUNDS DEVICE
 *
 * Each round is a process of its own, which ends in the middle of whatever it does.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/layout.h"
#include "abi/mcctrl_ioctl.h"
#include "tests/guest/fuzz_random.h"

#define CODE_VA 0x400000UL
#define STEPS 40

/* Heaps of static PIEs are here. */
#define HEAP_START 0x550000000000UL
#define HEAP_END 0x570000000000UL
#define ALARM_US 10000

/*
 * What runs on the LWK: for ever getppid(2), mmap(2) of a file, a look at what it answered,
 * munmap(2). The answers are ours.
 */
static const unsigned char code[] = {
	0xb8, 0x6e, 0, 0, 0, 0x0f, 0x05,		/* mov $110,%eax; syscall */
	0xb8, 0x09, 0, 0, 0, 0x31, 0xff,		/* mov $9,%eax; xor %edi,%edi */
	0xbe, 0x00, 0x20, 0, 0,				/* mov $0x2000,%esi */
	0xba, 0x03, 0, 0, 0, 0x41, 0xba, 0x01, 0, 0, 0,	/* mov $3,%edx; mov $1,%r10d */
	0x4d, 0x31, 0xc0, 0x4d, 0x31, 0xc9, 0x0f, 0x05,	/* xor %r8,%r8; xor %r9,%r9; syscall */
	0x48, 0x89, 0xc7, 0x48, 0x85, 0xc0, 0x78, 0xd2,	/* mov %rax,%rdi; test; js 0 */
	0x48, 0xff, 0x00,				/* incq (%rax) */
	0xb8, 0x0b, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xc6,	/* mov $11,%eax; syscall; jmp 0 */
};

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 7, 31, 32, 33, 63, 4095, 4096, 8192, 1 << 21, 1 << 30, 0x80000000,
		0xffffffff, 0x10000, 0x400000, 0x401000, 0x7e0000000000, 0x7dfffffff000,
		0x7ffffffff000, 0x800000000000, 1ULL << 63, ~0ULL - 4095, ~0ULL - 512, ~0ULL,
	};

	return pick(6) ? values[pick(sizeof(values) / sizeof(values[0]))] : rng();
}

static void make_sound(struct program_load_desc *desc)
{
	*desc = (struct program_load_desc){
		.magic = PROGRAM_MAGIC,
		.version = PROGRAM_VERSION,
		.len = sizeof(*desc),
		.nsections = 2,
		.argc = 1,
		.cpu = -1,
		.args_len = 4,
		.entry = CODE_VA,
		.phent = 56,
		.phnum = 1,
		.align = 4096,
		.clktck = 100,
		.platform = "x86_64",
		.comm = "fuzz",
	};
	desc->sections[0] = (struct program_section){
		.vaddr = CODE_VA,
		.memsz = sizeof(code),
		.filesz = sizeof(code),
		.prot = PROT_READ | PROT_EXEC,
	};
	desc->sections[1] = (struct program_section){
		.vaddr = CODE_VA + (1 << 20),
		.memsz = 1 << 16,
		.filesz = 1 << 14,
		.prot = PROT_READ | PROT_WRITE,
	};
}

static void mutate(struct program_load_desc *desc)
{
	static const size_t widths[] = { 4, 8 };
	uint64_t n = pick(4);
	size_t width, at;
	uint64_t value;

	if (!pick(50))
		for (at = 0; at + 8 <= sizeof(*desc); at += 8) {
			value = odd_value();
			memcpy((char *)desc + at, &value, 8);
		}
	while (n--) {
		width = widths[pick(2)];
		/* The sections that are not used are most of it. */
		at = pick(offsetof(struct program_load_desc, sections[3]) / width) * width;
		value = odd_value();
		memcpy((char *)desc + at, &value, width);
	}
}

static void on_signal(int sig)
{
	(void)sig;
}

static void set_alarm(void)
{
	const struct itimerval timer = { { 0, ALARM_US }, { 0, ALARM_US } };
	const struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void fill(int proxy, uint64_t to, const void *from, uint64_t len)
{
	struct mcctrl_fill req = { .to = to, .len = len, .fd = memfd_create("content", 0) };
	int fd = req.fd;

	(void)!write(fd, from, len);
	switch (pick(16)) {
	case 0:
		req.to = odd_value();
		break;
	case 1:
		req.offset = odd_value();
		break;
	case 2:
		req.len = odd_value();
		break;
	case 3:
		req.fd = (int)pick(8);
		break;
	}
	ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, &req);
	close(fd);
}

static void load(int proxy, const struct program_layout *layout)
{
	/* By read(2): an address that is not there is an error, no signal. */
	int ends[2];

	if (pick(2)) {
		fill(proxy, CODE_VA + layout->bias, code, sizeof(code));
		fill(proxy, layout->args_start, "arg", 4);
		return;
	}
	if (pipe(ends))
		return;
	if (write(ends[1], code, sizeof(code)) > 0 &&
	    read(ends[0], (void *)(CODE_VA + layout->bias), sizeof(code)) > 0 &&
	    write(ends[1], "arg", 4) > 0 && pick(20))
		(void)!read(ends[0], (void *)layout->args_start, 4);
	close(ends[0]);
	close(ends[1]);
}

static void wait_once(int proxy, struct mcctrl_wait *wait)
{
	static unsigned char data[OFFLOAD_DATA_LEN];
	int err;

	wait->data = pick(8) ? (uint64_t)data : odd_value();
	err = ioctl(proxy, MCCTRL_IOC_WAIT_SYSCALL, wait);
	wait->flags = 0;
	if (err)
		return;
	wait->flags = MCCTRL_WAIT_ANSWER;
	wait->ret = 0;
	/* Often do what a proxy does. */
	if (wait->nr == 9 && pick(3))
		wait->ret = (int64_t)mmap((void *)wait->args[0], wait->args[1],
					  PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	else if (!pick(3))
		wait->ret = (int64_t)odd_value();
}

static void touch(void)
{
	uint64_t at = pick(3) ? CODE_VA + (pick(2) << 20) + pick(1 << 16) : odd_value();
	int ends[2];

	if (pipe(ends))
		return;
	switch (pick(4)) {
	case 0:
		(void)!write(ends[1], (void *)at, 1 + pick(8192));
		break;
	case 1:
		(void)!write(ends[1], code, sizeof(code));
		(void)!read(ends[0], (void *)at, sizeof(code));
		break;
	case 2:
		if (at < LWK_PROXY_VA)
			munmap((void *)(at & ~4095UL), 4096 << pick(8));
		break;
	default:
		madvise((void *)(at & ~4095UL), 4096 << pick(4), (int)pick(26));
	}
	close(ends[0]);
	close(ends[1]);
}

static void noise(int proxy)
{
	uint64_t words[32];

	for (size_t i = 0; i < 32; i++)
		words[i] = odd_value();
	switch (pick(5)) {
	case 0:
		ioctl(proxy, MCCTRL_IOC(pick(4), pick(8), pick(256)), words);
		break;
	case 1:
		ioctl(proxy, MCCTRL_IOC_SEND_SIGNAL, words);
		break;
	case 2:
		ioctl(proxy, MCCTRL_IOC_PREPARE_IMAGE, odd_value());
		break;
	case 3:
		ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, words);
		break;
	default:
		ioctl(proxy, rng(), odd_value());
	}
}

static void map_part(int proxy, uint64_t start, uint64_t end)
{
	mmap((void *)start, end - start, PROT_READ | PROT_WRITE,
	     (pick(16) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE, proxy,
	     (off_t)(pick(16) ? start : odd_value()));
}

/* All but where Linux has our heap. */
static void map_range(int proxy)
{
	uint64_t start = odd_value();

	map_part(proxy, LWK_USER_START, HEAP_START);
	map_part(proxy, HEAP_END, LWK_USER_END);
	if (!pick(4) && start < HEAP_START)
		map_part(proxy, start, start + (4096UL << pick(20)));
}

static void prepare(int proxy, struct program_layout *layout)
{
	struct program_load_desc desc;
	struct mcctrl_prepare req = { .desc = (uintptr_t)&desc };

	make_sound(&desc);
	if (pick(2))
		mutate(&desc);
	if (!ioctl(proxy, MCCTRL_IOC_PREPARE_IMAGE, &req))
		*layout = req.layout;
}

static void round_of(int proxy)
{
	struct program_layout layout = { 0 };
	struct mcctrl_wait wait = { 0 };

	if (pick(16))
		map_range(proxy);
	prepare(proxy, &layout);
	if (pick(16))
		load(proxy, &layout);
	if (pick(16))
		ioctl(proxy, MCCTRL_IOC_START_IMAGE);
	for (uint64_t n = pick(STEPS); n; n--) {
		switch (pick(8)) {
		case 0:
			noise(proxy);
			break;
		case 1:
			touch();
			break;
		case 2:
			if (!pick(4))
				map_range(proxy);
			break;
		default:
			wait_once(proxy, &wait);
		}
	}
}

static void child(const char *device)
{
	struct mcctrl_create create = { .version = MCCTRL_VERSION };
	int fd = open(device, O_RDONLY);
	int proxy;

	if (!pick(16))
		create.version = (uint32_t)odd_value();
	if (!pick(16))
		create.flags = (uint32_t)odd_value();
	proxy = fd < 0 ? fd : ioctl(fd, MCCTRL_IOC_CREATE_PROXY, &create);
	set_alarm();
	if (proxy >= 0)
		round_of(proxy);
	_exit(proxy < 0 ? 10 : 0);
}

int main(int argc, char **argv)
{
	unsigned long refused = 0, killed = 0, rounds;
	const struct rlimit no_core = { 0, 0 };

	if (argc != 4) {
		fprintf(stderr, "usage: proxy_fuzz SEED ROUNDS DEVICE\n");
		return 2;
	}
	setrlimit(RLIMIT_CORE, &no_core);
	rng_state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	rounds = strtoul(argv[2], NULL, 0);
	for (unsigned long n = 0; n < rounds; n++) {
		int status;
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			return 1;
		}
		if (!pid)
			child(argv[3]);
		rng(); /* the children start from different states */
		waitpid(pid, &status, 0);
		if (WIFSIGNALED(status))
			killed++;
		else if (WEXITSTATUS(status))
			refused++;
	}
	printf("%lu rounds: %lu without a proxy, %lu killed\n", rounds, refused, killed);
	return 0;
}

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
#include <pthread.h>
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
#include "tests/guest/sound_program.h"

#define STEPS 40

/* Heaps of static PIEs are here. */
#define HEAP_START 0x550000000000UL
#define HEAP_END 0x570000000000UL
#define ALARM_US 10000

/* What requests are asked on, and what they may name: a twin, the LWK's last fork(2). */
struct proxy {
	int device;
	int fd;
	pid_t twin;
	uint64_t token;
};

static struct proxy proxy;

/*
 * What runs on the LWK: for ever uname(2) to the second section, access(2) of what that has written
 * there, getppid(2), fork(2), clone(2) of a thread, mmap(2) of a file, a look at what it answered,
 * munmap(2). The answers are ours. Nothing of it needs a stack.
 */
static const unsigned char code[] = {
	0xb8, 0x3f, 0, 0, 0,				/* mov $63,%eax */
	0x48, 0x8d, 0x3d, 0xf4, 0xff, 0x0f, 0, 0x0f, 0x05, /* lea 1<<20(0),%rdi; syscall */
	0xb8, 0x15, 0, 0, 0, 0x0f, 0x05,		/* mov $21,%eax; syscall */
	0xb8, 0x6e, 0, 0, 0, 0x0f, 0x05,		/* mov $110,%eax; syscall */
	0xb8, 0x39, 0, 0, 0, 0x0f, 0x05,		/* mov $57,%eax; syscall */
	0xb8, 0x38, 0, 0, 0, 0xbf, 0x00, 0x0f, 0x05, 0,	/* mov $56,%eax; mov $0x50f00,%edi */
	0x31, 0xf6, 0x31, 0xd2, 0x4d, 0x31, 0xd2,	/* xor %esi,%esi; %edx,%edx; %r10,%r10 */
	0x4d, 0x31, 0xc0, 0x0f, 0x05,			/* xor %r8,%r8; syscall */
	0xb8, 0x09, 0, 0, 0, 0x31, 0xff,		/* mov $9,%eax; xor %edi,%edi */
	0xbe, 0x00, 0x20, 0, 0,				/* mov $0x2000,%esi */
	0xba, 0x03, 0, 0, 0, 0x41, 0xba, 0x01, 0, 0, 0,	/* mov $3,%edx; mov $1,%r10d */
	0x4d, 0x31, 0xc0, 0x4d, 0x31, 0xc9, 0x0f, 0x05,	/* xor %r8,%r8; xor %r9,%r9; syscall */
	0x48, 0x89, 0xc7, 0x48, 0x85, 0xc0, 0x78, 0xa0,	/* mov %rax,%rdi; test; js 0 */
	0x48, 0xff, 0x00,				/* incq (%rax) */
	0xb8, 0x0b, 0, 0, 0, 0x0f, 0x05, 0xeb, 0x94,	/* mov $11,%eax; syscall; jmp 0 */
};

static uint64_t odd_value(void)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 7, 31, 32, 33, 63, 4095, 4096, 8192, 1 << 21, 1 << 30, 0x80000000,
		0xffffffff, 0x10000, 0x400000, 0x401000, 0x7ee000000000, 0x7edffffff000,
		0x7ffffffff000, 0x800000000000, 1ULL << 63, ~0ULL - 4095, ~0ULL - 512, ~0ULL,
	};

	return pick(6) ? values[pick(sizeof(values) / sizeof(values[0]))] : rng();
}

static void make_sound(struct program_load_desc *desc)
{
	*desc = sound_program(sizeof(code));
	desc->nsections = 2;
	desc->sections[0].mapped = (uint16_t)pick(2);
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

static void fill(uint64_t to, const void *from, uint64_t len)
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
	case 4:
		req.flags = (uint32_t)pick(8);
		break;
	default:
		if (pick(2))
			break;
		req.flags = MCCTRL_FILL_MEMORY;
		req.fd = -1;
		req.offset = pick(8) ? (uintptr_t)from : odd_value();
	}
	ioctl(proxy.fd, MCCTRL_IOC_FILL_IMAGE, &req);
	close(fd);
}

/* The code: mapped, as the descriptor may say, or filled, or both, or neither. */
static void load_code(uint64_t to)
{
	int fd = memfd_create("code", 0);

	if (pick(2) && write(fd, code, sizeof(code)) > 0)
		mmap((void *)to, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
	if (pick(4))
		fill(to, code, sizeof(code));
	close(fd);
}

static void load(const struct program_layout *layout)
{
	/* By read(2): an address that is not there is an error, no signal. */
	static char data[1 << 14];
	int ends[2];

	load_code(CODE_VA + layout->bias);
	fill(CODE_VA + (1 << 20) + layout->bias, data, sizeof(data));
	if (pick(2)) {
		fill(layout->args_start, SOUND_ARGS, sizeof(SOUND_ARGS));
		return;
	}
	if (pipe(ends))
		return;
	if (write(ends[1], code, sizeof(code)) > 0 &&
	    read(ends[0], (void *)(CODE_VA + layout->bias), sizeof(code)) > 0 &&
	    write(ends[1], SOUND_ARGS, sizeof(SOUND_ARGS)) > 0 && pick(20))
		(void)!read(ends[0], (void *)layout->args_start, sizeof(SOUND_ARGS));
	close(ends[0]);
	close(ends[1]);
}

/* Asks at the end of what can be written: there is no room for small arguments. */
static int wait_at_edge(struct mcctrl_wait *wait)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = pages + 4096 - sizeof(*wait);
	int err;

	if (pages == MAP_FAILED)
		return -1;
	/* Still mapped: another thread's memory must not come to lie there. */
	mprotect(pages + 4096, 4096, PROT_NONE);
	memcpy(at, wait, sizeof(*wait));
	err = ioctl(proxy.fd, MCCTRL_IOC_WAIT_SYSCALL, at);
	memcpy(wait, at, sizeof(*wait));
	munmap(pages, 8192);
	return err;
}

static void wait_once(struct mcctrl_request *request)
{
	struct mcctrl_wait *wait = &request->wait;
	int err = pick(16) ? ioctl(proxy.fd, MCCTRL_IOC_WAIT_SYSCALL, request) : wait_at_edge(wait);

	wait->flags = 0;
	if (err)
		return;
	wait->flags = pick(16) ? MCCTRL_WAIT_ANSWER : MCCTRL_WAIT_LATER;
	wait->ret = 0;
	if (wait->nr == OFFLOAD_NR_FORK)
		proxy.token = wait->args[0];
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

/* Each request that there is; those of the device, and those of a proxy's file. */
static const unsigned int requests[] = {
#define REQUEST(name) MCCTRL_IOC_##name,
	MCCTRL_REQUESTS(REQUEST)
#undef REQUEST
};

#define MAX_LEN 256

union argument {
	struct mcctrl_create create;
	struct mcctrl_prepare prepare;
	struct mcctrl_fill fill;
	struct mcctrl_show show;
	struct mcctrl_fork fork;
	struct mcctrl_request wait;
	struct mcctrl_signal signal;
	struct mcctrl_twin twin;
	struct mcctrl_cpus cpus;
	uint64_t words[MAX_LEN / 8];
};

/* As mcexec might ask. */
static void make_sound_argument(unsigned int request, union argument *arg)
{
	static struct program_load_desc desc;

	memset(arg, 0, sizeof(*arg));
	switch (request) {
	case MCCTRL_IOC_CREATE_PROXY:
		arg->create.version = MCCTRL_VERSION;
		break;
	case MCCTRL_IOC_PREPARE_IMAGE:
		make_sound(&desc);
		arg->prepare.desc = (uintptr_t)&desc;
		break;
	case MCCTRL_IOC_FILL_IMAGE:
		arg->fill = (struct mcctrl_fill){ .to = CODE_VA, .len = 4096, .fd = proxy.device };
		break;
	case MCCTRL_IOC_SHOW:
		arg->show.args = (struct mcctrl_range){ CODE_VA, CODE_VA + pick(4096) };
		break;
	case MCCTRL_IOC_FORK_PROXY:
		arg->fork.token = proxy.token;
		break;
	case MCCTRL_IOC_SEND_SIGNAL:
		arg->signal.info[0] = (uint8_t)pick(66);
		arg->signal.shared = (uint32_t)pick(3);
		break;
	case MCCTRL_IOC_ADD_TWIN:
		arg->twin.creator = (uint32_t)(pick(4) ? proxy.twin : gettid());
		break;
	case MCCTRL_IOC_TAKE_CPUS:
		arg->cpus.cpus[0] = pick(16);
		break;
	}
}

/* Any request, on either file, with an argument that is sound, or not quite, or not at all. */
static void ask(void)
{
	unsigned int request = requests[pick(sizeof(requests) / sizeof(requests[0]))];
	int fd = pick(4) ? proxy.fd : proxy.device;
	union argument arg;
	int got;

	make_sound_argument(request, &arg);
	if (pick(2))
		for (uint64_t n = 1 + pick(3); n; n--)
			arg.words[pick(8)] = odd_value();
	/* A number that is right with a size that is not. */
	if (!pick(16))
		request ^= (unsigned int)pick(MAX_LEN) << 16;
	got = ioctl(fd, request, pick(16) ? (uintptr_t)&arg : odd_value());
	if (got > 0 && pick(2))
		close(got);
}

static void noise(void)
{
	if (pick(8))
		ask();
	else
		ioctl(pick(2) ? proxy.fd : proxy.device, rng(), odd_value());
}

/* A thread that may become a twin, and whose noise goes on beside all that follows. */
static void *thread(void *seed)
{
	struct mcctrl_twin twin = { .creator = (uint32_t)proxy.twin };
	struct mcctrl_request wait = { 0 };

	rng_state = (uint64_t)(uintptr_t)seed | 1;
	if (!pick(4))
		twin.err = -(int32_t)pick(5000);
	if (pick(4))
		ioctl(proxy.fd, MCCTRL_IOC_ADD_TWIN, &twin);
	for (uint64_t n = pick(STEPS); n; n--) {
		if (pick(3))
			wait_once(&wait);
		else
			noise();
	}
	return NULL;
}

static void start_thread(void)
{
	pthread_t id;

	if (!pthread_create(&id, NULL, thread, (void *)(uintptr_t)rng()))
		pthread_detach(id);
}

/* A child that may become the proxy of what the LWK's fork(2) made; it ends before us. */
static void start_child(void)
{
	struct mcctrl_fork fork_arg = { .token = proxy.token };
	struct mcctrl_request wait = { 0 };
	pid_t pid;
	int fd;

	rng();
	pid = fork();
	if (pid) {
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return;
	}
	set_alarm();
	fd = pick(4) ? ioctl(proxy.fd, MCCTRL_IOC_FORK_PROXY, &fork_arg) : -1;
	if (fd > 0 && pick(8))
		proxy.fd = fd;
	if (fd > 0 && pick(4))
		ioctl(fd, MCCTRL_IOC_START_IMAGE);
	for (uint64_t n = pick(STEPS / 4); n; n--) {
		if (pick(2))
			wait_once(&wait);
		else
			noise();
	}
	_exit(0);
}

static void map_part(uint64_t start, uint64_t end)
{
	mmap((void *)start, end - start, PROT_READ | PROT_WRITE,
	     (pick(16) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_NORESERVE, proxy.fd,
	     (off_t)(pick(16) ? start : odd_value()));
}

/* All but where Linux has our heap. */
static void map_range(void)
{
	uint64_t start = odd_value();

	map_part(LWK_USER_START, HEAP_START);
	map_part(HEAP_END, LWK_USER_END);
	if (!pick(4) && start < HEAP_START)
		map_part(start, start + (4096UL << pick(20)));
}

static void prepare(struct program_layout *layout)
{
	struct program_load_desc desc;
	struct mcctrl_prepare req = { .desc = (uintptr_t)&desc };

	make_sound(&desc);
	if (pick(2))
		mutate(&desc);
	if (!ioctl(proxy.fd, MCCTRL_IOC_PREPARE_IMAGE, &req))
		*layout = req.layout;
}

static void step(struct mcctrl_request *request)
{
	switch (pick(12)) {
	case 0:
	case 1:
		noise();
		break;
	case 2:
		touch();
		break;
	case 3:
		if (!pick(4))
			map_range();
		break;
	case 4:
		if (!pick(4))
			start_thread();
		break;
	case 5:
		if (!pick(4))
			start_child();
		break;
	default:
		wait_once(request);
		if (request->wait.nr == OFFLOAD_NR_FORK && pick(2))
			start_child();
		else if (request->wait.nr == OFFLOAD_NR_THREAD && pick(2))
			start_thread();
		if (request->wait.nr == OFFLOAD_NR_THREAD && request->wait.flags && pick(2))
			request->wait.flags = MCCTRL_WAIT_LATER;
	}
}

static void round_of(void)
{
	struct program_layout layout = { 0 };
	struct mcctrl_request wait = { 0 };

	if (pick(16))
		map_range();
	prepare(&layout);
	if (pick(16))
		load(&layout);
	if (pick(16))
		ioctl(proxy.fd, MCCTRL_IOC_START_IMAGE);
	for (uint64_t n = pick(STEPS); n; n--)
		step(&wait);
}

static void child(const char *device)
{
	struct mcctrl_create create = { .version = MCCTRL_VERSION };

	if (!pick(16))
		create.version = (uint32_t)odd_value();
	if (!pick(16))
		create.flags = (uint32_t)odd_value();
	proxy.device = open(device, O_RDONLY);
	proxy.twin = gettid();
	proxy.fd = proxy.device;
	if (proxy.fd >= 0)
		proxy.fd = ioctl(proxy.device, MCCTRL_IOC_CREATE_PROXY, &create);
	set_alarm();
	if (proxy.fd >= 0)
		round_of();
	_exit(proxy.fd < 0 ? 10 : 0);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A proxy whose child has its address space, and so its file, but names a process that the LWK does
 * not have: FORK_PROXY has to fail, and whatever the child asks then to be refused (EPERM), whether
 * mcctrl has forgotten it yet or not. One with a copy of the memory fails, too, and has not been
 * started for who awaits that. Then a brother (CLONE_PARENT): it comes as far as a child if
 * it names the proxy and has its user and group ids, and not otherwise. Before that, what the
 * proxy itself may not ask for while its memory is filled, and files of which that is filled
 * otherwise than of most. To be run as root, with two huge pages to be had.
 *
 *   unknown_child ROUNDS DEVICE
 */
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "abi/layout.h"
#include "tests/guest/by_hand.h"

#define NO_TOKEN 0xdead0000U

static char stack[1 << 16] __attribute__((aligned(16)));
static int proxy;

static void refused_fill(const char *what, const struct mcctrl_fill *req, int err)
{
	expect(what, ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, req), err);
}

/* Its pages are in a page cache, but Linux itself has no mapping of them. */
static void secret_file(uint64_t to)
{
	int fd = (int)syscall(SYS_memfd_secret, 0);
	char *at;

	/* Linux 6.1 has them only if it was told to at its start. */
	if (fd < 0)
		return;
	if (ftruncate(fd, 4096))
		die("ftruncate");
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		die("mmap of secret memory");
	at[0] = 1;
	refused_fill("secret memory", &(struct mcctrl_fill){ to, 2, 0, fd, 0 }, EINVAL);
	munmap(at, 4096);
	close(fd);
}

/* The page cache may number its pages by their own size. */
static void huge_file(uint64_t to)
{
	struct mcctrl_fill req = {
		.to = to, .len = sizeof(code), .offset = 4096,
		.fd = memfd_create("huge", MFD_HUGETLB),
	};
	char *at;

	if (req.fd < 0 || ftruncate(req.fd, 2 << 21))
		die("a file of huge pages");
	at = mmap(NULL, 2 << 21, PROT_READ | PROT_WRITE, MAP_SHARED, req.fd, 0);
	if (at == MAP_FAILED)
		die("mmap of huge pages");
	memcpy(at + 4096, code, sizeof(code));
	memset(at + (1 << 21), 1, 8192);
	if (ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, &req))
		die("FILL_IMAGE from huge pages");
	munmap(at, 2 << 21);
	close(req.fd);
	if (memcmp((void *)to, code, sizeof(code))) {
		fprintf(stderr, "unknown_child: huge pages: another place of the file\n");
		wrong = 1;
	}
}

/* By write(2): what cannot be read is an error, no signal. */
static long look(uint64_t addr)
{
	int ends[2];
	long ret;

	if (pipe(ends))
		die("pipe");
	ret = write(ends[1], (void *)addr, 1);
	close(ends[0]);
	close(ends[1]);
	return ret;
}

/* What the proxy itself may not ask for. */
static void bad_requests(const struct program_layout *layout)
{
	const uint64_t to = CODE_VA + layout->bias;
	struct mcctrl_show show = { .args = { 2, 1 } };

	refused_fill("both", &(struct mcctrl_fill){ to, 2, 0, -1, 3 }, EINVAL);
	refused_fill("unknown flag", &(struct mcctrl_fill){ to, 2, 0, -1, 4 }, EINVAL);
	refused_fill("memory and a file",
		     &(struct mcctrl_fill){ to, 2, (uintptr_t)code, 0, MCCTRL_FILL_MEMORY },
		     EINVAL);
	refused_fill("no memory",
		     &(struct mcctrl_fill){ to, 2, 0, -1, MCCTRL_FILL_MEMORY }, EFAULT);
	refused_fill("the kernel's memory",
		     &(struct mcctrl_fill){ to, 2, INT64_MAX, -1, MCCTRL_FILL_MEMORY }, EFAULT);
	refused_fill("what is to be mapped",
		     &(struct mcctrl_fill){ MAPPED_VA + layout->bias, sizeof(code),
					    (uintptr_t)code, -1, MCCTRL_FILL_MEMORY }, EFAULT);
	/* There may be another program's data in it. */
	expect("START_IMAGE, not filled", ioctl(proxy, MCCTRL_IOC_START_IMAGE), EINVAL);
	expect("a look before it is filled", look(to), EFAULT);
	fill(proxy, to, code, 1);
	secret_file(to);
	expect("a look when a part is filled", look(to), EFAULT);
	expect("SHOW, backwards", ioctl(proxy, MCCTRL_IOC_SHOW, &show), EINVAL);
	show.args.end = UINT64_MAX;
	expect("SHOW, beyond the end", ioctl(proxy, MCCTRL_IOC_SHOW, &show), EINVAL);
	expect("SHOW, nothing", ioctl(proxy, MCCTRL_IOC_SHOW, NULL), EFAULT);
}

static void start(const char *path)
{
	struct program_layout layout;

	proxy = create_proxy(path);
	prepare(proxy, &layout);
	bad_requests(&layout);
	huge_file(CODE_VA + layout.bias);
	fill(proxy, layout.args_start, SOUND_ARGS, sizeof(SOUND_ARGS));
	if (look(CODE_VA + layout.bias) != 1)
		die("look");
	expect("a look at what is not mapped", look(MAPPED_VA + layout.bias), EFAULT);
	if (ioctl(proxy, MCCTRL_IOC_START_IMAGE))
		die("START_IMAGE");
}

/* In the memory of its parent, who waits. */
static int child(void *arg)
{
	struct mcctrl_fork fork = { .token = NO_TOKEN, .creator = (uint32_t)getppid() };
	struct mcctrl_prepare prepare = { 0 };
	struct mcctrl_signal signal = { .info = { SIGTERM } };
	struct mcctrl_fill fill = { .to = CODE_VA };
	struct mcctrl_show show = { 0 };
	struct mcctrl_twin twin = { 0 };
	struct mcctrl_wait wait = { 0 };
	struct mcctrl_await await = { 0 };
	void *at;

	(void)arg;
	expect("FORK_PROXY", ioctl(proxy, MCCTRL_IOC_FORK_PROXY, &fork), ESRCH);
	fork.flags = MCCTRL_FORK_NO_FD << 1;
	expect("FORK_PROXY, unknown flag", ioctl(proxy, MCCTRL_IOC_FORK_PROXY, &fork), EINVAL);
	expect("AWAIT_CHILD", ioctl(proxy, MCCTRL_IOC_AWAIT_CHILD, &await), EPERM);
	expect("START_IMAGE", ioctl(proxy, MCCTRL_IOC_START_IMAGE), EPERM);
	expect("PREPARE_IMAGE", ioctl(proxy, MCCTRL_IOC_PREPARE_IMAGE, &prepare), EPERM);
	expect("FILL_IMAGE", ioctl(proxy, MCCTRL_IOC_FILL_IMAGE, &fill), EPERM);
	expect("SHOW", ioctl(proxy, MCCTRL_IOC_SHOW, &show), EPERM);
	expect("WAIT_SYSCALL", ioctl(proxy, MCCTRL_IOC_WAIT_SYSCALL, &wait), EPERM);
	expect("SEND_SIGNAL", ioctl(proxy, MCCTRL_IOC_SEND_SIGNAL, &signal), EPERM);
	expect("ADD_TWIN", ioctl(proxy, MCCTRL_IOC_ADD_TWIN, &twin), EPERM);
	expect("END_TWIN", ioctl(proxy, MCCTRL_IOC_END_TWIN), EPERM);
	at = mmap((void *)LWK_USER_START, 4096, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_FIXED_NOREPLACE, proxy, LWK_USER_START);
	expect("mapping", at == MAP_FAILED ? -1 : 0, EPERM);
	_exit(0);
}

static void fork_refused(const char *what, pid_t creator, int err)
{
	struct mcctrl_fork fork = { .token = NO_TOKEN, .creator = (uint32_t)creator };

	expect(what, ioctl(proxy, MCCTRL_IOC_FORK_PROXY, &fork), err);
}

static void brother(pid_t creator)
{
	fork_refused("brother", creator, ESRCH);
	fork_refused("brother who names the parent", getppid(), EPERM);
	fork_refused("brother who names itself", getpid(), EPERM);
	fork_refused("brother who names nobody", 0, EPERM);
	if (setresgid(65534, (gid_t)-1, (gid_t)-1))
		die("setresgid");
	fork_refused("brother of another group", creator, EPERM);
	if (setresgid(0, (gid_t)-1, (gid_t)-1) || setresuid((uid_t)-1, 65534, (uid_t)-1))
		die("setresuid");
	fork_refused("brother of another effective user", creator, EPERM);
	if (setresuid((uid_t)-1, 0, (uid_t)-1) || setresuid(65534, 65534, 65534))
		die("setresuid");
	fork_refused("brother of another user", creator, EPERM);
}

/* The parent, who has to wait for it, is somebody who does not know it. */
static void make_brother(void)
{
	pid_t self = getpid();
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe(fds))
		die("pipe");
	pid = (pid_t)syscall(SYS_clone, CLONE_PARENT, 0, 0, 0, 0);
	if (pid < 0)
		die("clone");
	if (!pid) {
		brother(self);
		byte = (char)wrong;
		_exit(write(fds[1], &byte, 1) != 1);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		die("the brother's end");
	wrong |= byte;
	close(fds[0]);
}

/*
 * One with a copy of the memory, which fails likewise, and lives on until it is told. Whoever asks
 * meanwhile is not told that it has been started; a timer interrupts the wait.
 */
static void await_failed(void)
{
	int go[2], status;
	char byte;
	pid_t pid;

	if (pipe(go))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(go[1]);
		fork_refused("FORK_PROXY of a copy", getppid(), ESRCH);
		_exit(read(go[0], &byte, 1) || wrong);
	}
	close(go[0]);
	for (int i = 0; i < 10; i++)
		expect("AWAIT_CHILD", await_now(proxy, pid, 0), EINTR);
	close(go[1]);
	await_child(proxy, 0, 0);
	if (waitpid(pid, &status, 0) != pid || status)
		die("the copy's end");
	expect("AWAIT_CHILD, nothing", ioctl(proxy, MCCTRL_IOC_AWAIT_CHILD, NULL), EFAULT);
	expect("AWAIT_CHILD, unknown flag",
	       await_now(proxy, 0, (MCCTRL_AWAIT_LEFT | MCCTRL_AWAIT_KEEP) + 1), EINVAL);
	expect("AWAIT_CHILD, of nobody", await_now(proxy, 0, 0), 0);
}

int main(int argc, char **argv)
{
	unsigned long rounds;
	int status;
	pid_t pid;

	if (argc != 3) {
		fprintf(stderr, "usage: unknown_child ROUNDS DEVICE\n");
		return 2;
	}
	start(argv[2]);
	for (rounds = strtoul(argv[1], NULL, 0); rounds && !wrong; rounds--) {
		pid = clone(child, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
		if (pid < 0)
			die("clone");
		if (waitpid(pid, &status, 0) != pid || status)
			die("the child's end");
	}
	for (rounds = 0; rounds < 20 && !wrong; rounds++)
		await_failed();
	make_brother();
	return wrong;
}

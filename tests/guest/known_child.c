// SPDX-License-Identifier: GPL-2.0-only
/*
 * A proxy whose program does nothing but fork(2), and whose children become proxies in ways in
 * which mcexec's do not: twice; without a descriptor of their own file, although they have
 * not the parent's; by the file of a proxy that is no relative, which was passed to them. They are
 * served as themselves, and by no file when they may not. Then whom the proxy awaits: a
 * child that is executing a program has been started, even if mcctrl has forgotten it; one that has
 * ended has left, whoever has its id. To be run as root.
 *
 *   known_child DEVICE
 */
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/guest/by_hand.h"

static const char *device;
static int proxy;
static uint64_t code_at;
static struct mcctrl_request request;

static void start(void)
{
	struct program_layout layout;

	proxy = create_proxy(device);
	prepare(proxy, &layout);
	code_at = CODE_VA + layout.bias;
	fill(proxy, code_at, code, sizeof(code));
	fill(proxy, layout.args_start, SOUND_ARGS, sizeof(SOUND_ARGS));
	if (ioctl(proxy, MCCTRL_IOC_START_IMAGE))
		die("START_IMAGE");
}

/* Answers the program's last fork(2). Return: the token of its next one. */
static uint64_t next_fork(int fd, int64_t ret)
{
	request.wait.ret = ret;
	if (ioctl(fd, MCCTRL_IOC_WAIT_SYSCALL, &request))
		die("WAIT_SYSCALL");
	request.wait.flags = MCCTRL_WAIT_ANSWER;
	if (request.wait.nr != OFFLOAD_NR_FORK) {
		fprintf(stderr, "known_child: request %#llx\n", (unsigned long long)request.wait.nr);
		exit(2);
	}
	return request.wait.args[0];
}

static int fork_proxy(int fd, pid_t creator, uint64_t token, uint32_t flags)
{
	struct mcctrl_fork fork = {
		.token = token,
		.creator = (uint32_t)creator,
		.flags = flags,
	};

	return ioctl(fd, MCCTRL_IOC_FORK_PROXY, &fork);
}

/* In the child. Its program, which begins where its parent's has forked, forks, too. */
static void expect_served(const char *what, int fd)
{
	request.wait.flags = 0;
	if (ioctl(fd, MCCTRL_IOC_WAIT_SYSCALL, &request))
		expect(what, -1, 0);
	else
		expect(what, request.wait.nr == OFFLOAD_NR_FORK ? 0 : -1, 0);
}

static long map_code(int fd)
{
	void *at = mmap((void *)CODE_VA, 1 << 20, PROT_READ, MAP_SHARED | MAP_FIXED, fd, CODE_VA);

	return at == MAP_FAILED ? -1 : 0;
}

/* The program forks, and @child runs in a process that is to take that over. It ends itself. */
static void with_child(void (*child)(uint64_t token))
{
	static int64_t last;
	uint64_t token = next_fork(proxy, last);
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		child(token);
		_exit(wrong);
	}
	await_child(proxy, pid, MCCTRL_AWAIT_KEEP);
	await_child(proxy, 0, MCCTRL_AWAIT_LEFT);
	if (waitpid(pid, &status, 0) != pid || status)
		wrong = 1;
	last = pid;
}

static void child_twice(uint64_t token)
{
	int own = fork_proxy(proxy, getppid(), token, 0);

	expect("FORK_PROXY", own < 0 ? -1 : 0, 0);
	expect("FORK_PROXY again", fork_proxy(proxy, getppid(), token, 0), EBUSY);
	expect("FORK_PROXY again, without a descriptor",
	       fork_proxy(proxy, getppid(), token, MCCTRL_FORK_NO_FD), EBUSY);
	expect("FORK_PROXY of a child that has its own file",
	       fork_proxy(own, getppid(), token, 0), EPERM);
	expect("START_IMAGE by the parent's file", ioctl(proxy, MCCTRL_IOC_START_IMAGE), EPERM);
	expect("START_IMAGE", ioctl(own, MCCTRL_IOC_START_IMAGE), 0);
	expect("START_IMAGE again", ioctl(own, MCCTRL_IOC_START_IMAGE), EINVAL);
	expect("FORK_PROXY by who has been started", fork_proxy(own, getpid(), token, 0), EBUSY);
	expect_served("WAIT_SYSCALL", own);
	close(own);
}

static void start_without_fd(uint64_t token)
{
	expect("FORK_PROXY without a descriptor",
	       fork_proxy(proxy, getppid(), token, MCCTRL_FORK_NO_FD), 0);
	expect("FORK_PROXY without a descriptor, again",
	       fork_proxy(proxy, getppid(), token, MCCTRL_FORK_NO_FD), EBUSY);
	expect("START_IMAGE without a descriptor", ioctl(proxy, MCCTRL_IOC_START_IMAGE), 0);
}

/* With a descriptor of its own in place of one in common. */
static void child_without_fd(uint64_t token)
{
	start_without_fd(token);
	expect_served("WAIT_SYSCALL by the parent's file", proxy);
	close(proxy);
}

static void send_file(int socket, int fd)
{
	struct iovec iov = { &(char){ 0 }, 1 };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	if (sendmsg(socket, &msg, 0) != 1)
		die("sendmsg");
}

static int receive_file(int socket)
{
	struct iovec iov = { &(char){ 0 }, 1 };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* A proxy that is nobody's relative, with @id, or any if that is 0, and its end of a socket. */
static pid_t make_stranger(int *end, pid_t id)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = id ? (uintptr_t)&id : 0,
		.set_tid_size = !!id,
	};
	int ends[2];
	pid_t pid;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		die("clone3");
	if (!pid) {
		close(ends[1]);
		send_file(ends[0], create_proxy(device));
		_exit(read(ends[0], &byte, 1) != 0);
	}
	close(ends[0]);
	*end = ends[1];
	return pid;
}

static void end_stranger(pid_t pid, int end)
{
	int status;

	close(end);
	if (waitpid(pid, &status, 0) != pid || status)
		die("the stranger's end");
}

static int stranger = -1;

/* Only the stranger's file is left, which the execve closes. */
static void child_with_strangers(uint64_t token)
{
	start_without_fd(token);
	close(proxy);
	expect_served("WAIT_SYSCALL by a stranger's file", stranger);
	munmap((void *)CODE_VA, 1 << 20);
	expect("mapping of a stranger's file", map_code(stranger), 0);
	if (memcmp((void *)code_at, code, sizeof(code))) {
		fprintf(stderr, "known_child: a stranger's file maps something else\n");
		wrong = 1;
	}
	if (!wrong)
		execl("/bin/true", "true", NULL);
}

static void use_stranger(void)
{
	int end;
	pid_t pid = make_stranger(&end, 0);

	stranger = receive_file(end);
	expect("WAIT_SYSCALL of a stranger, by who has a file of its own",
	       ioctl(stranger, MCCTRL_IOC_WAIT_SYSCALL, &request), EPERM);
	expect("FORK_PROXY of a stranger", fork_proxy(stranger, getpid(), 0, 0), EPERM);
	expect("mapping of a stranger's file, by who has one of its own", map_code(stranger),
	       EPERM);
	with_child(child_with_strangers);
	end_stranger(pid, end);
	close(stranger);
}

/* One that has ended, and whose id has been given to another proxy since: it has left. */
static void await_number(void)
{
	int end, status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(0);
	await_child(proxy, pid, MCCTRL_AWAIT_KEEP);
	if (waitpid(pid, &status, 0) != pid || status)
		die("the child's end");
	if (make_stranger(&end, pid) != pid)
		die("the same id");
	stranger = receive_file(end);
	expect("AWAIT_CHILD of one that had the id",
	       await_now(proxy, 0, MCCTRL_AWAIT_LEFT | MCCTRL_AWAIT_KEEP), 0);
	expect("AWAIT_CHILD of who has it", await_now(proxy, pid, MCCTRL_AWAIT_LEFT), EINTR);
	end_stranger(pid, end);
	close(stranger);
}

/*
 * A script whose interpreter Linux cannot open until a lease on that is given up, which it asks for
 * by SIGIO. Return: descriptor that has the lease.
 */
static int make_script(const char *script, const char *interpreter)
{
	int fd = open(script, O_WRONLY | O_CREAT | O_EXCL, 0755);

	if (fd < 0 || dprintf(fd, "#!%s\n", interpreter) < 0 || close(fd))
		die(script);
	fd = open(interpreter, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK))
		die(interpreter);
	return fd;
}

/* One that mcctrl knows nothing of, and that is in the middle of an execve. */
static void await_executing(void)
{
	char script[32], interpreter[64];
	sigset_t set;
	int fd, status;
	pid_t pid;

	snprintf(script, sizeof(script), "/tmp/known_child.%d", getpid());
	snprintf(interpreter, sizeof(interpreter), "%s.interpreter", script);
	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		die("sigprocmask");
	fd = make_script(script, interpreter);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		execl(script, script, NULL);
		/* There is nothing in the interpreter. */
		_exit(errno != ENOEXEC);
	}
	if (sigwaitinfo(&set, NULL) != SIGIO)
		die("sigwaitinfo");
	expect("AWAIT_CHILD of one that executes a program", await_now(proxy, pid, 0), 0);
	if (fcntl(fd, F_SETLEASE, F_UNLCK) || waitpid(pid, &status, 0) != pid || status)
		die("the end of one that executes a program");
	close(fd);
	unlink(script);
	unlink(interpreter);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: known_child DEVICE\n");
		return 2;
	}
	device = argv[1];
	start();
	with_child(child_twice);
	with_child(child_without_fd);
	use_stranger();
	await_number();
	await_executing();
	return wrong;
}

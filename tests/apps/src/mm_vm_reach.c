// SPDX-License-Identifier: GPL-2.0-only
/*
 * process_vm_readv(2) and process_vm_writev(2): who may, for how long, in which order what is wrong
 * is found, and what kinds of memory are reached. Not as root: what is about changing users is
 * left out.
 */
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "fork.h"

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define LARGE (6UL << 20)
#define NOBODY 65534

static char *word;

/* A child that does what it is told, a letter each, and says when it has done it. */
struct child {
	pid_t pid;
	int to;
	int from;
	void (*act)(char what);
};

static void serve(const struct child *child, int in, int out)
{
	char what;

	while (read(in, &what, 1) == 1) {
		child->act(what);
		MUST(write(out, &what, 1) == 1);
	}
	exit(0);
}

static void start(struct child *child, void (*act)(char what))
{
	int in[2], out[2];

	MUST(!pipe(in) && !pipe(out));
	child->act = act;
	child->pid = fork_must();
	if (!child->pid) {
		close(in[1]);
		close(out[0]);
		serve(child, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	child->to = in[1];
	child->from = out[0];
}

static void tell(const struct child *child, char what)
{
	char answer;

	MUST(write(child->to, &what, 1) == 1);
	MUST(read(child->from, &answer, 1) == 1 && answer == what);
}

static void end(const struct child *child)
{
	close(child->to);
	close(child->from);
	reap(child->pid, "the child");
}

static long get(pid_t pid, const void *from, size_t len, void *to)
{
	struct iovec local = { to, len }, remote = { (void *)from, len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static long put(pid_t pid, void *to, size_t len, const void *from)
{
	struct iovec local = { (void *)from, len }, remote = { to, len };

	return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

static long peek(pid_t pid)
{
	char buf[8];

	return get(pid, word, sizeof(buf), buf);
}

static void do_nothing(char what)
{
	(void)what;
}

/* Order of what is wrong */

static long raw(int pid, struct iovec *local, unsigned long nlocal, struct iovec *remote,
		unsigned long nremote, unsigned long flags)
{
	return syscall(SYS_process_vm_readv, pid, local, nlocal, remote, nremote, flags);
}

static void show_order(pid_t pid, pid_t gone)
{
	static char buf[16];
	struct iovec good[2] = { { buf, 8 }, { buf + 8, 8 } };
	struct iovec none[2] = { { buf, 0 }, { (void *)8, 0 } };
	struct iovec there[2] = { { word, 8 }, { word, 8 } };
	struct iovec minus[2] = { { word, 8 }, { word, (size_t)-1 } };
	struct iovec huge[2] = { { buf, SIZE_MAX / 2 }, { buf, SIZE_MAX / 2 } };
	struct iovec wide[2] = { { word, SIZE_MAX / 2 }, { word, SIZE_MAX / 2 } };
	void *nowhere = (void *)8;

	SHOW(raw(gone, good, 1, there, 1, 1));
	SHOW(raw(gone, good, 1, there, 1, 0));
	SHOW(raw(gone, nowhere, 1, there, 1, 0));
	SHOW(raw(gone, good, 1, nowhere, 1, 0));
	SHOW(raw(gone, good, 0, nowhere, 1, 0));
	SHOW(raw(gone, none, 2, nowhere, 1, 0));
	SHOW(raw(gone, none, 2, nowhere, 1, 1));
	SHOW(raw(gone, good, 1, nowhere, 0, 0));
	SHOW(raw(gone, good, 1, none, 2, 0));
	SHOW(raw(gone, good, 1025, there, 1, 0));
	SHOW(raw(gone, good, 1, there, 1025, 0));
	SHOW(raw(gone, minus, 2, there, 1, 0));
	SHOW(raw(gone, good, 1, minus, 2, 0));
	SHOW(raw(gone, good, -1UL, minus, 2, 0));
	SHOW(raw(pid, minus, 2, there, 1, 0));
	SHOW(raw(pid, good, 2, minus, 2, 0));
	SHOW(raw(pid, good, 2, there, 1, 0));
	SHOW(raw(pid, good, 1, there, 2, 0));
	SHOW(raw(pid, none, 2, there, 2, 0));
	SHOW(raw(pid, good, 2, none, 2, 0));
	SHOW(raw(pid, huge, 2, there, 2, 0));
	SHOW(raw(pid, good, 2, wide, 2, 0));
	SHOW(raw(0, good, 1, there, 1, 0));
	SHOW(raw(-1, good, 1, there, 1, 0));
	SHOW(raw(0x7fffffff, good, 1, there, 1, 0));
}

/* Kinds of memory */

static char *map(size_t len, int prot, int flags)
{
	char *at = mmap(NULL, len, prot, flags, -1, 0);

	MUST(at != MAP_FAILED);
	return at;
}

static char *only[8];

static void show_protections(pid_t pid)
{
	char buf[8];

	for (int prot = 0; prot < 8; prot++) {
		printf("protection %d: ", prot);
		SHOW(get(pid, only[prot], 8, buf));
		SHOW(put(pid, only[prot], 8, "written"));
	}
}

static void make_protections(void)
{
	for (int prot = 0; prot < 8; prot++) {
		only[prot] = map(PAGE, RW, ANON);
		only[prot][0] = 'x';
		MUST(!mprotect(only[prot], PAGE, prot));
	}
}

/* The key is the threads' matter, also of the process itself. */
static void show_key(void)
{
	int key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
	char *at = map(PAGE, RW, ANON);
	char buf[8] = "";

	strcpy(at, "keyed");
	if (key >= 0)
		MUST(!pkey_mprotect(at, PAGE, RW, key));
	SHOW(get(getpid(), at, 8, buf));
	printf("%s\n", buf);
	SHOW(put(getpid(), at, 8, "written"));
	if (key >= 0) {
		/* Not by the caller's own end. */
		SHOW(get(getpid(), buf, 8, at));
		MUST(!pkey_free(key));
	}
}

static char *large, *copy, *shared;

static unsigned char value(size_t i)
{
	return (unsigned char)(i * 7 + i / PAGE);
}

static void fill_large(char what)
{
	MUST(what == 'f');
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (char)value(i);
	strcpy(shared, "from the child");
	munmap(large + LARGE - PAGE, PAGE);
}

static int is_right(const char *at, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)at[i] != value(from + i))
			return 0;
	return 1;
}

/* Unaligned, across large pages, between memory that is there on one side only. */
static void show_large(void)
{
	struct iovec local[64], remote[3];
	struct child child;
	char buf[16];

	large = map(LARGE, RW, ANON);
	copy = map(LARGE, RW, ANON);
	shared = map(PAGE, RW, MAP_SHARED | MAP_ANONYMOUS);
	memset(large, 1, LARGE);
	start(&child, fill_large);
	SHOW(get(child.pid, copy, LARGE, copy));
	SHOW_TRUE(copy[0] == 0 && copy[LARGE - 1] == 0);
	tell(&child, 'f');
	SHOW(get(child.pid, large + 5, LARGE - 5, copy + 3));
	SHOW_TRUE(is_right(copy + 3, 5, LARGE - PAGE - 5));
	for (size_t i = 0; i < 64; i++)
		local[i] = (struct iovec){ copy + i * 70001, 50001 };
	remote[0] = (struct iovec){ large + 1, 1000000 };
	remote[1] = (struct iovec){ large, 0 };
	remote[2] = (struct iovec){ large + 1000001, 3000000 };
	SHOW(process_vm_readv(child.pid, local, 64, remote, 3, 0));
	for (size_t i = 0; i < 63; i++)
		MUST(is_right(copy + i * 70001, 1 + i * 50001, 50001));
	SHOW(get(child.pid, shared, 16, buf));
	printf("%s, %s\n", buf, shared);
	/* What both had in common since the fork is the child's alone now. */
	SHOW_TRUE(large[0] == 1 && large[LARGE - 1] == 1);
	SHOW(put(child.pid, copy, LARGE, large));
	SHOW(put(child.pid, large, LARGE, large));
	SHOW(get(child.pid, copy + 1, LARGE - 1, copy));
	SHOW_TRUE(copy[0] == 1 && copy[LARGE - 2] == 1);
	end(&child);
}

/* Whom */

static void *read_thread(void *arg)
{
	(void)arg;
	printf("by another thread: %ld\n", peek(getpid()));
	return (void *)(long)gettid();
}

static void show_self(void)
{
	char buf[4];
	pthread_t thread;
	void *tid;

	SHOW(peek(getpid()));
	MUST(!pthread_create(&thread, NULL, read_thread, NULL));
	MUST(!pthread_join(thread, &tid));
	/* Across what both ends are. */
	strcpy(word, "abcdefgh");
	SHOW(get(getpid(), word, 4, word + 4));
	printf("%s\n", word);
	strcpy(word, "data");
	SHOW(get(getpid(), (void *)getauxval(AT_SYSINFO_EHDR), 4, buf));
	SHOW_TRUE(!memcmp(buf, "\177ELF", 4));
}

/* Who has a capability may not be traced by who has it not. */
static void drop_capability(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2];

	MUST(!syscall(SYS_capget, &head, caps));
	caps[0].effective &= ~(1U << CAP_SYS_PTRACE);
	caps[0].permitted &= ~(1U << CAP_SYS_PTRACE);
	MUST(!syscall(SYS_capset, &head, caps));
}

/* Dumpable is the memory's: a process that has it in common can change that. Not waited for. */
static void share_undumpable(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(prctl(PR_SET_DUMPABLE, 0) != 0);
	MUST(pid > 0);
}

static void change(char what)
{
	if (what == 'c')
		drop_capability();
	if (what == 'd')
		MUST(!prctl(PR_SET_DUMPABLE, 0));
	if (what == 'D')
		MUST(!prctl(PR_SET_DUMPABLE, 1));
	if (what == 'u')
		MUST(!setresuid(0, NOBODY, 0));
	if (what == 'U')
		MUST(!setresuid(0, 0, 0));
	if (what == 's')
		share_undumpable();
	if (what == 'S')
		MUST(wait(NULL) > 0 && !prctl(PR_SET_DUMPABLE, 1));
}

/* After its end, however that came. */
static void show_ends(void)
{
	struct child child;

	for (int i = 0; i < 20; i++) {
		start(&child, do_nothing);
		MUST(peek(child.pid) == 8);
		MUST(peek(child.pid) == 8);
		if (i % 2)
			MUST(!kill(child.pid, SIGKILL));
		close(child.to);
		close(child.from);
		MUST(waitpid(child.pid, NULL, 0) == child.pid);
		MUST(peek(child.pid) == -1 && errno == ESRCH);
	}
	printf("20 children have ended\n");
}

/* Of one that nobody has to wait for, wait(2) says that there is no child any more. */
static void show_ignored(void)
{
	struct child child;

	MUST(signal(SIGCHLD, SIG_IGN) == SIG_DFL);
	for (int i = 0; i < 20; i++) {
		start(&child, do_nothing);
		MUST(peek(child.pid) == 8);
		MUST(!kill(child.pid, SIGKILL));
		if (i % 2)
			MUST(waitpid(child.pid, NULL, 0) == -1 && errno == ECHILD);
		else
			MUST(waitid(P_PID, (id_t)child.pid, NULL, WEXITED) == -1 &&
			     errno == ECHILD);
		MUST(peek(child.pid) == -1 && errno == ESRCH);
		close(child.to);
		close(child.from);
	}
	MUST(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
	printf("20 children have been ignored\n");
}

/* A long copy, ended by SIGKILL: 1 GiB, over and over. */
static void show_killed(void)
{
	static struct iovec parts[128];
	int ends[2];
	pid_t pid;
	char byte = 0;

	MUST(!pipe(ends));
	for (size_t i = 0; i < 128; i++)
		parts[i] = (struct iovec){ large, LARGE - PAGE };
	pid = fork_must();
	if (!pid) {
		MUST(write(ends[1], &byte, 1) == 1);
		for (;;)
			process_vm_readv(getppid(), parts, 128, parts, 128, 0);
	}
	MUST(read(ends[0], &byte, 1) == 1);
	MUST(!kill(pid, SIGKILL));
	reap(pid, "who copies");
}

/* Both from each other, at once. */
static void show_both(void)
{
	pid_t pid = fork_must();
	pid_t other = pid ? pid : getppid();
	int status;

	for (int i = 0; i < 200; i++)
		MUST(get(other, large, 70000, copy) == 70000 &&
		     put(other, large + 100000, 70000, copy) == 70000);
	if (!pid)
		/* Until the parent has done. */
		pause();
	MUST(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid);
	printf("both have copied\n");
}

/* Permission ends with what it was given for. As root, whose ids decide, not capabilities. */
static void show_change(const struct child *child, char what)
{
	tell(child, what);
	printf("%c: ", what);
	SHOW(peek(child->pid));
}

static void change_gid(pid_t pid)
{
	/* What ptrace(2) asks of the caller is its real ids. */
	MUST(!setresgid(NOBODY, 0, 0));
	SHOW(peek(pid));
	MUST(!setresgid(0, 0, 0));
	SHOW(peek(pid));
	MUST(!syscall(SYS_setregid, NOBODY, -1));
	SHOW(peek(pid));
	MUST(!syscall(SYS_setregid, 0, -1));
	SHOW(peek(pid));
	MUST(!setfsuid(NOBODY));
	SHOW(peek(pid));
	MUST(setfsuid(0) == NOBODY);
}

/* Ids are a thread's: what one may does not mean that another may. */
struct other_ids {
	pid_t pid;
	pthread_barrier_t turn;
	int errors[2];
};

static void *read_by_other_ids(void *arg)
{
	struct other_ids *other = arg;

	MUST(!syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY));
	for (int i = 0; i < 2; i++) {
		other->errors[i] = peek(other->pid) < 0 ? errno : 0;
		pthread_barrier_wait(&other->turn);
		pthread_barrier_wait(&other->turn);
	}
	return NULL;
}

static void show_other_ids(pid_t pid)
{
	struct other_ids other = { .pid = pid };
	pthread_t thread;

	MUST(!pthread_barrier_init(&other.turn, NULL, 2));
	MUST(!pthread_create(&thread, NULL, read_by_other_ids, &other));
	for (int i = 0; i < 2; i++) {
		pthread_barrier_wait(&other.turn);
		SHOW(peek(pid));
		pthread_barrier_wait(&other.turn);
	}
	MUST(!pthread_join(thread, NULL));
	SHOW_TRUE(other.errors[0] == EPERM && other.errors[1] == EPERM);
}

static void show_permission(void)
{
	static const char changes[] = "cdDsSuUD";
	struct child child;
	pid_t pid;

	start(&child, change);
	pid = fork_must();
	if (!pid) {
		SHOW(peek(child.pid));
		drop_capability();
		SHOW(peek(child.pid));
		for (const char *what = changes; *what; what++)
			show_change(&child, *what);
		change_gid(child.pid);
		show_other_ids(child.pid);
		MUST(!setresuid(NOBODY, NOBODY, NOBODY));
		SHOW(peek(child.pid));
		SHOW(peek(getpid()));
		exit(0);
	}
	reap(pid, "who asks");
	end(&child);
}

int main(void)
{
	struct child child, gone;

	word = map(PAGE, RW, ANON);
	strcpy(word, "data");
	make_protections();
	start(&gone, do_nothing);
	end(&gone);
	start(&child, do_nothing);
	show_order(child.pid, gone.pid);
	show_protections(child.pid);
	end(&child);
	show_key();
	show_self();
	show_large();
	show_ends();
	show_ignored();
	show_killed();
	show_both();
	if (!getuid())
		show_permission();
	return 0;
}

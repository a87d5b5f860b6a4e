// SPDX-License-Identifier: GPL-2.0-only
/*
 * thr_spare_same N: threads for which mcexec -T N keeps spare twins ready. A new one has what its
 * creator has at that moment, in all that Linux keeps for a thread by itself, whether a spare one
 * became its twin or not. By calls of the thread's own, since the C library would make some in all
 * threads.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "spares.h"

#define MOST 64 /* groups, and the bytes of a text */

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#define PR_GET_IO_FLUSHER 58
#endif

/* One that a thread can have for itself; @matters: it is Linux's, and a spare has the old one. */
struct attribute {
	const char *name;
	void (*change)(void);
	long (*look)(void);
	bool matters;
};

static void change_name(void)
{
	MUST(!prctl(PR_SET_NAME, "other name"));
}

static long look_name(void)
{
	char name[16] = "";

	MUST(!prctl(PR_GET_NAME, name));
	return !strcmp(name, "other name");
}

static void change_nice(void)
{
	MUST(!setpriority(PRIO_PROCESS, 0, 5));
}

static long look_nice(void)
{
	return getpriority(PRIO_PROCESS, 0);
}

static void change_slack(void)
{
	MUST(!prctl(PR_SET_TIMERSLACK, 123456));
}

static long look_slack(void)
{
	long slack = prctl(PR_GET_TIMERSLACK);

	/* Of the default, too, to which it is reset. */
	MUST(!prctl(PR_SET_TIMERSLACK, 0));
	return slack == 123456 ? prctl(PR_GET_TIMERSLACK) : -2;
}

static void change_io(void)
{
	MUST(!syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 6));
}

static long look_io(void)
{
	return syscall(SYS_ioprio_get, 1, 0);
}

static void change_fsuid(void)
{
	syscall(SYS_setfsuid, 4321);
}

static long look_fsuid(void)
{
	return syscall(SYS_setfsuid, -1);
}

static void change_gids(void)
{
	MUST(!syscall(SYS_setresgid, -1, 77, -1));
}

static long look_gids(void)
{
	return getegid();
}

static void change_groups(void)
{
	const gid_t groups[] = { 5, 6, 7 };

	MUST(!syscall(SYS_setgroups, 3, groups));
}

static long look_groups(void)
{
	gid_t groups[MOST];
	int n = getgroups(MOST, groups);

	return n == 3 ? (long)(groups[0] * 100 + groups[1] * 10 + groups[2]) : -2;
}

static void change_keep(void)
{
	MUST(!prctl(PR_SET_KEEPCAPS, 1));
}

static long look_keep(void)
{
	return prctl(PR_GET_KEEPCAPS);
}

static void change_bounds(void)
{
	MUST(!prctl(PR_CAPBSET_DROP, CAP_SYS_PACCT));
}

static long look_bounds(void)
{
	return prctl(PR_CAPBSET_READ, CAP_SYS_PACCT);
}

static void change_flusher(void)
{
	MUST(!prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
}

static long look_flusher(void)
{
	return prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0);
}

static void change_mce(void)
{
	MUST(!prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
}

static long look_mce(void)
{
	return prctl(PR_MCE_KILL_GET, 0, 0, 0, 0);
}

static void change_session(void)
{
	MUST(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "of a test") > 0);
}

static long look_session(void)
{
	char text[MOST] = "";

	MUST(syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, MOST) > 0);
	return !!strstr(text, ";of a test");
}

static void change_fs(void)
{
	MUST(!unshare(CLONE_FS) && !chdir("/proc"));
	umask(0123);
}

static long look_fs(void)
{
	char where[MOST];
	mode_t mask = umask(0);

	return getcwd(where, MOST) && !strcmp(where, "/proc") ? (long)mask : -2;
}

static int opened;

static void change_files(void)
{
	MUST(!unshare(CLONE_FILES));
	opened = open("/dev/null", O_RDONLY);
	MUST(opened >= 0);
}

static long look_files(void)
{
	return fcntl(opened, F_GETFL) & O_ACCMODE;
}

static void change_host(void)
{
	MUST(!unshare(CLONE_NEWUTS) && !sethostname("here", 4));
}

static long look_host(void)
{
	struct utsname name;

	MUST(!uname(&name));
	return !strcmp(name.nodename, "here");
}

static int semaphores;

static long add_with_undo(void)
{
	struct sembuf add = { 0, 1, SEM_UNDO };

	return semop(semaphores, &add, 1) ? -2 : semctl(semaphores, 0, GETVAL);
}

/* What the thread has done is undone with the caller's end, or its own. */
static void change_undo(void)
{
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	MUST(semaphores >= 0 && !unshare(CLONE_SYSVSEM));
}

static void change_policy(void)
{
	const struct sched_param param = { 0 };

	MUST(!sched_setscheduler(0, SCHED_BATCH, &param));
}

static long look_policy(void)
{
	return sched_getscheduler(0);
}

static void change_personality(void)
{
	MUST(personality(ADDR_NO_RANDOMIZE) != -1);
}

static long look_personality(void)
{
	return personality(0xffffffff);
}

static void change_rights(void)
{
	MUST(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

static long look_rights(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

/* Spares can be seen, so they can be sent signals, which are not the new thread's. */
static void send_signals(void)
{
	block(SIG_BLOCK, SIGUSR1);
	for (int i = 0; i < nlisted; i++)
		syscall(SYS_tgkill, getpid(), spares[i], SIGUSR1);
}

static long look_signals(void)
{
	sigset_t set;

	MUST(!sigpending(&set));
	return sigismember(&set, SIGUSR1);
}

static const struct attribute attributes[] = {
	{ "name", change_name, look_name, true },
	{ "nice", change_nice, look_nice, true },
	{ "timer slack", change_slack, look_slack, true },
	{ "I/O priority", change_io, look_io, true },
	{ "file system's user", change_fsuid, look_fsuid, true },
	{ "group", change_gids, look_gids, true },
	{ "groups", change_groups, look_groups, true },
	{ "capabilities are kept", change_keep, look_keep, true },
	{ "bounding set", change_bounds, look_bounds, true },
	{ "I/O flusher", change_flusher, look_flusher, true },
	{ "machine checks", change_mce, look_mce, true },
	{ "session keyring", change_session, look_session, true },
	{ "directory and mask", change_fs, look_fs, true },
	{ "files", change_files, look_files, true },
	{ "host name", change_host, look_host, true },
	{ "undo list", change_undo, add_with_undo, true },
	{ "policy", change_policy, look_policy, false },
	{ "personality", change_personality, look_personality, true },
	{ "signals", send_signals, look_signals, true },
	{ "no new rights", change_rights, look_rights, true },
};

struct look {
	const struct attribute *attribute;
	pid_t tid;
	long was;
};

static void *look(void *arg)
{
	struct look *look = arg;

	look->tid = gettid();
	look->was = look->attribute->look();
	return arg;
}

/* In a process of its own. Return: its exit status. */
static int try(const struct attribute *attribute)
{
	struct look result = { .attribute = attribute };
	pthread_t thread;

	await_spares();
	attribute->change();
	MUST(!pthread_create(&thread, NULL, look, &result) && !pthread_join(thread, NULL));
	printf("%s: %ld\n", attribute->name, result.was);
	if (attribute->look == add_with_undo)
		printf("after its end: %d\n", semctl(semaphores, 0, GETVAL));
	if (attribute->matters && is_listed(result.tid))
		puts("by one that was there before");
	/* From now on others are spare, which are like it. */
	await_spares();
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	MUST(argc == 2);
	spares_begin(argv[1]);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		pid_t pid;

		fflush(stdout);
		pid = fork();
		MUST(pid >= 0);
		if (!pid)
			_exit(try(&attributes[i]));
		wait_for(pid);
	}
	return 0;
}

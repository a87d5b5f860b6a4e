// SPDX-License-Identifier: GPL-2.0-only
/*
 * prctl(), personality(), capabilities.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app.h"

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif
#define PR_GET_MDWE_ 66

static void show_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	MUST(syscall(SYS_capget, &head, data) == 0);
	printf("effective %#x %#x, permitted %#x %#x, inheritable %#x %#x\n", data[0].effective,
	       data[1].effective, data[0].permitted, data[1].permitted, data[0].inheritable,
	       data[1].inheritable);
	data[0].effective = 0;
	SHOW(syscall(SYS_capset, &head, data));
	SHOW(chown(".", 1, 1));
	head.version = 5;
	SHOW(syscall(SYS_capget, &head, data));
	printf("version %#x\n", head.version);
}

/* Threads that set what they get again are waited for by that. */
static void show_tid_address(void)
{
	int mine = 0, *first = NULL, *second = NULL;

	SHOW(prctl(PR_GET_TID_ADDRESS, &first));
	SHOW_TRUE(syscall(SYS_set_tid_address, &mine) == getpid());
	SHOW(prctl(PR_GET_TID_ADDRESS, &second));
	SHOW_TRUE(second == &mine && first && first != second);
	syscall(SYS_set_tid_address, first);
	SHOW(prctl(PR_GET_TID_ADDRESS, (void *)8));
}

/* Linux 6.4 and later; others say EINVAL. */
static void show_auxv(void)
{
	unsigned long vector[128], before = ~0UL, random = 0;
	long len;

	memset(vector, 0xff, sizeof(vector));
	SHOW(len = prctl(PR_GET_AUXV, vector, sizeof(vector), 0, 0));
	for (int i = 0; len > 0 && i < len / 8 && vector[i]; i += 2) {
		if (vector[i] == AT_RANDOM)
			random = vector[i + 1];
	}
	SHOW_TRUE(random == (len > 0 ? getauxval(AT_RANDOM) : 0));
	SHOW_TRUE(len < 0 || (!vector[len / 8 - 1] && vector[len / 8] == ~0UL));
	SHOW(prctl(PR_GET_AUXV, &before, 0, 0, 0));
	SHOW_TRUE(before == ~0UL);
	SHOW(prctl(PR_GET_AUXV, vector, 8, 1, 0));
	SHOW(prctl(PR_GET_AUXV, (void *)8, 8, 0, 0));
}

/* The name, by its file. */
static void show_comm(void)
{
	char text[32] = "";
	int fd = open("/proc/self/comm", O_RDWR);

	SHOW(write(fd, "by its file", 11));
	SHOW(prctl(PR_GET_NAME, text));
	printf("%s\n", text);
	SHOW(prctl(PR_SET_NAME, "by call"));
	SHOW(pread(fd, text, sizeof(text) - 1, 0));
	printf("%s", text);
	close(fd);
}

static void show_personality(void)
{
	static const unsigned long kinds[] = {
		PER_LINUX32, UNAME26, FDPIC_FUNCPTRS, SHORT_INODE, WHOLE_SECONDS, STICKY_TIMEOUTS,
	};
	struct timeval timeout = { 0, 1 };
	struct utsname name;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		SHOW(personality(kinds[i]) & ~ADDR_NO_RANDOMIZE);
		SHOW(personality(0xffffffff));
		MUST(!uname(&name));
		printf("%s %.4s\n", name.machine, name.release);
	}
	SHOW(select(0, NULL, NULL, NULL, &timeout));
	SHOW(timeout.tv_usec);
	personality(PER_LINUX);
}

int main(void)
{
	char name[16] = "";
	int number = -1;

	SHOW(prctl(PR_GET_NAME, name));
	printf("%s\n", name);
	SHOW(prctl(PR_SET_NAME, "a name that is too long"));
	SHOW(prctl(PR_GET_NAME, name));
	printf("%s\n", name);
	SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	SHOW(prctl(PR_GET_PDEATHSIG, &number));
	SHOW(number);
	SHOW(prctl(PR_SET_PDEATHSIG, 100));
	SHOW(prctl(PR_SET_PDEATHSIG, 0));
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_SET_DUMPABLE, 0));
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_SET_DUMPABLE, 2));
	SHOW(prctl(PR_SET_DUMPABLE, 1));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_GET_TIMERSLACK));
	SHOW(prctl(PR_SET_TIMERSLACK, 12345));
	SHOW(prctl(PR_GET_TIMERSLACK));
	SHOW(prctl(PR_GET_SECCOMP));
	SHOW(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN));
	SHOW(prctl(PR_CAPBSET_READ, 1000));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_TSC, &number));
	SHOW(number);
	SHOW(prctl(PR_GET_CHILD_SUBREAPER, &number));
	SHOW(number);
	show_tid_address();
	show_auxv();
	SHOW(prctl(PR_SET_TSC, PR_TSC_ENABLE));
	SHOW(prctl(PR_SET_TSC, 3));
	/* EINVAL before Linux 6.3. */
	SHOW(prctl(PR_GET_MDWE_, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
	SHOW(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_SPECULATION_CTRL, 99, 0, 0, 0));
	SHOW(prctl(9999));
	show_comm();
	show_personality();
	SHOW(personality(0xffffffff) & ~ADDR_NO_RANDOMIZE);
	SHOW(personality(ADDR_NO_RANDOMIZE));
	SHOW(personality(0xffffffff));
	show_capabilities();
	return 0;
}

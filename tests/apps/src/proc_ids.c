// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ids of the process, its user, groups and sessions. To be run as root: it gives that up.
 */
#include <fcntl.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app.h"

#define NOBODY 65534

static void show_users(void)
{
	uid_t real, effective, saved;

	MUST(getresuid(&real, &effective, &saved) == 0);
	printf("uid %u %u %u", real, effective, saved);
	MUST(getresgid(&real, &effective, &saved) == 0);
	printf(", gid %u %u %u\n", real, effective, saved);
}

static void show_groups(void)
{
	const gid_t some[] = { 10, 20, 30 };
	gid_t groups[16];
	int n;

	SHOW(setgroups(3, some));
	n = SHOW(getgroups(16, groups));
	while (n-- > 0)
		printf("%u\n", groups[n]);
	SHOW(getgroups(0, NULL));
	SHOW(getgroups(1, groups));
	SHOW(syscall(SYS_getgroups, -1, groups));
}

int main(void)
{
	SHOW_TRUE(getpid() == gettid());
	SHOW_TRUE(getppid() > 0 && getppid() != getpid());
	SHOW_TRUE(getpgrp() == getpgid(0) && getsid(0) == getsid(getpid()));
	SHOW(getpgid(0x3fffffff));
	SHOW(getsid(0x3fffffff));
	SHOW(setpgid(0, -1));
	SHOW(setpgid(0x3fffffff, 0));
	SHOW_TRUE(setpgid(0, 0) == 0 || getpgrp() == getpid());
	SHOW_TRUE(getpgrp() == getpid());
	SHOW(setsid());
	show_users();
	show_groups();
	close(open("mine", O_CREAT | O_WRONLY, 0600));
	SHOW(setfsuid(NOBODY));
	SHOW(setfsuid(-1));
	SHOW(open("mine", O_RDONLY));
	SHOW(setfsuid(0));
	SHOW(seteuid(NOBODY));
	show_users();
	SHOW(open("mine", O_RDONLY));
	SHOW(seteuid(0));
	SHOW(setregid(NOBODY, NOBODY));
	SHOW(setresuid(1, 2, 3));
	show_users();
	SHOW(setuid(3));
	show_users();
	SHOW(setuid(0));
	SHOW(setgid(0));
	SHOW(setgroups(0, NULL));
	SHOW(open("mine", O_RDONLY));
	SHOW(umask(077));
	SHOW(umask(022));
	return 0;
}

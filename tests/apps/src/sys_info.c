// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the system tells of itself: uname(), sysinfo(), random numbers, limits.
 */
#include <limits.h>
#include <sys/random.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "app.h"

int main(void)
{
	unsigned char bytes[2][32] = { { 0 }, { 0 } };
	struct sysinfo info;
	struct utsname name;
	struct statfs fs;

	MUST(uname(&name) == 0);
	printf("%s|%s|%s|%s|%s|%s\n", name.sysname, name.nodename, name.release, name.version,
	       name.machine, name.domainname);
	MUST(sysinfo(&info) == 0);
	SHOW_TRUE(info.uptime > 0 && info.procs > 1);
	SHOW_TRUE(info.totalram > 0 && info.freeram <= info.totalram);
	SHOW(info.mem_unit);
	SHOW(getrandom(bytes[0], 32, 0));
	SHOW(getrandom(bytes[1], 32, GRND_NONBLOCK));
	SHOW_TRUE(memcmp(bytes[0], bytes[1], 32) != 0);
	SHOW(getrandom(bytes, 1, 0x100));
	SHOW(getentropy(bytes, 64));
	SHOW(sysconf(_SC_PAGESIZE));
	SHOW(sysconf(_SC_CLK_TCK));
	SHOW(sysconf(_SC_ARG_MAX));
	SHOW(pathconf(".", _PC_NAME_MAX));
	MUST(statfs(".", &fs) == 0);
	printf("%#lx %ld\n", (unsigned long)fs.f_type, (long)fs.f_bsize);
	SHOW(gethostname((char *)bytes, 2));
	return 0;
}

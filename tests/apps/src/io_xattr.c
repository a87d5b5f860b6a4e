// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended attributes.
 */
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "app.h"

static void show_names(void)
{
	char names[1024];
	ssize_t len = listxattr("file", names, sizeof(names));
	ssize_t i;

	for (i = 0; i < len; i += (ssize_t)strlen(names + i) + 1)
		printf("%s\n", names + i);
}

int main(void)
{
	char value[64] = "";
	char large[3000];
	int fd;

	MUST((fd = open("file", O_CREAT | O_RDWR, 0644)) >= 0);
	memset(large, 'v', sizeof(large));
	SHOW(setxattr("file", "user.first", "one", 3, 0));
	SHOW(setxattr("file", "user.first", "1", 1, XATTR_CREATE));
	SHOW(setxattr("file", "user.second", "2", 1, XATTR_REPLACE));
	SHOW(fsetxattr(fd, "user.second", "two!", 4, 0));
	SHOW(setxattr("file", "trusted.third", large, sizeof(large), 0));
	SHOW(setxattr("file", "nobody.knows", "x", 1, 0));
	SHOW(setxattr("none", "user.x", "x", 1, 0));
	SHOW(getxattr("file", "user.first", value, sizeof(value)));
	SHOW(getxattr("file", "user.second", value, 2));
	SHOW(getxattr("file", "user.second", NULL, 0));
	SHOW(fgetxattr(fd, "user.second", value, sizeof(value)));
	SHOW(getxattr("file", "trusted.third", NULL, 0));
	printf("%s\n", value);
	SHOW(getxattr("file", "user.none", value, sizeof(value)));
	show_names();
	SHOW(listxattr("file", value, 3));
	SHOW(removexattr("file", "user.first"));
	SHOW(removexattr("file", "user.first"));
	SHOW(lsetxattr("/proc/self", "user.x", "x", 1, 0));
	show_names();
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the LWK image is.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tool of a build tree is build/user/sbin/TOOL, the image is build/lwk/mckernel.img. */
#define TREE_TOOLS "/build/user/sbin"
#define TREE_IMAGE "/build/lwk/" MCK_IMAGE_NAME

static const char *tree_image(void)
{
	static char path[PATH_MAX + sizeof(TREE_IMAGE)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;
	size_t len;

	if (n < 0)
		return NULL;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	len = strlen(path);
	if (len < strlen(TREE_TOOLS) || strcmp(path + len - strlen(TREE_TOOLS), TREE_TOOLS))
		return NULL;
	strcpy(path + len - strlen(TREE_TOOLS), TREE_IMAGE);
	return access(path, R_OK) ? NULL : path;
}

const char *config_image(void)
{
	const char *path = getenv("MCK_IMAGE");

	if (path && path[0])
		return path;
	path = tree_image();
	return path ? path : MCK_SHARE_DIR "/" MCK_IMAGE_NAME;
}

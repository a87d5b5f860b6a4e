// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flat environments. The buffer's length is not known: each string is bounded by
 * the limit that is left of the whole.
 */
#include "env.h"

#include "internal.h"

#include <errno.h>
#include <string.h>

#include <ihk/ihklib.h>

int env_find(const char *env, int num_env, const char *name, const char **value)
{
	size_t name_len = strlen(name);
	size_t left = IHK_MAX_SIZE_ENV;
	size_t len;

	*value = NULL;
	if (!env)
		return error_set(NULL, -EFAULT, "no environment");
	if (num_env < 0 || num_env > IHK_MAX_NUM_ENV)
		return error_set(NULL, -EINVAL, "bad environment: %d strings, at most %d are "
				 "possible", num_env, IHK_MAX_NUM_ENV);
	for (int i = 0; i < num_env; i++, env += len + 1) {
		len = strnlen(env, left);
		if (len == left)
			return error_set(NULL, -EINVAL, "bad environment: longer than %u bytes",
					 IHK_MAX_SIZE_ENV);
		left -= len + 1;
		if (len > name_len && !memcmp(env, name, name_len) && env[name_len] == '=') {
			*value = env + name_len + 1;
			return 0;
		}
		if (!left && i + 1 < num_env)
			return error_set(NULL, -EINVAL, "bad environment: longer than %u bytes",
					 IHK_MAX_SIZE_ENV);
	}
	return 0;
}

int env_need(const char *env, int num_env, const char *name, const char **value)
{
	int err = env_find(env, num_env, name, value);

	if (!err && !*value)
		err = error_set(NULL, -EINVAL, "the environment has no %s", name);
	return err;
}

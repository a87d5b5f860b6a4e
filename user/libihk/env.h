/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flat environments: strings NAME=VALUE one behind the other, as ihklib's *_str
 * functions take them.
 */
#ifndef LIBIHK_ENV_H
#define LIBIHK_ENV_H

/**
 * env_find() - look a name up
 * @env: buffer
 * @num_env: strings in it
 * @name: name
 * @value: its value inside @env, or NULL
 * Context: any thread. Return: 0, -EFAULT, -EINVAL when the environment is too large.
 */
int env_find(const char *env, int num_env, const char *name, const char **value);

/** env_need() - env_find(), and -EINVAL when the name is missing. */
int env_need(const char *env, int num_env, const char *name, const char **value);

#endif

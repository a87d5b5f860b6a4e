// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sentence that explains the calling thread's last failure. It is the
 * thread's own, so no lock is needed and no other thread can replace it.
 */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local struct {
	const void *owner;
	char text[IHK_MESSAGE_LEN];
} last_error;

void error_keep(const void *owner, const char *fmt, ...)
{
	char text[IHK_MESSAGE_LEN];
	int saved = errno;
	va_list args;

	/* By way of a copy: an argument may be the present sentence. */
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	memcpy(last_error.text, text, sizeof(text));
	last_error.owner = owner;
	errno = saved;
}

bool error_is_of(const void *owner)
{
	return owner && last_error.owner == owner;
}

EXPORT const char *ihk_error(void)
{
	return last_error.text;
}

EXPORT const char *ihk_dev_error(const struct ihk_dev *dev)
{
	return error_is_of(dev) ? last_error.text : "";
}

EXPORT const char *ihk_instance_error(const struct ihk_instance *os)
{
	return error_is_of(os) ? last_error.text : "";
}

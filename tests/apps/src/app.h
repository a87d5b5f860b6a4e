/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs of tests/apps/src share. They print what must be the same on every
 * run and on either kernel: results and names of errors, no addresses, ids, or times.
 */
#ifndef APP_H
#define APP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Evaluate a call that returns -1 and errno, or a result, and print its text and what came. */
#define SHOW(call) show(#call, (long)(call))
/* The same of a call that returns MAP_FAILED and errno, or an address. */
#define SHOW_PTR(call) show_ptr(#call, (call))
/* A condition, which is to be true. */
#define SHOW_TRUE(what) printf("%s: %s\n", #what, (what) ? "yes" : "no")
/* What only the program's own mistake can make fail. */
#define MUST(what) must(what, #what, __FILE__, __LINE__)

struct app_error {
	int number;
	const char *name;
};

#define APP_ERROR(name) { name, #name }

/* musl has no strerrorname_np(). */
static inline const char *error_name(int number)
{
	static const struct app_error errors[] = {
		APP_ERROR(EPERM), APP_ERROR(ENOENT), APP_ERROR(ESRCH), APP_ERROR(EINTR),
		APP_ERROR(EIO), APP_ERROR(ENXIO), APP_ERROR(E2BIG), APP_ERROR(ENOEXEC),
		APP_ERROR(EBADF), APP_ERROR(ECHILD), APP_ERROR(EAGAIN), APP_ERROR(ENOMEM),
		APP_ERROR(EACCES), APP_ERROR(EFAULT), APP_ERROR(EBUSY), APP_ERROR(EEXIST),
		APP_ERROR(EXDEV), APP_ERROR(ENODEV), APP_ERROR(ENOTDIR), APP_ERROR(EISDIR),
		APP_ERROR(EINVAL), APP_ERROR(ENFILE), APP_ERROR(EMFILE), APP_ERROR(ENOTTY),
		APP_ERROR(ETXTBSY), APP_ERROR(EFBIG), APP_ERROR(ENOSPC), APP_ERROR(ESPIPE),
		APP_ERROR(EROFS), APP_ERROR(EMLINK), APP_ERROR(EPIPE), APP_ERROR(EDOM),
		APP_ERROR(ERANGE), APP_ERROR(EDEADLK), APP_ERROR(ENAMETOOLONG),
		APP_ERROR(ENOSYS), APP_ERROR(ENOTEMPTY), APP_ERROR(ELOOP), APP_ERROR(ENODATA),
		APP_ERROR(ETIME), APP_ERROR(EOVERFLOW), APP_ERROR(ENOTSOCK),
		APP_ERROR(EOPNOTSUPP), APP_ERROR(EADDRINUSE), APP_ERROR(ECONNREFUSED),
		APP_ERROR(ECONNRESET), APP_ERROR(ENOTCONN), APP_ERROR(ETIMEDOUT),
		APP_ERROR(ECANCELED), APP_ERROR(EALREADY), APP_ERROR(EINPROGRESS),
		APP_ERROR(EOWNERDEAD), APP_ERROR(ENOTRECOVERABLE), APP_ERROR(EPROTONOSUPPORT),
		APP_ERROR(EAFNOSUPPORT), APP_ERROR(EMSGSIZE), APP_ERROR(EDESTADDRREQ),
	};
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == number)
			return errors[i].name;
	return "an error without a name here";
}

static inline long show(const char *text, long result)
{
	if (result == -1)
		printf("%s = -1 %s\n", text, error_name(errno));
	else
		printf("%s = %ld\n", text, result);
	return result;
}

static inline void *show_ptr(const char *text, void *result)
{
	if (result == (void *)-1)
		printf("%s = -1 %s\n", text, error_name(errno));
	else
		printf("%s = %s\n", text, result ? "an address" : "NULL");
	return result;
}

static inline void must(int true_, const char *text, const char *file, int line)
{
	if (true_)
		return;
	printf("%s:%d: not %s (%s)\n", strrchr(file, '/') + 1, line, text, error_name(errno));
	exit(99);
}

/*
 * Every line is written at once: a signal may end the program at any point. The buffer is
 * not on the heap, which programs may have their own ideas about.
 */
static void __attribute__((constructor)) app_begin(void)
{
	static char buf[4096];

	setvbuf(stdout, buf, _IOLBF, sizeof(buf));
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * --trace. The arguments up to the first that the call fills in are written before it is made, so
 * that one sees what a call that sleeps is about.
 */
#include "trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/offload.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/small.h"

#define LINE_LEN 1024
/* So much of a string or buffer is shown. */
#define SHOWN_LEN 48

static const char *const names[] = {
#define SYS_LOCAL(number, name, note) [number] = #name,
#define SYS_OFFLOAD(number, name, note) [number] = #name,
#define SYS_REFUSE(number, name, err, reason) [number] = #name,
#include "abi/syscalls.def"
};

struct signature {
	const char *name;
	const char *letters;
};

static const struct signature signatures[] = {
#define TRACE(name, letters) { #name, letters },
#include "user/mcexec/trace.def"
};

#define NAMES (sizeof(names) / sizeof(names[0]))
#define SIGNATURES (sizeof(signatures) / sizeof(signatures[0]))

static int trace_fd = -1;

struct line {
	char text[LINE_LEN];
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) put(struct line *line, const char *fmt, ...)
{
	size_t left = sizeof(line->text) - line->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(line->text + line->len, left, fmt, args);
	va_end(args);
	if (n > 0)
		line->len += (size_t)n < left ? (size_t)n : left - 1;
}

/* One write, so that lines of several threads stay in one piece. A full disk is the user's. */
static void write_line(const struct line *line)
{
	if (write(trace_fd, line->text, line->len) < 0)
		return;
}

static void put_quoted(struct line *line, const char *bytes, size_t len, _Bool cut)
{
	put(line, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n')
			put(line, "\\n");
		else if (c == '"' || c == '\\')
			put(line, "\\%c", c);
		else if (isascii(c) && isprint(c))
			put(line, "%c", c);
		else
			put(line, "\\%o", c);
	}
	put(line, cut ? "\"..." : "\"");
}

static void put_bytes(struct line *line, u64 addr, u64 len)
{
	char bytes[SHOWN_LEN];
	size_t shown = len < sizeof(bytes) ? len : sizeof(bytes);

	if (memory_read(bytes, addr, shown))
		put(line, "%#llx", addr);
	else
		put_quoted(line, bytes, shown, shown < len);
}

static void put_string(struct line *line, u64 addr)
{
	char text[4 * SHOWN_LEN];
	int len = memory_read_string(text, addr, sizeof(text));

	if (!addr)
		put(line, "NULL");
	else if (len == -EFAULT)
		put(line, "%#llx", addr);
	else
		put_quoted(line, text, len < 0 ? sizeof(text) : (size_t)len, len < 0);
}

/* @here: what was read is in mcexec's memory, or NULL. */
static void put_read(struct line *line, u64 addr, const u8 *here, u64 len)
{
	u64 shown = len < SHOWN_LEN ? len : SHOWN_LEN;

	if (here)
		put_quoted(line, (const char *)here, shown, shown < len);
	else
		put_bytes(line, addr, len);
}

static void put_argument(struct line *line, char letter, const u64 *arg)
{
	switch (letter) {
	case 'd':
		put(line, "%lld", (s64)*arg);
		break;
	case 'x':
		put(line, *arg ? "%#llx" : "%llx", *arg);
		break;
	case 'o':
		put(line, "%#llo", *arg);
		break;
	case 'f':
		put(line, (int)*arg == AT_FDCWD ? "AT_FDCWD" : "%d", (int)*arg);
		break;
	case 's':
		put_string(line, *arg);
		break;
	case 'w':
		put_bytes(line, arg[0], arg[1]);
		break;
	default:
		put(line, *arg ? "%#llx" : "NULL", *arg);
	}
}

static void put_comma(struct line *line, int i)
{
	if (i)
		put(line, ", ");
}

static const char *offload_name(u64 nr)
{
	switch (nr) {
	case OFFLOAD_NR_DIE:
		return "(die)";
	case OFFLOAD_NR_SIGACTION:
		return "(sigaction)";
	case OFFLOAD_NR_RESTORE:
		return "(restore)";
	case OFFLOAD_NR_LIMIT:
		return "(limit)";
	case OFFLOAD_NR_FORK:
		return "(fork)";
	case OFFLOAD_NR_SIGNAL:
		return "(signal)";
	case OFFLOAD_NR_VFORK:
		return "(vfork)";
	case OFFLOAD_NR_THREAD:
		return "(thread)";
	default:
		return NULL;
	}
}

static const char *call_name(u64 nr)
{
	return nr < NAMES ? names[nr] : offload_name(nr);
}

static const char *call_letters(u64 nr)
{
	const char *name = call_name(nr);

	for (size_t i = 0; name && i < SIGNATURES; i++)
		if (!strcmp(name, signatures[i].name))
			return signatures[i].letters;
	return nr < OFFLOAD_NR_FAULT ? "xxxxxx" : "xxx";
}

/* How many arguments can be shown before the call. */
static int known_before(const char *letters)
{
	return (int)strcspn(letters, "r");
}

void trace_start(int fd, _Bool executed)
{
	struct line line = { .len = 0 };

	trace_fd = fd;
	if (!executed)
		return;
	put(&line, ") = 0\n");
	write_line(&line);
}

static void write_call(u64 nr, const u64 *args)
{
	struct line line = { .len = 0 };
	const char *letters = call_letters(nr);
	const char *name = call_name(nr);

	put(&line, "[%d] ", gettid());
	if (name)
		put(&line, "%s(", name);
	else
		put(&line, "%#llx(", nr);
	for (int i = 0; i < known_before(letters); i++) {
		put_comma(&line, i);
		put_argument(&line, letters[i], &args[i]);
	}
	if (nr == SYS_exit_group || nr == SYS_exit || nr == OFFLOAD_NR_DIE)
		put(&line, ") = ?\n");
	write_line(&line);
}

static void write_result(const struct mcctrl_wait *wait, const u8 *data)
{
	struct line line = { .len = 0 };
	const char *letters = call_letters(wait->nr);
	s64 ret = wait->ret;

	for (int i = known_before(letters); letters[i]; i++) {
		put_comma(&line, i);
		if (letters[i] == 'r' && ret > 0)
			put_read(&line, wait->args[i], small_find(wait, data, i), (u64)ret);
		else
			put_argument(&line, letters[i], &wait->args[i]);
	}
	if (ret == OFFLOAD_RET_RESTART)
		put(&line, ") = ? (a signal came first)\n");
	else if (ret < 0 && ret > -4096)
		put(&line, ") = -1 %s (%s)\n", strerrorname_np((int)-ret), strerror((int)-ret));
	else if (ret > 0xffffffff)
		put(&line, ") = %#llx\n", (u64)ret);
	else
		put(&line, ") = %lld\n", ret);
	write_line(&line);
}

void trace_call(u64 nr, const u64 *args)
{
	if (trace_fd >= 0)
		write_call(nr, args);
}

void trace_result(const struct mcctrl_wait *wait, const u8 *data)
{
	if (trace_fd >= 0)
		write_result(wait, data);
}

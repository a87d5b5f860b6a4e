// SPDX-License-Identifier: GPL-2.0-only
/*
 * --trace. The arguments up to the first that the call fills in are written before it is made, so
 * that one sees what a call that sleeps is about. Of calls that the LWK makes itself one hears when
 * they have been made.
 */
#include "trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "abi/offload.h"
#include "user/mcexec/memory.h"
#include "user/mcexec/trace_lines.h"

#define LINE_LEN 1024
/* So much of a string or buffer is shown. */
#define SHOWN_LEN 48
#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_USEC 1000
/* Arguments that OFFLOAD_NR_MADE has. */
#define MADE_ARGS 4

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

_Bool trace_on;
/* Of the calling thread: when its request began, and which of its calls Linux has just made. */
static __thread u64 began_ns;
static __thread u64 offloaded = ~0ULL;

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

/* What a call has read, at @made: the program's, or in mcexec's memory, if it is not at @addr. */
static void put_read(struct line *line, u64 addr, u64 made, u64 len)
{
	size_t shown = len < SHOWN_LEN ? len : SHOWN_LEN;

	if (made == addr)
		put_bytes(line, addr, len);
	else
		put_quoted(line, (const char *)made, shown, shown < len);
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

static void put_argument(struct line *line, char letter, const u64 *arg, s64 ret)
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
	case 'r':
		if (ret > 0) {
			put_bytes(line, *arg, (u64)ret);
			break;
		}
		/* fall through */
	default:
		put(line, *arg ? "%#llx" : "NULL", *arg);
	}
}

/* Arguments number @from to @to of the call. */
static void put_arguments(struct line *line, const char *letters, const u64 *args, int from,
			  int to, s64 ret)
{
	for (int i = from; i < to; i++) {
		if (i)
			put(line, ", ");
		put_argument(line, letters[i], &args[i], ret);
	}
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
	case OFFLOAD_NR_CPUS:
		return "(cpus)";
	case OFFLOAD_NR_SCHED:
		return "(sched)";
	case OFFLOAD_NR_SHM_LEN:
		return "(shm_len)";
	case OFFLOAD_NR_MEMPOLICY:
		return "(mempolicy)";
	case OFFLOAD_NR_RELAY:
		return "(relay)";
	case OFFLOAD_NR_TRACE:
		return "(ptrace)";
	case OFFLOAD_NR_TIMER:
		return "(timer)";
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

static u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * NSEC_PER_SEC + (u64)now.tv_nsec;
}

static void put_result(struct line *line, s64 ret)
{
	const char *name = ret < 0 && ret > -4096 ? strerrorname_np((int)-ret) : NULL;

	if (ret == OFFLOAD_RET_RESTART)
		put(line, ") = ? (a signal came first)");
	else if (name)
		put(line, ") = -1 %s (%s)", name, strerror((int)-ret));
	else if (ret < 0 && ret > -4096)
		put(line, ") = ? (a signal interrupts it)");
	else if (ret > 0xffffffff || ret < 0)
		put(line, ") = %#llx", (u64)ret);
	else
		put(line, ") = %lld", ret);
}

static void put_time(struct line *line, u64 ns, const char *where)
{
	u64 us = ns / NSEC_PER_USEC;

	put(line, " <%llu.%06llu%s>\n", us / 1000000, us % 1000000, where);
}

static void put_name(struct line *line, const char *before, u64 nr, const char *after)
{
	const char *name = call_name(nr);

	put(line, "[%d] %s", gettid(), before);
	if (name)
		put(line, "%s%s", name, after);
	else
		put(line, "%#llx%s", nr, after);
}

/* The end of the calling thread's line. */
static void end_line(u64 nr, const struct line *rest)
{
	struct line head = { .len = 0 };

	put_name(&head, "<... ", nr, " resumed>");
	trace_lines_end(head.text, head.len, rest->text, rest->len);
}

int trace_start(const struct trace_setup *setup)
{
	struct line line = { .len = 0 };
	int err = trace_lines_use(setup->lines, setup->out);

	if (err)
		return err;
	trace_on = 1;
	if (!setup->exec_ns)
		return 0;
	put_result(&line, 0);
	put_time(&line, now_ns() - setup->exec_ns, "");
	end_line(SYS_execve, &line);
	return 0;
}

u64 trace_began_ns(void)
{
	return began_ns;
}

/* Where the program has what the arguments point to. */
static const u64 *program_args(const struct mcctrl_request *request)
{
	return request->wait.flags & MCCTRL_WAIT_SMALL ? request->small.args : request->wait.args;
}

void trace_put_call(const struct mcctrl_request *request)
{
	u64 nr = request->wait.nr;
	struct line line = { .len = 0 };
	const char *letters = call_letters(nr);

	if (nr == OFFLOAD_NR_MADE)
		return;
	/* The LWK may ask for more after a call, for the same one. */
	if (nr < OFFLOAD_NR_FAULT)
		offloaded = nr;
	put_name(&line, "", nr, "(");
	put_arguments(&line, letters, program_args(request), 0, known_before(letters), 0);
	began_ns = now_ns();
	if (nr == SYS_exit_group || nr == SYS_exit || nr == OFFLOAD_NR_DIE) {
		put(&line, ") = ?\n");
		trace_lines_put(line.text, line.len);
	} else {
		trace_lines_begin(line.text, line.len);
	}
}

void trace_put_result(const struct mcctrl_request *request)
{
	const struct mcctrl_wait *wait = &request->wait;
	const u64 *args = program_args(request);
	struct line line = { .len = 0 };
	const char *letters = call_letters(wait->nr);
	u64 ns;

	if (wait->nr == OFFLOAD_NR_MADE)
		return;
	ns = now_ns() - began_ns;
	for (int i = known_before(letters); letters[i]; i++) {
		if (i)
			put(&line, ", ");
		if (letters[i] == 'r' && wait->ret > 0)
			put_read(&line, args[i], wait->args[i], (u64)wait->ret);
		else
			put_argument(&line, letters[i], &args[i], wait->ret);
	}
	put_result(&line, wait->ret);
	put_time(&line, ns, "");
	end_line(wait->nr, &line);
}

void trace_made(const u64 *args)
{
	u64 nr = args[0] & 0xffff;
	const char *letters = call_letters(nr);
	int n = (int)strlen(letters);
	/* One more, as of a buffer's length. */
	u64 known[MADE_ARGS + 1] = { args[2], args[3], args[4], args[5] };
	struct line line = { .len = 0 };
	u64 shown = offloaded;

	offloaded = ~0ULL;
	/* What Linux did of it has been shown. */
	if (!trace_on || shown == nr)
		return;
	put_name(&line, "", nr, "(");
	put_arguments(&line, letters, known, 0, n < MADE_ARGS ? n : MADE_ARGS, (s64)args[1]);
	if (n > MADE_ARGS)
		put(&line, ", ...");
	put_result(&line, (s64)args[1]);
	put_time(&line, args[0] >> 16, ", LWK");
	trace_lines_put(line.text, line.len);
}

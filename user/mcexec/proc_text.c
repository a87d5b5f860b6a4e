// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of /proc/PID for the program.
 */
#include "proc_text.h"

#include <stdlib.h>
#include <string.h>

#include "abi/layout.h"

/* Fields of stat, by proc_pid_stat(5). */
#define STAT_FIELDS 52
#define STAT_VSIZE 23
#define STAT_RSS 24

/* The line of @text that begins as @line does up to the colon. */
static const char *same_key(const char *text, const char *line)
{
	size_t len = strcspn(line, ":") + 1;

	while (text && *text) {
		if (!strncmp(text, line, len))
			return text;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

/* Signals that either kernel holds; in @ours and @theirs after the colon. */
static void print_pending(FILE *out, const char *ours, const char *theirs)
{
	fprintf(out, "SigPnd:\t%016llx\n", strtoull(strchr(ours, ':') + 1, NULL, 16) |
						strtoull(strchr(theirs, ':') + 1, NULL, 16));
}

/* Does Linux know better? Of these the LWK has what was true when the program began. */
static _Bool is_linux_line(const char *line, _Bool other)
{
	static const char *const keys[] = {
		"Name:", "Tgid:", "Pid:", "PPid:", "Uid:", "Gid:",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strncmp(line, keys[i], strlen(keys[i])))
			return 1;
	/* Who asks is running. */
	return !other && !strncmp(line, "State:", 6);
}

void proc_text_status(FILE *out, char *lwk, char *linux_text, _Bool other)
{
	const char *line, *ours;

	while ((line = strsep(&linux_text, "\n")) && *line) {
		ours = is_linux_line(line, other) ? NULL : same_key(lwk, line);
		if (ours && !strncmp(line, "SigPnd:", 7))
			print_pending(out, ours, line);
		else if (ours)
			fprintf(out, "%.*s%.*s\n", (int)strcspn(line, ":"), line,
				(int)(strcspn(ours, "\n") - strcspn(ours, ":")),
				ours + strcspn(ours, ":"));
		else
			fprintf(out, "%s\n", line);
	}
}

/*
 * Cut stat into fields, number 1 first; the second one, in parentheses, may contain anything.
 * Return: how many.
 */
static int split_stat(char *text, const char **fields)
{
	char *end = strrchr(text, ')');
	char *start = strchr(text, '(');
	int n = 0;

	if (!start || !end || start == text)
		return 0;
	start[-1] = '\0';
	fields[++n] = text;
	fields[++n] = start;
	text = end + 1;
	if (*text)
		*text++ = '\0';
	text[strcspn(text, "\n")] = '\0';
	while (n < STAT_FIELDS && (fields[n + 1] = strsep(&text, " ")))
		n++;
	return n;
}

/* Does the LWK know this field, and not Linux? What identity.c sets is right on Linux. */
static _Bool is_lwk_field(int field, _Bool other)
{
	switch (field) {
	case 3:		/* state: who asks is running */
		return other;
	case 14:	/* user time, ticks */
	case 15:	/* system time, ticks */
	case 20:	/* threads */
	case STAT_VSIZE:
	case STAT_RSS:
	case 28 ... 30:	/* stack, where the program is */
	case 32 ... 35:	/* signals, wchan */
	case 39:	/* CPU */
	case 47:	/* heap */
		return 1;
	default:
		return 0;
	}
}

void proc_text_stat(FILE *out, char *lwk, char *linux_text, _Bool other)
{
	const char *ours[STAT_FIELDS + 1], *theirs[STAT_FIELDS + 1];
	int known = split_stat(lwk, ours);
	int n = split_stat(linux_text, theirs);

	for (int field = 1; field <= n; field++)
		fprintf(out, "%s%c", field <= known && is_lwk_field(field, other) ? ours[field] :
			theirs[field], field < n ? ' ' : '\n');
}

void proc_text_statm(FILE *out, char *lwk)
{
	const char *fields[STAT_FIELDS + 1];
	unsigned long long size = 0, resident = 0;

	if (split_stat(lwk, fields) < STAT_RSS)
		return;
	sscanf(fields[STAT_VSIZE], "%llu", &size);
	sscanf(fields[STAT_RSS], "%llu", &resident);
	/* Text, data and what is shared, the LWK does not tell apart. */
	fprintf(out, "%llu %llu 0 0 0 %llu 0\n", size / LWK_PAGE_SIZE, resident,
		size / LWK_PAGE_SIZE);
}

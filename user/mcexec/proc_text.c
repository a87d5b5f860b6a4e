// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of /proc/PID for the program.
 */
#include "proc_text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "abi/layout.h"

/* Fields of stat, by proc_pid_stat(5). */
#define STAT_FIELDS 52
#define STAT_VSIZE 23
#define STAT_RSS 24

/* Where Linux puts the name in maps. */
#define NAME_COLUMN 73

/* A line of maps, taken apart. */
struct map_line {
	u64 start;
	u64 end;
	char prot[8];
	u64 offset;
	unsigned int major;
	unsigned int minor;
	u64 inode;
	const char *name;
};

static _Bool parse_map(const char *text, struct map_line *map)
{
	int name = 0;

	*map = (struct map_line){ 0 };
	if (sscanf(text, "%llx-%llx %7s %llx %x:%x %llu %n", &map->start, &map->end, map->prot,
		   &map->offset, &map->major, &map->minor, &map->inode, &name) < 7)
		return 0;
	map->name = text + name;
	return 1;
}

static void print_map(FILE *out, const struct map_line *map)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "%08llx-%08llx %s %08llx %02x:%02x %llu ",
			 map->start, map->end, map->prot, map->offset, map->major, map->minor,
			 map->inode);

	if (map->name[0])
		fprintf(out, "%-*s%s\n", n < NAME_COLUMN ? NAME_COLUMN : n, line, map->name);
	else
		fprintf(out, "%s\n", line);
}

/* Is @map part of a file that was read into memory? What is mapped Linux knows. */
static _Bool name_section(struct map_line *map, const struct proc_file_name *name)
{
	for (u32 i = 0; name->path[0] && i < name->nsections; i++) {
		const struct program_section *s = &name->sections[i];
		u64 start = (s->vaddr + name->bias) & ~((u64)LWK_PAGE_SIZE - 1);
		u64 end = s->vaddr + name->bias + s->filesz;

		if (s->mapped || map->start < start || map->start >= end)
			continue;
		map->offset = (s->offset & ~((u64)LWK_PAGE_SIZE - 1)) + (map->start - start);
		map->major = major(name->dev);
		map->minor = minor(name->dev);
		map->inode = name->inode;
		map->name = name->path;
		return 1;
	}
	return 0;
}

/*
 * Is @map one of the proxy's file mappings? Both lists are ascending: *@rest is what of the
 * proxy's has not been passed.
 */
static void name_mapping(struct map_line *map, char **rest, struct map_line *theirs)
{
	char *line;

	while (theirs->end <= map->start && (line = strsep(rest, "\n")))
		parse_map(line, theirs);
	if (map->start < theirs->start || map->start >= theirs->end || theirs->name[0] != '/')
		return;
	/* The proxy's own file, which is mapped with offsets that are the addresses. */
	if (theirs->offset == theirs->start)
		return;
	map->offset = theirs->offset + (map->start - theirs->start);
	map->major = theirs->major;
	map->minor = theirs->minor;
	map->inode = theirs->inode;
	map->name = theirs->name;
}

void proc_text_maps(FILE *out, char *lwk, char *linux_text, const struct proc_file_name *names)
{
	struct map_line theirs = { .name = "" };
	struct map_line map;
	char *line;

	while ((line = strsep(&lwk, "\n"))) {
		if (!parse_map(line, &map))
			continue;
		if (!map.name[0] && !name_section(&map, &names[0]) &&
		    !name_section(&map, &names[1]))
			name_mapping(&map, &linux_text, &theirs);
		print_map(out, &map);
	}
}

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

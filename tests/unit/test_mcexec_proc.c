// SPDX-License-Identifier: GPL-2.0-only
/* Files of /proc that mcexec puts together from the LWK's text and Linux's. */
#include "user/mcexec/proc_text.c"

#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/unit.h"

static void check_text(char *got, const char *want)
{
	if (strcmp(got, want))
		printf("# got:\n%s# want:\n%s", got, want);
	CHECK(!strcmp(got, want));
	free(got);
}

/* What a function prints about copies of two texts. */
static char *print_two(void (*print)(FILE *out, char *lwk, char *linux_text), const char *lwk,
		       const char *linux_text)
{
	char *ours = strdup(lwk), *theirs = strdup(linux_text), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	CHECK(ours && theirs && out);
	print(out, ours, theirs);
	CHECK(!fclose(out));
	free(ours);
	free(theirs);
	return text;
}

static void own_status(FILE *out, char *lwk, char *linux_text)
{
	proc_text_status(out, lwk, linux_text, 0);
}

static void other_status(FILE *out, char *lwk, char *linux_text)
{
	proc_text_status(out, lwk, linux_text, 1);
}

static void own_stat(FILE *out, char *lwk, char *linux_text)
{
	proc_text_stat(out, lwk, linux_text, 0);
}

static void status(void)
{
	static const char lwk[] = "Name:\tprog\nState:\tS\nVmPeak:\t    4096 kB\n"
				  "VmSize:\t    2912 kB\nVmHWM:\t    2000 kB\nVmRSS:\t    1456 kB\n"
				  "Pages4K:\t     364\nThreads:\t3\n";
	static const char linux_text[] = "Name:\tprog\nState:\tR\nUmask:\t0022\nVmPeak:\t999999 kB\n"
					 "VmSize:\t999999 kB\nVmHWM:\t  22 kB\nVmRSS:\t  11 kB\n"
					 "VmSwap:\t  0 kB\nThreads:\t1\nSeccomp:\t0\n";

	check_text(print_two(own_status, lwk, linux_text),
		   "Name:\tprog\nState:\tR\nUmask:\t0022\nVmPeak:\t    4096 kB\nVmSize:\t    2912 kB\n"
		   "VmHWM:\t    2000 kB\nVmRSS:\t    1456 kB\nVmSwap:\t  0 kB\nThreads:\t3\n"
		   "Seccomp:\t0\n");
	check_text(print_two(own_status, "", "Name:\tx\n"), "Name:\tx\n");
	/* Who asks is running. */
	check_text(print_two(own_status, "State:\tt (tracing stop)\n", "State:\tR (running)\n"),
		   "State:\tR (running)\n");
	check_text(print_two(other_status, "State:\tt (tracing stop)\n", "State:\tS (sleeping)\n"),
		   "State:\tt (tracing stop)\n");
}

/* Who the program is changes on Linux, and the LWK may still have what it was. */
static void status_ids(void)
{
	static const char lwk[] = "Name:\tbefore\nTgid:\t7\nPid:\t7\nPPid:\t6\nTracerPid:\t5\n"
				  "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n";
	static const char linux_text[] = "Name:\tafter\nTgid:\t8\nPid:\t8\nPPid:\t1\n"
					 "TracerPid:\t0\nUid:\t1\t2\t3\t2\nGid:\t4\t5\t6\t5\n";
	static const char both[] = "Name:\tafter\nTgid:\t8\nPid:\t8\nPPid:\t1\n"
				   "TracerPid:\t5\nUid:\t1\t2\t3\t2\nGid:\t4\t5\t6\t5\n";

	check_text(print_two(own_status, lwk, linux_text), both);
	check_text(print_two(other_status, lwk, linux_text), both);
}

/* Field n of Linux's is n, of the LWK's 1000 + n. */
static void make_stat(char *text, int base)
{
	text += sprintf(text, "7 (a) b) R");
	for (int field = 4; field <= STAT_FIELDS; field++)
		text += sprintf(text, " %d", base + field);
	strcpy(text, "\n");
}

static void stat_fields(void)
{
	char lwk[1024], linux_text[1024], want[1024];
	char *to = want;

	make_stat(lwk, 1000);
	make_stat(linux_text, 0);
	to += sprintf(to, "7 (a) b) R");
	for (int field = 4; field <= STAT_FIELDS; field++)
		to += sprintf(to, " %d", is_lwk_field(field, 0) ? 1000 + field : field);
	strcpy(to, "\n");
	check_text(print_two(own_stat, lwk, linux_text), want);
	check_text(print_two(own_stat, "", linux_text), linux_text);
	check_text(print_two(own_stat, "nonsense", linux_text), linux_text);
	check_text(print_two(own_stat, ") (", ""), "");
}

static void print_statm(FILE *out, char *lwk, char *linux_text)
{
	(void)linux_text;
	proc_text_statm(out, lwk);
}

static void statm(void)
{
	char lwk[1024];

	make_stat(lwk, 40960);
	check_text(print_two(print_statm, lwk, ""), "10 40984 0 0 0 10 0\n");
	check_text(print_two(print_statm, "7 (x) R", ""), "");
}

static const struct unit_test tests[] = {
	UNIT_TEST(status),
	UNIT_TEST(status_ids),
	UNIT_TEST(stat_fields),
	UNIT_TEST(statm),
};

UNIT_MAIN(tests)

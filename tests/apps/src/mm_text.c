// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program has mapped by being executed: its code and constants are its file's, until it
 * writes to them, which nobody else sees.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"

#define PAGE 4096UL

/* Pages of their own. */
#define PAGES_OF(name) __attribute__((aligned(4096), section(name)))

static const char constants[4][PAGE] PAGES_OF(".rodata.pages") = {
	"first", "second", "third", "fourth",
};

/* mov $1, %eax; ret */
__asm__(".pushsection .text.page, \"ax\"\n"
	".balign 4096\n"
	"number: .byte 0xb8, 1, 0, 0, 0, 0xc3\n"
	".balign 4096\n"
	".popsection\n");
extern int number(void);

/* What the compiler knows nothing of. */
static char *page(int n)
{
	char *at = (char *)constants[n];

	__asm__("" : "+r"(at));
	return at;
}

static int in_child(void (*act)(void))
{
	pid_t pid = fork();
	int status;

	MUST(pid >= 0);
	if (!pid) {
		act();
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	return status;
}

/* The lines of the program's own segments. */
static void show_segments(void)
{
	char line[512], perms[5], own[256];
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long offset;
	char *name;
	ssize_t n;

	MUST(maps != NULL);
	MUST((n = readlink("/proc/self/exe", own, sizeof(own) - 1)) > 0);
	own[n] = '\0';
	while (fgets(line, sizeof(line), maps)) {
		name = strchr(line, '/');
		if (!name || strncmp(name, own, (size_t)n) || name[n] != '\n')
			continue;
		MUST(sscanf(line, "%*x-%*x %4s %lx", perms, &offset) == 2);
		printf("%s at %lx\n", perms, offset);
	}
	fclose(maps);
}

static void write_constant(void)
{
	strcpy(page(0), "child");
	printf("child: %s\n", page(0));
}

static void show_constants(void)
{
	printf("%s, %s, %s, %s\n", page(0), page(1), page(2), page(3));
}

static void use_constants(void)
{
	int zero = open("/dev/zero", O_RDONLY);

	SHOW_TRUE(probe_write(page(0)));
	probe_show(page(0));
	SHOW(read(zero, page(0), 1));
	SHOW(mprotect(page(0), 2 * PAGE, PROT_READ | PROT_WRITE));
	SHOW(in_child(write_constant));
	show_constants();
	strcpy(page(0), "written");
	SHOW(read(zero, page(1), 1));
	show_constants();
	SHOW(in_child(show_constants));
	SHOW(madvise(page(0), PAGE, MADV_DONTNEED));
	show_constants();
	SHOW(mprotect(page(0), 2 * PAGE, PROT_READ));
	SHOW_TRUE(probe_write(page(0)));
	close(zero);
}

/* As a debugger does. */
static void force(void)
{
	int mem = open("/proc/self/mem", O_RDWR);

	MUST(mem >= 0);
	SHOW(pwrite(mem, "forced", 7, (off_t)(uintptr_t)page(2)));
	show_constants();
	SHOW(pwrite(mem, "\2", 1, (off_t)(uintptr_t)number + 1));
	SHOW(number());
	close(mem);
}

static void change_code(void)
{
	char *code = (char *)number;

	SHOW(number());
	SHOW(mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	code[1] = 3;
	SHOW(number());
	SHOW(madvise(code, PAGE, MADV_DONTNEED));
	SHOW(number());
	SHOW(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
}

static void replace(void)
{
	SHOW(munmap(page(3), PAGE));
	SHOW_TRUE(probe_read(page(3)));
	SHOW_TRUE(mmap(page(3), PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page(3));
	show_constants();
	strcpy(page(3), "replaced");
	show_constants();
}

int main(void)
{
	probe_init();
	show_segments();
	show_constants();
	SHOW(open("/proc/self/exe", O_WRONLY));
	use_constants();
	change_code();
	force();
	SHOW(mlock(page(1), PAGE));
	SHOW(msync(page(1), PAGE, MS_SYNC));
	replace();
	SHOW(in_child(show_constants));
	show_segments();
	return 0;
}

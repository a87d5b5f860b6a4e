// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that has mapped this and that, and waits.
 *
 *   mapped [fork|hidden|many]
 *
 * Writes its /proc/self/maps to the file "maps" in the working directory, says "ready", and ends
 * with its input. fork: its child does all that instead; hidden: it is not dumpable; many: it has
 * more ranges than are looked at in one go.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define MUST(what) ((what) ? (void)0 : fail(#what))

/* Pages of the data segment: one is replaced, one is moved, one is not there any more. */
static char data[8 * PAGE] __attribute__((aligned(PAGE))) = "data";
static char zeros[8 * PAGE] __attribute__((aligned(PAGE)));
static char text[1 << 20];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static char *map_file(const char *name, int prot, int flags, off_t offset, size_t npages)
{
	int fd = open(name, O_CREAT | O_RDWR, 0644);
	char *map;

	MUST(fd >= 0 && !ftruncate(fd, 16 * PAGE));
	map = mmap(NULL, npages * PAGE, prot, flags, fd, offset);
	MUST(map != MAP_FAILED);
	close(fd);
	return map;
}

static void map_files(void)
{
	char *map = map_file("file", PROT_READ | PROT_WRITE, MAP_SHARED, 2 * PAGE, 2);

	map[0] = 1;
	map = map_file("file", PROT_READ | PROT_WRITE, MAP_PRIVATE, PAGE, 3);
	map[PAGE] = 1;
	(void)map_file("gone", PROT_READ, MAP_PRIVATE, 3 * PAGE, 1);
	MUST(!unlink("gone"));
	(void)map_file("two words\nin two lines", PROT_READ, MAP_SHARED, 0, 1);
	map = map_file("holes", PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, 8);
	MUST(!munmap(map + 2 * PAGE, PAGE));
	MUST(!mprotect(map + 5 * PAGE, PAGE, PROT_READ));
	map[6 * PAGE] = 1;
}

static void change_data(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	char *place = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(place != MAP_FAILED);
	memset(zeros, 1, sizeof(zeros));
	MUST(mmap(data + PAGE, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == data + PAGE);
	MUST(mremap(data + 3 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place + PAGE) ==
	     place + PAGE);
	MUST(!munmap(data + 5 * PAGE, PAGE));
	MUST(!mprotect(data + 6 * PAGE, PAGE, PROT_READ));
}

static void map_many(void)
{
	const size_t npages = 300;
	char *map = mmap(NULL, npages * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(map != MAP_FAILED);
	for (size_t i = 0; i < npages; i += 2)
		MUST(!mprotect(map + i * PAGE, PAGE, PROT_NONE));
}

static void tell(void)
{
	int from = open("/proc/self/maps", O_RDONLY);
	int to = open("maps", O_CREAT | O_WRONLY | O_TRUNC, 0644);
	ssize_t len = 0, n;
	char word[32];

	MUST(from >= 0 && to >= 0);
	while ((n = read(from, text + len, sizeof(text) - len)) > 0)
		len += n;
	MUST(!n && write(to, text, len) == len);
	close(from);
	close(to);
	/* What would allocate memory would change what was told. */
	n = snprintf(word, sizeof(word), "ready %d\n", getpid());
	MUST(write(1, word, (size_t)n) == n);
	while (read(0, text, sizeof(text)) > 0)
		;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int status;
	pid_t pid;

	MUST(sbrk(PAGE) != (void *)-1);
	map_files();
	change_data();
	if (!strcmp(what, "many"))
		map_many();
	if (!strcmp(what, "hidden"))
		MUST(!prctl(PR_SET_DUMPABLE, 0));
	if (!strcmp(what, "fork")) {
		pid = fork();
		MUST(pid >= 0);
		if (pid) {
			MUST(waitpid(pid, &status, 0) == pid);
			return status != 0;
		}
	}
	tell();
	return 0;
}

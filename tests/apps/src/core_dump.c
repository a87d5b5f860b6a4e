// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that die and leave a core file: what is in it the row has gdb or python say.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define SPARSE (64UL << 20)

struct item {
	struct item *next;
	const char *name;
	double weight;
};

static struct item last = { NULL, "last", 2.5 };
static struct item first = { &last, "first", 0.125 };
static int written = 7;
static char zeroed[3 * PAGE];
static const char pages[5][PAGE] __attribute__((aligned(4096), section(".rodata.pages"))) = {
	"constant", "changed", "constant", "replaced", "constant",
};
const int constant = 42;

#define FRAME __attribute__((noinline, noclone, noipa))

static void FRAME at_end(void)
{
	volatile int *nothing = NULL;

	*nothing = 1;
}

static int FRAME inner(int depth, const struct item *item)
{
	int local = depth * 10;

	written = local + 1;
	zeroed[PAGE] = 'z';
	if (depth)
		return inner(depth - 1, item->next ? item->next : &first) + local;
	at_end();
	return written;
}

static void FRAME fault(void)
{
	inner(3, &first);
}

/* Threads: each in another state, and with registers of its own. */

static pthread_barrier_t barrier;

static int spinning;

static void FRAME spin_with(unsigned long value)
{
	double vector[2] = { (double)value, (double)value / 2 };

	asm volatile("movq %0, %%r12\n\tmovupd %1, %%xmm7\n\tmovl $1, %2\n1:\tpause\n\tjmp 1b"
		     : : "r"(value), "m"(vector), "m"(spinning) : "r12", "xmm7", "memory");
}

static void *FRAME spinner(void *arg)
{
	pthread_barrier_wait(&barrier);
	spin_with((unsigned long)arg);
	return NULL;
}

static void *FRAME reader(void *arg)
{
	char c;

	pthread_barrier_wait(&barrier);
	(void)!read(*(int *)arg, &c, 1);
	return NULL;
}

static void *FRAME waiter(void *arg)
{
	pthread_barrier_wait(&barrier);
	pthread_mutex_lock(arg);
	return NULL;
}

static void threads(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static int fds[2];
	pthread_t thread;

	(void)!pipe(fds);
	pthread_mutex_lock(&mutex);
	pthread_barrier_init(&barrier, NULL, 4);
	pthread_create(&thread, NULL, spinner, (void *)0x1234567);
	pthread_create(&thread, NULL, reader, &fds[0]);
	pthread_create(&thread, NULL, waiter, &mutex);
	pthread_barrier_wait(&barrier);
	while (!__atomic_load_n(&spinning, __ATOMIC_RELAXED))
		sched_yield();
	fault();
}

/* Memory of each kind. What python looks for is where the program says. */

static char *map_filled(size_t len, int flags, int fd, char fill)
{
	/* No range is beside another one: there would be fewer. */
	char *at = mmap(NULL, len + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	at = mmap(at + PAGE, len, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
	if (fill)
		memset(at, fill, PAGE);
	return at;
}

/* Of the program's own file: what is written to, and what has another thing in its place. */
static void change_pages(void)
{
	char *changed = (char *)pages[1], *replaced = (char *)pages[3];

	mprotect(changed, PAGE, PROT_READ | PROT_WRITE);
	changed[0] = 'C';
	mprotect(changed, PAGE, PROT_READ);
	mmap(replaced, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	     0);
	replaced[0] = 'R';
	dprintf(3, "constant %p -\nchanged %p C\nreplaced %p R\n", pages[0], changed, replaced);
}

static void memory(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	char *private, *shared, *hidden, *sparse, *file, *read_only, *untouched;

	(void)!ftruncate(fd, 2 * PAGE);
	private = map_filled(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 'p');
	shared = map_filled(PAGE, MAP_SHARED | MAP_ANONYMOUS, -1, 's');
	hidden = map_filled(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 'h');
	sparse = map_filled(SPARSE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 'x');
	file = map_filled(2 * PAGE, MAP_PRIVATE, fd, 'f');
	read_only = map_filled(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 'r');
	untouched = map_filled(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(hidden, PAGE, MADV_DONTDUMP);
	mprotect(read_only, PAGE, PROT_READ);
	sparse[SPARSE - 1] = 'y';
	dprintf(3, "private %p p\nshared %p s\nhidden %p -\nsparse %p x\nend %p y\nmiddle %p 0\n"
		"file %p f\nread-only %p r\nuntouched %p -\n", private, shared, hidden, sparse,
		sparse + SPARSE - 1, sparse + SPARSE / 2, file, read_only, untouched);
	change_pages();
	fault();
}

static void quit(void)
{
	pause();
}

static void child(void)
{
	int status;

	if (!fork())
		fault();
	wait(&status);
	printf("child: signal %d, core %d\n", WTERMSIG(status), !!WCOREDUMP(status));
}

/* The parent goes on with its memory: does the child's end leave it alone? */
static void shared(void)
{
	char *at = malloc(PAGE);
	int status;

	strcpy(at, "still there");
	if (!vfork()) {
		raise(SIGQUIT);
		_exit(0);
	}
	wait(&status);
	printf("child: signal %d, %s\n", WTERMSIG(status), at);
}

static void undumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	fault();
}

/* None is left to open anything. */
static void files(void)
{
	const struct rlimit new = { 16, 16 };

	setrlimit(RLIMIT_NOFILE, &new);
	while (open("/dev/null", O_RDONLY) >= 0)
		;
	fault();
}

static void limit(void)
{
	const struct rlimit new = { 5 * PAGE, 5 * PAGE };

	setrlimit(RLIMIT_CORE, &new);
	fault();
}

static void cpu(void)
{
	const struct rlimit new = { 1, 100 };

	setrlimit(RLIMIT_CPU, &new);
	for (;;)
		;
}

static void large(void)
{
	const struct rlimit new = { PAGE, PAGE };
	char buf[2 * PAGE] = { 0 };
	int fd = open("large", O_WRONLY | O_CREAT, 0600);

	setrlimit(RLIMIT_FSIZE, &new);
	(void)!write(fd, buf, sizeof(buf));
	(void)!write(fd, buf, sizeof(buf));
}

static const struct {
	const char *name;
	void (*fn)(void);
} ways[] = {
	{ "fault", fault },	 { "abort", abort }, { "threads", threads },
	{ "memory", memory },	 { "child", child }, { "undumpable", undumpable },
	{ "limit", limit },	 { "cpu", cpu },     { "large", large },
	{ "quit", quit },	 { "shared", shared }, { "files", files },
};

static void die(const char *way)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(way, ways[i].name))
			ways[i].fn();
	exit(1);
}

/* core_dump WAY [SIGNAL]: run it in a child, say how that ended. */
int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc < 2)
		return 2;
	pid = fork();
	if (!pid)
		die(argv[1]);
	if (argc > 2)
		kill(pid, atoi(argv[2]));
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("signal %d, core %d\n", WTERMSIG(status), !!WCOREDUMP(status));
	else
		printf("status %d\n", WEXITSTATUS(status));
	return 0;
}

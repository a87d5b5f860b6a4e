// SPDX-License-Identifier: GPL-2.0-only
/*
 * Restartable sequences, by rseq(2) itself: who may register what, which CPU is told, and that a
 * sequence is left when something comes between. To be run with a C library that uses none itself.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "fork.h"

#define SIGNATURE 0x53053053
#define UNREGISTER 1
#define MEMBARRIER_RSEQ 128
#define MEMBARRIER_REGISTER_RSEQ 256
#define MEMBARRIER_CPU 1

struct area {
	uint32_t cpu_start;
	uint32_t cpu;
	uint64_t sequence;
	uint32_t flags;
	uint32_t node;
	uint32_t mm_cid;
	uint32_t rest[9];
} __attribute__((aligned(32)));

static __thread struct area area = { .cpu = ~0U };
static uint32_t inside;

#define RSEQ(...) show("rseq(" #__VA_ARGS__ ")", syscall(SYS_rseq, __VA_ARGS__))

static void begin(void)
{
	MUST(!syscall(SYS_rseq, &area, 32, 0, SIGNATURE));
}

/* Whoever is moved meanwhile finds another number at the second look. */
static bool knows_cpu(void)
{
	uint32_t before, now, start;

	do {
		before = __atomic_load_n(&area.cpu, __ATOMIC_RELAXED);
		now = (uint32_t)sched_getcpu();
		start = __atomic_load_n(&area.cpu_start, __ATOMIC_RELAXED);
	} while (before != __atomic_load_n(&area.cpu, __ATOMIC_RELAXED));
	return now == before && start == before;
}

static void show_calls(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct area other;

	MUST(page != MAP_FAILED);
	RSEQ(&area, 32, 2, SIGNATURE);
	RSEQ(&area, 32, UNREGISTER, SIGNATURE);
	RSEQ(&area, 16, 0, SIGNATURE);
	RSEQ((char *)&area + 16, 32, 0, SIGNATURE);
	RSEQ(0xffff800000000000, 32, 0, SIGNATURE);
	RSEQ(&area, 32, 0, SIGNATURE);
	SHOW_TRUE(knows_cpu());
	SHOW_TRUE(area.mm_cid < (uint32_t)sysconf(_SC_NPROCESSORS_CONF));
	RSEQ(&area, 32, 0, SIGNATURE);
	RSEQ(&area, 32, 0, SIGNATURE + 1);
	RSEQ(&other, 32, 0, SIGNATURE);
	RSEQ(&other, 32, UNREGISTER, SIGNATURE);
	RSEQ(&area, 64, UNREGISTER, SIGNATURE);
	RSEQ(&area, 32, UNREGISTER | 2, SIGNATURE);
	RSEQ(&area, 32, UNREGISTER, SIGNATURE + 1);
	RSEQ(&area, 32, UNREGISTER, SIGNATURE);
	SHOW((int)area.cpu);
	SHOW(area.cpu_start);
	RSEQ(&area, 32, UNREGISTER, SIGNATURE);
}

/* On each CPU, by its number. */
static void show_cpus(void)
{
	cpu_set_t all, one;
	int wrong = 0;

	begin();
	MUST(!sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		unsigned int now, node;

		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		MUST(!sched_setaffinity(0, sizeof(one), &one));
		MUST(!syscall(SYS_getcpu, &now, &node, NULL));
		wrong += area.cpu != (uint32_t)cpu || now != area.cpu || area.cpu_start != now;
	}
	MUST(!sched_setaffinity(0, sizeof(all), &all));
	printf("wrong CPUs: %d\n", wrong);
}

/* Until something comes between. The descriptor of @BAD has no signature before its end. */
#define SPIN(BAD)                                                                           \
	__asm__ goto(".pushsection .data.rseq, \"aw\"\n"                                    \
		     ".balign 32\n"                                                         \
		     "3: .long 0, 0\n"                                                      \
		     ".quad 1f, 2f - 1f, 4f\n"                                              \
		     ".popsection\n"                                                        \
		     "leaq 3b(%%rip), %%rax\n"                                              \
		     "movq %%rax, %[sequence]\n"                                            \
		     "1: movl $1, %[inside]\n"                                              \
		     "jmp 1b\n"                                                             \
		     "2: ud2\n"                                                             \
		     ".long " #BAD "\n"                                                     \
		     "4: jmp %l[aborted]\n"                                                 \
		     :                                                                      \
		     : [sequence] "m"(area.sequence), [inside] "m"(inside)                  \
		     : "rax", "memory"                                                      \
		     : aborted)

static void spin(void)
{
	SPIN(0x53053053);
aborted:
	SHOW_TRUE(!area.sequence);
}

static void spin_badly(void)
{
	SPIN(0x12345678);
aborted:
	printf("went on\n");
}

static void *spinner(void *arg)
{
	begin();
	*(pid_t *)arg = gettid();
	spin();
	SHOW_TRUE(knows_cpu());
	return NULL;
}

static pthread_t start(pid_t *tid)
{
	pthread_t thread;

	inside = 0;
	MUST(!pthread_create(&thread, NULL, spinner, tid));
	while (!__atomic_load_n(&inside, __ATOMIC_ACQUIRE))
		sched_yield();
	return thread;
}

static void handler(int sig)
{
	(void)sig;
}

static void show_thread(const char *what, void (*disturb)(pthread_t thread, pid_t tid))
{
	pthread_t thread;
	pid_t tid;

	thread = start(&tid);
	disturb(thread, tid);
	MUST(!pthread_join(thread, NULL));
	printf("%s: left\n", what);
}

static void by_signal(pthread_t thread, pid_t tid)
{
	(void)tid;
	MUST(!pthread_kill(thread, SIGUSR1));
}

/* It may run here alone from now on, beside this thread. */
static void by_preemption(pthread_t thread, pid_t tid)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	(void)thread;
	/* Something else may have come between already, and it has ended. */
	MUST(!sched_setaffinity(tid, sizeof(one), &one) || errno == ESRCH);
	MUST(!sched_setaffinity(0, sizeof(one), &one));
}

static void by_membarrier(pthread_t thread, pid_t tid)
{
	(void)thread;
	(void)tid;
	MUST(!syscall(SYS_membarrier, MEMBARRIER_RSEQ, 0, 0));
}

static void show_membarrier(void)
{
	SHOW(syscall(SYS_membarrier, MEMBARRIER_RSEQ, 0, 0));
	SHOW(syscall(SYS_membarrier, MEMBARRIER_REGISTER_RSEQ, MEMBARRIER_CPU, 0));
	SHOW(syscall(SYS_membarrier, MEMBARRIER_REGISTER_RSEQ, 0, 0));
	SHOW(syscall(SYS_membarrier, MEMBARRIER_RSEQ, 2, 0));
	SHOW(syscall(SYS_membarrier, MEMBARRIER_RSEQ, MEMBARRIER_CPU, 0));
	SHOW(syscall(SYS_membarrier, MEMBARRIER_RSEQ, MEMBARRIER_CPU, 100000));
	show_thread("membarrier", by_membarrier);
}

static void show_children(void)
{
	pid_t pid = fork_must();

	if (!pid) {
		SHOW_TRUE(knows_cpu());
		RSEQ(&area, 32, 0, SIGNATURE);
		_exit(0);
	}
	reap(pid, "child");
	pid = fork_must();
	if (!pid) {
		alarm(100);
		signal(SIGALRM, handler);
		ualarm(10000, 0);
		spin_badly();
		_exit(0);
	}
	reap(pid, "without signature");
	pid = fork_must();
	if (!pid) {
		area.sequence = 16;
		sched_yield();
		kill(getpid(), SIGALRM);
		_exit(0);
	}
	reap(pid, "without descriptor");
}

static void *unregistered(void *arg)
{
	(void)arg;
	RSEQ(&area, 32, UNREGISTER, SIGNATURE);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	signal(SIGUSR1, handler);
	show_calls();
	show_cpus();
	MUST(!pthread_create(&thread, NULL, unregistered, NULL));
	MUST(!pthread_join(thread, NULL));
	show_thread("signal", by_signal);
	show_membarrier();
	signal(SIGALRM, handler);
	show_children();
	show_thread("preemption", by_preemption);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks and timers of CPU time: they count what the program uses, and their signals come.
 * Argument: which of them.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app.h"

#define PROCESS_CLOCK(pid, which) ((clockid_t)((~(unsigned int)(pid) << 3) | (which)))
#define CHILD_LEN (20UL << 20)

#define THREAD_CLOCK(tid, which) ((clockid_t)((~(unsigned int)(tid) << 3) | 4 | (which)))

static volatile sig_atomic_t came[65];
static volatile sig_atomic_t code;
static volatile sig_atomic_t value;

static void handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	came[number]++;
	code = info->si_code;
	value = info->si_value.sival_int;
}

static void handle(int number)
{
	const struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	MUST(sigaction(number, &action, NULL) == 0);
}

static long now_ms(clockid_t clock)
{
	struct timespec now;

	MUST(clock_gettime(clock, &now) == 0);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In user mode, without a system call. */
static void burn(volatile sig_atomic_t *count, int until)
{
	while (*count < until)
		continue;
}

static void show_clock(clockid_t clock)
{
	long before = now_ms(clock);
	struct timespec resolution;

	while (now_ms(clock) < before + 30)
		continue;
	SHOW_TRUE(now_ms(clock) >= before + 30);
	SHOW(clock_getres(clock, &resolution));
	SHOW(resolution.tv_sec);
	SHOW_TRUE(resolution.tv_nsec >= 1);
	errno = 0;
	SHOW(clock_settime(clock, &resolution));
}

static void show_clocks(void)
{
	const struct timespec past = { 0 };
	const struct timespec soon = { .tv_nsec = 1000000 };
	int i;

	show_clock(CLOCK_PROCESS_CPUTIME_ID);
	show_clock(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < 3; i++) {
		show_clock(PROCESS_CLOCK(0, i));
		show_clock(PROCESS_CLOCK(getpid(), i));
		show_clock(THREAD_CLOCK(0, i));
		show_clock(THREAD_CLOCK(getpid(), i));
	}
	SHOW(clock_gettime(PROCESS_CLOCK(0x7fffffff >> 3, 2), &(struct timespec){ 0 }));
	SHOW(clock_gettime(PROCESS_CLOCK(0, 3), &(struct timespec){ 0 }));
	/* These return the error instead. */
	SHOW(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &past, NULL));
	SHOW(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &soon, NULL));
	SHOW(clock_nanosleep(THREAD_CLOCK(0, 2), 0, &soon, NULL));
}

static void show_sleep(void)
{
	const struct itimerval often = { { .tv_usec = 50000 }, { .tv_usec = 50000 } };
	const struct timespec long_time = { .tv_sec = 1000 };
	const struct itimerval never = { 0 };
	struct timespec left = { 0 };

	/* The first one may come before the call. */
	handle(SIGALRM);
	MUST(!setitimer(ITIMER_REAL, &often, NULL));
	SHOW(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &long_time, &left));
	MUST(!setitimer(ITIMER_REAL, &never, NULL));
	SHOW_TRUE(left.tv_sec >= 900 && left.tv_sec <= 1000);
}

static void show_itimer(int which, int number, clockid_t clock)
{
	const struct itimerval often = { { .tv_usec = 20000 }, { .tv_usec = 30000 } };
	const struct itimerval once = { .it_value = { .tv_usec = 20000 } };
	const struct itimerval bad = { .it_value = { .tv_usec = 1000000 } };
	const struct itimerval never = { 0 };
	struct itimerval old;
	long before = now_ms(clock);

	handle(number);
	came[number] = 0;
	SHOW(setitimer(which, &often, NULL));
	SHOW(getitimer(which, &old));
	SHOW(old.it_interval.tv_usec);
	SHOW_TRUE(old.it_value.tv_usec > 0);
	burn(&came[number], 3);
	SHOW_TRUE(now_ms(clock) >= before + 69);
	SHOW(code == SI_KERNEL);
	SHOW(setitimer(which, &never, &old));
	SHOW(old.it_interval.tv_usec);
	SHOW_TRUE(old.it_value.tv_usec > 0);
	SHOW(setitimer(which, &bad, NULL));
	came[number] = 0;
	SHOW(setitimer(which, &once, NULL));
	burn(&came[number], 1);
	SHOW(getitimer(which, &old));
	SHOW(old.it_value.tv_sec + old.it_value.tv_usec + old.it_interval.tv_usec);
}

static void show_itimers(void)
{
	show_itimer(ITIMER_VIRTUAL, SIGVTALRM, PROCESS_CLOCK(0, 1));
	show_itimer(ITIMER_PROF, SIGPROF, PROCESS_CLOCK(0, 0));
}

static void *burn_for(void *signal)
{
	burn(&came[*(int *)signal], 3);
	return NULL;
}

/* The time is used, and the signal sent, by a thread that is not the first. */
static void show_thread(int which, int signal)
{
	const struct itimerval often = { { .tv_usec = 20000 }, { .tv_usec = 20000 } };
	const struct itimerval never = { 0 };
	pthread_t thread;

	handle(signal);
	MUST(!pthread_create(&thread, NULL, burn_for, &signal));
	MUST(!setitimer(which, &often, NULL));
	MUST(!pthread_join(thread, NULL));
	SHOW(setitimer(which, &never, NULL));
	SHOW(code == SI_KERNEL);
}

/* Due again at once, always: the handler is reached all the same, and can end it. */
static void stop_timer(int signal)
{
	const struct itimerval never = { 0 };

	if (++came[signal] == 10)
		MUST(!setitimer(ITIMER_PROF, &never, NULL));
}

static void show_fast_itimer(void)
{
	const struct itimerval often = { { .tv_usec = 1 }, { .tv_usec = 1 } };

	MUST(signal(SIGPROF, stop_timer) != SIG_ERR);
	MUST(!setitimer(ITIMER_PROF, &often, NULL));
	burn(&came[SIGPROF], 10);
	SHOW_TRUE(came[SIGPROF] >= 10);
}

static void show_thread_itimers(void)
{
	show_thread(ITIMER_VIRTUAL, SIGVTALRM);
	show_thread(ITIMER_PROF, SIGPROF);
}

static void show_timer(clockid_t clock)
{
	const struct itimerspec often = { { .tv_nsec = 20000000 }, { .tv_nsec = 30000000 } };
	const struct itimerspec late = { .it_value = { .tv_sec = 1000 } };
	const struct itimerspec never = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
				  .sigev_value.sival_int = 4711 };
	struct itimerspec old;
	timer_t timer;
	long before;

	came[SIGRTMIN] = 0;
	SHOW(timer_create(clock, &event, &timer));
	before = now_ms(clock);
	SHOW(timer_settime(timer, 0, &often, NULL));
	burn(&came[SIGRTMIN], 3);
	SHOW_TRUE(now_ms(clock) >= before + 69);
	SHOW(code == SI_TIMER);
	SHOW(value);
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_interval.tv_nsec);
	SHOW_TRUE(old.it_value.tv_nsec > 0);
	SHOW_TRUE(timer_getoverrun(timer) >= 0);
	SHOW(timer_settime(timer, 0, &late, &old));
	SHOW(timer_gettime(timer, &old));
	SHOW_TRUE(old.it_value.tv_sec > 900 && old.it_value.tv_sec <= 1000);
	SHOW(timer_settime(timer, 0, &never, NULL));
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_value.tv_sec + old.it_value.tv_nsec);
	SHOW(timer_settime(timer, TIMER_ABSTIME, &(struct itimerspec){ .it_value = { 0, 1 } },
			   NULL));
	burn(&came[SIGRTMIN], 4);
	SHOW(timer_delete(timer));
}

static void show_blocked(void)
{
	const struct itimerspec often = { { .tv_nsec = 5000000 }, { .tv_nsec = 5000000 } };
	const struct timespec none = { 0 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
	siginfo_t info;
	timer_t timer;
	sigset_t set;
	long before;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	SHOW(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
	SHOW(timer_settime(timer, 0, &often, NULL));
	before = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	while (now_ms(CLOCK_PROCESS_CPUTIME_ID) < before + 50)
		continue;
	SHOW(sigtimedwait(&set, &info, &none) == SIGRTMIN);
	SHOW(info.si_code == SI_TIMER);
	SHOW_TRUE(timer_getoverrun(timer) >= 2);
	SHOW(timer_delete(timer));
	while (sigtimedwait(&set, &info, &none) > 0)
		continue;
	MUST(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

static void show_bad(void)
{
	const struct itimerspec bad = { .it_value = { .tv_nsec = 1000000000 } };
	const struct itimerspec soon = { .it_value = { .tv_nsec = 1000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec old;
	timer_t other, timer;
	long before;

	SHOW(timer_create(CLOCK_MONOTONIC, &event, &other));
	SHOW(timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer));
	SHOW_TRUE(timer != other);
	SHOW(timer_settime(timer, 0, &bad, NULL));
	SHOW(timer_settime(timer, 0, &soon, NULL));
	before = now_ms(CLOCK_PROCESS_CPUTIME_ID);
	while (now_ms(CLOCK_PROCESS_CPUTIME_ID) < before + 20)
		continue;
	SHOW(timer_gettime(timer, &old));
	SHOW(old.it_value.tv_sec + old.it_value.tv_nsec);
	SHOW(timer_delete(timer));
	SHOW(timer_delete(other));
	SHOW(syscall(SYS_timer_delete, 0x40000000 + 5000));
	SHOW(syscall(SYS_timer_gettime, 0x40000000 + 5000, &old));
	SHOW(syscall(SYS_timer_getoverrun, 0x40000000 + 5000));
	event.sigev_notify = 77;
	SHOW(syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = 100;
	SHOW(syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = SIGRTMIN;
	event._sigev_un._tid = 1;
	SHOW(syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, &event, &timer));
	SHOW(timer_create(CLOCK_PROCESS_CPUTIME_ID, NULL, &timer));
	handle(SIGALRM);
	came[SIGALRM] = 0;
	SHOW(timer_settime(timer, 0, &soon, NULL));
	burn(&came[SIGALRM], 1);
	SHOW(timer_delete(timer));
}

static void show_timers(void)
{
	handle(SIGRTMIN);
	show_timer(CLOCK_PROCESS_CPUTIME_ID);
	show_timer(CLOCK_THREAD_CPUTIME_ID);
	show_timer(PROCESS_CLOCK(0, 1));
	show_timer(THREAD_CLOCK(getpid(), 0));
	show_blocked();
	show_bad();
}

/* Those of CPU time and the others have their ids, and their limit, in common. */
static void show_count(void)
{
	static const clockid_t clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_MONOTONIC,
					    CLOCK_THREAD_CPUTIME_ID };
	const struct itimerspec late = { .it_value = { .tv_sec = 1000 } };
	const struct rlimit limit = { 7, 7 };
	struct itimerspec left;
	int ids[10];
	int i;

	MUST(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
	for (i = 0; i < 10; i++) {
		ids[i] = -1;
		SHOW(syscall(SYS_timer_create, clocks[i % 3], NULL, &ids[i]));
		SHOW(ids[i]);
	}
	SHOW(syscall(SYS_timer_delete, ids[3]));
	SHOW(syscall(SYS_timer_delete, ids[3]));
	SHOW(syscall(SYS_timer_delete, ids[4]));
	SHOW(syscall(SYS_timer_settime, ids[3], 0, &late, NULL));
	for (i = 3; i < 6; i++) {
		SHOW(syscall(SYS_timer_create, CLOCK_PROCESS_CPUTIME_ID, NULL, &ids[i]));
		SHOW(ids[i]);
	}
	SHOW(syscall(SYS_timer_settime, ids[4], 0, &late, NULL));
	SHOW(syscall(SYS_timer_gettime, ids[4], &left));
	SHOW_TRUE(left.it_value.tv_sec > 900);
	SHOW(syscall(SYS_timer_gettime, ids[5], &left));
	SHOW(left.it_value.tv_sec);
}

/*
 * A second of it, then each further second; the soft limit grows with them. If the CPU stood still,
 * more than one may have been used at once.
 */
static void show_limit(void)
{
	struct rlimit limit = { 1, 100 };
	int warnings;

	handle(SIGXCPU);
	SHOW(setrlimit(RLIMIT_CPU, &limit));
	burn(&came[SIGXCPU], 1);
	SHOW(code == SI_KERNEL);
	SHOW_TRUE(now_ms(CLOCK_PROCESS_CPUTIME_ID) >= 900);
	do {
		warnings = came[SIGXCPU];
		MUST(!getrlimit(RLIMIT_CPU, &limit));
	} while (came[SIGXCPU] != warnings);
	SHOW((long)limit.rlim_cur - warnings);
	SHOW((long)limit.rlim_max);
	burn(&came[SIGXCPU], 2);
	SHOW_TRUE(now_ms(CLOCK_PROCESS_CPUTIME_ID) >= 1900);
}

static void set_limit(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = { soft, hard };

	MUST(setrlimit(RLIMIT_CPU, &limit) == 0);
	for (;;)
		continue;
}

static void use_and_forget(void)
{
	char *map = mmap(NULL, CHILD_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);

	MUST(map != MAP_FAILED);
	memset(map, 1, CHILD_LEN);
	MUST(munmap(map, CHILD_LEN) == 0);
}

/* What children use is their parent's to know. */
static void show_children(void)
{
	struct rusage usage, child;
	struct tms ticks;
	int status;
	pid_t pid = fork();
	long before;

	if (!pid) {
		use_and_forget();
		before = now_ms(PROCESS_CLOCK(0, 1));
		while (now_ms(PROCESS_CLOCK(0, 1)) < before + 100)
			continue;
		_exit(7);
	}
	SHOW(wait4(pid, &status, 0, &child) == pid);
	SHOW(WEXITSTATUS(status));
	SHOW_TRUE(child.ru_utime.tv_sec * 1000 + child.ru_utime.tv_usec / 1000 >= 99);
	SHOW_TRUE(child.ru_minflt > 0);
	SHOW_TRUE(child.ru_maxrss >= (long)(CHILD_LEN / 1024));
	SHOW(getrusage(RUSAGE_CHILDREN, &usage));
	SHOW(usage.ru_maxrss == child.ru_maxrss);
	SHOW_TRUE(usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000 >= 99);
	SHOW_TRUE(usage.ru_minflt >= child.ru_minflt);
	SHOW_TRUE(times(&ticks) > 0 && ticks.tms_cutime >= 9);
	pid = fork();
	if (!pid)
		set_limit(1, RLIM_INFINITY);
	SHOW(wait4(pid, &status, 0, &child) == pid);
	SHOW(WTERMSIG(status) == SIGXCPU);
	SHOW_TRUE(child.ru_utime.tv_sec * 1000 + child.ru_utime.tv_usec / 1000 >= 900);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "clocks"))
		show_clocks();
	else if (!strcmp(what, "sleep"))
		show_sleep();
	else if (!strcmp(what, "itimers"))
		show_itimers();
	else if (!strcmp(what, "threads"))
		show_thread_itimers();
	else if (!strcmp(what, "fast"))
		show_fast_itimer();
	else if (!strcmp(what, "timers"))
		show_timers();
	else if (!strcmp(what, "count"))
		show_count();
	else if (!strcmp(what, "limit"))
		show_limit();
	else if (!strcmp(what, "soft"))
		set_limit(1, RLIM_INFINITY);
	else if (!strcmp(what, "hard"))
		set_limit(1, 1);
	else if (!strcmp(what, "inherited"))
		burn(&came[0], 1);
	else if (!strcmp(what, "children"))
		show_children();
	return 0;
}

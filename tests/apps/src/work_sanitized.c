// SPDX-License-Identifier: GPL-2.0-only
/*
 * For the sanitizers, which lay out the address space by addresses that they know beforehand:
 * work_sanitized clean|overflow|leak|race. All but the first is a mistake that one of them finds.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"

#define NTHREADS 4
#define NROUNDS 200

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int sum;
static unsigned int unlocked;

static void *work(void *arg)
{
	const int race = *(const int *)arg;
	char *data;
	size_t len;

	for (len = 1; len <= NROUNDS; len++) {
		data = malloc(len);
		MUST(data != NULL);
		memset(data, 1, len);
		pthread_mutex_lock(&lock);
		sum += (unsigned int)data[len - 1];
		pthread_mutex_unlock(&lock);
		free(data);
	}
	if (race)
		unlocked++;
	return NULL;
}

static void run_threads(int race)
{
	pthread_t threads[NTHREADS];
	size_t i;

	for (i = 0; i < NTHREADS; i++)
		MUST(!pthread_create(&threads[i], NULL, work, &race));
	for (i = 0; i < NTHREADS; i++)
		MUST(!pthread_join(threads[i], NULL));
}

static void run_child(void)
{
	int status;
	pid_t pid = fork();

	MUST(pid >= 0);
	if (!pid) {
		free(strdup("memory of the child"));
		_exit(3);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	printf("the child ended with %d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "clean";
	char *volatile lost = malloc(sizeof("clean"));

	MUST(lost != NULL);
	/* One word is too long for that. */
	strcpy(lost, what);
	run_threads(!strcmp(what, "race"));
	run_child();
	printf("sum %u\n", sum);
	if (strcmp(what, "leak"))
		free(lost);
	lost = NULL;
	return 0;
}

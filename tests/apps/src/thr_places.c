// SPDX-License-Identifier: GPL-2.0-only
/*
 * OpenMP's places, OMP_PLACES and OMP_PROC_BIND: where threads may run, by what the system tells
 * of cores and packages. Numbers of CPUs are those of the kernel; of places there are as many, and
 * threads lie in them alike. It is compiled for GNU's library; LLVM's has the same functions.
 */
#include <omp.h>
#include <sched.h>

#include "app.h"

#define MAX_THREADS 64

int main(void)
{
	int places[MAX_THREADS], sizes[MAX_THREADS], allowed[MAX_THREADS];
	int nthreads = 0;
	int i;

	printf("%d processors, %d places\n", omp_get_num_procs(), omp_get_num_places());
	for (i = 0; i < omp_get_num_places(); i++)
		printf("place %d: %d processors\n", i, omp_get_place_num_procs(i));
#pragma omp parallel num_threads(4)
	{
		int me = omp_get_thread_num();
		cpu_set_t set;

		MUST(!sched_getaffinity(0, sizeof(set), &set));
		places[me] = omp_get_place_num();
		sizes[me] = CPU_COUNT(&set);
		allowed[me] = CPU_ISSET(sched_getcpu(), &set);
#pragma omp atomic
		nthreads++;
	}
	for (i = 0; i < nthreads; i++)
		printf("thread %d: place %d, may run on %d CPUs, does so: %s\n", i, places[i],
		       sizes[i], allowed[i] ? "yes" : "no");
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPI's collective operations, by whichever library is named (mpi_library.h). Every rank compares
 * all that it gets with what it computes for itself; rank 0 prints how many elements were wrong
 * in all, and whether each rank has memory mapped that it shares with the others.
 */
#include <stdbool.h>

#include "mpi_library.h"

#define MAX_RANKS 16
#define LARGE 6000	/* elements: beyond what any of the libraries sends eagerly */

static int rank, size;
static long in[MAX_RANKS * LARGE], out[MAX_RANKS * LARGE];

/* Element i of what rank r contributes. */
static long element(int r, long i)
{
	return (r + 1) * 1000003L + i * (r + 7);
}

/* Sum of element(r, i) over the first n ranks. */
static long sum(int n, long i)
{
	long total = 0;
	int r;

	for (r = 0; r < n; r++)
		total += element(r, i);
	return total;
}

static void fill(long n)
{
	long i;

	for (i = 0; i < n; i++)
		in[i] = element(rank, i);
	memset(out, 0xff, sizeof(out));
}

static long wrong_from(int from, const long *got, long first, long n)
{
	long i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += got[i] != element(from, first + i);
	return wrong;
}

static long wrong_sums(int nranks, const long *got, long first, long n)
{
	long i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += got[i] != sum(nranks, first + i);
	return wrong;
}

static long do_bcast(int n, int root)
{
	fill(n);
	MUST(mpi.bcast(rank == root ? in : out, n, mpi.type_long, root, mpi.world) == 0);
	return wrong_from(root, rank == root ? in : out, 0, n);
}

static long do_reduce(int n, int root)
{
	fill(n);
	MUST(mpi.reduce(in, out, n, mpi.type_long, mpi.sum, root, mpi.world) == 0);
	return rank == root ? wrong_sums(size, out, 0, n) : 0;
}

static long do_allreduce(int n, int root)
{
	(void)root;
	fill(n);
	MUST(mpi.allreduce(in, out, n, mpi.type_long, mpi.sum, mpi.world) == 0);
	return wrong_sums(size, out, 0, n);
}

static long do_scan(int n, int root)
{
	(void)root;
	fill(n);
	MUST(mpi.scan(in, out, n, mpi.type_long, mpi.sum, mpi.world) == 0);
	return wrong_sums(rank + 1, out, 0, n);
}

static long do_reduce_scatter(int n, int root)
{
	(void)root;
	fill((long)n * size);
	MUST(mpi.reduce_scatter(in, out, n, mpi.type_long, mpi.sum, mpi.world) == 0);
	return wrong_sums(size, out, (long)n * rank, n);
}

static long do_gather(int n, int root)
{
	long wrong = 0;
	int r;

	fill(n);
	MUST(mpi.gather(in, n, mpi.type_long, out, n, mpi.type_long, root, mpi.world) == 0);
	for (r = 0; rank == root && r < size; r++)
		wrong += wrong_from(r, out + (long)r * n, 0, n);
	return wrong;
}

static long do_scatter(int n, int root)
{
	fill((long)n * size);
	MUST(mpi.scatter(in, n, mpi.type_long, out, n, mpi.type_long, root, mpi.world) == 0);
	return wrong_from(root, out, (long)n * rank, n);
}

static long do_allgather(int n, int root)
{
	long wrong = 0;
	int r;

	(void)root;
	fill(n);
	MUST(mpi.allgather(in, n, mpi.type_long, out, n, mpi.type_long, mpi.world) == 0);
	for (r = 0; r < size; r++)
		wrong += wrong_from(r, out + (long)r * n, 0, n);
	return wrong;
}

static long do_alltoall(int n, int root)
{
	long wrong = 0;
	int r;

	(void)root;
	fill((long)n * size);
	MUST(mpi.alltoall(in, n, mpi.type_long, out, n, mpi.type_long, mpi.world) == 0);
	for (r = 0; r < size; r++)
		wrong += wrong_from(r, out + (long)r * n, (long)n * rank, n);
	return wrong;
}

/* Each to all others, all at the same time; answers in another order than requests. */
static long do_messages(int n, int root)
{
	uintptr_t requests[MAX_RANKS] = { 0 };
	long wrong = 0;
	int r;

	fill(n);
	for (r = 0; r < size; r++)
		MUST(mpi.isend(in, n, mpi.type_long, r, root, mpi.world, &requests[r]) == 0);
	for (r = size - 1; r >= 0; r--) {
		MUST(mpi.recv(out, n, mpi.type_long, r, root, mpi.world, mpi.ignore) == 0);
		wrong += wrong_from(r, out, 0, n);
	}
	for (r = 0; r < size; r++)
		MUST(mpi.wait(&requests[r], mpi.ignore) == 0);
	return wrong;
}

/* Ranks with even and with odd numbers, each for themselves and in reverse order. */
static long do_split(int n, int root)
{
	uintptr_t half = 0;
	long wrong = 0;
	int r, i, my_rank;

	(void)root;
	fill(n);
	MUST(mpi.split(mpi.world, rank % 2, -rank, &half) == 0);
	MUST(mpi.rank(half, &my_rank) == 0);
	MUST(mpi.allgather(in, n, mpi.type_long, out, n, mpi.type_long, half) == 0);
	for (i = 0, r = size - 1; r >= 0; r--) {
		if (r % 2 != rank % 2)
			continue;
		wrong += wrong_from(r, out + (long)i * n, 0, n);
		wrong += r == rank && i != my_rank;
		i++;
	}
	MUST(mpi.free(&half) == 0);
	return wrong;
}

static const struct {
	const char *name;
	long (*run)(int n, int root);	/* returns the number of wrong elements */
	bool every_root;		/* each rank has its turn as the root */
} operations[] = {
	{ "bcast", do_bcast, true }, { "reduce", do_reduce, true },
	{ "gather", do_gather, true }, { "scatter", do_scatter, true },
	{ "allreduce", do_allreduce, false }, { "scan", do_scan, false },
	{ "reduce_scatter", do_reduce_scatter, false }, { "allgather", do_allgather, false },
	{ "alltoall", do_alltoall, false }, { "messages", do_messages, false },
	{ "split", do_split, false },
};

/* Of all ranks; by messages alone, since the collectives are what is tested. */
static long total(long value)
{
	long all = value, other;
	int r;

	if (rank) {
		MUST(mpi.send(&value, 1, mpi.type_long, 0, 99, mpi.world) == 0);
		return 0;
	}
	for (r = 1; r < size; r++) {
		MUST(mpi.recv(&other, 1, mpi.type_long, r, 99, mpi.world, mpi.ignore) == 0);
		all += other;
	}
	return all;
}

static void run(size_t i, int n)
{
	long wrong = 0, all;
	int root;

	for (root = 0; root < (operations[i].every_root ? size : 1); root++)
		wrong += operations[i].run(n, root);
	all = total(wrong);
	if (rank == 0)
		printf("%s of %d: %ld wrong\n", operations[i].name, n, all);
}

/* The segments that the libraries make: POSIX's, System V's, or a file of Open MPI's session. */
static bool has_shared_memory(void)
{
	static const char *const names[] = { "/dev/shm/", "/SYSV", "vader_segment" };
	FILE *maps = fopen("/proc/self/maps", "r");
	bool found = false;
	char line[512];
	size_t i;

	MUST(maps != NULL);
	while (fgets(line, sizeof(line), maps))
		for (i = 0; strstr(line, " rw-s ") && i < sizeof(names) / sizeof(names[0]); i++)
			found = found || strstr(line, names[i]);
	fclose(maps);
	return found;
}

int main(int argc, char **argv)
{
	long sharing;
	size_t i;

	mpi_begin(argc, argv, MAX_RANKS, &rank, &size);
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		run(i, 1);
		run(i, LARGE);
	}
	sharing = total(has_shared_memory());
	if (rank == 0)
		printf("%ld of %d ranks share memory\n", sharing, size);
	MUST(mpi.barrier(mpi.world) == 0);
	MUST(mpi.finalize() == 0);
	return 0;
}

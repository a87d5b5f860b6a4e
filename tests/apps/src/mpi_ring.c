// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPI, by whichever library is named (mpi_library.h): a message goes
 * round all ranks, small and large sums of all, a barrier, a gathering. Rank 0 prints.
 */
#include "mpi_library.h"

#define LARGE 50000

static long ring(int rank, int size)
{
	long value = 1;

	if (rank == 0)
		mpi.send(&value, 1, mpi.type_long, 1 % size, 7, mpi.world);
	mpi.recv(&value, 1, mpi.type_long, (rank + size - 1) % size, 7, mpi.world, mpi.ignore);
	value = value * 10 + rank;
	if (rank != 0)
		mpi.send(&value, 1, mpi.type_long, (rank + 1) % size, 7, mpi.world);
	return value;
}

static void sums(int rank)
{
	static long in[LARGE], out[LARGE];
	unsigned long check = 0;
	long i;

	for (i = 0; i < LARGE; i++)
		in[i] = i * (rank + 1);
	mpi.allreduce(in, out, 3, mpi.type_long, mpi.sum, mpi.world);
	if (rank == 0)
		printf("small sums: %ld %ld %ld\n", out[0], out[1], out[2]);
	mpi.allreduce(in, out, LARGE, mpi.type_long, mpi.sum, mpi.world);
	for (i = 0; i < LARGE; i++)
		check = check * 31 + (unsigned long)out[i];
	if (rank == 0)
		printf("large sums: %lu\n", check);
}

/* Too large for what the ranks share from the start: one reads the other's memory. */
static void large_message(int rank, int size)
{
	const size_t n = 1 << 17;
	long *buf = malloc(n * sizeof(*buf));
	unsigned long check = 0;
	size_t i;

	MUST(buf != NULL);
	for (i = 0; i < n; i++)
		buf[i] = rank == 0 ? (long)(i * i) : -1;
	if (rank == 0)
		mpi.send(buf, (int)n, mpi.type_long, size - 1, 8, mpi.world);
	if (rank == size - 1)
		mpi.recv(buf, (int)n, mpi.type_long, 0, 8, mpi.world, mpi.ignore);
	for (i = 0; i < n; i++)
		check = check * 31 + (unsigned long)buf[i];
	free(buf);
	if (rank == 0)
		mpi.recv(&check, 1, mpi.type_long, size - 1, 9, mpi.world, mpi.ignore);
	else if (rank == size - 1)
		mpi.send(&check, 1, mpi.type_long, 0, 9, mpi.world);
	if (rank == 0)
		printf("large message: %lu\n", check);
}

int main(int argc, char **argv)
{
	long all[64];
	int rank, size;
	long value;
	int i;

	mpi_begin(argc, argv, 64, &rank, &size);
	value = ring(rank, size);
	mpi.gather(&value, 1, mpi.type_long, all, 1, mpi.type_long, 0, mpi.world);
	for (i = 0; rank == 0 && i < size; i++)
		printf("rank %d of %d: %ld\n", i, size, all[i]);
	sums(rank);
	large_message(rank, size);
	mpi.barrier(mpi.world);
	MUST(mpi.finalize() == 0);
	return 0;
}

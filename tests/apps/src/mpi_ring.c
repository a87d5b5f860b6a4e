// SPDX-License-Identifier: GPL-2.0-only
/*
 * MPI, by whichever library is named (there are no headers in the tree): a message goes
 * round all ranks, small and large sums of all, a barrier, a gathering. Rank 0 prints.
 */
#include <dlfcn.h>
#include <stdint.h>

#include "app.h"

#define LARGE 50000

/* Handles are addresses in Open MPI, and numbers in MPICH; both go in a register. */
struct mpi {
	int (*init)(int *argc, char ***argv);
	int (*finalize)(void);
	int (*rank)(uintptr_t comm, int *rank);
	int (*size)(uintptr_t comm, int *size);
	int (*send)(const void *buf, int n, uintptr_t type, int to, int tag, uintptr_t comm);
	int (*recv)(void *buf, int n, uintptr_t type, int from, int tag, uintptr_t comm,
		    void *status);
	int (*allreduce)(const void *in, void *out, int n, uintptr_t type, uintptr_t op,
			 uintptr_t comm);
	int (*gather)(const void *in, int n, uintptr_t type, void *out, int each,
		      uintptr_t out_type, int root, uintptr_t comm);
	int (*barrier)(uintptr_t comm);
	uintptr_t world, type_long, sum;
	void *ignore;	/* MPI_STATUS_IGNORE */
};

static struct mpi mpi;

static void *need(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	if (!symbol) {
		printf("no %s\n", name);
		exit(98);
	}
	return symbol;
}

static void load(const char *name)
{
	static const struct {
		void *place;
		const char *name;
	} functions[] = {
		{ &mpi.init, "MPI_Init" }, { &mpi.finalize, "MPI_Finalize" },
		{ &mpi.rank, "MPI_Comm_rank" }, { &mpi.size, "MPI_Comm_size" },
		{ &mpi.send, "MPI_Send" }, { &mpi.recv, "MPI_Recv" },
		{ &mpi.allreduce, "MPI_Allreduce" }, { &mpi.gather, "MPI_Gather" },
		{ &mpi.barrier, "MPI_Barrier" },
	};
	void *library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);
	void *symbol;
	size_t i;

	if (!library) {
		printf("%s\n", dlerror());
		exit(98);
	}
	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		symbol = need(library, functions[i].name);
		memcpy(functions[i].place, &symbol, sizeof(symbol));
	}
	if (dlsym(library, "ompi_mpi_comm_world")) {
		mpi.world = (uintptr_t)need(library, "ompi_mpi_comm_world");
		mpi.type_long = (uintptr_t)need(library, "ompi_mpi_long");
		mpi.sum = (uintptr_t)need(library, "ompi_mpi_op_sum");
	} else {
		/* The ABI that MPICH and its relatives keep. */
		mpi.world = 0x44000000;
		mpi.type_long = 0x4c000807;
		mpi.sum = 0x58000003;
		mpi.ignore = (void *)1;
	}
}

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

	if (argc < 2)
		return 2;
	load(argv[1]);
	MUST(mpi.init(&argc, &argv) == 0);
	mpi.rank(mpi.world, &rank);
	mpi.size(mpi.world, &size);
	MUST(size >= 2 && size <= 64);
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

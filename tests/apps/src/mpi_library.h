/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MPI, by whichever library is named: there are no headers in the tree. Handles are addresses in
 * Open MPI, and numbers in MPICH; both go in a register, and into a uintptr_t that was zero.
 */
#ifndef MPI_LIBRARY_H
#define MPI_LIBRARY_H

#include <dlfcn.h>
#include <stdint.h>

#include "app.h"

struct mpi {
	int (*init)(int *argc, char ***argv);
	int (*finalize)(void);
	int (*rank)(uintptr_t comm, int *rank);
	int (*size)(uintptr_t comm, int *size);
	int (*split)(uintptr_t comm, int color, int key, uintptr_t *part);
	int (*free)(uintptr_t *comm);
	int (*send)(const void *buf, int n, uintptr_t type, int to, int tag, uintptr_t comm);
	int (*recv)(void *buf, int n, uintptr_t type, int from, int tag, uintptr_t comm,
		    void *status);
	int (*isend)(const void *buf, int n, uintptr_t type, int to, int tag, uintptr_t comm,
		     uintptr_t *request);
	int (*wait)(uintptr_t *request, void *status);
	int (*bcast)(void *buf, int n, uintptr_t type, int root, uintptr_t comm);
	int (*reduce)(const void *in, void *out, int n, uintptr_t type, uintptr_t op, int root,
		      uintptr_t comm);
	int (*allreduce)(const void *in, void *out, int n, uintptr_t type, uintptr_t op,
			 uintptr_t comm);
	int (*scan)(const void *in, void *out, int n, uintptr_t type, uintptr_t op,
		    uintptr_t comm);
	int (*reduce_scatter)(const void *in, void *out, int each, uintptr_t type, uintptr_t op,
			      uintptr_t comm);
	int (*gather)(const void *in, int n, uintptr_t type, void *out, int each,
		      uintptr_t out_type, int root, uintptr_t comm);
	int (*scatter)(const void *in, int n, uintptr_t type, void *out, int each,
		       uintptr_t out_type, int root, uintptr_t comm);
	int (*allgather)(const void *in, int n, uintptr_t type, void *out, int each,
			 uintptr_t out_type, uintptr_t comm);
	int (*alltoall)(const void *in, int n, uintptr_t type, void *out, int each,
			uintptr_t out_type, uintptr_t comm);
	int (*barrier)(uintptr_t comm);
	uintptr_t world, type_long, sum;
	void *ignore;	/* MPI_STATUS_IGNORE */
};

static struct mpi mpi;

static void *mpi_need(void *library, const char *name)
{
	void *symbol = dlsym(library, name);

	if (!symbol) {
		printf("no %s\n", name);
		exit(98);
	}
	return symbol;
}

static void mpi_load_functions(void *library)
{
	static const struct {
		void *place;
		const char *name;
	} functions[] = {
		{ &mpi.init, "MPI_Init" }, { &mpi.finalize, "MPI_Finalize" },
		{ &mpi.rank, "MPI_Comm_rank" }, { &mpi.size, "MPI_Comm_size" },
		{ &mpi.split, "MPI_Comm_split" }, { &mpi.free, "MPI_Comm_free" },
		{ &mpi.send, "MPI_Send" }, { &mpi.recv, "MPI_Recv" },
		{ &mpi.isend, "MPI_Isend" }, { &mpi.wait, "MPI_Wait" },
		{ &mpi.bcast, "MPI_Bcast" }, { &mpi.reduce, "MPI_Reduce" },
		{ &mpi.allreduce, "MPI_Allreduce" }, { &mpi.scan, "MPI_Scan" },
		{ &mpi.reduce_scatter, "MPI_Reduce_scatter_block" },
		{ &mpi.gather, "MPI_Gather" }, { &mpi.scatter, "MPI_Scatter" },
		{ &mpi.allgather, "MPI_Allgather" }, { &mpi.alltoall, "MPI_Alltoall" },
		{ &mpi.barrier, "MPI_Barrier" },
	};
	void *symbol;
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		symbol = mpi_need(library, functions[i].name);
		memcpy(functions[i].place, &symbol, sizeof(symbol));
	}
}

static void mpi_load(const char *name)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_GLOBAL);

	if (!library) {
		printf("%s\n", dlerror());
		exit(98);
	}
	mpi_load_functions(library);
	if (dlsym(library, "ompi_mpi_comm_world")) {
		mpi.world = (uintptr_t)mpi_need(library, "ompi_mpi_comm_world");
		mpi.type_long = (uintptr_t)mpi_need(library, "ompi_mpi_long");
		mpi.sum = (uintptr_t)mpi_need(library, "ompi_mpi_op_sum");
	} else {
		/* The ABI that MPICH and its relatives keep. */
		mpi.world = 0x44000000;
		mpi.type_long = 0x4c000807;
		mpi.sum = 0x58000003;
		mpi.ignore = (void *)1;
	}
}

/* MPI by the library that the first argument names; among at least two ranks. */
static void mpi_begin(int argc, char **argv, int max_ranks, int *rank, int *size)
{
	if (argc < 2)
		exit(2);
	mpi_load(argv[1]);
	MUST(mpi.init(&argc, &argv) == 0);
	mpi.rank(mpi.world, rank);
	mpi.size(mpi.world, size);
	MUST(*size >= 2 && *size <= max_ranks);
}

#endif

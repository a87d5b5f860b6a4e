#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The HPC Challenge by two ranks of Open MPI: what it found of its own results, not how fast it was.
# hpcc says "Success=1" whatever comes of RandomAccess, PTRANS and HPL, and gives the largest error
# of its FFTs as a number; the last line is a verdict of our own over all of them.
# One thread of OpenBLAS a rank: left to itself it has one for each CPU, tens of megabytes of buffers
# for each of them, and if it cannot have these it asks again for ever.
export OPENBLAS_NUM_THREADS=1
cp "$FILES/hpccinf.txt" .
mpirun.openmpi --allow-run-as-root --oversubscribe --mca plm isolated --mca pml ob1 \
	--mca btl self,vader -n 2 $RUN hpcc
echo $?
sed -n 's/^Begin of \(.*\) section.$/\1/p
	s/^Found \([0-9]*\) errors in .*/\1 errors/p
	s/^Node(s) with error/failed on nodes:/p
	/^Solution Validates/p
	/\.\.\. PASSED$/s/.* \.\.\.\.\.\. //p
	/tests completed and/p
	/tests skipped/p
	/FAILED/p
	/^\(Success\|CommWorldProcs\|HPL_N\|MPIRandomAccess\(_LCG\)\?_Errors\)=/p' hpccoutf.txt
awk '/^max\(\|x-x0\|\): /		{ transforms++; bad += !($2 < 1e-12) }
	/^Scaled residual: /		{ products++; bad += !($3 < 16) }
	/^Found [0-9]+ errors /		{ tables++; bad += $2 != 0 }
	/passed residual checks/	{ solved += $1 }
	/(failed residual|skipped) /	{ bad += $1 }
	END {
		print transforms " FFTs, " products " products, " tables " tables, " solved \
			" matrices: " (bad ? "wrong" : "right")
	}' hpccoutf.txt
rm hpccinf.txt hpccoutf.txt

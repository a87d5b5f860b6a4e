#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The HPC Challenge by two ranks of Open MPI: what it found of its own results, not how fast it was.
# PTRANS of Debian's hpcc wants exabytes, and does nothing, on Linux, too.
cp "$FILES/hpccinf.txt" .
mpirun.openmpi --allow-run-as-root --oversubscribe --mca plm isolated --mca btl self,vader \
	-n 2 $RUN hpcc
echo $?
sed -n 's/^Begin of \(.*\) section.$/\1/p
	s/^Found \([0-9]*\) errors in .*/\1 errors/p
	/PASSED$/s/.* \.\.\.\.\.\. //p
	/tests completed and/p
	/FAILED/p
	/^\(Success\|CommWorldProcs\|HPL_N\|MPIRandomAccess_ErrorsFraction\)=/p' hpccoutf.txt
rm hpccinf.txt hpccoutf.txt

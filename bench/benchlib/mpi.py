# SPDX-License-Identifier: GPL-2.0-only
"""Two ranks of MPI that share memory: messages (NetPIPE), and the HPC Challenge."""
from benchlib import hpcc, table
from benchlib.machine import PROGRAMS

TITLE = "MPI"
# Ranks wait by polling, without PAUSE: they have to run at the same time.
WALL = True

MPIRUN = ("mpirun.openmpi --allow-run-as-root --oversubscribe --mca plm isolated --mca pml ob1 "
          "--mca btl self,vader -n 2")
# Of what NetPIPE sends, the sizes in bytes that are shown.
SIZES = (1, 64, 1024, 8192, 65536, 262144)


def messages(machine, ranks, samples):
    """Add to the microseconds that a message takes one way, by its size."""
    text = machine.run(f"cd /tmp && {ranks} NPopenmpi -p 0 -n 20 -u {SIZES[-1]} -o np.out "
                       "> np.log 2>&1 && cat np.out")
    found = {}
    for line in text.splitlines():
        size, _mbps, seconds = line.split()
        found[int(size)] = float(seconds) * 1e6
    for size in SIZES:
        samples.setdefault(f"message of {size} B", []).append(found[size])


def measure(machine, rounds):
    """Both by two ranks, on two CPUs of each kernel in turn; mpirun is on Linux."""
    machine.start(parallel=True)
    kernels = {"Linux": f"taskset -c 0,1 {MPIRUN}",
               "LWK": f"taskset -c 0,1 {MPIRUN} {PROGRAMS}/mcexec -n 2"}
    sent = {kernel: {} for kernel in kernels}
    challenged = {kernel: {} for kernel in kernels}
    with machine.lwk():
        for _ in range(rounds):
            for kernel, ranks in kernels.items():
                messages(machine, ranks, sent[kernel])
        for _ in range(min(rounds, 3)):
            for kernel, ranks in kernels.items():
                hpcc.challenge(machine, ranks, challenged[kernel])
    return (table.compare(sent["Linux"], sent["LWK"], "µs") + "\n"
            + hpcc.challenge_table(challenged["Linux"], challenged["LWK"]))

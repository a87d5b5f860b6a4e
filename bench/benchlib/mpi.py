# SPDX-License-Identifier: GPL-2.0-only
"""Two ranks of MPI that share memory: messages (NetPIPE), and the HPC Challenge."""
from benchlib import table
from benchlib.machine import GUEST_TREE, PROGRAMS, BenchError

TITLE = "MPI"
# Ranks wait by polling, without PAUSE: they have to run at the same time.
WALL = True

MPIRUN = ("mpirun.openmpi --allow-run-as-root --oversubscribe --mca plm isolated --mca pml ob1 "
          "--mca btl self,vader -n 2")
INPUT = f"{GUEST_TREE}/tests/apps/files/hpccinf.txt"
# Of what NetPIPE sends, the sizes in bytes that are shown.
SIZES = (1, 64, 1024, 8192, 65536, 262144)
# Measures of hpcc's summary, and whether more is better.
CHALLENGE = {
    "HPL_Tflops": True, "StarDGEMM_Gflops": True, "PTRANS_GBs": True, "StarSTREAM_Triad": True,
    "MPIRandomAccess_GUPs": True, "StarRandomAccess_GUPs": True, "MPIFFT_Gflops": True,
    "StarFFT_Gflops": True, "MaxPingPongLatency_usec": False,
    "RandomlyOrderedRingLatency_usec": False, "MinPingPongBandwidth_GBytes": True,
    "RandomlyOrderedRingBandwidth_GBytes": True,
}


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


def challenge(machine, ranks, samples):
    """Add what the summary of hpcc says; its own checks have to pass."""
    text = machine.run(f"mkdir -p /tmp/hpcc && cd /tmp/hpcc && rm -f hpccoutf.txt && "
                       f"cp {INPUT} . && {ranks} hpcc && cat hpccoutf.txt")
    if "FAILED" in text or "Success=1" not in text:
        raise BenchError(f"hpcc found its results to be wrong:\n{text}")
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name in CHALLENGE:
            samples.setdefault(name, []).append(float(value))


def challenge_table(linux, lwk):
    """Both sides' medians, and how many times as good the LWK's is."""
    rows = []
    for name, more in CHALLENGE.items():
        theirs, ours = table.median(linux[name]), table.median(lwk[name])
        better = ours / theirs if more else theirs / ours
        rows.append((name, f"{theirs:.4g}", f"{ours:.4g}", f"{better:.2f}"))
    return table.markdown(("HPC Challenge", "Linux", "LWK", "LWK is better by"), rows)


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
                challenge(machine, ranks, challenged[kernel])
    return (table.compare(sent["Linux"], sent["LWK"], "µs") + "\n"
            + challenge_table(challenged["Linux"], challenged["LWK"]))

# SPDX-License-Identifier: GPL-2.0-only
"""The HPC Challenge of one process, which waits for no other: what each kernel adds to it."""
from benchlib import table
from benchlib.machine import GUEST_TREE, LINUX_CPU, PROGRAMS, BenchError

TITLE = "HPC Challenge, one process"

INPUT = f"{GUEST_TREE}/tests/apps/files/hpccinf.txt"
# Measures of hpcc's summary, and whether more is better.
CHALLENGE = {
    "HPL_Tflops": True, "StarDGEMM_Gflops": True, "PTRANS_GBs": True, "StarSTREAM_Triad": True,
    "MPIRandomAccess_GUPs": True, "StarRandomAccess_GUPs": True, "MPIFFT_Gflops": True,
    "StarFFT_Gflops": True, "MaxPingPongLatency_usec": False,
    "RandomlyOrderedRingLatency_usec": False, "MinPingPongBandwidth_GBytes": True,
    "RandomlyOrderedRingBandwidth_GBytes": True,
}


def challenge(machine, ranks, samples):
    """Add what the summary of hpcc says; its own checks have to pass. What takes a pair of ranks is
    -1 for one."""
    text = machine.run(f"mkdir -p /tmp/hpcc && cd /tmp/hpcc && rm -f hpccoutf.txt && "
                       f"cp {INPUT} . && {ranks} hpcc && cat hpccoutf.txt")
    if "FAILED" in text or "Success=1" not in text:
        raise BenchError(f"hpcc found its results to be wrong:\n{text}")
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name in CHALLENGE and float(value) > 0:
            samples.setdefault(name, []).append(float(value))


def challenge_table(linux, lwk):
    """Both sides' medians, and how many times as good the LWK's is."""
    rows = []
    for name, more in CHALLENGE.items():
        if name not in linux:
            continue
        theirs, ours = table.median(linux[name]), table.median(lwk[name])
        better = ours / theirs if more else theirs / ours
        rows.append((name, f"{theirs:.4g}", f"{ours:.4g}", f"{better:.2f}"))
    return table.markdown(("HPC Challenge", "Linux", "LWK", "LWK is better by"), rows)


def measure(machine, rounds):
    """The part of the challenge that needs no second rank."""
    machine.start()
    single = "sed -i 's/^2  *Qs/1 Qs/' hpccinf.txt && OPENBLAS_NUM_THREADS=1"
    kernels = {"Linux": f"taskset -c {LINUX_CPU}", "LWK": f"{PROGRAMS}/mcexec"}
    results = {kernel: {} for kernel in kernels}
    with machine.lwk():
        for _ in range(min(rounds, 3)):
            for kernel, runner in kernels.items():
                challenge(machine, f"{single} {runner}", results[kernel])
    return challenge_table(results["Linux"], results["LWK"])

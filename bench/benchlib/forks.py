# SPDX-License-Identifier: GPL-2.0-only
"""Fork by the size of the process."""
from benchlib import table

TITLE = "Fork of large processes"
SIZES = "1 64 1024 4096"


def measure(machine, rounds):
    """forks.c on both kernels."""
    machine.start(size="large")
    rounds = min(rounds, 3)
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"forks {rounds} {SIZES}"))
        lwk = table.parse_samples(machine.on_lwk(f"forks {rounds} {SIZES}"))
    return table.compare(linux, lwk)

# SPDX-License-Identifier: GPL-2.0-only
"""System calls: the LWK's own, those it hands to Linux, and context switches as the yardstick."""
from benchlib import table

TITLE = "System calls"


def measure(machine, rounds):
    """calls.c on both kernels, switches.c on Linux."""
    machine.start()
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"calls {rounds}"))
        lwk = table.parse_samples(machine.on_lwk(f"calls {rounds}"))
        switches = table.parse_samples(machine.on_linux(f"switches {rounds} one"))
    two = 2 * table.median(switches["context switch, by futex"])
    near, far = (table.median(lwk[name]) / two for name in ("getppid", "getppid after a pause"))
    return (table.compare({**linux, **switches}, lwk)
            + f"\nOn the LWK, getppid costs {near:.2f} times what two context switches of Linux cost "
            f"(by futex), and {far:.2f} times after a pause.\n")

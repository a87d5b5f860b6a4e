# SPDX-License-Identifier: GPL-2.0-only
"""Memory touched for the first time."""
from benchlib import table

TITLE = "First touch"
MIB = 256


def without_clearing(samples):
    """A fault alone: what small pages cost more than large ones, which are cleared alike."""
    small, large = samples["first touch, 4 KiB pages"], samples["first touch, large pages"]
    return {**samples, "first touch, 4 KiB less large": [a - b for a, b in zip(small, large)]}


def measure(machine, rounds):
    """touch.c on both kernels."""
    machine.start()
    rounds = min(rounds, 3)
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"touch {MIB} {rounds}"))
        lwk = table.parse_samples(machine.on_lwk(f"touch {MIB} {rounds}"))
    return (f"{MIB} MiB, one byte of each 4 KiB written; nanoseconds for 4 KiB, whatever the size "
            "of the pages. With instruction counting, 512 of them clear the page: both kernels "
            "clear by words of 8 bytes, each counted as one instruction.\n\n"
            + table.compare(without_clearing(linux), without_clearing(lwk)))

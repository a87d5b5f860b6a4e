# SPDX-License-Identifier: GPL-2.0-only
"""Threads of one process that map and touch memory at once."""
from benchlib import table
from benchlib.machine import WIDE_LINUX_CPUS

TITLE = "Memory and threads"


def measure(machine, rounds):
    """threads.c on four CPUs of each kernel."""
    machine.start(size="wide")
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"threads {rounds}", WIDE_LINUX_CPUS))
        lwk = table.parse_samples(machine.on_lwk(f"threads {rounds}"))
    return ("With one clock for all CPUs, as much as with one thread is the best that can be.\n\n"
            + table.compare(linux, lwk))

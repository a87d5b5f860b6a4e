# SPDX-License-Identifier: GPL-2.0-only
"""Processes and threads: made, ended, woken, signalled, mapping memory side by side."""
from benchlib import table
from benchlib.machine import PROGRAMS

TITLE = "Processes and threads"
HELLO = f"{PROGRAMS}/hello"


def measure(machine, rounds):
    """tasks.c on two CPUs of each kernel, switches.c on one."""
    machine.start()
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"tasks {rounds} {HELLO}", "0,1"))
        linux.update(table.parse_samples(machine.on_linux(f"switches {rounds}")))
        lwk = table.parse_samples(machine.on_lwk(f"tasks {rounds} {HELLO}"))
        lwk.update(table.parse_samples(machine.on_lwk(f"switches {rounds}", "-c 0")))
    return table.compare(linux, lwk)

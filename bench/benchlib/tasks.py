# SPDX-License-Identifier: GPL-2.0-only
"""Processes and threads: made, ended, woken, signalled; one reads another's memory."""
from benchlib import table
from benchlib.machine import PROGRAMS

TITLE = "Processes and threads"
HELLO = f"{PROGRAMS}/hello"
THREADS = "pthread_create + join"


def measure(machine, rounds):
    """tasks.c and reads.c on two CPUs of each kernel, switches.c on one and on two."""
    machine.start()
    with machine.lwk():
        linux = table.parse_samples(machine.on_linux(f"tasks {rounds} {HELLO}", "0,1"))
        linux.update(table.parse_samples(machine.on_linux(f"switches {rounds} one")))
        linux.update(table.parse_samples(machine.on_linux(f"switches {rounds} two", "0,1")))
        linux.update(table.parse_samples(machine.on_linux(f"reads {rounds}", "0,1")))
        lwk = table.parse_samples(machine.on_lwk(f"tasks {rounds} {HELLO}"))
        lwk.update(table.parse_samples(machine.on_lwk(f"switches {rounds} one", "-c 0")))
        lwk.update(table.parse_samples(machine.on_lwk(f"switches {rounds} two")))
        lwk.update(table.parse_samples(machine.on_lwk(f"reads {rounds}")))
        spare = table.parse_samples(machine.on_lwk(f"tasks {rounds} {HELLO} '{THREADS}'", "-T 4"))
    for name, samples in spare.items():
        linux[f"{name}, mcexec -T 4"] = linux[name]
        lwk[f"{name}, mcexec -T 4"] = samples
    return table.compare(linux, lwk)

# SPDX-License-Identifier: GPL-2.0-only
"""Programs from start to exit."""
from benchlib import table
from benchlib.machine import PROGRAMS

TITLE = "Start to exit"
HELLOS = {"static hello": "hello", "dynamic hello": "hello-dynamic"}


def spawn(name, rounds, on_lwk):
    """The command that measures one of the programs."""
    mcexec = f"{PROGRAMS}/mcexec " if on_lwk else ""
    return (f"{PROGRAMS}/spawn {rounds} '{name}' "
            f"{mcexec}{PROGRAMS}/{HELLOS[name]}")


def measure(machine, rounds):
    """spawn.c, which stays on Linux, with and without mcexec."""
    machine.start()
    linux, lwk = {}, {}
    with machine.lwk():
        for name in HELLOS:
            linux.update(table.parse_samples(machine.run(spawn(name, rounds, False))))
            lwk.update(table.parse_samples(machine.run(spawn(name, rounds, True))))
    return table.compare(linux, lwk)

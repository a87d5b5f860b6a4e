# SPDX-License-Identifier: GPL-2.0-only
"""Names of code addresses in a machine that runs both kernels and a measured program."""
import bisect
import os
import subprocess

from benchlib.machine import TREE

IMAGES = {
    "LWK": "build/lwk/mckernel.elf",
    "mcexec": "build/user/bin/mcexec",
}
# Code that has no name: the vDSO, shared libraries.
UNKNOWN = ("program", "?")
FARTHEST = 1 << 20


class Symbols:
    """Functions by address. A function's name is a pair: place, name."""

    def __init__(self, kallsyms, program):
        """Of /proc/kallsyms's text, modules included, of a measured program, of the images."""
        found = parse("Linux", kallsyms)
        for place, path in {**IMAGES, "program": f"build/tests/bench/{program}"}.items():
            nm = subprocess.run(["nm", os.path.join(TREE, path)], stdout=subprocess.PIPE, text=True,
                                check=True)
            found.update(parse(place, nm.stdout))
        self.addrs = sorted(found)
        self.names = [found[addr] for addr in self.addrs]
        self.starts = {name: addr for addr, name in reversed(found.items())}

    def name(self, addr):
        """The function that an address lies in."""
        i = bisect.bisect_right(self.addrs, addr) - 1
        if i < 0 or addr - self.addrs[i] > FARTHEST:
            return UNKNOWN
        return self.names[i]

    def addr(self, name):
        """Where a function begins, or None."""
        return self.starts.get(name)


def parse(place, text):
    """Text symbols of nm or /proc/kallsyms, as {address: (place, name)}."""
    words = [line.split() for line in text.splitlines()]
    return {int(w[0], 16): (place, w[2]) for w in words if len(w) >= 3 and w[1] in "tTwW"}

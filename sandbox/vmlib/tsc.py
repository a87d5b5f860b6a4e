# SPDX-License-Identifier: GPL-2.0-only
"""How fast this machine's time-stamp counter runs, which an emulated machine's CPUs have, too."""

import ctypes
import mmap
import platform
import time

# rdtsc; shl $32, %rdx; or %rdx, %rax; ret
READ_TSC = bytes.fromhex("0f31 48c1e220 4809d0 c3")
MEASURE_NS = 100_000_000
LOOKS = 20


def look(read):
    """The counter and the time of one moment: of several looks, the one with least between its
    two readings of the clock, as this process may lose its CPU there."""
    looks = []
    for _ in range(LOOKS):
        before = time.monotonic_ns()
        counter = read()
        after = time.monotonic_ns()
        looks.append((after - before, counter, (before + after) // 2))
    return min(looks)[1:]


def khz():
    """The counter's frequency, or None if this machine has no such counter."""
    if platform.machine() != "x86_64":
        return None
    with mmap.mmap(-1, mmap.PAGESIZE,
                   prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as code:
        code.write(READ_TSC)
        place = ctypes.c_char.from_buffer(code)
        read = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(place))
        counter, began = look(read)
        time.sleep(MEASURE_NS / 1e9)
        later, ended = look(read)
        del place
    return (later - counter) * 1_000_000 // (ended - began)

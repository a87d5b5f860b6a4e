# SPDX-License-Identifier: GPL-2.0-only
"""How fast this computer's time-stamp counter runs, which emulated CPUs read.

A kernel that measures it against an emulated timer, while the emulator waits
for a CPU, can be wrong by a factor, and its clock and time-outs with it.
"""

import ctypes
import functools
import mmap
import platform
import time

# rdtsc; shl $32, %rdx; or %rdx, %rax; ret
READ_TSC = bytes.fromhex("0f31 48c1e220 4809d0 c3")
TRIES = 100
APART_S = 0.05


def moment(read_tsc):
    """(counter, nanoseconds) of one moment: the closest of some tries."""
    best = None
    for _ in range(TRIES):
        before = read_tsc()
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        after = read_tsc()
        if best is None or after - before < best[0]:
            best = (after - before, (before + after) // 2, now)
    return best[1:]


@functools.lru_cache(maxsize=None)
def khz():
    """Its frequency, or None on a computer that has none."""
    if platform.machine() != "x86_64":
        return None
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE
                   | mmap.PROT_EXEC) as code:
        code.write(READ_TSC)
        view = ctypes.c_char.from_buffer(code)
        read_tsc = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(view))
        first = moment(read_tsc)
        time.sleep(APART_S)
        last = moment(read_tsc)
        del view, read_tsc
    return round((last[0] - first[0]) * 1e6 / (last[1] - first[1]))

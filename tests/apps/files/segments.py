# SPDX-License-Identifier: GPL-2.0-only
# Programs whose segments have other rights or lengths than linkers give them: segments.py PROGRAM
# RUN... Says of each kind of change how the program, which is static, ends.
import os
import struct
import subprocess
import sys

X, W, R = 1, 2, 4
LOAD = 1
program, run = sys.argv[1], sys.argv[2:]
original = open(program, "rb").read()
phoff, = struct.unpack_from("<Q", original, 32)
phnum, = struct.unpack_from("<H", original, 56)


def change(edit):
    """The program, with edit(flags, filesz, memsz) of each segment that is loaded."""
    data = bytearray(original)
    for at in range(phoff, phoff + phnum * 56, 56):
        kind, flags = struct.unpack_from("<II", data, at)
        filesz, memsz = struct.unpack_from("<QQ", data, at + 32)
        if kind == LOAD:
            flags, filesz, memsz = edit(flags, filesz, memsz)
            struct.pack_into("<I", data, at + 4, flags)
            struct.pack_into("<QQ", data, at + 32, filesz, memsz)
    return data


def show(name, edit):
    """In a new file each time: who ran the last one may still have its address space."""
    with open("changed", "xb") as out:
        out.write(change(edit))
    os.chmod("changed", 0o755)
    done = subprocess.run(run + ["./changed"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    os.unlink("changed")
    print(name, done.returncode, done.stdout.decode().split("\n")[0], flush=True)


show("as it is", lambda *s: s)
show("all may be executed", lambda f, n, m: (f | X, n, m))
show("all may be written", lambda f, n, m: (f | W, n, m))
show("code cannot be read", lambda f, n, m: (f & ~R if f & X else f, n, m))
show("code cannot be executed", lambda f, n, m: (f & ~X, n, m))
show("constants cannot be read", lambda f, n, m: (0 if f == R else f, n, m))
show("data cannot be written", lambda f, n, m: (f & ~W, n, m))
show("more in memory than in the file", lambda f, n, m: (f, n, m if f & W else m + 1))
show("a page more in memory", lambda f, n, m: (f, n, m if f & (W | X) else (m | 4095) + 1))

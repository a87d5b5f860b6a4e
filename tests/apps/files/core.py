# SPDX-License-Identifier: GPL-2.0-only
# What is in a core file: core.py FILE [PLACES]. PLACES has lines "name address char": what is to be
# in memory there; "-": it is not in the file.
import os
import struct
import sys

NAMES = {1: "PRSTATUS", 2: "FPREGSET", 3: "PRPSINFO", 6: "AUXV", 0x46494C45: "FILE",
         0x53494749: "SIGINFO", 0x202: "X86_XSTATE"}
AT_ENTRY, AT_SYSINFO_EHDR, AT_EXECFN = 9, 33, 31

core = open(sys.argv[1], "rb").read()
phoff, = struct.unpack_from("<Q", core, 32)
phnum, = struct.unpack_from("<H", core, 56)
segments = [struct.unpack_from("<IIQQQQQQ", core, phoff + i * 56) for i in range(phnum)]


def memory(addr, n):
    for kind, _, offset, vaddr, _, filesz, memsz, _ in segments:
        if kind == 1 and vaddr <= addr < vaddr + memsz:
            at = addr - vaddr
            return core[offset + at:offset + at + n] if at + n <= filesz else b"-"
    return b"-"


def read_notes():
    _, _, offset, _, _, filesz, _, _ = next(s for s in segments if s[0] == 4)
    end = offset + filesz
    while offset < end:
        namesz, descsz, kind = struct.unpack_from("<III", core, offset)
        offset += 12 + (namesz + 3 & ~3)
        yield NAMES.get(kind, hex(kind)), core[offset:offset + descsz]
        offset += descsz + 3 & ~3


def string(data):
    return data.split(b"\0")[0].decode()


def files(desc):
    count, page = struct.unpack_from("<QQ", desc)
    names = desc[16 + count * 24:].split(b"\0")
    for i in range(count):
        start, end, offset = struct.unpack_from("<QQQ", desc, 16 + i * 24)
        yield start, end, offset * page, os.path.basename(names[i].decode())


def show_files(desc):
    for start, end, offset, name in files(desc):
        # Shared anonymous memory, which on the LWK is no file's.
        if name == "zero (deleted)":
            continue
        seg = next(s for s in segments if s[0] == 1 and s[3] == start)
        print("  ", name, hex(offset), hex(end - start), "rwx flags", seg[1], "in file",
              bool(seg[5]))


def show_thread(desc):
    sig, code, _, cursig = struct.unpack_from("<iiih", desc)
    regs = struct.unpack_from("<27Q", desc, 112)
    return " ".join(str(x) for x in (
          "cursig", cursig, "blocked", hex(struct.unpack_from("<Q", desc, 24)[0]),
          "r12", hex(regs[3]) if regs[3] == 0x1234567 else "-",
          "cs", regs[17], "ss", regs[20], "flags", hex(regs[18] & 0x200),
          "stack there", memory(regs[19], 1) != b"-", "tls there", memory(regs[21], 8)[:1] != b"-"))


def show_auxv(desc):
    words = struct.unpack("<%dQ" % (len(desc) // 8), desc)
    auxv = dict(zip(words[::2], words[1::2]))
    print("   program", os.path.basename(string(memory(auxv[AT_EXECFN], 256))), "vdso",
          memory(auxv[AT_SYSINFO_EHDR], 4), sorted(auxv))


def show(kind, desc):
    print(kind, len(desc) if kind not in ("FILE", "AUXV") else "")
    if kind == "PRPSINFO":
        print("  ", string(desc[40:56]), "|", string(desc[56:]))
    elif kind == "SIGINFO":
        print("  ", struct.unpack_from("<iii", desc), "address",
              struct.unpack_from("<Q", desc, 16)[0] if desc[0] == 11 else "-")
    elif kind == "AUXV":
        show_auxv(desc)
    elif kind == "FILE":
        show_files(desc)


def thread(notes):
    """One thread's notes, as a line: threads other than the first come in no certain order."""
    text = []
    for kind, desc in notes:
        text.append("%s %d" % (kind, len(desc)))
        if kind == "PRSTATUS":
            text.append(show_thread(desc))
        elif kind == "FPREGSET":
            xmm7 = struct.unpack_from("<dd", desc, 160 + 7 * 16)
            text.append("xmm7 %g %g" % xmm7 if xmm7[0] == 0x1234567 else "")
    return " ".join(text)


def main():
    notes = list(read_notes())
    print([n[0] for n in notes])
    for note in notes:
        show(*note) if note[0] in ("PRPSINFO", "SIGINFO", "AUXV", "FILE") else None
    starts = [i for i, n in enumerate(notes) if n[0] == "PRSTATUS"] + [len(notes)]
    threads = [thread([n for n in notes[a:b] if n[0] in ("PRSTATUS", "FPREGSET", "X86_XSTATE")])
               for a, b in zip(starts, starts[1:])]
    print(len(threads), "threads")
    print("\n".join(threads[:1] + sorted(threads[1:])))
    for line in open(sys.argv[2]) if len(sys.argv) > 2 else ():
        name, addr, want = line.split()
        got = memory(int(addr, 16), 1)
        print(name, got)


main()

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Spoil an LWK image in one of many ways: bad_image.py KIND GOOD BAD.

`--list` prints "KIND:REGEX" for each kind that loading must refuse, the regular expression
being what the sentence must match. `--list-code` names the kinds that load well and whose
code then fails. Offsets are those of a 64-bit ELF file (elf(5)).
"""
import struct
import sys

EHDR_LEN = 64
PHDR_LEN = 56
PT_LOAD = 1
IMAGE_MAX = 64 << 20
# struct of a program header: type, flags, offset, vaddr, paddr, filesz, memsz, align
PHDR = "<IIQQQQQQ"
TYPE, FLAGS, OFFSET, VADDR, PADDR, FILESZ, MEMSZ, ALIGN = range(8)


class Image:
    """An ELF file that can be changed field by field."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.phoff, = struct.unpack_from("<Q", self.data, 32)
        self.phnum, = struct.unpack_from("<H", self.data, 56)

    def put(self, form, offset, value):
        """Overwrite one field of the file."""
        struct.pack_into(form, self.data, offset, value)

    def loads(self):
        """Indices of the segments that are loaded."""
        return [i for i in range(self.phnum) if self.phdr(i)[TYPE] == PT_LOAD]

    def phdr(self, index):
        """One program header, as a list."""
        return list(struct.unpack_from(PHDR, self.data, self.phoff + index * PHDR_LEN))

    def change(self, index, **fields):
        """Change fields of a program header, named in capitals."""
        phdr = self.phdr(index)
        for name, value in fields.items():
            phdr[globals()[name]] = value
        struct.pack_into(PHDR, self.data, self.phoff + index * PHDR_LEN, *phdr)


def first_load(image):
    """(index, program header) of the first segment."""
    index = image.loads()[0]
    return index, image.phdr(index)


def cut_to(new_len):
    """A function that shortens the file to new_len(length)."""
    def cut(image):
        del image.data[new_len(len(image.data)):]
    return cut


def overlapping(image):
    """Two segments at one address."""
    _, first = first_load(image)
    image.change(image.loads()[1], VADDR=first[VADDR])


def beyond_file(image):
    """A segment that the file does not hold."""
    index, _ = first_load(image)
    image.change(index, OFFSET=len(image.data) - 16)


def wrapping(image):
    """An offset that wraps around when the length is added."""
    index, _ = first_load(image)
    image.change(index, OFFSET=(1 << 64) - 4096)


def too_large(image):
    """More memory than an image may have."""
    index = image.loads()[-1]
    image.change(index, MEMSZ=IMAGE_MAX + 4096)


def shrunk(image):
    """More bytes in the file than in memory."""
    index, phdr = first_load(image)
    image.change(index, MEMSZ=phdr[FILESZ] - 1)


def writable_text(image):
    """A segment that is writable and executable."""
    index, _ = first_load(image)
    image.change(index, FLAGS=7)


def elsewhere(image):
    """Segments that are not where LWK images live."""
    index, _ = first_load(image)
    image.change(index, VADDR=0x400000)


def no_segments(image):
    """Nothing to load."""
    for index in image.loads():
        image.change(index, TYPE=0)


def other_build(image):
    """The note of another build."""
    at = image.data.index(b"McKernel\0")
    digits = at + 12 + 8
    image.data[digits:digits + 4] = b"9.9."


def no_note(image):
    """No note at all."""
    at = image.data.index(b"McKernel\0")
    image.data[at:at + 8] = b"XcKernel"


def entry_code(code):
    """A function that puts other machine code at the entry point."""
    def overwrite(image):
        entry, = struct.unpack_from("<Q", image.data, 24)
        for index in image.loads():
            phdr = image.phdr(index)
            if phdr[VADDR] <= entry < phdr[VADDR] + phdr[FILESZ]:
                at = phdr[OFFSET] + entry - phdr[VADDR]
                image.data[at:at + len(code)] = code
    return overwrite


# kind: what to do, for images that fail when they run, before they have traps of their own
CODE_KINDS = {
    "loops": entry_code(b"\xeb\xfe"),                 # jmp .
    "halts": entry_code(b"\xfa\xf4\xeb\xfd"),         # cli; hlt; jmp .-1
    "traps": entry_code(b"\x0f\x0b"),                 # ud2
    "reads-null": entry_code(b"\x31\xc0\x48\x8b\x00"),  # xor eax, eax; mov rax, [rax]
}

# kind: (what to do, regular expression of the sentence)
KINDS = {
    "not-elf": (lambda i: i.put("4s", 0, b"#!/b"), "not ELF"),
    "32-bit": (lambda i: i.put("B", 4, 1), "64-bit"),
    "big-endian": (lambda i: i.put("B", 5, 2), "little-endian"),
    "other-machine": (lambda i: i.put("<H", 18, 183), "another machine"),
    "no-executable": (lambda i: i.put("<H", 16, 1), "executable"),
    "header-alone": (cut_to(lambda _len: EHDR_LEN), "program headers lie outside"),
    "truncated": (cut_to(lambda length: length // 2), "segment lies outside the file"),
    "tiny": (cut_to(lambda _len: 20), "too short"),
    "phoff-beyond": (lambda i: i.put("<Q", 32, 1 << 62), "program header"),
    "phoff-wraps": (lambda i: i.put("<Q", 32, (1 << 64) - 8), "program header"),
    "phnum-huge": (lambda i: i.put("<H", 56, 0xffff), "program header"),
    "phentsize": (lambda i: i.put("<H", 54, 8), "headers have the wrong size"),
    "entry-outside": (lambda i: i.put("<Q", 24, 0x1000), "entry point"),
    "overlapping": (overlapping, "segments overlap"),
    "beyond-file": (beyond_file, "segment lies outside the file"),
    "wrapping": (wrapping, "segment lies outside the file"),
    "too-large": (too_large, "too large|not those of an LWK image"),
    "too-long": (lambda i: i.data.extend(bytes(IMAGE_MAX)), "an image has at most"),
    "shrunk": (shrunk, "larger in the file than in memory"),
    "writable-text": (writable_text, "both writable and executable"),
    "elsewhere": (elsewhere, "addresses are not those of an LWK"),
    "no-segments": (no_segments, "nothing to load"),
    "other-build": (other_build, "is of build"),
    "no-note": (no_note, "note .* is missing"),
}


def main(args):
    """Make one bad image, or list the kinds."""
    if args == ["--list"]:
        for kind, (_, pattern) in KINDS.items():
            print(f"{kind}:{pattern}")
        return 0
    if args == ["--list-code"]:
        print("\n".join(CODE_KINDS))
        return 0
    kind, good, bad = args
    with open(good, "rb") as file:
        image = Image(file.read())
    (CODE_KINDS[kind] if kind in CODE_KINDS else KINDS[kind][0])(image)
    with open(bad, "wb") as file:
        file.write(image.data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

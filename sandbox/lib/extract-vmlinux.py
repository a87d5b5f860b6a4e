#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unpack the ELF kernel inside a bzImage: extract-vmlinux.py BZIMAGE VMLINUX.

A kernel that QEMU enters by PVH starts seconds sooner than one that first
unpacks itself under emulation. The offsets are those of the x86 boot protocol
(Documentation/arch/x86/boot.rst in the Linux source).
"""

import lzma
import os
import struct
import subprocess
import sys

SETUP_SECTS = 0x1F1
PAYLOAD_OFFSET = 0x248
SECTOR = 512


def payload(image):
    """Return the compressed kernel within the image."""
    setup_sects = image[SETUP_SECTS] or 4
    offset, length = struct.unpack_from("<II", image, PAYLOAD_OFFSET)
    start = (setup_sects + 1) * SECTOR + offset
    return image[start:start + length]


def decompress(data):
    """Unpack by the magic at the start of data."""
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        # The build appends the unpacked length, which is not zstd's.
        return subprocess.run(["zstd", "-dcq"], input=data[:-4], check=True,
                              stdout=subprocess.PIPE).stdout
    raise SystemExit(f"extract-vmlinux: unknown compression {data[:6].hex()}")


def main():
    """Write the kernel whole or not at all."""
    source, target = sys.argv[1:]
    with open(source, "rb") as image:
        kernel = decompress(payload(image.read()))
    if not kernel.startswith(b"\x7fELF"):
        raise SystemExit(f"extract-vmlinux: {source} holds no ELF kernel")
    with open(target + ".new", "wb") as vmlinux:
        vmlinux.write(kernel)
    os.replace(target + ".new", target)


if __name__ == "__main__":
    main()

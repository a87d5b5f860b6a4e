# SPDX-License-Identifier: GPL-2.0-only
"""Where the sandbox's parts are; sandbox/fetch makes them."""

import os
import subprocess

SANDBOX = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
TREE = os.path.dirname(SANDBOX)
OUT = os.path.join(TREE, "build", "sandbox")
MACHINES = os.path.join(OUT, "vm")
QEMU = os.path.join(OUT, "qemu")


class SandboxError(Exception):
    """What the user is told instead of a traceback."""


def kernel(series, name):
    """Path of a file of a host kernel, such as vmlinux."""
    return os.path.join(OUT, "kernel", series, name)


def fetch(series):
    """Make what a machine with this host kernel needs."""
    parts = ["kernel-" + series, "qemu", "rootfs", "guest"]
    done = subprocess.run([os.path.join(SANDBOX, "fetch")] + parts,
                          stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SandboxError("sandbox/fetch failed")

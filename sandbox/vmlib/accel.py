# SPDX-License-Identifier: GPL-2.0-only
"""Whether KVM really boots a stock kernel here. That /dev/kvm opens says little:
nested virtualisation comes in many states of disrepair."""

import os
import subprocess
import tempfile

from vmlib import config, paths

MARKER = b"sandbox: probe passed"
PROBE_S = 30


def probe(conf):
    """Boot a kernel up to the marker that the initramfs prints."""
    trial = config.Config(kernel=conf.kernel, kvm=True)
    command = ([os.path.join(paths.QEMU, "usr", "bin", "qemu-system-x86_64"),
                "-L", os.path.join(paths.QEMU, "usr", "share", "qemu"),
                "-L", os.path.join(paths.QEMU, "usr", "share", "seabios"),
                "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-serial", "stdio"]
               + config.accel_args(trial) + config.cpu_args(trial)
               + config.memory_args(trial) + config.kernel_args(trial))
    command[command.index("-append") + 1] += " mck.probe"
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=PROBE_S)
    except subprocess.TimeoutExpired:
        return False
    return MARKER in done.stdout


def use_kvm(conf):
    """The probe's result, kept until this machine boots again."""
    if conf.mttcg or conf.icount or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    cache = os.path.join(paths.OUT, "kvm-" + boot)
    if not os.path.exists(cache):
        # A file of its own: machines that start side by side all ask.
        with tempfile.NamedTemporaryFile("w", dir=paths.OUT, delete=False) as file:
            file.write("yes" if probe(conf) else "no")
        os.replace(file.name, cache)
    with open(cache, encoding="ascii") as file:
        return file.read() == "yes"

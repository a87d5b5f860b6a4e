# SPDX-License-Identifier: GPL-2.0-only
"""What a machine consists of, and the QEMU command line that makes it."""

import dataclasses
import os
import shlex

from vmlib import paths, tsc
from vmlib.paths import SandboxError

# Ports that the guest's agent serves: as many commands run side by side.
PORTS = 8

# What each word is for:
#   ignore_loglevel, devkmsg: the console holds every message, from user space
#     also, however many there are
#   oops, panic: an oops ends the machine; with -no-reboot, QEMU exits
#   no_timer_check, tsc (also kernel_args): a starved emulator must not look like broken hardware
#   mitigations, init_on_alloc: emulating them costs seconds a boot
KERNEL_ARGS = """console=ttyS0 ignore_loglevel printk.devkmsg=on oops=panic
panic=-1 no_timer_check tsc=reliable mitigations=off init_on_alloc=0
random.trust_cpu=on"""

KERNELS = ("6.1", "6.12")
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclasses.dataclass
class Config:
    """One machine's configuration; the fields are vm start's options."""
    kernel: str = "6.1"
    cpus: int = 4
    mem: str = "2G"
    nodes: int = 2
    x2apic: bool = False
    mttcg: bool = False
    kaslr: bool = False
    icount: bool = False
    kvm: bool = False
    append: str = ""
    qemu: str = ""

    def check(self):
        """Refuse what QEMU or Linux would only refuse later, or obscurely."""
        if self.kernel not in KERNELS:
            raise SandboxError(f"no host kernel '{self.kernel}', only "
                               + " and ".join(KERNELS))
        if self.cpus < 1 or self.nodes < 1:
            raise SandboxError("a machine has at least one CPU and one node")
        if self.icount and self.mttcg:
            raise SandboxError("--icount counts one thread, not --mttcg's")
        self.node_bytes()

    def node_bytes(self):
        """Memory of each node, whole MiB."""
        number, unit = self.mem[:-1], self.mem[-1:].upper()
        if not number.isdigit() or unit not in UNITS:
            raise SandboxError(f"not a memory size: '{self.mem}'; e.g. 2G")
        share = int(number) * UNITS[unit] // self.nodes
        share -= share % UNITS["M"]
        if share < 64 * UNITS["M"]:
            raise SandboxError(f"{self.mem} is too little for {self.nodes} "
                               "nodes of at least 64M")
        return share


def accel_args(config):
    """Emulation by one thread unless asked: with few real CPUs it is faster."""
    if config.kvm:
        return ["-accel", "kvm"]
    thread = "multi" if config.mttcg else "single"
    args = ["-accel", "tcg,thread=" + thread]
    if config.icount:
        args += ["-icount", "shift=0,sleep=off"]
    return args


def cpu_args(config):
    """Processors and interrupt controllers. 5-level paging is slow to emulate, and so are string
    instructions, which Linux and the C library prefer where they are said to be fast: each byte is
    a step of its own."""
    processor = "max,la57=off,erms=off,fsrm=off"
    args = ["-cpu", processor, "-machine", "pc"]
    if config.x2apic:
        # Linux enters x2APIC mode only if interrupts can be remapped.
        split = ",kernel-irqchip=split" if config.kvm else ""
        args = ["-cpu", processor + ",x2apic=on", "-machine", "q35" + split,
                "-device", "intel-iommu,intremap=on,eim=on"]
    sockets = config.nodes if config.cpus % config.nodes == 0 else 1
    cores = config.cpus // sockets
    return args + ["-smp", f"{config.cpus},sockets={sockets},cores={cores}"]


def memory_args(config):
    """NUMA nodes with equal shares of memory and neighbouring CPUs."""
    size = config.node_bytes()
    args = ["-m", f"{size * config.nodes >> 20}M"]
    for node in range(config.nodes):
        first = node * config.cpus // config.nodes
        last = (node + 1) * config.cpus // config.nodes - 1
        cpus = f",cpus={first}-{last}" if last >= first else ""
        args += ["-object", f"memory-backend-ram,id=m{node},size={size}",
                 "-numa", f"node,nodeid={node},memdev=m{node}{cpus}"]
        for other in range(node):
            args += ["-numa", f"dist,src={node},dst={other},val=21"]
    return args


def kernel_args(config):
    """The unpacked kernel starts seconds sooner, but only bzImage randomises."""
    image = "bzImage" if config.kaslr else "vmlinux"
    words = KERNEL_ARGS.split()
    if config.kvm and not config.x2apic:
        words.append("nox2apic")
    # With --icount its frequency is the emulator's, and measured rightly.
    if not config.icount and tsc.khz():
        words.append(f"tsc_early_khz={tsc.khz()}")
    words += config.append.split()
    return ["-kernel", paths.kernel(config.kernel, image),
            "-initrd", paths.kernel(config.kernel, "initramfs.gz"),
            "-append", " ".join(words)]


def device_args(config):
    """Disk, shared folders, agent's ports, console log. Paths are relative to
    the machine's folder, as a socket's path may not be long."""
    modules = os.path.realpath(paths.kernel(config.kernel, "modules"))
    args = ["-drive", f"file={paths.OUT}/rootfs.ext4,format=raw,if=none,"
            "id=root,snapshot=on,cache=unsafe",
            "-device", "virtio-blk-pci,drive=root,num-queues=1",
            "-fsdev", f"local,id=tree,path={paths.TREE},security_model=none,"
            "multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=tree,mount_tag=tree",
            "-fsdev", f"local,id=modules,path={modules},security_model=none,"
            "readonly=on",
            "-device", "virtio-9p-pci,fsdev=modules,mount_tag=modules",
            "-device", f"virtio-serial-pci,max_ports={PORTS + 1}",
            # Memory and registers of devices, for programs that map them.
            "-object", "memory-backend-ram,id=shmem,size=4M",
            "-device", "ivshmem-plain,memdev=shmem",
            "-device", "edu"]
    for port in range(PORTS):
        args += ["-chardev", f"socket,id=x{port},path=exec.{port},"
                 "server=on,wait=off",
                 "-device", f"virtserialport,chardev=x{port},name=exec.{port}"]
    return args + ["-serial", "file:console.log",
                   "-monitor", "unix:monitor,server=on,wait=off",
                   "-gdb", "unix:gdb,server=on,wait=off"]


def qemu_command(config):
    """The whole command line."""
    share = os.path.join(paths.QEMU, "usr", "share")
    return ([os.path.join(paths.QEMU, "usr", "bin", "qemu-system-x86_64"),
             "-L", os.path.join(share, "qemu"),
             "-L", os.path.join(share, "seabios"),
             "-nodefaults", "-no-user-config", "-display", "none",
             "-no-reboot"]
            + accel_args(config) + cpu_args(config) + memory_args(config)
            + kernel_args(config) + device_args(config)
            + shlex.split(config.qemu))

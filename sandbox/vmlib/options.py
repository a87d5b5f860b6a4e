# SPDX-License-Identifier: GPL-2.0-only
"""Options that describe a machine, as sandbox/vm and the test runner take them."""

import argparse
import dataclasses

from vmlib import accel, config, paths


def add_options(parser):
    """Give a parser the options."""
    add = parser.add_argument
    add("--kernel", choices=config.KERNELS, default="6.1",
        help="host kernel (6.1)")
    add("--cpus", type=int, default=4, metavar="N", help="CPUs (4)")
    add("--mem", default="2G", metavar="SIZE", help="memory, all nodes (2G)")
    add("--nodes", type=int, metavar="N", help="NUMA nodes (2)")
    add("--x2apic", action="store_true", help="interrupts in x2APIC mode")
    add("--mttcg", action="store_true", help="emulate CPUs in parallel")
    add("--kaslr", action="store_true", help="boot the randomising image")
    add("--icount", action="store_true",
        help="time is instructions executed: measurements repeat")
    add("--append", default="", metavar="WORDS",
        help="more for the kernel's command line")
    add("--qemu", default="", metavar="ARGS",
        help="more for QEMU's, e.g. --qemu='-d int,cpu_reset'")


def from_args(args):
    """Make the configuration of parsed options, and what it needs."""
    fields = {field.name: getattr(args, field.name)
              for field in dataclasses.fields(config.Config)
              if field.name not in ("kvm", "nodes")}
    fields["nodes"] = args.nodes or min(2, args.cpus)
    conf = config.Config(**fields)
    conf.check()
    paths.fetch(conf.kernel)
    conf.kvm = accel.use_kvm(conf)
    return conf


def make_config(words):
    """The same, of options as words."""
    parser = argparse.ArgumentParser(prog="vm")
    add_options(parser)
    return from_args(parser.parse_args(words))

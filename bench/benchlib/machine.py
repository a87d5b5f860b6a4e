# SPDX-License-Identifier: GPL-2.0-only
"""The sandbox in which everything is measured, Linux and the LWK side by side."""
import contextlib
import os
import subprocess

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
VM = os.path.join(TREE, "sandbox", "vm")
NAME = "bench"
GUEST_TREE = "/mckernel"
# In the guest's memory: to read the tree takes time that is not the measured program's.
PROGRAMS = "/tmp/bench"

# CPUs 0 and 1 stay with Linux; what is measured there runs on the second.
LINUX_CPU = 1
# By size of machine: vm's options, the CPUs and the memory of the LWK. Half of the memory is on
# each of two nodes.
SIZES = {
    "small": ((), (2, 3), "704M@1"),
    "wide": (("--cpus", "8", "--mem", "6G"), (4, 5, 6, 7), "2560M@1"),
    "large": (("--cpus", "8", "--mem", "19G"), (4, 5, 6, 7), "8960M@1"),
}
WIDE_LINUX_CPUS = "0-3"

# A `rep stosb` counts one instruction a byte, a `rep stosq` one for eight. With ERMS, Linux would
# clear and copy by bytes; without it, it does so by words, as the LWK always does.
PROCESSOR = "-cpu max,la57=off,erms=off,fsrm=off,vendor=GenuineIntel"


class BenchError(Exception):
    """Something that should have been measured does not work."""


class Machine:
    """A machine of the sandbox, booted anew whenever another one is asked for."""

    def __init__(self, kernel, icount):
        self.kernel = kernel
        self.icount = icount
        self.running = None
        _, self.lwk_cpus, self.lwk_mem = SIZES["small"]

    def start(self, append="", qemu="", parallel=False, size="small"):
        """Have a machine with these words on Linux's command line, and these on QEMU's.

        Parallel: its CPUs run at the same time, and its clock is the computer's. Size: of SIZES.
        """
        wanted = (append, qemu, parallel, size)
        if self.running == wanted:
            return
        options, lwk_cpus, lwk_mem = SIZES[size]
        counting = ["--icount"] if self.icount else []
        self.stop()
        subprocess.run([VM, "start", "--name", NAME, "--kernel", self.kernel, "--append", append,
                        f"--qemu={PROCESSOR} {qemu}", *options,
                        *(["--mttcg"] if parallel else counting)], check=True)
        self.running = wanted
        self.lwk_cpus, self.lwk_mem = lwk_cpus, lwk_mem
        self.run(f"cp -r {GUEST_TREE}/build/tests/bench {PROGRAMS} && "
                 f"cp {GUEST_TREE}/build/user/bin/mcexec {PROGRAMS}")

    @staticmethod
    def folder():
        """Where its QEMU runs."""
        return os.path.join(TREE, "build", "sandbox", "vm", NAME)

    def stop(self):
        """End it, also if another run has left one."""
        subprocess.run([VM, "stop", "--name", NAME], check=False)
        self.running = None

    def run(self, command):
        """Run a shell command in it and return what it prints."""
        done = subprocess.run([VM, "exec", "--name", NAME, "--timeout", "600", "sh", "-c", command],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode:
            raise BenchError(f"'{command}' ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    @contextlib.contextmanager
    def lwk(self, kargs=""):
        """An LWK runs inside."""
        cpus = ",".join(map(str, self.lwk_cpus))
        self.run(f"mcreboot -q -c {cpus} -m {self.lwk_mem} -e '{kargs}'")
        yield
        self.run("mcstop -q")

    def on_linux(self, program, cpu=LINUX_CPU):
        """Run a measured program on one CPU of Linux."""
        return self.run(f"taskset -c {cpu} {PROGRAMS}/{program}")

    def on_lwk(self, program, options=""):
        """Run the same on the LWK, with these options of mcexec."""
        return self.run(f"{PROGRAMS}/mcexec {options} {PROGRAMS}/{program}")

# SPDX-License-Identifier: GPL-2.0-only
"""Tests in the sandbox. Each machine is booted once for all of its tests.

After every test the machine must answer and its console hold no complaint of
Linux. A machine in which a test failed is not trusted: the tests that follow
get a fresh one. Machines carry the runner's process id in their names, so that
several runners do not meet, and a killed one's are found and stopped.
"""

import dataclasses
import fnmatch
import os
import re
import shlex
import sys
import time

from runner import host, kernel_log
from runner.result import TREE, Result, RunnerError, Test, read_table

sys.path.insert(0, os.path.join(TREE, "sandbox"))
# pylint: disable=wrong-import-position
from vmlib import options, paths  # noqa: E402
from vmlib.channel import Outcome  # noqa: E402
from vmlib.machine import Machine, all_machines  # noqa: E402

PREFIX = "test"
ANSWER_S = 60
# A machine that has not come up so often never will.
BOOT_TRIES = 2
# What one cannot do without in a machine, below build/.
BUILT = ("lwk/mckernel.img", "user/bin/mcexec", "tests/apps_runner")
BEGIN = "test: begin "
END = "test: end "


def read_machines(path):
    """Options of each machine by its name."""
    machines = {}
    for where, cells in read_table(path):
        if len(cells) != 2:
            raise RunnerError(f"{where}: not 'name | options'")
        machines[cells[0]] = shlex.split(cells[1])
    return machines


def find_script(where, folder, name):
    """A test's script: in the guest, or beside it."""
    for ending in (".sh", ".host.sh"):
        script = os.path.join(folder, name + ending)
        if os.path.exists(script):
            return script
    raise RunnerError(f"{where}: no test {name} in {folder}")


def boot_tests(table, folder, machines):
    """All rows of a table, each once for every machine that it names."""
    for where, cells in read_table(table):
        if len(cells) not in (4, 5):
            raise RunnerError(f"{where}: not 'test | machines | seconds | "
                              "what | flags'")
        words = cells[0].split()
        script = find_script(where, folder, words[0])
        flags = tuple(cells[4].split()) if len(cells) == 5 else ()
        for pattern in cells[1].split():
            names = fnmatch.filter(machines, pattern)
            if not names:
                raise RunnerError(f"{where}: no machine '{pattern}'")
            for machine in names:
                yield Test("boot", machine, "-".join(words), cells[3],
                           float(cells[2]), (script, *words[1:]), flags,
                           machine)


def check_built(tests, machines):
    """What the machines run is there; the runner does not build it."""
    if not tests:
        return
    words = [machines[test.machine] for test in tests if test.machine]
    kernels = {option[option.index("--kernel") + 1] for option in words}
    for name in [*BUILT, *(f"host/{name}/mcctrl.ko" for name in kernels)]:
        if not os.path.exists(os.path.join(TREE, "build", name)):
            raise RunnerError(f"build/{name} is not there; build all with: "
                              "make all guest-tests")


def stop_orphans():
    """Stop machines whose runner was killed."""
    for machine in all_machines():
        match = re.fullmatch(PREFIX + r"-.*-(\d+)", machine.name)
        if match and not os.path.exists("/proc/" + match[1]):
            machine.remove()


def stop_own():
    """Stop what this runner's threads may not have had the time for."""
    for machine in all_machines():
        if re.fullmatch(f"{PREFIX}-.*-{os.getpid()}", machine.name):
            machine.remove()


@dataclasses.dataclass
class MachineRun:
    """One machine on its way through its tests."""
    name: str
    options: list
    reporter: object
    machine: Machine = None
    failed_boots: int = 0

    def run(self, tests):
        """Run the tests, one after the other."""
        try:
            for test in tests:
                begin = time.monotonic()
                trouble = self.ensure_booted()
                if trouble:
                    result = Result(test, False, time.monotonic() - begin,
                                    trouble)
                else:
                    result = self.run_test(test)
                if not result.passed:
                    self.discard()
                self.reporter.add(result)
        finally:
            self.discard()

    def ensure_booted(self):
        """Boot the machine unless it runs. Returns why that was impossible."""
        if self.machine and self.machine.is_running():
            return None
        if self.failed_boots >= BOOT_TRIES:
            return f"runner: machine {self.name} does not boot\n"
        machine = Machine(f"{PREFIX}-{self.name}-{os.getpid()}")
        begin = time.monotonic()
        try:
            machine.start(options.make_config(self.options))
        except paths.SandboxError as err:
            self.failed_boots += 1
            return f"runner: {err}\n"
        self.failed_boots = 0
        self.machine = machine
        self.reporter.note(f"machine {self.name} booted in "
                           f"{time.monotonic() - begin:.1f} s")
        return None

    def discard(self):
        """Stop the machine; the next test gets a fresh one."""
        if self.machine:
            self.machine.remove()
            self.machine = None

    def console_size(self):
        """Where the console ends now."""
        return os.path.getsize(self.machine.path("console.log"))

    def console_bytes(self, offset):
        """What the console says since then, as it came."""
        with open(self.machine.path("console.log"), "rb") as log:
            log.seek(offset)
            return log.read()

    def console_from(self, offset):
        """The same as text."""
        return console_text(self.console_bytes(offset))

    def run_test(self, test):
        """Run one test and look at what it left behind."""
        offset = self.console_size()
        begin = time.monotonic()
        if test.argv[0].endswith(".host.sh"):
            problem, output = self.run_outside(test)
        else:
            problem, output = self.run_inside(test)
        if problem is None and "own-log" not in test.flags:
            problem = self.check_answer(test)
        seconds = time.monotonic() - begin
        log = self.console_from(offset)
        if "own-log" not in test.flags:
            bad = list(kernel_log.complaints(log, expected(test)))
            if bad:
                problem = problem or "Linux complained:"
                output += "\nrunner: complaints of Linux:\n" + "\n".join(bad)
        if problem:
            output += (f"\nrunner: {problem}\n--- console during the test\n"
                       + log)
        return Result(test, problem is None, seconds, output)

    def run_inside(self, test):
        """Run a script in the machine. Returns (problem or None, output)."""
        script = os.path.join("/mckernel", os.path.relpath(test.argv[0], TREE))
        command = ["sh", "-c", 'echo "$0" > /dev/kmsg; exec bash "$@"',
                   BEGIN + test.name, script, *test.argv[1:]]
        chunks = []
        outcome, status = self.machine.run(
            command, lambda _kind, data: chunks.append(data), test.timeout)
        output = b"".join(chunks).decode(errors="replace")
        if outcome is Outcome.EXITED:
            return (f"exit status {status}" if status else None), output
        if outcome is Outcome.TIMEOUT:
            return f"not done after {test.timeout:g} s", output
        return outcome.value, output + "\n" + self.machine.state()

    def run_outside(self, test):
        """Run a script beside the machine."""
        env = {"VM": os.path.join(paths.SANDBOX, "vm"),
               "VM_NAME": self.machine.name}
        script = dataclasses.replace(test, argv=("bash", *test.argv))
        result = host.run_test(script, env)
        return (None if result.passed else "failed"), result.output

    def check_answer(self, test):
        """The machine must still take commands. Returns the problem."""
        outcome, status = self.machine.run(
            ["sh", "-c", 'echo "$0" > /dev/kmsg', END + test.name],
            lambda _kind, _data: None, ANSWER_S)
        if outcome is Outcome.EXITED and status == 0:
            return None
        return f"afterwards: {outcome.value}"


def console_text(log):
    """What a console said, without what moves a cursor."""
    return log.decode(errors="replace").replace("\r", "")


def expected(test):
    """The messages of ours that the test's row declares."""
    for flag in test.flags:
        if flag.startswith("expect="):
            return flag.removeprefix("expect=")
    return None

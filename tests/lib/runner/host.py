# SPDX-License-Identifier: GPL-2.0-only
"""Tests that run on this machine: unit tests, mechanical checks, the self-test.

Unit tests are programs that tests/unit names, one path a line, for its target
"list"; checks are those that scripts/check --list names.
"""

import os
import signal
import subprocess
import time

from runner.result import TREE, Result, RunnerError, Test

UNIT_MAKE = ("make", "--no-print-directory", "-s", "-C", "tests/unit")
# Checks of what is built.
LATE_CHECKS = ("sparse",)
BUILD_S = 900
LIST_S = 60


def run(argv, timeout, env=None):
    """Run a command with all that it starts. Returns (status, output); the
    status is None when it took too long."""
    with subprocess.Popen(argv, cwd=TREE, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **(env or {})},
                          start_new_session=True) as process:
        try:
            out, _ = process.communicate(timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            status = None
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return status, out.decode(errors="replace")


def run_test(test, env=None):
    """Run one test of this machine."""
    begin = time.monotonic()
    try:
        status, output = run(list(test.argv), test.timeout, env)
    except OSError as err:
        return Result(test, False, 0, f"runner: cannot run it: {err}\n")
    if status is None:
        output += f"\nrunner: not done after {test.timeout:g} s\n"
    elif status < 0:
        output += f"\nrunner: killed by signal {-status}\n"
    elif status:
        output += f"\nrunner: exit status {status}\n"
    return Result(test, status == 0, time.monotonic() - begin, output)


def list_lines(argv):
    """Lines that a command prints."""
    status, output = run(argv, LIST_S)
    if status != 0:
        raise RunnerError(f"{' '.join(argv)} failed:\n{output}")
    return output.splitlines()


def unit_tests():
    """Building them is the first of the unit tests."""
    yield Test("unit", "unit", "build", "the unit tests compile", BUILD_S,
               UNIT_MAKE + (f"-j{os.cpu_count()}", "all"), early=True)
    for path in list_lines(UNIT_MAKE + ("list",)):
        variant, name = path.split(os.sep)[-2:]
        yield Test("unit", f"unit-{variant}", name, path,
                   argv=(os.path.join(TREE, path),), early=True)


def check_tests():
    """One for each mechanical check."""
    for name in list_lines(["scripts/check", "--list"]):
        yield Test("check", "check", name, "mechanical check",
                   argv=("scripts/check", name),
                   early=name not in LATE_CHECKS)


def self_tests():
    """The runner and the sandbox, tried on tests that must fail."""
    yield Test("self", "self", "runner", "the runner sees what goes wrong",
               argv=("tests/sandbox-selftest",))

# SPDX-License-Identifier: GPL-2.0-only
"""What the runner knows of tests and of their ends, and how it tells them."""

import dataclasses
import os
import re
import threading

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..",
                                     ".."))
LOGS = os.path.join(TREE, "build", "test-logs")
SHOWN_LINES = 120
COMPLAINT = re.compile(r"^(FAIL|runner: |\w+\.py: |[-+](?![-+]))")
SHOWN_COMPLAINTS = 3
SHOWN_SLOWEST = 10


class RunnerError(Exception):
    """What the user is told instead of a traceback."""


@dataclasses.dataclass
class Test:
    """One test. The group is its kind, or tells the machine that it runs on. An early
    one needs nothing of what the runner is to have built (--prepare)."""
    kind: str
    group: str
    name: str
    about: str = ""
    timeout: float = 300
    argv: tuple = ()
    flags: tuple = ()
    machine: str = ""
    early: bool = False

    @property
    def full_name(self):
        """Unique among all tests."""
        return f"{self.group}/{self.name}"


@dataclasses.dataclass
class Result:
    """How a test ended; output says why."""
    test: Test
    passed: bool
    seconds: float
    output: str = ""


class Reporter:
    """Prints each result as it comes, failures in full at the end."""

    def __init__(self, total):
        self.total = total
        self.results = []
        self.lock = threading.Lock()
        os.makedirs(LOGS, exist_ok=True)

    def add(self, result):
        """Tell of one more test."""
        name = result.test.full_name
        with open(log_path(result.test), "w", encoding="utf-8") as log:
            log.write(result.output)
        with self.lock:
            self.results.append(result)
            word = "ok  " if result.passed else "FAIL"
            print(f"[{len(self.results):3}/{self.total}] {word} {name:<36} "
                  f"{result.seconds:7.1f} s", flush=True)

    def note(self, text):
        """Tell of something that is no result."""
        with self.lock:
            print(f"          {text}", flush=True)

    def close(self):
        """Show the slowest and the failures; return the exit status."""
        # Of fewer, the lines above say it well enough.
        if len(self.results) > SHOWN_SLOWEST:
            print("\n" + "\n".join(["The slowest:",
                                    *slowest(self.results)]))
        failed = [result for result in self.results if not result.passed]
        for result in failed:
            lines = result.output.splitlines()
            print(f"\n==== FAIL {result.test.full_name}: {result.test.about}")
            if len(lines) > SHOWN_LINES:
                print(f"(the whole output is {log_path(result.test)})")
            print("\n".join(lines[-SHOWN_LINES:]))
        if failed:
            print("\nFailed, and the first complaints of each:")
        for result in failed:
            print(f"  {result.test.full_name}:")
            print("".join(f"    {line}\n" for line in complaints(result.output)),
                  end="")
        print(f"\n{len(self.results) - len(failed)} passed, "
              f"{len(failed)} failed", flush=True)
        return 1 if failed or not self.results else 0


def slowest(results):
    """Lines with the tests that took longest, the longest first."""
    ordered = sorted(results, key=lambda result: -result.seconds)
    return [f"  {result.seconds:7.1f} s  {result.test.full_name}"
            for result in ordered[:SHOWN_SLOWEST]]


def complaints(output):
    """The lines of a test's output that say most likely what was wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if COMPLAINT.search(line)]
    shown = (told or lines or ["no output"])[:SHOWN_COMPLAINTS]
    return [line[:160] for line in shown]


def log_path(test):
    """Where a test's output is kept."""
    name = re.sub(r"[^\w.-]", "_", test.full_name)
    return os.path.join(LOGS, name + ".log")


def read_table(path, columns=None):
    """Rows of a table file, each the list of its cells. The last of a given number
    of columns takes the rest of the line."""
    limit = columns - 1 if columns else -1
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if line and not line.startswith("#"):
                cells = [cell.strip() for cell in line.split("|", limit)]
                yield f"{os.path.basename(path)}:{number}", cells

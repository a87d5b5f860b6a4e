# SPDX-License-Identifier: GPL-2.0-only
"""Python's own tests: python_tests.py [--debug] NAME...

A NAME is a module, class or test below the package "test". A line is printed for each test with
its result, in the order in which they ran. What python_tests.table excludes is not run. With
--debug each line has the seconds that the test took, and what failed says why.
"""
import fnmatch
import os
import sys
import time
import traceback
import unittest

from test import support

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "python_tests.table")


class Result(unittest.TestResult):
    """Prints what became of each test at once: a child must inherit nothing to print."""

    def __init__(self, debug):
        super().__init__()
        self.debug = debug
        self.began = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, test, word):
        seconds = f"{time.monotonic() - self.began:6.2f} " if self.debug else ""
        print(f"{seconds}{name_of(test)}: {word}", flush=True)

    def fail(self, test, word, error):
        self.say(test, f"{word}, {error[0].__name__}")
        if self.debug:
            traceback.print_exception(*error)

    def addSuccess(self, test):
        self.say(test, "ok")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say(test, f"skipped, {reason}")

    def addExpectedFailure(self, test, error):
        self.say(test, "fails, as expected")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.say(test, "ok, unexpectedly")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fail(test, "FAILED", error)

    def addError(self, test, error):
        super().addError(test, error)
        self.fail(test, "ERROR", error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.fail(subtest, "FAILED", error)


def name_of(test):
    return test.id().removeprefix("test.")


def excluded():
    """Patterns of names that python_tests.table has."""
    with open(TABLE, encoding="utf-8") as table:
        rows = [line for line in table if line.strip() and not line.startswith("#")]
    return [row.split("|")[0].strip() for row in rows]


def flatten(suite):
    """The tests of a suite that are to run, without the suites that group them."""
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


def main(names):
    debug = "--debug" in names
    names = [f"test.{name}" for name in names if name != "--debug"]
    # Those that want a network, much memory or a fast machine are skipped.
    support.use_resources = {}
    support.verbose = debug
    patterns = excluded()
    tests = unittest.TestLoader().loadTestsFromNames(names)
    chosen = [test for test in flatten(tests)
              if not any(fnmatch.fnmatchcase(name_of(test), pattern) for pattern in patterns)]
    result = Result(debug)
    unittest.TestSuite(chosen).run(result)
    print(f"{len(chosen)} tests, {'all well' if result.wasSuccessful() else 'not all well'}")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

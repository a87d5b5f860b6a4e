# SPDX-License-Identifier: GPL-2.0-only
"""Programs on Linux and on the LWK: rows of tests/apps/apps.table.

The rows of a group run inside a machine, one after the other, each a test. Its end,
with a look for leaks, is one more.
"""

import collections
import dataclasses
import fnmatch
import glob
import os
import re

from runner import boot
from runner.apps_session import Row, Session
from runner.result import Result, RunnerError, read_table

END = "end"


def read_groups(folder, machines):
    """(machines, what it shows) of each group by its name."""
    groups = {}
    for where, cells in read_table(os.path.join(folder, "groups.table")):
        if len(cells) != 3:
            raise RunnerError(f"{where}: not 'group | machines | what'")
        names = [name for pattern in cells[1].split()
                 for name in fnmatch.filter(machines, pattern)]
        if not names:
            raise RunnerError(f"{where}: no such machine")
        groups[cells[0]] = (names, cells[2])
    return groups


def read_filters(folder):
    """(pattern of row names, program of sed) of each known difference."""
    path = os.path.join(folder, "differences.table")
    for where, cells in read_table(path, columns=3):
        if len(cells) != 3 or not all(cells):
            raise RunnerError(f"{where}: not 'why | rows | program'")
        yield cells[1], cells[2]


def read_rows(folder):
    """The rows of the table, for no machine yet."""
    filters = list(read_filters(folder))
    path = os.path.join(folder, "apps.table")
    for where, cells in read_table(path, columns=4):
        if len(cells) != 4:
            raise RunnerError(f"{where}: not 'name | seconds | flags | "
                              "command'")
        name, seconds, words, command = cells
        flags = {"uid": "0", "on": ""}
        for word in words.split():
            if not re.fullmatch(r"uid=\d+|on=\S+", word):
                raise RunnerError(f"{where}: no flag '{word}'")
            flag, _, flags[flag] = word.partition("=")
        programs = [program for pattern, program in filters
                    if fnmatch.fnmatchcase(name, pattern)]
        yield Row("apps", "", name, command, float(seconds),
                  part=name.partition("-")[0], filter="\n".join(programs),
                  **flags)


def check_programs(folder, rows):
    """Each program of tests/apps/src is in some row, or in a script of one."""
    texts = [row.about for row in rows]
    for path in glob.glob(os.path.join(folder, "files", "*.sh")):
        with open(path, encoding="utf-8") as script:
            texts.append(script.read())
    words = set(re.findall(r"\w+", "\n".join(texts)))
    for path in sorted(glob.glob(os.path.join(folder, "src", "*.c"))
                       + glob.glob(os.path.join(folder, "src", "*.go"))):
        program = os.path.splitext(os.path.basename(path))[0]
        if program not in words:
            raise RunnerError(f"no row of apps.table runs {path}")


def apps_tests(folder, machines):
    """All rows, each group with its end, for each machine of the group."""
    groups = read_groups(folder, machines)
    rows = list(read_rows(folder))
    check_programs(folder, rows)
    for row in rows:
        if row.part not in groups:
            raise RunnerError(f"apps.table: {row.name}: no such group")
    for part, (names, what) in groups.items():
        end = Row("apps", "", f"{part}-{END}", f"nothing is left of: {what}",
                  part=part)
        own = [row for row in rows if row.part == part]
        for row in own:
            if row.on and row.on not in names:
                raise RunnerError(f"apps.table: {row.name}: its group does "
                                  f"not run on {row.on}")
        for machine in names:
            for row in [row for row in own if row.on in ("", machine)] + [end]:
                yield dataclasses.replace(row, group=f"apps-{machine}",
                                          machine=machine)


def with_ends(chosen, tests):
    """The chosen tests, with the ends of the groups that they are of."""
    ends = {(test.group, f"{test.part}-{END}") for test in chosen
            if test.kind == "apps"}
    return [test for test in tests
            if test in chosen or (test.group, test.name) in ends]


def longest(tests):
    """How long a group may take, which tells well enough how long it does."""
    return sum(test.timeout for test in tests)


def work_items(tests, machines, reporter, copies, rehearse):
    """Functions that run the tests. Machines alike share their groups."""
    queues = {group: collections.deque() for group in
              dict.fromkeys(test.group for test in tests)}
    for group, part in dict.fromkeys((test.group, test.part)
                                     for test in tests):
        queues[group].append([test for test in tests if test.part == part
                              and test.group == group])
    # What takes longest first, or one machine runs it at the end, alone.
    for group, parts in queues.items():
        queues[group] = collections.deque(sorted(parts, key=longest,
                                                 reverse=True))
    for copy in range(copies):
        for group, queue in queues.items():
            yield AppsRun(f"{group}-{copy}",
                          machines[group.removeprefix("apps-")], reporter,
                          queue=queue, rehearse=rehearse).run_groups


@dataclasses.dataclass
class AppsRun(boot.MachineRun):
    """A machine, and those that replace it, on the way through groups."""
    queue: collections.deque = None
    rehearse: bool = False

    def run_groups(self):
        """Take groups until none is left."""
        try:
            while True:
                try:
                    tests = self.queue.popleft()
                except IndexError:
                    return
                self.run_group(tests[:-1], tests[-1])
        finally:
            self.discard()

    def run_group(self, rows, end):
        """All rows and the end, on as many machines as it takes."""
        while end:
            trouble = self.ensure_booted()
            if trouble:
                for test in (*rows, end):
                    self.reporter.add(Result(test, False, 0, trouble))
                return
            session = Session(self, rows, end)
            session.run()
            rows, end = session.rows, session.end

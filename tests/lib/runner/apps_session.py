# SPDX-License-Identifier: GPL-2.0-only
"""Rows of a group on their way through tests/apps/group.sh, in one machine.

Each is reported as it ends. When the machine dies, hangs or is harmed, so is the row
that did it; what is left then is for another session, in a fresh machine.
"""

import dataclasses
import re
import tempfile
import time

from runner import boot, kernel_log
from runner.result import Result, Test
from vmlib.channel import Channel, Command, Gone, Outcome

SCRIPT = "/mckernel/tests/apps/group.sh"
MARK = "@@ "
# For both runs of a row, beyond their own time; for the LWK to boot, or to end.
SLACK_S = 120
BETWEEN_S = 240


@dataclasses.dataclass
class Row(Test):
    """A row; about is its command. on names its only machine, if it has one."""
    part: str = ""
    uid: str = "0"
    on: str = ""
    filter: str = ""

    def record(self):
        """What apps_runner reads."""
        fields = (self.name, f"{self.timeout:g}", self.uid, self.filter,
                  self.about)
        return b"".join(field.encode() + b"\0" for field in fields)


class Session:
    """One run of group.sh. What has no result afterwards is in rows, end."""

    def __init__(self, owner, rows, end):
        self.owner = owner
        self.rows = list(rows)
        self.end = end
        self.current = None
        self.spoiled = False
        self.partial = b""
        self.said = []
        self.rest = []
        self.expect(BETWEEN_S)
        self.offset = owner.console_size()

    def expect(self, seconds):
        """Something is to be heard within that time."""
        self.begun = time.monotonic()
        self.deadline = self.begun + seconds

    def run(self):
        """Run what there is; discard a machine that is not sound."""
        before = len(self.rows)
        outcome, status = self.relay()
        if outcome is not Outcome.EXITED:
            problem = outcome.value + "\n" + self.owner.machine.state()
        else:
            problem = f"exit status {status}" if status else None
        if self.spoiled:
            # What was begun meanwhile begins anew.
            self.current = None
        elif self.current:
            self.finish_row(problem or "group.sh has ended")
        elif self.rows and len(self.rows) == before:
            # Another machine would do no better.
            for test in self.rows:
                self.report(test, "the group did not begin", [], "")
            self.rows = []
            self.finish_end(problem or "no row was run")
        elif not self.rows:
            self.finish_end(problem)
        if problem or self.spoiled or self.rows:
            self.owner.discard()

    def relay(self):
        """Run group.sh. Returns (Outcome, status)."""
        argv = ["bash", SCRIPT] + ["--rehearse"] * self.owner.rehearse
        with tempfile.TemporaryFile() as rows:
            rows.write(b"".join(row.record() for row in self.rows))
            rows.seek(0)
            try:
                with Channel(self.owner.machine.folder) as channel:
                    command = Command(channel, argv, self.hear)
                    return self.steps(command, rows.fileno())
            except (Gone, FileNotFoundError):
                return Outcome.GONE, None
            except TimeoutError:
                return Outcome.HUNG, None

    def steps(self, command, stdin):
        """Relay until the end, or until it takes too long."""
        running = True
        while running and not self.spoiled:
            try:
                running = command.step(self.deadline, stdin)
            except EOFError:
                stdin = None
            except TimeoutError:
                return command.kill()
        return Outcome.EXITED, command.status

    def hear(self, _kind, data):
        """Take what group.sh prints."""
        *lines, self.partial = (self.partial + data).split(b"\n")
        for line in lines:
            self.hear_line(line.decode(errors="replace"))

    def hear_line(self, line):
        """One line: a mark, or something about the current row or none."""
        if self.spoiled:
            return
        if not line.startswith(MARK):
            (self.said if self.current else self.rest).append(line)
            return
        word, name = line.removeprefix(MARK).split()
        if word == "begin":
            self.current = next(row for row in self.rows if row.name == name)
            self.said = []
            self.expect(2 * self.current.timeout + SLACK_S)
        else:
            self.finish_row(None if word == "pass" else "failed")

    def finish_row(self, problem):
        """The current row has ended, or never will."""
        row, self.current = self.current, None
        self.rows.remove(row)
        log = self.take_console()
        complaints = list(kernel_log.complaints(log))
        if complaints:
            self.spoiled = True
            self.said += ["", "runner: complaints of Linux:"] + complaints
            problem = "Linux complained"
        self.report(row, problem, self.said, log)
        self.expect(BETWEEN_S)

    def finish_end(self, problem):
        """All rows have ended."""
        end, self.end = self.end, None
        problem = problem or self.owner.check_answer(end)
        log = self.take_console()
        complaints = list(kernel_log.complaints(log))
        if complaints:
            problem = problem or "Linux complained"
            self.rest += ["", "runner: complaints of Linux:"] + complaints
        self.report(end, problem, self.rest, log)

    def take_console(self):
        """What the console said since the last call, up to the mark of a row that was
        begun meanwhile: rows do not wait for this."""
        begun = "|".join(re.escape(row.name) for row in self.rows)
        log = self.owner.console_bytes(self.offset)
        mark = begun and re.search(
            rf"^[^\n]*\b{boot.BEGIN}({begun})\r?$".encode(), log, re.MULTILINE)
        if mark:
            log = log[:mark.start()]
        self.offset += len(log)
        return boot.console_text(log)

    def report(self, test, problem, said, log):
        """Tell of a test's end."""
        output = "\n".join([f"$ {test.about}"] * bool(test.timeout) + said)
        if problem:
            output += f"\nrunner: {problem}\n"
            if log:
                output += "--- console during the test\n" + log
        self.owner.reporter.add(Result(test, problem is None,
                                       time.monotonic() - self.begun, output))

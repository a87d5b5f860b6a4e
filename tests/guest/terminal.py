# SPDX-License-Identifier: GPL-2.0-only
"""A terminal with a shell in it, for scripts that press keys: terminal.Terminal.

Waits for what the terminal shows and for the states of processes, never for time.
"""
import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

NET_S = 120  # below events that never come
SHELL = ["bash", "--norc", "--noprofile", "--noediting", "-i"]


class Failed(Exception):
    """Something else came than what was waited for."""


def until(what, condition):
    """Look again and again."""
    deadline = time.monotonic() + NET_S
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"did not come: {what}")
        time.sleep(0.02)


def state_of(pid):
    """The letter of proc_pid_stat(5), or "" when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def name_of(pid):
    """Its name: mcexec takes the program's when that is about to begin."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
            return comm.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def in_group(pgid, name):
    """Whether a process of the group has that name."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(pid)) == pgid and name_of(pid) == name:
                return True
        except ProcessLookupError:
            pass
    return False


class Terminal:
    """A shell in a terminal, which echoes nothing if its kind is "dumb"."""

    def __init__(self, words=SHELL, term="dumb"):
        self.shell, self.master = pty.fork()
        if not self.shell:
            os.execvpe(words[0], words, dict(os.environ, PS1="READY> ", TERM=term))
        if term == "dumb":
            attributes = termios.tcgetattr(self.master)
            attributes[3] &= ~termios.ECHO
            termios.tcsetattr(self.master, termios.TCSANOW, attributes)
        self.text = ""
        self.expect("READY> ")

    def type(self, keys):
        """Press keys."""
        os.write(self.master, keys.encode())

    def expect(self, pattern):
        """Read until it matches; what was before is forgotten."""
        deadline = time.monotonic() + NET_S
        while not (found := re.search(pattern, self.text)):
            if not select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Failed(f"no /{pattern}/ in {self.text!r}")
            self.text += os.read(self.master, 4096).decode().replace("\r", "")
        self.text = self.text[found.end():]
        return found

    def do(self, line, pattern):
        """A command that ends by itself, and what it shows."""
        self.type(line + "\n")
        found = self.expect(pattern)
        self.expect("READY> ")
        return found

    def status(self, wanted):
        """The exit status that the shell has seen."""
        got = self.do('echo "status=$?"', r"status=(\d+)\n").group(1)
        if got != str(wanted):
            raise Failed(f"status {got} instead of {wanted}")

    def foreground(self, name):
        """The process in the foreground, when it has that name and waits or runs."""
        def there():
            pid = os.tcgetpgrp(self.master)
            return pid != self.shell and name_of(pid) == name and state_of(pid) in ("S", "R")
        until(f"{name} in the foreground", there)
        return os.tcgetpgrp(self.master)

    def start(self, line, name):
        """A command that stays in the foreground. Returns its process."""
        self.type(f"{line}\n")
        return self.foreground(name)

    def start_background(self, line):
        """The same in the background."""
        return int(self.do(f"{line} & echo pid=$!", r"pid=(\d+)\n").group(1))

    def resize(self, rows, columns):
        """Change the window's size."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self):
        """Hang up."""
        os.close(self.master)

    def leave(self):
        """End the shell."""
        self.type("exit\n")
        os.waitpid(self.shell, 0)
        self.close()

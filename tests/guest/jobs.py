#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Job control by hand: a terminal, a shell on Linux that runs programs in it, and keys.

    jobs.py [WORD...]

The words run each program, such as "mcexec 0"; without them it runs on Linux, which passes
too. Waits for what the terminal shows and for the states of processes, never for time.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

NET_S = 120  # below events that never come
RUN = " ".join(sys.argv[1:])
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
    except FileNotFoundError:
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
    """A shell in a terminal that echoes nothing."""

    def __init__(self):
        self.shell, self.master = pty.fork()
        if not self.shell:
            os.execvpe(SHELL[0], SHELL, dict(os.environ, PS1="READY> ", TERM="dumb"))
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


def interrupt(terminal):
    """Ctrl-C, Ctrl-\\."""
    terminal.start(f"{RUN} sleep 100", "sleep")
    terminal.type("\x03")
    terminal.expect("READY> ")
    terminal.status(130)
    terminal.do("ulimit -c 0", "")
    terminal.start(f"{RUN} sleep 100", "sleep")
    terminal.type("\x1c")
    terminal.expect("READY> ")
    terminal.status(131)


def stop(terminal):
    """Ctrl-Z, bg, fg, kill."""
    pid = terminal.start(f"{RUN} sleep 100", "sleep")
    terminal.type("\x1a")
    terminal.expect(r"Stopped .*sleep 100\n")
    terminal.expect("READY> ")
    terminal.status(148)
    until("stopped", lambda: state_of(pid) == "T")
    terminal.do("bg", r"sleep 100 &\n")
    until("on", lambda: state_of(pid) in ("S", "R"))
    terminal.do("jobs", r"Running .*sleep 100 &\n")
    terminal.start("fg", "sleep")
    terminal.type("\x03")
    terminal.expect("READY> ")
    terminal.status(130)
    terminal.start_background(f"{RUN} sleep 100")
    terminal.do("kill %1; wait %1; echo status=$?", r"status=143\n")
    pid = terminal.start(f"{RUN} cat", "cat")
    terminal.type("\x1a")
    terminal.expect(r"Stopped .*cat\n")
    terminal.expect("READY> ")
    until("stopped", lambda: state_of(pid) == "T")
    terminal.type("kill -KILL %1\n")
    until("its end", lambda: state_of(pid) in ("Z", ""))
    # The shell tells it before a prompt, but may do so only when another child has ended.
    terminal.type("/bin/true\n")
    terminal.expect(r"Killed .*cat\n")
    terminal.do("echo in step", r"in step\n")


def background(terminal):
    """Reading from, and writing to, a terminal that is another's: SIGTTIN, SIGTTOU."""
    pid = terminal.start_background(f"{RUN} cat")
    until("stopped by reading", lambda: state_of(pid) == "T")
    terminal.start("fg", "cat")
    terminal.type("a word\n")
    terminal.expect(r"a word\n")
    terminal.type("\x04")
    terminal.expect("READY> ")
    terminal.status(0)
    terminal.do("stty tostop", "")
    pid = terminal.start_background(f"{RUN} echo written")
    until("stopped by writing", lambda: state_of(pid) == "T")
    terminal.do("fg", r"echo written\nwritten\n")
    terminal.status(0)
    terminal.do("stty -tostop", "")


def window(terminal):
    """Sizes."""
    terminal.resize(33, 77)
    terminal.do(f"{RUN} stty size", r"33 77\n")
    # Python's handler runs after the call that a signal interrupts: this one returns then, also
    # when the signal came just before it. Python's own buffers may be in use by what it interrupts.
    program = ('import os, signal; signal.signal(signal.SIGWINCH, lambda *_: (os.write(1, '
               'b"now %d %d\\n" % os.get_terminal_size(0)), os._exit(5))); told, wake = os.pipe(); '
               'os.set_blocking(wake, False); signal.set_wakeup_fd(wake); '
               'os.write(1, b"up\\n")\n'
               'while True: os.read(told, 1)')
    terminal.type(f"{RUN} python3 -c '{program}'\n")
    terminal.expect(r"up\n")
    terminal.resize(44, 88)
    terminal.expect(r"now 88 44\n")
    terminal.expect("READY> ")
    terminal.status(5)


def shell_inside(terminal):
    """A shell that is itself such a program, with its own jobs."""
    outer = terminal.start(f"{RUN} {' '.join(SHELL)}", "bash")
    terminal.expect("READY> ")
    terminal.do("echo abc | cat | tr a b", r"bbc\n")
    terminal.start("sleep 100", "sleep")
    terminal.type("\x03")
    terminal.expect("READY> ")
    terminal.status(130)
    pid = terminal.start("sleep 100 | cat", "sleep")
    # Until then it is a shell, which does not die of SIGINT.
    until("the other end of the pipe", lambda: in_group(pid, "cat"))
    terminal.type("\x1a")
    terminal.expect(r"Stopped .*sleep 100 \| cat\n")
    terminal.expect("READY> ")
    terminal.status(148)
    until("stopped", lambda: state_of(pid) == "T")
    terminal.start("fg", "sleep")
    terminal.type("\x03")
    terminal.expect("READY> ")
    terminal.status(130)
    terminal.type("exit 7\n")
    terminal.expect("READY> ")
    terminal.status(7)
    until("its end", lambda: not state_of(outer))


def hang_up(terminal):
    """The terminal goes."""
    pid = terminal.start(f"{RUN} sleep 100", "sleep")
    terminal.close()
    until("its end", lambda: not state_of(pid))
    _, status = os.waitpid(terminal.shell, 0)
    if os.WTERMSIG(status) != signal.SIGHUP:
        raise Failed(f"the shell ended with {status:#x}")


def main():
    """All of it, in one terminal."""
    terminal = Terminal()
    for case in (interrupt, stop, background, window, shell_inside):
        print(f"   {case.__doc__}", flush=True)
        case(terminal)
    terminal.leave()
    print(f"   {hang_up.__doc__}", flush=True)
    hang_up(Terminal())


try:
    main()
except Failed as failed:
    sys.exit(f"jobs.py: {failed}")

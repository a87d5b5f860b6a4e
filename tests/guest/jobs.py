#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Job control by hand: a terminal, a shell on Linux that runs programs in it, and keys.

    jobs.py [WORD...]

The words run each program, such as "mcexec 0"; without them it runs on Linux, which passes
too.
"""
import os
import signal
import sys

from terminal import SHELL, Failed, Terminal, in_group, state_of, until

RUN = " ".join(sys.argv[1:])


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
